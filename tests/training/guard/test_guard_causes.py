"""Causes beside those of one learning rate: param groups, scaled, rounded, the end of the plan, a metric.

And for drawn plans: the mistake that was made is always among the causes that fit.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler as torch_lr
from trained import Calls, deviation_of, per_epoch, schedule, sgd, told, train

import lrviz

lr: Any = torch_lr

# --- any plan, any mistake -----------------------------------------------------------------------------------

LAMBDAS: dict[str, tuple[str, Callable[[int], float]]] = {
    "holds, then falls": ("1.0 if t < 7 else 0.9 ** t", lambda t: 1.0 if t < 7 else 0.9**t),
    "stairs": ("0.5 ** (t // 6)", lambda t: 0.5 ** (t // 6)),
    "warmup": ("min(1, (t + 1) / 8) * 0.95 ** t", lambda t: min(1, (t + 1) / 8) * 0.95**t),
    "falls": ("0.93 ** t", lambda t: 0.93**t),
    "line": ("1 - t / 100", lambda t: 1 - t / 100),
    "teeth": ("1 - (t % 5) / 10", lambda t: 1 - (t % 5) / 10),
}

MISTAKES: dict[str, tuple[str, Callable[[int, int], Calls]]] = {
    "per step": ("is called after every step, not after", lambda every, n: lambda step: 1),
    "times": ("times", lambda every, n: per_epoch(every, times=n)),
    "never": ("is never called", lambda every, n: lambda step: 0),
    "less often": ("is called less often|a step or more late", lambda every, n: per_epoch(every * n)),
    "late": ("one call late", lambda every, n: lambda step: int((step + 1) % every == 0 and step >= every)),
    "early": ("early", lambda every, n: lambda step: int((step + 2) % every == 0 and every > 1)),
    "other epochs": ("steps, not |a step or more late", lambda every, n: per_epoch(max(2, every + n - 4))),
}
"""Words of the cause that must be among those that fit, and the calls of the loop."""


@pytest.mark.parametrize("mistake", MISTAKES)
@given(
    name=st.sampled_from(sorted(LAMBDAS)),
    every=st.sampled_from([1, 3, 7]),
    interval=st.sampled_from(["epoch", "step"]),
    n=st.integers(2, 9),
)
@settings(max_examples=25, deadline=None)
def test_the_mistake_is_among_the_causes(mistake: str, name: str, every: int, interval: str, n: int) -> None:
    text, factor = LAMBDAS[name]
    words, calls = MISTAKES[mistake]
    assume(every > 1 or mistake not in ("per step", "early", "other epochs"))
    assume(interval == "epoch" or mistake != "other epochs")
    assume(mistake != "other epochs" or n != 4)
    length: dict[str, Any] = {"epochs": 30, "steps_per_epoch": every} if interval == "epoch" else {"steps": 30 * every}
    if interval == "step" and every > 1:
        length["interval"] = f"{every} steps"
    plan = schedule(**length, scheduler={"type": "LambdaLR", "lr_lambda": text})
    optimizer = sgd()
    with lrviz.guard(optimizer, plan, on="record") as guard:
        train(optimizer, lr.LambdaLR(optimizer, factor), 30 * every, calls(every, n))
    assume(guard.first is not None)
    assert guard.first is not None
    assert any(word in cause for cause in guard.first.causes for word in words.split("|")), (guard.first, n)


# --- param groups --------------------------------------------------------------------------------------------

TWO = {"groups": [{"name": "head", "lr": 0.1}, {"name": "body", "lr": 0.01}]}
STEP = {"type": "StepLR", "step_size": 5}


def test_groups_that_are_swapped() -> None:
    """The optimizer's groups have no names, and another order than those of the file."""
    optimizer = sgd(0.01, 0.1)
    found = deviation_of(schedule(optimizer=TWO), optimizer, lr.StepLR(optimizer, 5), 20)
    assert (found.step, found.group, found.others, found.used, found.planned) == (0, "0", 1, 0.01, 0.1)
    assert found.causes == (
        "param groups '0', '1' have one another's learning rates: is their order that of the file?",
    )


def test_groups_by_name() -> None:
    optimizer = sgd(0.01, 0.1)
    for group, name in zip(optimizer.param_groups, ("body", "head"), strict=True):
        group["name"] = name
    with lrviz.guard(optimizer, schedule(optimizer=TWO)):
        train(optimizer, lr.StepLR(optimizer, 5), 20)


