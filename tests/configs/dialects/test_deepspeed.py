"""DeepSpeed: what differs between releases, what its file alone does not say, and what it refuses."""

from __future__ import annotations

import json
from math import log
from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of


def load(kind: str | None, lr: float | str | None = 3e-4, data: Any = None, **params: Any) -> Schedule:
    config: dict[str, Any] = {"train_batch_size": 8}
    if lr is not None:
        config["optimizer"] = {"type": "AdamW", "params": {"lr": lr}}
    if kind is not None:
        config["scheduler"] = {"type": kind, "params": params}
    facts = {"steps": 30, "deepspeed": "0.19.8"} | (data or {})
    given = Given({name: node_of(value, Position("--data")) for name, value in facts.items()})
    (schedule,) = load_text(json.dumps(config, indent=1), "ds.json", given=given)
    return schedule


def rates(schedule: Schedule) -> list[float]:
    return [float(row[0]) for row in simulate(schedule).lr]


def problems(*args: Any, **params: Any) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        load(*args, **params)
    return [problem.message for problem in caught.value.problems]


def said(schedule: Schedule) -> list[str]:
    return [f"{each.code}: {each.message}" for each in schedule.remarks if hasattr(each, "code")]


def test_a_warmup_is_logarithmic_and_one_step_late() -> None:
    lr = rates(load("WarmupLR", warmup_num_steps=10))
    assert lr[0] == lr[1] == 0.0
    assert lr[4] == pytest.approx(3e-4 * log(4) / log(10), rel=1e-12)
    assert lr[10] == pytest.approx(3e-4, rel=1e-12)
    assert rates(load("WarmupLR", warmup_num_steps=10, warmup_type="linear"))[:3] == [0.0, 0.0, 3e-4 / 10]


def test_step_0_had_the_learning_rate_of_the_optimizer() -> None:
    before = rates(load("WarmupLR", data={"deepspeed": "0.15.2"}, warmup_num_steps=10, warmup_max_lr=1e-3))
    assert before[0] == pytest.approx(3e-4, rel=1e-12)
    assert before[1] == 0.0
    assert rates(load("WarmupCosineLR", data={"deepspeed": "0.15.2"}, total_num_steps=20))[0] == 3e-4


def test_releases_that_differ_in_step_0_alone_are_told_apart() -> None:
    text = json.dumps({"optimizer": {"params": {"lr": 1e-4}}, "scheduler": {"type": "WarmupLR", "params": {}}})
    facts = Given({"steps": node_of(30, Position("--data"))}, installed=False)
    with pytest.raises(ScheduleError) as caught:
        load_text(text, "ds.json", given=facts)
    (asked,) = caught.value.problems
    assert "before 0.15.3: WarmupLR, warmup 1,000 steps, step 0 with 0.0001, in a run of 30 steps" in asked.message


def test_the_peak_is_a_thousandth_unless_it_is_given() -> None:
    assert max(rates(load("WarmupLR", warmup_num_steps=10))) == 3e-4
    old = load("WarmupLR", data={"deepspeed": "0.17.1"}, warmup_num_steps=10)
    assert max(rates(old)) == 1e-3
    decay = load("WarmupDecayLR", warmup_num_steps=10, total_num_steps=30)
    assert max(rates(decay)) == 1e-3
    assert said(decay) == said(old) == [
        "overridden: optimizer.params.lr 0.0003 is not used: the scheduler's peak is 0.001 unless "
        "warmup_max_lr is given"
    ]  # fmt: skip
    assert max(rates(load("WarmupLR", lr=None, warmup_num_steps=10, warmup_max_lr=2e-3))) == 2e-3


def test_a_warmup_has_at_least_two_steps() -> None:
    assert rates(load("WarmupLR", warmup_num_steps=1, warmup_type="linear"))[:4] == [0.0, 0.0, 1.5e-4, 3e-4]
    old = load("WarmupLR", data={"deepspeed": "0.19.2"}, warmup_num_steps=0, warmup_type="linear")
    assert rates(old)[:4] == [0.0, 0.0, 1.5e-4, 3e-4]
    refused = load("WarmupLR", warmup_num_steps=0, warmup_type="linear")
    assert rates(refused) == [0.0, *rates(old)[1:]]
    assert said(refused) == [
        "refused: deepspeed 0.19.8 refuses this file: warmup_num_steps must be a whole number above 0 (got 0); the "
        "curve is that of the newest that takes it, deepspeed 0.17.2 to before 0.19.3"
    ]
    assert "read as deepspeed 0.17.2 to before 0.19.3" in str(refused.imported)


def test_stairs_changed_nothing_before() -> None:
    cycle = {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_first_step_size": 10, "cycle_first_stair_count": 2}
    assert rates(load("OneCycle", **cycle))[3:7] == [1e-4, 1e-4, pytest.approx(5.5e-4), pytest.approx(5.5e-4)]
    before = rates(load("OneCycle", data={"deepspeed": "0.19.3"}, **cycle))
    assert before[3] == pytest.approx(1e-4 + 0.3 * 9e-4)


def test_an_unknown_warmup_type_is_log() -> None:
    schedule = load("WarmupLR", warmup_num_steps=10, warmup_type="cosine")
    assert said(schedule) == ["value-replaced: DeepSpeed knows no warmup_type 'cosine', and takes log in its place"]
    assert rates(schedule) == rates(load("WarmupLR", warmup_num_steps=10))


def test_a_number_in_quotes_is_text() -> None:
    assert said(load("WarmupLR", lr="3e-4", warmup_num_steps=10)) == [
        "text-number: optimizer.params.lr: 3e-4 is text to JSON because of its quotes, not a number"
    ]


def test_a_scheduler_without_params_is_no_schedule_of_ours() -> None:
    text = '{"zero_optimization": {}, "optimizer": {"params": {"lr": 1e-4}}, "scheduler": {"type": "WarmupDecayLR"}}'
    with pytest.raises(ScheduleError, match="total_num_steps is missing"):
        load_text(text, "ds.json")


def test_what_is_missing_or_wrong_is_said() -> None:
    assert problems(None) == [
        "this DeepSpeed file holds no scheduler: the learning rate is in the training config that names it"
    ]
    assert problems("WarmupDecayLR") == ["scheduler.params.total_num_steps is missing, and it has no default"]
    assert problems("warmuplr", total_num_steps=3) == [
        "scheduler.type must be a scheduler of DeepSpeed or torch (got 'warmuplr')"
    ]
    assert problems("LambdaLR") == ["DeepSpeed cannot make a LambdaLR from a file: it takes what is code"]
    assert problems("WarmupLR", warmup_steps=5) == ["the scheduler has no argument 'warmup_steps'"]
    assert problems("WarmupCosineLR", lr=None, total_num_steps=9) == [
        "the scheduler begins from the optimizer's learning rate, which this file does not say"
    ]
    assert problems("WarmupLR", warmup_max_lr="auto") == [
        "warmup_max_lr is filled in by the training script, so this file alone does not say it"
    ]
    assert problems("WarmupLR", warmup_min_lr=[0, 1e-5], warmup_max_lr=[1, 2, 3]) == [
        "2 and 3 learning rates do not fit the same param groups"
    ]
