"""What `lrviz.guard` refuses, in words, before it touches the optimizer."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.amp import GradScaler
from trained import schedule, sgd, train

import lrviz

PER_EPOCH = {"epochs": 10, "scheduler": {"type": "StepLR", "step_size": 2}}


def refused(*arguments: Any, **options: Any) -> str:
    """The words of the error."""
    with pytest.raises(lrviz.ScheduleError) as raised:
        lrviz.guard(*arguments, **options)
    return str(raised.value)


def test_what_is_no_schedule() -> None:
    optimizer = sgd()
    loaded = lrviz.load("schedules/basics/side-by-side.yaml")
    for given, words in (
        ("plan.yaml", "schedule: error: expected a schedule (got str)\n  hint: lrviz.load('schedule.yaml').only"),
        (None, "schedule: error: expected a schedule (got NoneType)\n  hint: lrviz.load('schedule.yaml').only"),
        (
            loaded,
            "schedule: error: expected a schedule (got Schedules)\n  hint: choose one by its name: step, cosine, hot",
        ),
        (
            loaded["step"].simulate(),
            "schedule: error: expected a schedule (got Curve)\n  hint: lrviz.load('schedule.yaml').only",
        ),
        (
            lrviz.load("schedules/basics/step-decay.yaml"),
            "schedule: error: expected a schedule (got Schedules)\n  hint: take the only one: .only",
        ),
    ):
        assert refused(optimizer, given) == words
    assert not optimizer._optimizer_step_pre_hooks


def test_what_is_no_optimizer() -> None:
    class Own:
        param_groups = [{"params": [], "lr": 0.1}]  # noqa: RUF012

    plan = schedule()
    assert refused(None, plan) == "optimizer: error: expected an optimizer, with param_groups (got NoneType)"
    assert (
        refused(torch.nn.Linear(1, 1), plan)
        == "optimizer: error: expected an optimizer, with param_groups (got Linear)"
    )
    assert refused(Own(), plan) == (
        "optimizer: error: expected an optimizer of torch (got Own)\n  hint: torch.optim.SGD(...)"
    )


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert refused(5, schedule(), on="print", scaler=7) == (
        "on: error: expected one of 'raise', 'warn', 'record' (got 'print')\n"
        "scaler: error: expected a GradScaler (got int)\n"
        "  hint: torch.amp.GradScaler()\n"
        "optimizer: error: expected an optimizer, with param_groups (got int)"
    )


def test_epochs_of_unknown_length() -> None:
    optimizer = sgd()
    assert refused(optimizer, schedule(**PER_EPOCH)) == (
        "steps_per_epoch: error: schedule 'schedule' of <schedule> counts epochs, and the guard must know how many "
        "optimizer steps an epoch has\n  hint: loader=loader, or steps_per_epoch=500"
    )
    assert not optimizer._optimizer_step_pre_hooks
    for known in ({"steps_per_epoch": 3}, {"loader": [0] * 3}):
        optimizer = sgd()
        with lrviz.guard(optimizer, schedule(**PER_EPOCH), **known) as guard:
            train(optimizer, schedule(**PER_EPOCH).build(optimizer), 30, lambda step: int(step % 3 == 2))
        assert guard.step == 30


def test_a_length_that_contradicts_the_file() -> None:
    plan = schedule(**PER_EPOCH, steps_per_epoch=4)
    assert "5 steps an epoch, but schedule 'schedule' of <schedule> has 4 an epoch" in refused(
        sgd(), plan, steps_per_epoch=5
    )
    assert "5 batches are 5 steps an epoch" in refused(sgd(), plan, loader=[0] * 5)


def test_a_refused_guard_leaves_the_scaler_alone() -> None:
    scaler = GradScaler("cpu")
    before = dict(vars(scaler))
    refused(sgd(), schedule(**PER_EPOCH), scaler=scaler)
    assert vars(scaler) == before


def test_what_torch_refuses_of_the_schedule() -> None:
    """It has no curve, and so no plan."""
    spec = {"type": "OneCycleLR", "max_lr": 0.1, "total_steps": 5}
    assert "OneCycleLR" in refused(sgd(), schedule(scheduler=spec))


def test_wrapped_optimizers() -> None:
    class Wrapper:
        """As Accelerate's and Lightning's: the same param groups, and a step of its own."""

        def __init__(self, optimizer: Any) -> None:
            self.optimizer = optimizer

        @property
        def param_groups(self) -> Any:
            return self.optimizer.param_groups

        def step(self) -> None:
            self.optimizer.step()

    optimizer = sgd()
    with lrviz.guard(Wrapper(Wrapper(optimizer)), schedule()) as guard:
        Wrapper(optimizer).step()
        optimizer.step()
    assert guard.step == 2
    with lrviz.guard({"optimizer": optimizer}, schedule()) as guard:  # what `configure_optimizers` returns
        optimizer.step()
    assert guard.step == 1