def test_one_group_that_is_left_behind() -> None:
    """Its learning rate is a constant of somebody's."""
    optimizer = sgd(0.1, 0.01)
    scheduler = lr.LambdaLR(optimizer, [lambda t: 0.1 ** (t // 5), lambda t: 1.0])
    found = deviation_of(schedule(optimizer=TWO), optimizer, scheduler, 20)
    assert (found.step, found.group, found.others, found.used, found.planned) == (5, "1", 0, 0.01, 0.001)
    assert found.causes == ()
    assert "none of the usual causes fits" in str(found)


def test_a_cause_must_fit_every_group() -> None:
    """Called twice, both groups say so; of one alone, a call too many would fit as well."""
    optimizer = sgd(0.1, 0.01)
    found = deviation_of(schedule(optimizer=TWO), optimizer, lr.StepLR(optimizer, 5), 20, lambda step: 2)
    assert found.causes == (
        "scheduler.step() is called 2 times a step: in two places, or for each of 2 processes (Accelerate)",
    )


def test_a_call_too_many_is_not_called_a_factor() -> None:
    """All groups are the same times their plan, and that says nothing new."""
    optimizer = sgd(0.1, 0.01)
    plan = schedule(optimizer=TWO, scheduler={"type": "CosineAnnealingLR", "T_max": 20})
    scheduler = lr.CosineAnnealingLR(optimizer, 20)
    found = deviation_of(plan, optimizer, scheduler, 20, lambda step: 1 + (step == 8))
    assert found.causes == (
        "scheduler.step() was called once too often before this step; or a GradScaler skipped a step: pass scaler=",
    )


def test_param_groups_that_do_not_match_are_refused() -> None:
    optimizer = sgd(0.1, 0.1, 0.1)
    with pytest.raises(lrviz.ScheduleError, match=r"it has 3 groups, .*; the file has 2 groups, 'head', 'body'"):
        lrviz.guard(optimizer, schedule(optimizer=TWO))
    assert not optimizer._optimizer_step_pre_hooks


def test_a_group_too_many_is_a_deviation() -> None:
    optimizer = sgd(0.1, 0.01)
    with lrviz.guard(optimizer, schedule(optimizer=TWO)):
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.1})
        with pytest.raises(lrviz.DeviationError) as raised:
            optimizer.step()
    assert raised.value.deviation.causes == (
        "the optimizer has 3 param groups now, and had 2: make the guard after the last add_param_group()",
    )


# --- scaled --------------------------------------------------------------------------------------------------


def test_another_lr_in_the_optimizer() -> None:
    optimizer = sgd(0.4)
    found = deviation_of(schedule(), optimizer, lr.StepLR(optimizer, 5), 20)
    assert found.causes == ("it is 4 times the plan: the optimizer has an lr of 0.4 instead of 0.1",)


def test_scaled_by_the_devices() -> None:
    data = {"samples": 320, "batch_size": 2, "devices": 8}
    optimizer = sgd(0.8)
    found = deviation_of(schedule(epochs=1, interval="step", data=data), optimizer, lr.StepLR(optimizer, 5), 20)
    assert found.causes == ("it is 8 times the plan (devices is 8): the optimizer has an lr of 0.8 instead of 0.1",)


def test_scaled_on_the_way() -> None:
    """Somebody halves the learning rate by hand, in the scheduler's own base."""
    optimizer = sgd()
    scheduler = lr.LambdaLR(optimizer, lambda t: 0.9**t * (1 if t < 8 else 0.5))
    plan = schedule(scheduler={"type": "LambdaLR", "lr_lambda": "0.9 ** t"})
    found = deviation_of(plan, optimizer, scheduler, 20)
    assert found.step == 8
    assert found.causes == ("it is 0.5 times the plan: is it scaled, or set by hand?",)


def test_no_cause_is_made_up() -> None:
    optimizer = sgd()
    scheduler = lr.LambdaLR(optimizer, lambda t: 0.9**t * (1 if t < 8 else 0.77))
    found = deviation_of(schedule(scheduler={"type": "LambdaLR", "lr_lambda": "0.9 ** t"}), optimizer, scheduler, 20)
    assert (found.step, found.causes) == (8, ())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -0.1])
def test_strange_learning_rates(value: float) -> None:
    optimizer = sgd()
    with lrviz.guard(optimizer, schedule(), on="record") as guard:
        train(optimizer, lr.StepLR(optimizer, 5), 3)
        optimizer.param_groups[0]["lr"] = value
        optimizer.step()
    assert guard.first is not None
    assert guard.first.step == 3
    assert str(guard.first)


# --- number types --------------------------------------------------------------------------------------------


def test_bfloat16_does_not_follow_a_small_decay() -> None:
    """0.999 of a bfloat16 is rounded back to it, or to the next one."""
    plan = schedule(steps=200, scheduler={"type": "ExponentialLR", "gamma": 0.999})
    optimizer = sgd(torch.tensor(0.1, dtype=torch.bfloat16), foreach=False)
    found = deviation_of(plan, optimizer, lr.ExponentialLR(optimizer, 0.999), 200)
    assert 5 < found.step < 40
    assert found.causes[-1] == (
        "the learning rate is a bfloat16, and every call of scheduler.step() rounds it, which adds up"
    )


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64], ids=str)
def test_a_type_that_is_only_rounded_follows(dtype: torch.dtype) -> None:
    """A LambdaLR computes each value anew: nothing adds up."""
    plan = schedule(steps=200, scheduler={"type": "LambdaLR", "lr_lambda": "0.999 ** t"})
    optimizer = sgd(torch.tensor(0.1, dtype=dtype), foreach=False)
    with lrviz.guard(optimizer, plan):
        train(optimizer, lr.LambdaLR(optimizer, lambda t: 0.999**t), 200)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_mistake_is_seen_in_every_type(dtype: torch.dtype) -> None:
    plan = schedule(steps=200, scheduler={"type": "ExponentialLR", "gamma": 0.999})
    optimizer = sgd(torch.tensor(0.1, dtype=dtype), foreach=False)
    found = deviation_of(plan, optimizer, lr.ExponentialLR(optimizer, 0.999), 200, lambda step: 2)
    assert found.step == 1
    assert found.causes[0].startswith("scheduler.step() is called 2 times a step")


