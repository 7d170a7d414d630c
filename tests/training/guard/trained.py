"""Plain torch training loops, right ones and wrong ones, for the tests of the guard."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.optim import SGD, Optimizer

import lrviz
from lrviz.training.guard import Deviation

Calls = Callable[[int], int]
"""How often a loop calls `scheduler.step()` after an optimizer step, counted from 0."""


def schedule(**keys: Any) -> lrviz.Schedule:
    """A schedule of a dict, by default of 20 steps with a StepLR."""
    base: dict[str, Any] = {} if {"epochs", "steps"} & set(keys) else {"steps": 20}
    base |= {"optimizer": {"lr": 0.1}, "scheduler": {"type": "StepLR", "step_size": 5}}
    return lrviz.load(base | keys).only


def sgd(*lrs: Any, **options: Any) -> Optimizer:
    """An optimizer over a tiny model, with a param group for each learning rate."""
    lrs = lrs or (0.1,)
    groups = [{"params": torch.nn.Linear(2, 1).parameters(), "lr": lr} for lr in lrs]
    return SGD(groups, lr=lrs[0], **options)


def train(optimizer: Optimizer, scheduler: Any, steps: int, calls: Calls = lambda step: 1) -> None:
    """A training loop; the gradients are made up."""
    for step in range(steps):
        for group in optimizer.param_groups:
            for each in group["params"]:
                each.grad = torch.ones_like(each)
        optimizer.step()
        for _ in range(calls(step)):
            scheduler.step()


def per_epoch(steps: int, times: int = 1) -> Calls:
    """The calls of a loop that calls the scheduler after every so many steps."""
    return lambda step: times if (step + 1) % steps == 0 else 0


def deviation_of(
    plan: lrviz.Schedule,
    optimizer: Optimizer,
    stepped: Any,
    steps: int,
    calls: Calls = lambda step: 1,
    **options: Any,
) -> Deviation:
    """The deviation at which a guard stops a loop."""
    with lrviz.guard(optimizer, plan, **options):
        try:
            train(optimizer, stepped, steps, calls)
        except lrviz.DeviationError as error:
            return error.deviation
    raise AssertionError("the guard saw nothing")


@contextmanager
def told() -> Iterator[list[str]]:
    """The warnings of a guard, in the order in which they come."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield texts
    texts += [str(each.message) for each in caught if issubclass(each.category, lrviz.DeviationWarning)]
