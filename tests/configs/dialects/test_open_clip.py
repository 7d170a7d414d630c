"""open_clip: the batches of each kind of data, the schedulers, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.text.document import node_of

TEXT = """\
accum_freq: 1
batch_size: 16
dataset_type: webdataset
epochs: 2
lr: 0.001
lr_scheduler: const
skip_scheduler: False
train_num_samples: 1001
warmup: 10
workers: 6
world_size: 2
"""


def run(text: str, **data: Any) -> Curve:
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()})
    (schedule,) = load_text(text, "params.txt", given=given)
    return simulate(schedule)


def problems(text: str, **data: Any) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        run(text, **data)
    return [str(problem.where) + ": " + problem.message for problem in caught.value.problems]


def test_the_batches_of_a_webdataset_fill_the_workers() -> None:
    assert run(TEXT).run.total_steps == 2 * 36  # ceil(1001 / 32) = 32, up to a multiple of 6
    assert run(TEXT.replace("workers: 6", "workers: 0")).run.total_steps == 2 * 32
    assert run(TEXT.replace("freq: 1", "freq: 5")).run.total_steps == 2 * 7
    assert run(TEXT.replace("webdataset", "csv")).run.total_steps == 2 * 31  # floor(501 / 16)


def test_the_first_step_is_not_zero() -> None:
    lr = [float(row[0]) for row in run(TEXT).lr]
    assert lr[0] == 0.001 * 1 / 10
    assert lr[9] == lr[10] == lr[-1] == 0.001


def test_a_warmup_longer_than_the_run_has_a_warning() -> None:
    (schedule,) = load_text(TEXT.replace("warmup: 10", "warmup: 1000"), "params.txt")
    assert [each.message for each in schedule.remarks if hasattr(each, "message")] == [
        "the warmup of 1,000 steps is longer than the run of 72 steps: its peak is never reached"
    ]


def test_a_run_without_a_scheduler_is_constant() -> None:
    lr = [float(row[0]) for row in run(TEXT.replace("skip_scheduler: False", "skip_scheduler: True")).lr]
    assert set(lr) == {0.001}


def test_what_is_missing_or_wrong_is_said_with_its_place() -> None:
    without = TEXT.replace("train_num_samples: 1001", "train_num_samples: None")
    assert "`samples`" in problems(without)[0]
    assert problems(TEXT.replace("const", "cosin")) == [
        "params.txt:6:15: lr_scheduler must be a scheduler of open_clip (got 'cosin')"
    ]
    assert problems(TEXT.replace("const", "const-cooldown")) == [
        "params.txt:1:1: epochs_cooldown is missing, and it has no default"
    ]
    assert problems(f"{TEXT}lr: 1\nnonsense\n") == [
        "params.txt:12:1: duplicate key 'lr'; it is already at line 5",
        "params.txt:13:1: a line must be `key: value` (got 'nonsense')",
    ]
