"""fairseq: every schedule against its formula, the length of runs, and what fairseq stops at."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, exp, floor, log, pi, sqrt

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of

LR, N = 5e-4, 200


def load(
    sched: str, optimization: str = "max_update: 200, lr: [5e-4]", file: str = "f.yaml", **data: object
) -> Schedule:
    text = f"optimization: {{{optimization}}}\nlr_scheduler: {{_name: {sched}}}\n" if file == "f.yaml" else sched
    given = Given({name: node_of(value, Position("--data")) for name, value in data.items()})
    (schedule,) = load_text(text, file, given=given)
    return schedule


def rates(schedule: Schedule) -> list[float]:
    return [float(rate) for rate in simulate(schedule).lr[:, 0]]


def cosine(t: int, growth: float) -> float:
    """Warmup 20 from 1e-5, periods that begin with 40 updates, min_lr 5e-5, lr_shrink 0.5."""
    if t < 20:
        return 1e-5 + t * (LR - 1e-5) / 20
    passed = t - 20
    if growth == 1:
        cycle, length = passed // 40, 40.0
        here = passed - 40.0 * cycle
    else:
        cycle = floor(log(1 - passed / 40 * (1 - growth), growth))
        length = growth**cycle * 40
        here = passed - (1 - growth**cycle) / (1 - growth) * 40
    high, low = LR * 0.5**cycle, 5e-5 * 0.5**cycle
    return low + 0.5 * (high - low) * (1 + cos(pi * here / length))


COSINE = "cosine, warmup_updates: 20, warmup_init_lr: 1e-5, lr_period_updates: 40, min_lr: 5e-5, lr_shrink: 0.5"
SCHEDULES: dict[str, Callable[[int], float]] = {
    "fixed": lambda t: LR,
    "fixed, warmup_updates: 20": lambda t: LR * (t + 1) / 20 if t < 20 else LR,
    "inverse_sqrt, warmup_updates: 20": lambda t: LR * t / 20 if t < 20 else LR * sqrt(20 / t),
    "inverse_sqrt, warmup_updates: 20, warmup_init_lr: 1e-5": lambda t: (
        1e-5 + t * (LR - 1e-5) / 20 if t < 20 else LR * sqrt(20 / t)
    ),
    "polynomial_decay, total_num_update: 150, end_learning_rate: 1e-5, power: 2": lambda t: (
        1e-5 if t >= 150 else (LR - 1e-5) * (1 - t / 150) ** 2 + 1e-5
    ),
    COSINE: lambda t: cosine(t, 1),
    f"{COSINE}, t_mult: 2": lambda t: cosine(t, 2),
    "cosine, warmup_updates: 20": lambda t: LR * t / 20 if t < 20 else LR * 0.5 * (1 + cos(pi * (t - 20) / 180)),
    "tri_stage, warmup_steps: 20, hold_steps: 30, decay_steps: 100": lambda t: (
        LR * (0.01 + 0.99 * t / 20)
        if t < 20
        else LR
        if t < 50
        else LR * exp(log(0.01) * (t - 50) / 100)
        if t <= 150
        else LR * 0.01
    ),
    "step, warmup_updates: 20, lr_decay_period: 30, min_lr: 1e-4": lambda t: (
        1e-4 + t * (LR - 1e-4) / 20 if t < 20 else max(LR * 0.5 ** ((t - 20) // 30), 1e-4)
    ),
    "triangular, max_lr: 2e-3, lr_period_updates: 50, lr_shrink: 0.5": lambda t: (
        LR + (2e-3 * 0.5 ** (t // 50) - LR) * max(0, 1 - abs(t / 25 - 2 * (t // 50 + 1) + 1))
    ),
}


@pytest.mark.parametrize("sched", SCHEDULES)
def test_the_curve_of_a_schedule(sched: str) -> None:
    assert rates(load(sched)) == pytest.approx([SCHEDULES[sched](t) for t in range(N)], rel=1e-12)


def test_a_list_of_rates_begins_with_its_second() -> None:
    schedule = load("fixed, force_anneal: 4", "max_epoch: 5, lr: [1, 2, 3], update_freq: [4]", batches_per_epoch=10)
    assert [round(rate, 12) for rate in rates(schedule)[::3]] == [2, 3, 3, 0.3, 0.03]


def test_whatever_is_first_ends_the_run() -> None:
    both = "max_update: 100, max_epoch: 3, lr: [1], update_freq: [4]"
    assert simulate(load("fixed", both, batches_per_epoch=10)).run.total_steps == 9
    assert simulate(load("fixed", both, batches_per_epoch=1000)).run.total_steps == 100


def test_a_plateau_is_called_once_an_epoch() -> None:
    schedule = load(
        "reduce_lr_on_plateau, lr_shrink: 0.5",
        "max_epoch: 4, lr: [1]",
        batches_per_epoch=5,
        metric=[1.0, 1.0, 1.0, 0.5],
    )
    assert rates(schedule) == [1, 1, 0.5, 0.25]


def test_flags_of_a_command_line() -> None:
    script = "fairseq-train data --lr-scheduler inverse_sqrt --warmup-updates 20 --lr 5e-4 --max-update 200\n"
    assert rates(load(script, file="f.sh")) == rates(load("inverse_sqrt, warmup_updates: 20"))


def test_a_value_that_must_be_given() -> None:
    with pytest.raises(ScheduleError, match=r"f.yaml:1:37: error: optimization.lr is \?\?\?, which must be given"):
        load("fixed", "max_update: 200, lr: '???'")


@pytest.mark.parametrize(
    ("sched", "message"),
    [
        ("invers_sqrt", "must be a scheduler of fairseq (got 'invers_sqrt')\n  hint: did you mean inverse_sqrt?"),
        ("inverse_sqrt, warmup_updates: 0", "inverse_sqrt divides by warmup_updates, so 0 stops it"),
        ("cosine, min_lr: 1", "min_lr must be smaller than the learning rate"),
        ("tri_stage, phase_ratio: [0.3, 0.3, 0.3]", "that add up to exactly 1 (got 0.8999999999999999)"),
        ("triangular, max_lr: 1e-4", "max_lr (0.0001) must be above the learning rate (0.0005)"),
        ("pass_through", "pass_through leaves the schedule to each group"),
    ],
)
def test_what_fairseq_refuses(sched: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        load(sched)
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
