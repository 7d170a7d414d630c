"""Expectations that no curve can meet together. They are compared by what they state, not by key."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from lrviz.errors import Position, Problem
from lrviz.place import Place
from lrviz.schedule.expect.base import Expectation, Limits, Range, Stated

HINT = "only one of them can hold"

TOLERANCES_APART = 2
"""Values contradict each other if they are more than this many tolerances apart: one tolerance for each of the two."""


def contradictions(expected: Sequence[Expectation], tolerance: float) -> Iterator[Problem]:
    """A problem for each expectation that contradicts others: only the first, at the later of the two in the file.

    If one place is given two values, nothing else is compared, since it is unclear which of them counts.
    """
    doubled = list(_same_places(expected, tolerance))
    if doubled:
        yield from doubled
        return
    said = set()
    rules: list[Expectation | _AtPeak] = [
        each for each in expected if _place(each) is None and (each.limits or each.peak or each.lasting)
    ]
    for rule in [*rules, *_at_peaks(expected)]:
        for each in expected:
            both = (min(rule.where, each.where), max(rule.where, each.where))
            if both in said or not _share(rule, each):
                continue
            why = _why(rule, each, tolerance)
            if why:
                said.add(both)
                yield Problem(both[1], f"{why} (line {both[0].line})", HINT)
                break
    yield from _turns(expected, tolerance)


def _place(each: Expectation) -> Place | None:
    """The place whose value an expectation states; None for an expectation of another kind."""
    return each.stated.place if each.stated is not None else None


def _share(one: Expectation | _AtPeak, other: Expectation) -> bool:
    """True if both are about the same param group, or one is about all groups."""
    return None in (one.group, other.group) or one.group == other.group


# --- one place, two values -------------------------------------------------------------------------------------


def _same_places(expected: Sequence[Expectation], tolerance: float) -> Iterator[Problem]:
    """Two values that differ for one place, such as `5 epochs` and `490 steps`."""
    known: dict[tuple[Fraction, bool], list[Expectation]] = {}
    for each in expected:
        stated = each.stated
        if stated is None or stated.place is None:
            continue
        before = known.setdefault((stated.place.moment, stated.place.end), [])
        for other in before:
            first = other.stated
            assert first is not None
            assert first.place is not None
            if _share(each, other) and _apart(stated.value, first.value, tolerance):
                earlier = f"{first.words} (line {first.place.where.line})"
                message = f"`{each.key}` says {earlier} and {stated.words}, which is the same place"
                yield Problem(stated.place.where, message, HINT)
                break
        before.append(each)


# --- two expectations ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _AtPeak:
    """The value stated for the place of the peak, which no other value may exceed."""

    where: Position
    group: int | None
    value: float
    place: Place


def _at_peaks(expected: Sequence[Expectation]) -> Iterator[_AtPeak]:
    for peak in (each for each in expected if each.peak is not None):
        for each in expected:
            stated, place = each.stated, peak.peak
            assert place is not None
            at_peak = stated and stated.place and not stated.place.end and stated.place.tick == place.tick
            if stated and stated.place and at_peak and _share(peak, each):
                yield _AtPeak(each.where, each.group if peak.group is None else peak.group, stated.value, place)


def _why(rule: Expectation | _AtPeak, other: Expectation, tolerance: float) -> str | None:
    """Why `other` cannot hold together with `rule`, or None."""
    stated = other.stated
    if stated is not None and stated.place is not None and stated.place.end:
        return None  # no step uses the value after the last call
    if isinstance(rule, _AtPeak):
        return _above_peak(rule, stated, tolerance) if stated is not None else None
    if rule.limits is not None and stated is not None and _leaves(stated, rule.limits, tolerance):
        return f"{stated.words} {rule.limits.words}"
    if rule.peak is not None and other.peak is not None and rule.peak.tick != other.peak.tick:
        return f"the peak is at {rule.peak.text}, and at {other.peak.text}"
    if rule.peak is not None and other.range is not None and _rises_to(rule.peak, other.range):
        return f"the peak is at {rule.peak.text}, where `{other.key}` allows no rise"
    if rule.lasting is not None and other.lasting is not None and _differ(rule.lasting, other.lasting):
        return f"no run has both `{rule}` and `{other}`"
    return None


def _differ(one: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction]) -> bool:
    """True if no run is as long as both say."""
    return max(one[0], other[0]) > min(one[1], other[1])


def _above_peak(peak: _AtPeak, stated: Stated, tolerance: float) -> str | None:
    if (stated.place is not None or stated.extreme == "mean") and _above(stated.value, peak.value, tolerance):
        return f"{stated.words} is above the peak, {peak.value} at {peak.place.text}"
    if stated.extreme == "max" and _apart(peak.value, stated.value, tolerance):
        return f"max is {stated.value}, and the peak {peak.value} at {peak.place.text}"
    return None


def _leaves(stated: Stated, limits: Limits, tolerance: float) -> bool:
    if (stated.extreme, limits.extreme) in (("max", "max"), ("max", "min"), ("min", "min")):
        return False  # min above max is reported once, for min
    return _above(stated.value, limits.high, tolerance) or _above(limits.low, stated.value, tolerance)


def _rises_to(peak: Place, range_: Range) -> bool:
    """True if the range contains the call that first reaches the peak, but allows no rise."""
    start = range_.start.tick if range_.start else 0
    return not range_.may_rise and start < peak.tick and (range_.stop is None or peak.tick <= range_.stop.tick)


# --- values within a range -------------------------------------------------------------------------------------


def _turns(expected: Sequence[Expectation], tolerance: float) -> Iterator[Problem]:
    """Two values stated within a range that move in a direction it does not allow."""
    lines: dict[int | None, list[tuple[Expectation, Stated, Place]]] = {}
    for each in expected:
        if each.stated is not None and each.stated.place is not None:
            lines.setdefault(each.group, []).append((each, each.stated, each.stated.place))
    turns = {group: _Turns.of(stated, tolerance) for group, stated in lines.items()}
    for each in expected:
        for group, known in turns.items() if each.range is not None else ():
            first = known.first_in(each.range) if None in (each.group, group) or each.group == group else None
            if first is not None:
                (_, one, _), (later, other, _) = known.stated[first], known.stated[first + 1]
                message = f"{each.key}: `{later.key}` says {one.words} and {other.words}"
                yield Problem(each.where, f"{message} (line {later.where.line})", HINT)


class _Turns(NamedTuple):
    """The values stated for places, in the order of the run, and the indices of those that the next is below or above.

    `inside` are those that are not at the end, which only a range that ends in `end` contains.
    """

    stated: list[tuple[Expectation, Stated, Place]]
    ticks: list[int]
    inside: int
    falls: list[int]
    rises: list[int]

    @classmethod
    def of(cls, stated: list[tuple[Expectation, Stated, Place]], tolerance: float) -> _Turns:
        stated = sorted(stated, key=lambda each: each[2].moment)
        values = [each.value for _, each, _ in stated]
        falls = [index for index, (one, other) in enumerate(pairwise(values)) if _above(one, other, tolerance)]
        rises = [index for index, (one, other) in enumerate(pairwise(values)) if _above(other, one, tolerance)]
        inside = sum(not place.end for _, _, place in stated)
        return cls(stated, [place.tick for _, _, place in stated], inside, falls, rises)

    def first_in(self, range_: Range | None) -> int | None:
        """The index of the first value in a range from which the next moves in a direction that it does not allow."""
        assert range_ is not None
        begin = bisect_left(self.ticks, range_.start.tick) if range_.start else 0
        end = bisect_right(self.ticks, range_.stop.tick) if range_.stop else self.inside
        end = end if range_.stop and range_.stop.end else min(end, self.inside)
        refused = ([] if range_.may_fall else [self.falls]) + ([] if range_.may_rise else [self.rises])
        first = (turns[at] for turns in refused if (at := bisect_left(turns, begin)) < len(turns))
        return min((index for index in first if index + 1 < end), default=None)


# --- values ----------------------------------------------------------------------------------------------------


def _above(value: float, limit: float, tolerance: float) -> bool:
    return value - limit > TOLERANCES_APART * tolerance * max(abs(value), abs(limit))


def _apart(one: float, other: float, tolerance: float) -> bool:
    return _above(max(one, other), min(one, other), tolerance)
