"""Expectations against a curve: each comes to findings, or is held.

A value holds when it differs by at most `tolerance` of the expected one, or by at most 1e-9 of the curve's peak.
Positions and directions are compared with a relative tolerance of 1e-12, so that rounding moves no peak and bends no
line. Only `at: end` and a range that ends in `end` look at the value after the last call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrviz.alike import ROUNDING, slack
from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.place import outside
from lrviz.schedule.expectation import At, Between, Direction, Expectation, Extreme, MaxJump, Peak, places
from lrviz.schedule.model import Schedule
from lrviz.words import moment, place, rate, several

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def expectations(schedule: Schedule, curve: Curve, name: str) -> Iterator[Finding | Held]:
    """What becomes of every expectation of a schedule but its snapshot, in the order of the file.

    `name` is what the schedule is called. Where a run was given another length, a place outside of it is a finding of
    kind "input", as is one learning rate for param groups that differ.
    """
    for _, results in outcomes(schedule, curve, name):
        yield from results


def outcomes(schedule: Schedule, curve: Curve, name: str) -> Iterator[tuple[Expectation, list[Finding | Held]]]:
    """The same, each expectation with what becomes of it."""
    for expected in schedule.expect.expected:
        yield expected, list(_Case(schedule, curve, name, expected).outcome())


def holds(value: float, expected: float, tolerance: float, peak: float) -> bool:
    """Whether a learning rate is the expected one; NaN never is. `peak` is the largest of the curve."""
    return value == expected or abs(value - expected) <= slack(expected, tolerance, peak)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an expectation does not hold, and what to write where the curve is right."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Case:
    """One expectation of one schedule."""

    schedule: Schedule
    curve: Curve
    name: str
    expected: Expectation

    def outcome(self) -> Iterator[Finding | Held]:
        unusable = self.unusable()
        if unusable is not None:
            yield self.finding(unusable, "input")
            return
        judge = _JUDGES[type(self.expected)]
        results = [judge(self, _Group(self, group)) for group in self.groups()]
        failures = [each for each in results if isinstance(each, _Failure)]
        for failure in failures:
            yield self.finding(failure, "expectation")
        if not failures:
            yield Held(self.expected.where, self.name, f"expect.{self.expected.key}", str(results[0]))

    def finding(self, failure: _Failure, kind: Any) -> Finding:
        code = f"expect.{self.expected.key}"
        return Finding(self.expected.where, self.name, code, "error", failure.message, failure.hint, kind)

    def groups(self) -> list[int]:
        """The groups to look at: one stands for all where they do not differ."""
        if self.expected.group is not None:
            return [self.expected.group]
        return [0] if self.curve.uniform else list(range(len(self.curve.groups)))

    def unusable(self) -> _Failure | None:
        """Why this expectation means nothing for this curve."""
        run = self.schedule.run
        for each in places(self.expected):
            wrong = outside(each, run)
            if wrong is not None:
                return _Failure(wrong.message, "values of the run are from the command line")
        if isinstance(self.expected, At | Extreme | Between) and self.expected.group is None and not self.curve.uniform:
            now = {name: _value_of(self.expected, _Group(self, group)) for group, name in enumerate(self.curve.groups)}
            text = ", ".join(f"{name}: {value}" for name, value in now.items())
            return _Failure(
                f"{self.expected.key}: one learning rate for {several(len(now), 'param group')} that differ",
                f"name the groups, or those that matter: {{{text}}}",
            )
        return None


class _Group:
    """The learning rates of one param group, and words for it."""

    def __init__(self, case: _Case, index: int) -> None:
        import numpy as np

        self.curve = case.curve
        self.run = case.schedule.run
        self.index = index
        self.rates: NDArray[np.float64] = np.frombuffer(case.curve.columns[index])
        self.tolerance = case.schedule.expect.tolerance
        self.of = "" if case.curve.uniform else f" of group {case.curve.groups[index]!r}"
        self.name = None if case.expected.group is None and case.curve.uniform else case.curve.groups[index]
        finite = self.rates[np.isfinite(self.rates)]
        self.peak = float(finite.max()) if len(finite) else 0.0

    def holds(self, value: float, expected: float) -> bool:
        return holds(value, expected, self.tolerance, self.peak)

    def at(self, tick: int) -> float:
        return self.curve.lr_at(self.index, tick)

    def rates_to_end(self) -> NDArray[np.float64]:
        """`rates` with the one after the last call, ticks + 1 long."""
        import numpy as np

        return np.append(self.rates, self.at(len(self.rates)))

    def moment(self, tick: int) -> str:
        return moment(self.curve.run, tick)

    def place(self, tick: int) -> str:
        return place(self.run, tick)

    def paste(self, key: str, value: str) -> str:
        """`key: value` as it is written for this group."""
        return f"{key}: {{{self.name}: {value}}}" if self.name is not None else f"{key}: {value}"

    def first_not_finite(self) -> int | None:
        import numpy as np

        found = np.flatnonzero(~np.isfinite(self.rates))
        return int(found[0]) if len(found) else None


def _value_of(expected: At | Extreme | Between, group: _Group) -> str:
    """What the curve has where one value is expected, in full."""
    if isinstance(expected, At):
        return repr(group.at(expected.place.tick))
    low, high = float(group.rates.min()), float(group.rates.max())
    if isinstance(expected, Extreme):
        return repr(high if expected.key == "max" else low)
    return f"[{low!r}, {high!r}]"


# --- values ----------------------------------------------------------------------------------------------------


def _at(case: _Case, group: _Group) -> _Failure | str:
    expected = case.expected
    assert isinstance(expected, At)
    tick = expected.place.tick
    value, wanted = group.at(tick), expected.value
    where = group.moment(tick)
    if group.holds(value, wanted):
        return f"the learning rate{group.of} at {where} is {rate(value)}"
    if not math.isfinite(value):
        return _not_finite(group, tick)
    hint = f"`{group.paste(expected.place.text, repr(value))}` is what the curve has"
    nearby = _who_has(wanted, tick, group)
    return _Failure(
        f"the learning rate{group.of} at {where} is {rate(value, wanted)}, not {rate(wanted, value)}",
        f"{nearby} {hint}" if nearby else hint,
    )


def _who_has(wanted: float, tick: int, group: _Group) -> str:
    """Where the curve has the expected value instead."""
    import numpy as np

    rates = group.rates_to_end()
    found = np.flatnonzero(np.abs(rates - wanted) <= slack(wanted, group.tolerance, group.peak))
    if not len(found):
        return ""
    if {tick - 1, tick + 1} & set(found.tolist()):
        near = tick - 1 if tick - 1 in found else tick + 1
        return f"{group.moment(near)} has this value: off by one?"
    nearest = int(found[np.abs(found - tick).argmin()])
    return f"{group.moment(nearest)} has this value;"


def _extreme(case: _Case, group: _Group) -> _Failure | str:
    expected = case.expected
    assert isinstance(expected, Extreme)
    bad = group.first_not_finite()
    largest = expected.key == "max"
    words = "largest" if largest else "smallest"
    if bad is not None:
        return _not_finite(group, bad)
    tick = int(group.rates.argmax() if largest else group.rates.argmin())
    value, other = float(group.rates[tick]), float(group.rates.min() if largest else group.rates.max())
    if group.holds(value, expected.value):
        return f"the {words} learning rate{group.of} is {rate(value)}, at {group.moment(tick)}"
    hint = f"`{group.paste(expected.key, repr(value))}` is what the curve has"
    if group.holds(other, expected.value):
        hint = f"it is the {'smallest' if largest else 'largest'} one: is `{'min' if largest else 'max'}` meant? {hint}"
    elif group.holds(group.at(len(group.rates)), expected.value):
        hint = f"only the end has it, after the last call, which no step uses; {hint}"
    return _Failure(
        f"the {words} learning rate{group.of} is {rate(value, expected.value)}, at {group.moment(tick)}, not "
        f"{rate(expected.value, value)}",
        hint,
    )


def _between(case: _Case, group: _Group) -> _Failure | str:
    import numpy as np

    expected = case.expected
    assert isinstance(expected, Between)
    bad = group.first_not_finite()
    if bad is not None:
        return _not_finite(group, bad)
    low, high = (_slack(limit, group) for limit in (expected.low, expected.high))
    below, above = group.rates < expected.low - low, group.rates > expected.high + high
    out = np.flatnonzero(below | above)
    text = f"{rate(float(group.rates.min()))} to {rate(float(group.rates.max()))}"
    if not len(out):
        return f"the learning rate{group.of} goes from {text}"
    tick = int(out[0])
    value, limit = float(group.rates[tick]), expected.low if below[tick] else expected.high
    paste = group.paste("between", f"[{float(group.rates.min())!r}, {float(group.rates.max())!r}]")
    return _Failure(
        f"the learning rate{group.of} is {rate(value, limit)} at {group.moment(tick)}, "
        f"{'below' if below[tick] else 'above'} {rate(limit, value)}, and leaves the range at {len(out):,} of "
        f"{several(len(group.rates), 'call')}",
        f"`{paste}` is what the curve has",
    )


def _slack(limit: float, group: _Group) -> float:
    return slack(limit, group.tolerance, group.peak) if math.isfinite(limit) else 0.0


def _not_finite(group: _Group, tick: int) -> _Failure:
    return _Failure(f"the learning rate{group.of} is {group.at(tick)} at {group.moment(tick)}", "")


# --- positions and directions ----------------------------------------------------------------------------------


def _peak(case: _Case, group: _Group) -> _Failure | str:
    import numpy as np

    expected = case.expected
    assert isinstance(expected, Peak)
    bad = group.first_not_finite()
    if bad is not None:
        return _not_finite(group, bad)
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
    return _Failure(
        f"the peak{group.of}, {rate(highest)}, is first reached at {group.moment(first)}, not {group.moment(wanted)} "
        f"(where the learning rate is {rate(float(group.rates[wanted]))})",
        hint,
    )


def _direction(case: _Case, group: _Group) -> _Failure | str:
    import numpy as np

    expected = case.expected
    assert isinstance(expected, Direction)
    start = expected.start.tick if expected.start else 0
    stop = expected.stop.tick if expected.stop else len(group.rates) - 1
    rates = group.rates_to_end()[start : stop + 1]
    bad = np.flatnonzero(~np.isfinite(rates))
    if len(bad):
        return _not_finite(group, start + int(bad[0]))
    broken = _breaks(rates, expected.key)
    span = f"from {group.moment(start)} to {group.moment(stop)}"
    if not len(broken):
        return f"the learning rate{group.of} {_HELD[expected.key]} {span}"
    first = int(broken[0])
    before, after = float(rates[first - 1]), float(rates[first])
    moved = "rises" if after > before else "falls"
    return _Failure(
        f"the learning rate{group.of} {moved} from {rate(before, after)} to {rate(after, before)} at "
        f"{group.moment(start + first)}; "
        f"{_WANTED[expected.key]} {span}",
        _direction_hint(expected.key, rates, broken, start, group),
    )


_HELD = {"increasing": "never falls", "decreasing": "never rises", "constant": "does not change"}
_WANTED = {
    "increasing": "it is not to fall",
    "decreasing": "it is not to rise",
    "constant": "it is not to change",
}


def _breaks(rates: NDArray[np.float64], key: str) -> NDArray[np.int64]:
    """The places in `rates` that break a direction: each is lower (higher, other) than something before it."""
    import numpy as np

    rounding = ROUNDING * np.abs(rates)
    falls = rates < np.maximum.accumulate(rates) - rounding
    rises = rates > np.minimum.accumulate(rates) + rounding
    return np.flatnonzero(falls if key == "increasing" else rises if key == "decreasing" else falls | rises)


def _direction_hint(key: str, rates: NDArray[np.float64], broken: NDArray[np.int64], start: int, group: _Group) -> str:
    first, last = int(broken[0]), len(rates) - 1
    if first == last and first > 1:
        return f"only the last call breaks it: off by one? it holds up to {group.place(start + first - 1)}"
    if first == 1 and last > 1 and not len(_breaks(rates[1:], key)):
        return f"only the first call breaks it: off by one? it holds from {group.place(start + 1)} on"
    others = [other for other in ("constant", "increasing", "decreasing") if other != key]
    holding = next((other for other in others if not len(_breaks(rates, other))), None)
    if holding is not None:
        return f"it is {holding} all the way: is `{holding}` meant?"
    return f"it holds up to {group.place(start + first - 1)}" if first > 1 else ""


def _max_jump(case: _Case, group: _Group) -> _Failure | str:
    import numpy as np

    expected = case.expected
    assert isinstance(expected, MaxJump)
    bad = group.first_not_finite()
    if bad is not None:
        return _not_finite(group, bad)
    before, after = group.rates[:-1], group.rates[1:]
    if not len(after):
        return f"the learning rate{group.of} has one value"
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factors = np.maximum(after / before, before / after)
    factors[(before <= 0) | (after <= 0)] = np.inf
    factors[before == after] = 1.0
    largest = int(factors.argmax())
    if factors[largest] <= expected.factor * (1 + ROUNDING):
        return f"the largest jump{group.of} is by a factor of {rate(float(factors[largest]))}"
    over = np.flatnonzero(factors > expected.factor * (1 + ROUNDING))
    old, new = float(before[largest]), float(after[largest])
    change = f"from {rate(old, new)} to {rate(new, old)}"
    infinite = math.isinf(factors[largest])
    by = "" if infinite else f", by a factor of {rate(float(factors[largest]))}"
    paste = group.paste("max_jump", repr(float(factors[largest])))
    return _Failure(
        f"the learning rate{group.of} jumps {change} at {group.moment(largest + 1)}{by}, and "
        f"{several(len(over), 'call')} {'changes' if len(over) == 1 else 'change'} it by more than "
        f"{rate(expected.factor)}",
        "a change from or to 0 is infinite" if infinite else f"`{paste}` is what the curve has",
    )


_JUDGES: dict[type, Callable[[_Case, _Group], _Failure | str]] = {
    At: _at,
    Extreme: _extreme,
    Between: _between,
    Peak: _peak,
    Direction: _direction,
    MaxJump: _max_jump,
}
