"""`warmup`: the learning rate first reaches its maximum after this long, and never falls before."""

from __future__ import annotations

import numpy as np

from lrviz.alike import ROUNDING, peak_tick
from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Warmup
from lrviz.words import rate


def judge(expected: Warmup, group: Group) -> Failure | str:
    """Why it does not hold, or the warmup if it holds. Positions are compared as `peak` compares them."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    first, wanted = peak_tick(group.rates), expected.place.tick
    highest = float(group.rates.max())
    fall = _first_fall(group, min(first, wanted))
    if fall is not None:
        before, after = float(group.rates[fall - 1]), float(group.rates[fall])
        return Failure(
            f"the learning rate{group.of} falls from {rate(before, after)} to {rate(after, before)} at "
            f"{group.moment(fall)}, within the warmup",
            f"a warmup never falls; `{group.paste('peak', group.place(first))}` says where it is highest",
        )
    if first == wanted == 0:
        return f"the learning rate{group.of} begins at its maximum, {rate(highest)}"
    if first == wanted:
        return f"the learning rate{group.of} rises to its maximum, {rate(highest)}, at {group.moment(first)}"
    hint = f"the curve has `{group.paste('warmup', group.place(first))}`" if _first_fall(group, first) is None else ""
    return Failure(
        f"the learning rate{group.of} first reaches its maximum, {rate(highest)}, at {group.moment(first)}, not "
        f"{group.moment(wanted)} (where it is {rate(float(group.rates[wanted]))})",
        f"{hint}: off by one?" if hint and abs(first - wanted) == 1 else hint,
    )


def _first_fall(group: Group, last: int) -> int | None:
    """The first tick, up to `last`, with a lower learning rate than one before it, but for rounding."""
    rates = group.rates[: last + 1]
    falls = rates < np.maximum.accumulate(rates) - ROUNDING * np.abs(rates)
    return int(falls.argmax()) if falls.any() else None
