"""A scheduler that is called after every so many steps or epochs is the plain loop that does so, bit for bit."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from loop_cases import CALLS, FOR_ANY_GROUPS, Case
from loops import WAYS, parameter
from torch.optim import lr_scheduler as torch_lr

from lrviz.duration import Duration, calls
from lrviz.engine.simulate import simulate
from lrviz.run import Interval, Run
from lrviz.schedule.model import Phases, Schedule

Read = Callable[[str], Schedule]

EVERY = 5
STEPS = CALLS * EVERY - 3  # the rest at the end makes no call
LOSSES = [max(1.0 - 0.07 * call, 0.4) + 0.003 * (call * 7 % 5) for call in range(CALLS - 1)]


def loop(make: Callable[[Any], Any], steps: int, every: int, metric: list[float] | None = None) -> list[float]:
    """The learning rate of each step, and the one that the optimizer has at the end."""
    optimizer = torch.optim.SGD([parameter()], lr=0.3, momentum=0.9)
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = make(optimizer)
        for step in range(steps):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            if (step + 1) % every == 0:
                scheduler.step(*([metric[step // every]] if metric else []))
    return [*rates, float(optimizer.param_groups[0]["lr"])]


def held(schedule: Schedule, way: str = "import") -> list[float]:
    backend, shortcut = WAYS[way]
    curve = simulate(schedule, backend=backend(), shortcut=shortcut)
    return [*curve.columns[0], curve.end_lr[0]]


HEAD = f"steps: {STEPS}\ninterval: {EVERY} steps\noptimizer: {{lr: 0.3, momentum: 0.9}}\n"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [name for name in FOR_ANY_GROUPS if FOR_ANY_GROUPS[name].metric is None])
def test_is_the_plain_loop_bit_for_bit(schedule: Read, name: str, way: str) -> None:
    case: Case = FOR_ANY_GROUPS[name]
    if not case.on_source and not way.startswith("import"):
        pytest.skip("this class needs all of torch")
    assert held(schedule(f"{HEAD}scheduler: {case.text}\n"), way) == loop(case.make, STEPS, EVERY)


def test_a_plateau_takes_one_value_a_call(schedule: Read) -> None:
    read = schedule(f"{HEAD}scheduler: {{type: ReduceLROnPlateau, patience: 2}}\nmetric: {LOSSES}\n")
    make = lambda opt: torch_lr.ReduceLROnPlateau(opt, patience=2)  # noqa: E731
    assert held(read) == loop(make, STEPS, EVERY, LOSSES)
    assert read.remarks == ()
    assert len(LOSSES) == read.run.calls == STEPS // EVERY


def test_every_second_epoch(schedule: Read) -> None:
    read = schedule("epochs: 9\ninterval: 2 epochs\noptimizer: {lr: 0.3}\nscheduler: {type: ExponentialLR, gamma: 0.7}")
    assert held(read) == loop(lambda opt: torch_lr.ExponentialLR(opt, 0.7), 9, 2)


def test_phases_are_a_sequence_that_is_called_so_often(schedule: Read) -> None:
    warmup = "{type: LinearLR, start_factor: 0.1, for: 20 steps}"
    read = schedule(f"{HEAD}scheduler: [{warmup}, {{type: StepLR, step_size: 15 steps}}]")

    def make(opt: Any) -> Any:
        parts = [torch_lr.LinearLR(opt, 0.1, total_iters=4), torch_lr.StepLR(opt, 3)]
        return torch_lr.SequentialLR(opt, parts, [4])

    assert held(read) == loop(make, STEPS, EVERY)


def test_a_plateau_in_a_phase_takes_the_value_of_its_call(schedule: Read) -> None:
    read = schedule(
        f"{HEAD}metric: {LOSSES}\n"
        "scheduler: [{type: none, for: 4}, {type: ReduceLROnPlateau, patience: 2, threshold: 0}]"
    )
    optimizer = torch.optim.SGD([parameter()], lr=0.3)
    plateau = torch_lr.ReduceLROnPlateau(optimizer, patience=2, threshold=0)
    rates = []
    for step in range(STEPS):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        if (step + 1) % EVERY == 0 and step // EVERY >= 4:
            plateau.step(LOSSES[step // EVERY])
    assert held(read) == [*rates, float(optimizer.param_groups[0]["lr"])]


def test_a_phase_once_an_epoch_in_a_run_that_is_called_more_often(schedule: Read) -> None:
    text = "steps_per_epoch: 10\n" + HEAD + "scheduler: [{type: none, for: 4}, "
    epochs = held(schedule(text + "{type: ExponentialLR, gamma: 0.5, interval: epoch}]"))
    assert epochs == held(schedule(text + "{type: ExponentialLR, gamma: 0.5, interval: 10 steps}]"))
    assert epochs[28:32] + epochs[38:42] == [0.3, 0.3, 0.15, 0.15, 0.15, 0.15, 0.075, 0.075]


@pytest.mark.parametrize(
    ("keys", "unit", "every", "number"),
    [
        ("epochs: 9\ninterval: 3 epochs", "epoch", 3, 3),
        ("epochs: 9\ninterval: 3 epochs\nsteps_per_epoch: 7", "epoch", 3, 3),
        ("epochs: 9\ninterval: 0.5 epochs\nsteps_per_epoch: 10", "step", 5, 18),
        ("epochs: 9\ninterval: 4 steps\nsteps_per_epoch: 10", "step", 4, 22),
        ("steps: 95\ninterval: 2 epochs\nsteps_per_epoch: 10", "epoch", 2, 5),
        ("steps: 95\ninterval: 8k tokens\ndata: {tokens_per_step: 1000}", "step", 8, 11),
        ("steps: 95\ninterval: 1 step", "step", 1, 95),
    ],
)
def test_when_it_is_called(schedule: Read, keys: str, unit: str, every: int, number: int) -> None:
    run = schedule(f"{keys}\noptimizer: {{lr: 0.3}}\nscheduler: none\nexpect: {{calls: {number}}}\n").run
    assert (run.interval, run.every, run.calls) == (unit, every, number)


def test_lengths_are_counted_in_its_calls(schedule: Read) -> None:
    read = schedule(
        "steps: 2000\ninterval: 100 steps\nsteps_per_epoch: 500\noptimizer: {lr: 1}\n"
        "scheduler:\n  - {type: MultiStepLR, milestones: [250 steps, 1 epoch, 40%], for: 1000 steps}\n"
        "  - {type: LambdaLR, lr_lambda: T + N + n + epoch + step, for: 5}\n"
        "  - {type: CosineAnnealingLR}\n"
    )
    assert isinstance(read.scheduler, Phases)
    first, second, third = read.scheduler.phases
    assert [(each.start, each.calls, each.every) for each in read.scheduler.phases] == [
        (0, 1000, 100),
        (1000, 500, 100),
        (1500, 500, 100),
    ]
    assert first.scheduler
    assert second.scheduler
    assert third.scheduler
    assert first.scheduler.arguments["milestones"] == [3, 5, 8]
    assert third.scheduler.arguments["T_max"] == 5
    function = second.scheduler.arguments["lr_lambda"]
    values = function.expression.function(function.argument, function.values)
    assert values(4) == 5 + 20 + 14 + 0.8 + 400


@given(
    steps=st.integers(1, 5000),
    per_epoch=st.integers(1, 300),
    every=st.integers(1, 50),
    interval=st.sampled_from(["epoch", "step"]),
)
def test_ticks_go_to_steps_and_back(steps: int, per_epoch: int, every: int, interval: Interval) -> None:
    run = Run(None, steps, per_epoch, interval, every=every)
    assert run.calls == sum((tick + 1) % every == 0 for tick in range(run.ticks))
    for tick in {0, run.ticks // 2, run.ticks - 1}:
        step = run.step(tick)
        assert isinstance(step, int)
        assert step < steps
        assert run.tick_of_step(step) == tick
        place = calls(Duration(Fraction(step), "steps"), run, run.interval)
        assert place == tick
        if interval == "epoch":
            assert run.tick_of_epoch(int(run.epoch(tick) or 0)) == tick
