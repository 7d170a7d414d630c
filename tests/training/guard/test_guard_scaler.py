"""Steps that a GradScaler skips: what the guard counts with `scaler=`, what it cannot know without one."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch.amp import GradScaler
from torch.optim import AdamW
from torch.optim import lr_scheduler as torch_lr
from trained import schedule

import lrviz

lr: Any = torch_lr

PER_STEP = {
    "steps": 20,
    "optimizer": {"type": "AdamW", "lr": 0.1},
    "scheduler": {"type": "ExponentialLR", "gamma": 0.9},
}
PER_EPOCH = {**PER_STEP, "steps": 20, "steps_per_epoch": 4, "interval": "epoch"}


def adamw(fused: bool) -> AdamW:
    return AdamW([torch.nn.Parameter(torch.ones(2))], lr=0.1, fused=fused)


def step_with(scaler: GradScaler, optimizer: Any, *, finite: bool) -> bool:
    """A training step with AMP, and True if the optimizer moved."""
    (parameter,) = optimizer.param_groups[0]["params"]
    before = parameter.detach().clone()
    optimizer.zero_grad()
    scaler.scale((parameter * (1.0 if finite else float("inf"))).sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    return not torch.equal(before, parameter)


def train(
    optimizer: Any, scaler: GradScaler, skipped: set[int], *, always: bool, every: int = 1, steps: int = 20
) -> list[bool]:
    """A loop whose steps `skipped` have infinite gradients; it calls the scheduler after them too with `always`."""
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    moved = []
    for step in range(steps):
        moved.append(step_with(scaler, optimizer, finite=step not in skipped))
        if (step + 1) % every == 0 and (always or moved[-1]):
            scheduler.step()
    return moved


@pytest.fixture
def scaler() -> GradScaler:
    return GradScaler("cpu", init_scale=4.0)


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("fused", [False, True], ids=["plain", "fused"])
@pytest.mark.parametrize("always", [True, False], ids=["called after a skipped step", "not called"])
@pytest.mark.parametrize("skipped", [set(), {0}, {3}, {3, 4, 9}, {0, 1, 19}], ids=str)
def test_both_ways_to_call_the_scheduler_are_right(
    scaler: GradScaler, fused: bool, always: bool, skipped: set[int]
) -> None:
    optimizer = adamw(fused)
    with lrviz.guard(optimizer, schedule(**PER_STEP), scaler=scaler) as guard:
        moved = train(optimizer, scaler, skipped, always=always)
        state = guard.state_dict()
    assert {step for step, has in enumerate(moved) if not has} == skipped
    assert (guard.step, guard.first) == (20, None)
    assert state["skipped"] == len(skipped)
    if skipped - {19}:
        assert state["counting"] == ("all" if always else "moved")


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize(("fused", "step", "when"), [(False, 0, "early"), (True, 1, "late")], ids=["plain", "fused"])
def test_a_first_step_that_is_skipped_may_be_why(scaler: GradScaler, fused: bool, step: int, when: str) -> None:
    """The first scale of a GradScaler is usually too large: the most common skipped step, and here none is told of."""
    optimizer = adamw(fused)
    with lrviz.guard(optimizer, schedule(**PER_STEP)), pytest.raises(lrviz.DeviationError) as raised:
        train(optimizer, scaler, {0}, always=not fused)
    found = raised.value.deviation
    assert found.step == step
    (cause,) = (each for each in found.causes if f"one call {when}" in each)
    assert cause.endswith(", or did a GradScaler skip a step (pass scaler=)?")


@pytest.mark.parametrize("fused", [False, True], ids=["plain", "fused"])
def test_an_epoch_has_as_many_steps_as_batches(scaler: GradScaler, fused: bool) -> None:
    optimizer = adamw(fused)
    with lrviz.guard(optimizer, schedule(**PER_EPOCH), scaler=scaler) as guard:
        train(optimizer, scaler, {2, 9, 10}, always=True, every=4)
    assert (guard.step, guard.first) == (20, None)


def test_an_epoch_has_not_as_many_steps_as_moved(scaler: GradScaler) -> None:
    """A loop that makes up for a skipped step at the end of the epoch is one step late from there on."""
    optimizer = adamw(False)
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    with lrviz.guard(optimizer, schedule(**PER_EPOCH), scaler=scaler, on="record") as guard:
        moved = 0
        for step in range(20):
            moved += step_with(scaler, optimizer, finite=step != 2)
            if moved and moved % 4 == 0:
                scheduler.step()
    assert guard.first is not None
    assert guard.first.step == 4


@pytest.mark.parametrize("fused", [False, True], ids=["plain", "fused"])
def test_a_way_that_changes_is_not_right(scaler: GradScaler, fused: bool) -> None:
    """After the first skipped step the scheduler is called, after the second it is not."""
    optimizer = adamw(fused)
    scheduler = lr.ExponentialLR(optimizer, 0.9)

    def loop() -> None:
        for step in range(20):
            step_with(scaler, optimizer, finite=step not in (3, 9))
            if step != 9:
                scheduler.step()

    with lrviz.guard(optimizer, schedule(**PER_STEP), scaler=scaler), pytest.raises(lrviz.DeviationError) as raised:
        loop()
    found = raised.value.deviation
    assert found.step == 10
    assert found.causes == ("scheduler.step() is no longer called, or was left out once",)


def test_a_mistake_is_seen_behind_skipped_steps(scaler: GradScaler) -> None:
    optimizer = adamw(False)
    scheduler = lr.ExponentialLR(optimizer, 0.9)

    def loop() -> None:
        for step in range(20):
            step_with(scaler, optimizer, finite=step != 3)
            for _ in range(1 if step < 8 else 2):
                scheduler.step()

    with lrviz.guard(optimizer, schedule(**PER_STEP), scaler=scaler), pytest.raises(lrviz.DeviationError) as raised:
        loop()
    assert raised.value.deviation.step == 9


@pytest.mark.parametrize(
    ("fused", "always", "deviates"),
    [(False, False, None), (False, True, 3), (True, True, None), (True, False, 4)],
    ids=["plain, not called", "plain, called", "fused, called", "fused, not called"],
)
def test_without_the_scaler_calls_of_the_optimizer_count(
    scaler: GradScaler, fused: bool, always: bool, deviates: int | None
) -> None:
    """A plain optimizer is not called for a skipped step; a fused one is."""
    optimizer = adamw(fused)
    with lrviz.guard(optimizer, schedule(**PER_STEP), on="record") as guard:
        train(optimizer, scaler, {3}, always=always)
    assert (guard.first.step if guard.first else None) == deviates
    if guard.first is not None:
        assert "or a GradScaler skipped a step: pass scaler=" in guard.first.causes[0]


def test_the_scaler_is_as_before_when_the_guards_are_gone(scaler: GradScaler) -> None:
    """Two optimizers share one scaler, and their guards are removed in the order in which they were made."""
    generator, critic = adamw(False), adamw(False)
    plan = schedule(**PER_STEP)
    before = set(vars(scaler))
    one, other = lrviz.guard(generator, plan, scaler=scaler), lrviz.guard(critic, plan, scaler=scaler)
    schedulers = lr.ExponentialLR(generator, 0.9), lr.ExponentialLR(critic, 0.9)
    for step in range(20):
        if step == 10:
            one.remove()
            one.remove()
        for optimizer, finite in ((generator, step != 2), (critic, step not in (5, 12))):
            (parameter,) = optimizer.param_groups[0]["params"]
            optimizer.zero_grad()
            scaler.scale((parameter * (1.0 if finite else float("inf"))).sum()).backward()
            scaler.step(optimizer)
        scaler.update()
        for scheduler in schedulers:
            scheduler.step()
    assert (one.step, one.state_dict()["skipped"]) == (10, 1)
    assert (other.step, other.state_dict()["skipped"]) == (20, 2)
    assert set(vars(scaler)) > before
    other.remove()
    assert set(vars(scaler)) == before


def test_a_scaler_that_is_off_calls_the_optimizer() -> None:
    optimizer, off = adamw(False), GradScaler("cpu", enabled=False)
    with lrviz.guard(optimizer, schedule(**PER_STEP), scaler=off) as guard:
        train(optimizer, off, set(), always=True)
    assert guard.step == 20


def test_a_deviation_is_raised_through_the_scaler(scaler: GradScaler) -> None:
    """Nothing moved, and the same step can be tried again."""
    optimizer = adamw(False)
    with lrviz.guard(optimizer, schedule(**PER_STEP), scaler=scaler) as guard:
        optimizer.param_groups[0]["lr"] = 0.2
        (parameter,) = optimizer.param_groups[0]["params"]
        scaler.scale(parameter.sum()).backward()
        before, state = parameter.detach().clone(), copy.deepcopy(optimizer.state_dict())
        with pytest.raises(lrviz.DeviationError):
            scaler.step(optimizer)
        assert torch.equal(before, parameter)
        assert repr(optimizer.state_dict()) == repr(state)
        assert guard.step == 0
        optimizer.param_groups[0]["lr"] = 0.1
        scaler.step(optimizer)
        assert guard.step == 1


def test_a_fused_step_that_deviates_and_is_infinite_counts_once(scaler: GradScaler) -> None:
    optimizer = adamw(True)
    with lrviz.guard(optimizer, schedule(**PER_STEP), scaler=scaler) as guard:
        optimizer.param_groups[0]["lr"] = 0.2
        (parameter,) = optimizer.param_groups[0]["params"]
        scaler.scale((parameter * float("inf")).sum()).backward()
        with pytest.raises(lrviz.DeviationError):
            scaler.step(optimizer)
        assert {**guard.state_dict(), "plan": ""} == {"step": 0, "skipped": 0, "counting": "both", "plan": ""}


def test_a_resumed_guard_knows_what_counts(scaler: GradScaler) -> None:
    optimizer, plan = adamw(False), schedule(**PER_STEP)
    scheduler = lr.ExponentialLR(optimizer, 0.9)
    with lrviz.guard(optimizer, plan, scaler=scaler) as guard:
        for step in range(9):
            if step_with(scaler, optimizer, finite=step not in (3, 4)):
                scheduler.step()
        state = guard.state_dict()
    assert {key: state[key] for key in ("step", "skipped", "counting")} == {
        "step": 9,
        "skipped": 2,
        "counting": "moved",
    }
    with lrviz.guard(optimizer, plan, scaler=scaler) as guard:
        guard.load_state_dict(state)
        for step in range(9, 20):
            if step_with(scaler, optimizer, finite=step != 12):
                scheduler.step()
    assert guard.first is None
