"""`peak`: the learning rate first reaches its maximum at a place."""

from __future__ import annotations

import numpy as np

from lrviz.alike import ROUNDING
from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Peak
from lrviz.words import rate


def judge(expected: Peak, group: Group) -> Failure | str:
    """Why it does not hold, or what the curve has."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    highest = float(group.rates.max())
    reached = np.flatnonzero(group.rates >= highest - ROUNDING * abs(highest))
    first, wanted = int(reached[0]), expected.place.tick
    if first == wanted:
        return f"the peak{group.of}, {rate(highest)}, is first reached at {group.moment(first)}"
    hint = f"`{group.paste('peak', group.place(first))}` is where the curve has it"
    if wanted in reached:
        hint = f"it is held at {group.moment(wanted)}, and was reached before; {hint}"
    elif abs(first - wanted) == 1:
        hint = f"off by one? {hint}"
    return Failure(
        f"the peak{group.of}, {rate(highest)}, is first reached at {group.moment(first)}, not {group.moment(wanted)} "
        f"(where the learning rate is {rate(float(group.rates[wanted]))})",
        hint,
    )
