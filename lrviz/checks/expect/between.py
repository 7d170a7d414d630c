"""`between`: the learning rate never leaves a range."""

from __future__ import annotations

import numpy as np

from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Between
from lrviz.words import counted_ticks, rate


def judge(expected: Between, group: Group) -> Failure | str:
    """Why it does not hold, or the range of the curve if it holds."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    below = group.rates < expected.low - group.slack(expected.low)
    out = np.flatnonzero(below | (group.rates > expected.high + group.slack(expected.high)))
    if not len(out):
        lowest, highest = float(group.rates.min()), float(group.rates.max())
        return f"the learning rate{group.of} ranges from {rate(lowest)} to {rate(highest)}"
    tick = int(out[0])
    lr, limit = float(group.rates[tick]), expected.low if below[tick] else expected.high
    return Failure(
        f"the learning rate{group.of} is {rate(lr, limit)} at {group.moment(tick)}, "
        f"{'below' if below[tick] else 'above'} {rate(limit, lr)}, and is outside the range at {len(out):,} of "
        f"{counted_ticks(group.curve.run)}",
        f"the curve has `{group.paste('between', value(expected, group))}`",
    )


def value(expected: Between, group: Group) -> str:
    """The actual range, in full."""
    return f"[{float(group.rates.min())!r}, {float(group.rates.max())!r}]"
