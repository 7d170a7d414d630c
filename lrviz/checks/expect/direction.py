"""`increasing`, `decreasing` and `constant`: the learning rate never falls, never rises or never changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING
from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Direction
from lrviz.words import rate

_HELD = {"constant": "does not change", "increasing": "never falls", "decreasing": "never rises"}
_WANTED = {
    "increasing": "it must not fall",
    "decreasing": "it must not rise",
    "constant": "it must not change",
}


def judge(expected: Direction, group: Group) -> Failure | str:
    """Why it does not hold, or the course of the curve if it holds."""
    start = expected.start.tick if expected.start else 0
    stop = expected.stop.tick if expected.stop else len(group.rates) - 1
    rates = group.rates_to_end()[start : stop + 1]
    bad = np.flatnonzero(~np.isfinite(rates))
    if len(bad):
        return group.not_finite(start + int(bad[0]))
    broken = _breaks(rates, expected.key)
    span = f"from {group.moment(start)} to {group.moment(stop)}"
    if not len(broken):
        return f"the learning rate{group.of} {_HELD[expected.key]} {span}"
    first = int(broken[0])
    before, after = float(rates[first - 1]), float(rates[first])
    moved = "rises" if after > before else "falls"
    return Failure(
        f"the learning rate{group.of} {moved} from {rate(before, after)} to {rate(after, before)} at "
        f"{group.moment(start + first)}; {_WANTED[expected.key]} {span}",
        _hint(expected.key, rates, broken, start, group),
    )


def _breaks(rates: NDArray[np.float64], key: str) -> NDArray[np.int64]:
    """The indices of `rates` that break a direction: each is lower (higher, different) than a value before it."""
    rounding = ROUNDING * np.abs(rates)
    falls = rates < np.maximum.accumulate(rates) - rounding
    rises = rates > np.minimum.accumulate(rates) + rounding
    return np.flatnonzero(falls if key == "increasing" else rises if key == "decreasing" else falls | rises)


def _hint(key: str, rates: NDArray[np.float64], broken: NDArray[np.int64], start: int, group: Group) -> str:
    first, last = int(broken[0]), len(rates) - 1
    if first == last and first > 1:
        return f"only the last call breaks it: off by one? it holds up to {group.place(start + first - 1)}"
    if first == 1 and last > 1 and not len(_breaks(rates[1:], key)):
        return f"only the first call breaks it: off by one? it holds from {group.place(start + 1)} on"
    holding = next((other for other in _HELD if other != key and not len(_breaks(rates, other))), None)
    if holding is not None:
        return f"it is {holding} throughout: did you mean `{holding}`?"
    return f"it holds up to {group.place(start + first - 1)}" if first > 1 else ""
