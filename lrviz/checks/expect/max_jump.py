"""`max_jump`: no call changes the learning rate by more than a factor."""

from __future__ import annotations

import math

import numpy as np

from lrviz.alike import ROUNDING
from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import MaxJump
from lrviz.words import rate, several


def judge(expected: MaxJump, group: Group) -> Failure | str:
    """Why it does not hold, or the largest jump if it holds."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    before, after = group.rates[:-1], group.rates[1:]
    if not len(after):
        return f"the learning rate{group.of} has one value"
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factors = np.maximum(after / before, before / after)
    factors[(before <= 0) | (after <= 0)] = np.inf
    factors[before == after] = 1.0
    largest = int(factors.argmax())
    over = np.flatnonzero(factors > expected.factor * (1 + ROUNDING))
    if not len(over):
        return f"the largest jump{group.of} is by a factor of {rate(float(factors[largest]))}"
    old, new = float(before[largest]), float(after[largest])
    change = f"from {rate(old, new)} to {rate(new, old)}"
    infinite = math.isinf(factors[largest])
    by = "" if infinite else f", by a factor of {rate(float(factors[largest]))}"
    paste = group.paste("max_jump", repr(float(factors[largest])))
    return Failure(
        f"the learning rate{group.of} jumps {change} at {group.moment(largest + 1)}{by}, and "
        f"{several(len(over), 'call')} {'changes' if len(over) == 1 else 'change'} it by more than "
        f"{rate(expected.factor)}",
        "a change from or to 0 counts as infinite" if infinite else f"the curve has `{paste}`",
    )
