"""A learning rate below 1e-4 of its peak for half of the run or longer.

Nothing is learned there. Most often a gamma meant for epochs is applied at every step (`0.95 ** 1000` is 5e-23), or a
ReduceLROnPlateau keeps cutting with nothing to stop it. A warmup may be arbitrarily small: only calls after the peak
count.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: ExponentialLR, gamma: 0.95}

FAIL:

    epochs: 90
    steps_per_epoch: 100
    interval: step
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: ExponentialLR, gamma: 0.95}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from lrviz.alike import peak_tick
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.stretches import others, where_at, zero
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import counted_ticks, moment, rate

TINY: Final = 1e-4
"""The fraction of its peak below which a learning rate trains nothing."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    found = []
    for group in range(len(curve.groups)):
        rates = subject.rates(group)
        top = peak_tick(rates)
        if not 0 < rates[top] < np.inf:
            continue
        tiny = np.flatnonzero((rates >= 0) & (rates < TINY * rates[top]) & ~zero(subject, group))
        tiny = tiny[tiny > top]
        if 2 * len(tiny) >= len(curve):
            found.append((group, top, int(tiny[0]), len(tiny)))
    if not found:
        return
    group, top, tick, count = found[0]
    placed = _cause(subject, tick)
    yield Oddity(
        where_at(subject, tick, group) if placed is None else placed.scheduler.where_of("gamma"),
        f"{subject.lr_is(tick, group)}, below a ten-thousandth of its peak of {rate(subject.rates(group)[top])} at "
        f"{moment(curve.run, top)}, as it is at {count:,} of {counted_ticks(curve.run)}{others(len(found) - 1)}",
        _instead(subject, placed, group),
        "warning",
        schedulers=() if placed is None else (placed.scheduler,),
        argument=_argument(placed),
        whole=True,
    )


def _cause(subject: Subject, tick: int) -> Placed | None:
    """The scheduler that decays at a tick: the active one, or a decay inside it."""
    active = subject.active_at(tick)
    if active is None or active.type != "ChainedScheduler":
        return active
    decays = subject.children_of(active)
    return next((each for each in decays if each.type in ("ExponentialLR", "StepLR", "MultiStepLR")), active)


def _argument(placed: Placed | None) -> str:
    """The argument that makes the learning rate so small: gamma, or the patience of a plateau that cuts too often."""
    return "patience" if placed is not None and placed.type == "ReduceLROnPlateau" else "gamma"


def _instead(subject: Subject, placed: Placed | None, group: int) -> str:
    run = subject.schedule.run
    if placed is not None and placed.type == "ExponentialLR":
        gamma, per_epoch = placed.argument("gamma"), run.steps_per_epoch
        if placed.unit == "step" and per_epoch and gamma ** (placed.calls / per_epoch) > TINY:
            return f"gamma: {gamma} ** (1 / {per_epoch}), if {gamma} is meant per epoch"
        return f"gamma: 0.01 ** (1 / {placed.calls}), which ends at a hundredth"
    if placed is not None and placed.type == "StepLR":
        return f"gamma: 0.01 ** (1 / {max(1, placed.calls // placed.argument('step_size'))}), which ends at a hundredth"
    if placed is not None and placed.type == "ReduceLROnPlateau":
        return f"min_lr: {rate(float(subject.rates(group).max()) / 100)}"
    return "let the decay end at a floor, or with the run"
