"""`at`: the learning rate at a place is the expected one."""

from __future__ import annotations

import math

import numpy as np

from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import At
from lrviz.words import rate


def judge(expected: At, group: Group) -> Failure | str:
    """Why it does not hold, or what the curve has."""
    tick, wanted = expected.place.tick, expected.value
    value, where = group.at(tick), group.moment(tick)
    if group.holds(value, wanted):
        return f"the learning rate{group.of} at {where} is {rate(value)}"
    if not math.isfinite(value):
        return group.not_finite(tick)
    hint = f"`{group.paste(expected.place.text, repr(value))}` is what the curve has"
    nearby = _who_has(wanted, tick, group)
    return Failure(
        f"the learning rate{group.of} at {where} is {rate(value, wanted)}, not {rate(wanted, value)}",
        f"{nearby} {hint}" if nearby else hint,
    )


def value(expected: At, group: Group) -> str:
    """What the curve has where one value is expected, in full."""
    return repr(group.at(expected.place.tick))


def _who_has(wanted: float, tick: int, group: Group) -> str:
    """Where the curve has the expected value instead."""
    found = np.flatnonzero(np.abs(group.rates_to_end() - wanted) <= group.slack(wanted))
    if not len(found):
        return ""
    if {tick - 1, tick + 1} & set(found.tolist()):
        near = tick - 1 if tick - 1 in found else tick + 1
        return f"{group.moment(near)} has this value: off by one?"
    nearest = int(found[np.abs(found - tick).argmin()])
    return f"{group.moment(nearest)} has this value;"
