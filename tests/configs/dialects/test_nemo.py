"""NeMo: every policy against its formula, the length of runs, and what NeMo refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import ceil, cos, pi, sqrt

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import Node

LR, MIN, W, M = 2e-3, 1e-5, 10, 100


def load(sched: str, trainer: str = "max_steps: 100", more: str = "", **data: str) -> Schedule:
    text = (
        f"model:\n  {more}\n  optim:\n    name: adamw\n    lr: 2e-3\n    sched: {{{sched}}}\ntrainer: {{{trainer}}}\n"
    )
    given = Given({name: Node(value, Position("--data")) for name, value in data.items()})
    (schedule,) = load_text(text, "nemo.yaml", given=given)
    return schedule


def rates(schedule: Schedule) -> list[float]:
    return [float(rate) for rate in simulate(schedule).lr[:, 0]]


def warmed(after: Callable[[int], float]) -> Callable[[int], float]:
    return lambda t: LR * (t + 1) / (W + 1) if t <= W else after(t)


def poly(passed: float, length: float, power: float) -> float:
    return (LR - MIN) * math.pow(1 - min(passed, length) / length, power) + MIN


POLICIES: dict[str, tuple[str, Callable[[int], float]]] = {
    "CosineAnnealing": ("", warmed(lambda t: (LR - MIN) * 0.5 * (1 + cos(pi * (t - W) / (M - W))) + MIN)),
    "WarmupAnnealing": ("", warmed(lambda t: MIN + (1 - (t - W) / (M - W)) * (LR - MIN))),
    "InverseSquareRootAnnealing": ("", warmed(lambda t: LR / sqrt((t + 1) / (W + 1)))),
    "SquareAnnealing": ("", warmed(lambda t: max(LR * ((M - t) / (M - W)) ** 2, MIN))),
    "SquareRootAnnealing": ("", warmed(lambda t: max(LR * sqrt((M - t) / M), MIN))),
    "PolynomialDecayAnnealing": ("power: 2.0", warmed(lambda t: poly(t - W, M - W, 2))),
    "PolynomialHoldDecayAnnealing": (
        "hold_steps: 20, power: 3",
        warmed(lambda t: LR if t < 30 else poly(t - 30, M - 30, 3)),
    ),
    "NoamHoldAnnealing": (
        "hold_ratio: 0.2, decay_rate: 1.0",
        warmed(lambda t: LR if t < 30 else max(LR * W / (t - 20), MIN)),
    ),
    "NoamAnnealing": (
        "d_model: 256",
        lambda t: (
            LR * 256**-0.5 * max(1, t) * W**-1.5 if max(1, t) <= W else max(LR * 256**-0.5 * max(1, t) ** -0.5, MIN)
        ),
    ),
    "WarmupPolicy": ("", warmed(lambda t: LR)),
}


@pytest.mark.parametrize("name", POLICIES)
def test_the_curve_of_a_policy(name: str) -> None:
    more, formula = POLICIES[name]
    found = rates(load(f"name: {name}, warmup_steps: 10, min_lr: 1e-5, {more}"))
    assert found == pytest.approx([formula(t) for t in range(M)], rel=1e-12)


def test_constant_steps_change_the_warmup_too() -> None:
    found = rates(load("name: CosineAnnealing, warmup_ratio: 0.109, constant_ratio: 0.3, min_lr: 1e-5"))
    decay = M - 30 - 10
    expected = [
        LR * t / 10 if t <= 10 else MIN if t > 70 else MIN + 0.5 * (cos(pi * (t - 10) / decay) + 1) * (LR - MIN)
        for t in range(M)
    ]
    assert found == pytest.approx(expected, rel=1e-12)


def test_t5_takes_no_notice_of_the_learning_rate() -> None:
    found = rates(load("name: T5InverseSquareRootAnnealing, constant_steps: 16"))
    assert found == pytest.approx([0.25 if t <= 16 else t**-0.5 for t in range(M)])


@pytest.mark.parametrize("inside", ["{}", "dataloader_params: {{{}}}"])
def test_epochs_are_counted_from_samples(inside: str) -> None:
    batches = inside.format("batch_size: 8, drop_last: true")
    schedule = load(
        "name: WarmupAnnealing, warmup_ratio: 0.1",
        "max_epochs: 3, devices: 2, num_nodes: 2, accumulate_grad_batches: 3",
        f"train_ds: {{{batches}}}",
        samples="1001",
    )
    steps = ceil(ceil(1001 / 4) // 8 / 3) * 3
    curve = simulate(schedule)
    assert curve.run.total_steps == steps == 33
    assert curve.lr[4, 0] == pytest.approx(LR * (1 - 1 / (steps - 3)))


def test_the_trainer_decides_over_the_scheduler() -> None:
    schedule = load("name: WarmupAnnealing, max_steps: 50")
    assert [each.code for each in schedule.remarks] == ["overridden"]
    assert rates(schedule)[50] == pytest.approx(LR / 2)


def test_the_floor_holds_behind_the_schedule() -> None:
    found = rates(load("name: CosineAnnealing, max_steps: 50, min_lr: 1e-5", "max_epochs: 1", batches_per_epoch="60"))
    assert found[51:] == pytest.approx([MIN] * 9)


@pytest.mark.parametrize(("sched", "trainer"), [("max_steps: -1", "max_epochs: 3"), ("", "max_steps: -1")])
def test_no_scheduler_is_made(sched: str, trainer: str) -> None:
    schedule = load(f"name: CosineAnnealing, {sched}", trainer)
    assert "no-scheduler" in [each.code for each in schedule.remarks]
    assert set(rates(schedule)) == {LR}


def test_some_are_called_once_an_epoch() -> None:
    assert rates(load("name: ExponentialLR, gamma: 0.5", "max_epochs: 3")) == [LR, LR / 2, LR / 4]


def test_nested_arguments() -> None:
    nested = "name: CosineAnnealing, args: {name: auto, params: {warmup_steps: 10, min_lr: 1e-5}}"
    assert rates(load(nested)) == rates(load("name: CosineAnnealing, warmup_steps: 10, min_lr: 1e-5"))


@pytest.mark.parametrize(
    ("sched", "message"),
    [
        ("name: CosineAnealing", "must be a scheduler of NeMo (got 'CosineAnealing')\n  hint: did you mean CosineAnn"),
        ("name: CosineAnnealing, min_lr: 1", "min_lr (1) is above the learning rate (0.002): NeMo stops"),
        ("name: CosineAnnealing, warmup_steps: 1, warmup_ratio: 0.1", "say the same in two ways"),
        ("name: CosineAnnealing, warmup: 1", "CosineAnnealing has no argument 'warmup'"),
        ("name: NoamHoldAnnealing", "cannot be used without a warmup"),
        ("name: NoamAnnealing", "model.optim.sched.d_model is missing, and it has no default"),
        ("name: CosineAnnealing, warmup_steps: 60, constant_steps: 50", "are 110, but the schedule has 100 steps"),
    ],
)
def test_what_nemo_refuses(sched: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        load(sched)
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
