"""torchtune: how long a run is, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of

TEXT = """\
optimizer: {_component_: torch.optim.AdamW, lr: 3e-4}
lr_scheduler: {_component_: torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup, num_warmup_steps: 5}
epochs: 3
batch_size: 4
gradient_accumulation_steps: 8
"""


def load(text: str, overrides: tuple[str, ...] = (), **data: Any) -> Schedule:
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()}, overrides=overrides)
    (schedule,) = load_text(text, "t.yaml", given=given)
    return schedule


def steps(text: str, **data: Any) -> int | None:
    return simulate(load(text, **data)).run.total_steps


def problems(text: str, **data: Any) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        load(text, **data)
    return [problem.message for problem in caught.value.problems]


def test_incomplete_batches_and_accumulations_are_left_out() -> None:
    assert steps(TEXT, samples=1001, devices=2) == 3 * 15  # floor(floor(501 / 4) / 8)
    assert steps(f"{TEXT}max_steps_per_epoch: 10\n", samples=1001, devices=2) == 30
    assert steps(f"{TEXT}max_steps_per_epoch: 100\n", batches_per_epoch=125) == 45
    assert steps(TEXT.replace("steps: 8", "steps: 1"), samples=1001, devices=2) == 3 * 125
    assert "has no step" in problems(TEXT, batches_per_epoch=7)[0]


def test_what_is_missing_is_asked_for_once() -> None:
    (asked,) = problems(TEXT)
    assert asked.endswith("`batches_per_epoch`, which this file does not say: batches that one device draws in an "
                          "epoch; samples and devices will do as well")  # fmt: skip
    assert "`samples`" in problems(TEXT, devices=1)[0]


def test_the_command_line_counts() -> None:
    schedule = load(TEXT, ("lr_scheduler.num_warmup_steps=0", "optimizer.lr=1e-3"), batches_per_epoch=80)
    assert float(simulate(schedule).lr[0][0]) == 1e-3


def test_what_misleads_is_said() -> None:
    schedule = load(TEXT.replace("3e-4", "'3e-4'").replace("epochs: 3", "epochs: 3\nwarmup_steps: 3\nepoch: 2"),
                    batches_per_epoch=80)  # fmt: skip
    assert [each.message for each in schedule.remarks if hasattr(each, "message")] == [
        "optimizer.lr: 3e-4 is text to OmegaConf because of its quotes, not a number"
    ]
    with pytest.raises(ScheduleError):
        load(TEXT.replace("epochs: 3", "num_epochs: 3"), batches_per_epoch=80)


def test_what_cannot_be_read_is_an_error() -> None:
    assert problems(TEXT.replace("get_cosine_schedule_with_warmup", "get_linear"), batches_per_epoch=80) == [
        "torchtune builds a scheduler with num_training_steps, which torchtune.training.lr_schedulers.get_linear is "
        "not known to take"
    ]
    assert problems(TEXT.replace("num_warmup_steps", "warmup_steps"), batches_per_epoch=80) == [
        "lr_scheduler.num_warmup_steps is missing, and it has no default",
        "lr_scheduler: get_cosine_schedule_with_warmup has no argument 'warmup_steps' here",
    ]
    assert problems(f"{TEXT}ppo_epochs: 2\n") == [
        "torchtune's PPO recipe counts its steps by rollouts, and is not read"
    ]