@pytest.mark.parametrize(("off", "deviates"), [(5e-11, False), (2e-10, True), (-5e-11, False), (-2e-10, True)])
def test_how_far_a_float_may_be_off(off: float, deviates: bool) -> None:
    """Far from the peak too: what counts is the planned value."""
    optimizer = sgd()
    scheduler = lr.LambdaLR(optimizer, lambda t: 0.1 ** (t // 5) * (1 + off * (t == 12)))
    with lrviz.guard(optimizer, schedule(), on="record") as guard:
        train(optimizer, scheduler, 20)
    assert (guard.first is not None) == deviates
    assert guard.off_plan == deviates


def test_numbers_of_numpy() -> None:
    optimizer = sgd(np.float64(0.1))
    with lrviz.guard(optimizer, schedule()):
        train(optimizer, lr.StepLR(optimizer, 5), 20)


# --- the end -------------------------------------------------------------------------------------------------


def test_steps_after_the_end() -> None:
    optimizer = sgd()
    found = deviation_of(schedule(), optimizer, lr.StepLR(optimizer, 5), 25)
    assert (found.step, found.planned, found.followed) == (20, None, 20)
    assert found.causes == ("the run went on after the plan ended: the plan has 20 steps, the last is 19",)


def test_steps_after_the_end_are_told_once() -> None:
    optimizer = sgd()
    with told() as texts, lrviz.guard(optimizer, schedule(), on="warn") as guard:
        train(optimizer, lr.StepLR(optimizer, 5), 200)
    assert len(texts) == 1
    assert (guard.step, guard.off_plan) == (200, 180)


def test_a_training_that_stops_early_is_no_deviation() -> None:
    optimizer = sgd()
    with lrviz.guard(optimizer, schedule()) as guard:
        train(optimizer, lr.StepLR(optimizer, 5), 12)
    assert guard.step == 12


# --- a metric ------------------------------------------------------------------------------------------------

PLATEAU = {"type": "ReduceLROnPlateau", "patience": 1}


def test_a_metric_has_no_plan() -> None:
    optimizer = sgd()
    plan = schedule(epochs=10, steps_per_epoch=2, scheduler=PLATEAU, metric=[1.0] * 10)
    with pytest.raises(lrviz.ScheduleError) as raised:
        lrviz.guard(optimizer, plan)
    assert str(raised.value) == (
        "schedule: error: schedule 'schedule' of <schedule> is driven by a metric, which the training only knows when "
        "it has measured it: there is no plan to compare with\n"
        "  hint: guard needs a schedule without ReduceLROnPlateau, or with phases before it, which are guarded"
    )
    assert not optimizer._optimizer_step_pre_hooks


def test_the_phases_before_a_metric_are_guarded() -> None:
    phases = [{"type": "LinearLR", "start_factor": 0.1, "total_iters": 3, "for": 3}, PLATEAU]
    plan = schedule(epochs=10, steps_per_epoch=2, scheduler=phases, metric=[1.0] * 10)
    for spoiled in (None, 7, 8):
        optimizer = sgd()
        scheduler = plan.build(optimizer)
        with lrviz.guard(optimizer, plan) as guard:
            assert guard.notes == ("from step 8 (epoch 4) on a metric drives the schedule: nothing is compared there",)
            for step in range(20):
                if step == spoiled:
                    optimizer.param_groups[0]["lr"] = 0.5
                if step == 7 == spoiled:
                    with pytest.raises(lrviz.DeviationError):
                        optimizer.step()
                    break
                optimizer.step()
                if step % 2:
                    scheduler.step(5.0)  # the metric of this training, not that of the file
            assert guard.step == (7 if spoiled == 7 else 20)


# --- what the guard itself may cost --------------------------------------------------------------------------


def test_a_warning_that_is_an_error_does_not_count_the_step() -> None:
    optimizer = sgd()
    with lrviz.guard(optimizer, schedule(), on="warn") as guard, warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.param_groups[0]["lr"] = 0.5
        with pytest.raises(lrviz.DeviationWarning):
            optimizer.step()
        assert guard.step == 0
        optimizer.param_groups[0]["lr"] = 0.1
        optimizer.step()
        assert guard.step == 1
