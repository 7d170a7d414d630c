"""`at`: the learning rate at a place is the expected one."""

from __future__ import annotations

import math

import numpy as np

from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import At
from lrviz.words import rate


def judge(expected: At, group: Group) -> Failure | str:
    """Why it does not hold, or the learning rate if it holds."""
    tick, wanted = expected.place.tick, expected.value
    value, where = group.at(tick), group.moment(tick)
    if group.holds(value, wanted):
        return f"the learning rate{group.of} at {where} is {rate(value)}"
    if not math.isfinite(value):
        return group.not_finite(tick)
    hint = f"the curve has `{group.paste(expected.place.text, repr(value))}`"
    elsewhere = _elsewhere(wanted, tick, group)
    return Failure(
        f"the learning rate{group.of} at {where} is {rate(value, wanted)}, not {rate(wanted, value)}",
        f"{hint}; {elsewhere}" if elsewhere else hint,
    )


def value(expected: At, group: Group) -> str:
    """The actual learning rate, in full."""
    return repr(group.at(expected.place.tick))


def _elsewhere(wanted: float, tick: int, group: Group) -> str:
    """The place where the curve has the expected value, in words; empty if it has it nowhere."""
    found = np.flatnonzero(np.abs(group.rates_to_end() - wanted) <= group.slack(wanted))
    if not len(found):
        return ""
    if {tick - 1, tick + 1} & set(found.tolist()):
        near = tick - 1 if tick - 1 in found else tick + 1
        return f"{group.moment(near)} has the expected value: off by one?"
    nearest = int(found[np.abs(found - tick).argmin()])
    return f"{group.moment(nearest)} has the expected value"
