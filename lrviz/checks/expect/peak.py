"""`peak`: the learning rate first reaches its maximum at a place."""

from __future__ import annotations

from lrviz.alike import alike, peak_tick
from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Peak
from lrviz.words import rate


def judge(expected: Peak, group: Group) -> Failure | str:
    """Why it does not hold, or the peak if it holds."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    highest = float(group.rates.max())
    first, wanted = peak_tick(group.rates), expected.place.tick
    if first == wanted:
        return f"the peak{group.of}, {rate(highest)}, is first reached at {group.moment(first)}"
    hint = f"the curve has `{group.paste('peak', group.place(first))}`"
    if alike(float(group.rates[wanted]), highest):
        hint = f"{hint}; {group.moment(wanted)} has the same learning rate, but later"
    elif abs(first - wanted) == 1:
        hint = f"{hint}: off by one?"
    return Failure(
        f"the peak{group.of}, {rate(highest)}, is first reached at {group.moment(first)}, not {group.moment(wanted)} "
        f"(where the learning rate is {rate(float(group.rates[wanted]))})",
        hint,
    )
