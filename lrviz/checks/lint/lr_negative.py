"""A learning rate below 0.

The optimizer then ascends the loss, and torch does not complain. The usual cause is an `lr_lambda` that keeps falling
past its end.

PASS:

    epochs: 10
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: LambdaLR, lr_lambda: 1 - t / 10}

FAIL:

    epochs: 10
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: LambdaLR, lr_lambda: 1 - t / 5}
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrviz.alike import ZERO
from lrviz.checks.lint.helpers.closed_form import lambdas
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.stretches import others, where_at
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.schedule.model import Function
from lrviz.words import counted_ticks


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    found = []
    for group in range(len(curve.groups)):
        rates = subject.rates(group)
        noise = ZERO * np.abs(rates[np.isfinite(rates)]).max(initial=0)
        below = np.flatnonzero((rates < -noise) & np.isfinite(rates))
        if len(below) and not _is_past_one_cycle(subject, int(below[0])):
            found.append((group, int(below[0]), len(below)))
    if found:
        group, tick, count = found[0]
        yield Oddity(
            where_at(subject, tick, group),
            f"{subject.lr_is(tick, group)}, and below 0 at {count:,} of {counted_ticks(curve.run)}"
            f"{others(len(found) - 1)}",
            _instead(subject, tick, group),
        )


def _is_past_one_cycle(subject: Subject, tick: int) -> bool:
    """True if a OneCycleLR is past its end, which has its own rule."""
    placed = subject.active_at(tick)
    return placed is not None and placed.type == "OneCycleLR" and tick >= placed.tick_of(placed.length or 0)


def _instead(subject: Subject, tick: int, group: int) -> str:
    placed = subject.active_at(tick)
    if placed is not None and placed.type == "LambdaLR":
        functions = lambdas(placed)
        function = functions[group % len(functions)]
        if isinstance(function, Function):
            return f'lr_lambda: "max(0, {function})"'
    if placed is not None and placed.type in ("LambdaLR", "MultiplicativeLR"):
        return "keep every factor at 0 or above"
    return "keep the learning rate at 0 or above"
