"""A gamma above 1, with which the learning rate grows.

gamma is a factor, and a decay needs one below 1: 1.05 for "5 % less", or 10 for "a tenth", makes the learning rate grow
instead, without bound. torch accepts it silently. A range test grows on purpose; accept the finding there.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 30, gamma: 0.1}

FAIL:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 30, gamma: 10}
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrviz.alike import peak_tick
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    for placed in _growing(subject):
        first, last = placed.tick_of(0), placed.tick_of(0) + placed.ticks - 1
        if placed.type == "CyclicLR":
            rates = subject.rates(subject.example)[first : last + 1]
            last = first + peak_tick(rates)
        gamma = placed.argument("gamma")
        finite = all(math.isfinite(column[last]) for column in curve.columns)
        yield Oddity(
            placed.scheduler.where_of("gamma"),
            f"{placed.type}: gamma = {gamma} makes the learning rate{subject.whose()} grow, from "
            f"{subject.rate_at(first)} at {moment(curve.run, first)} to {subject.rate_at(last)} at "
            f"{moment(curve.run, last)}",
            f"gamma: 1 / {gamma}, if a decay is intended",
            "warning" if finite else "error",
            schedulers=(placed.scheduler,),
            argument="gamma",
        )


def _growing(subject: Subject) -> Iterator[Placed]:
    """The schedulers whose gamma makes the learning rate grow within the run."""
    for placed in subject.of_type("StepLR", "MultiStepLR", "ExponentialLR", "CyclicLR"):
        if placed.argument("gamma") > 1 and placed.calls > _first_use(placed):
            yield placed


def _first_use(placed: Placed) -> float:
    """The number of calls after which gamma first has an effect; infinite if it never has."""
    if placed.type == "StepLR":
        return int(placed.argument("step_size"))
    if placed.type == "MultiStepLR":
        return min(placed.argument("milestones"), default=math.inf)
    used = placed.type == "ExponentialLR" or (
        placed.argument("mode") == "exp_range" and placed.argument("scale_fn") is None
    )
    return 1 if used else math.inf
