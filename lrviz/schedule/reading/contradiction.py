"""Expectations that cannot hold together, whatever the curve is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lrviz.errors import Position, Problem
from lrviz.place import Place
from lrviz.schedule.expectation import At, Between, Direction, Expectation, Extreme, Peak

HINT = "only one of them can hold"

SLACK = 2
"""Two values contradict each other where they are more than so many tolerances apart: each may take up one."""


def contradictions(expected: Sequence[Expectation], tolerance: float) -> Iterator[Problem]:
    """A problem for each expectation that contradicts another: the first, at the later of the two in the file.

    Where `at` gives one place two values, nothing else is compared: which of them counts is not known.
    """
    doubled = list(_same_places(expected, tolerance))
    if doubled:
        yield from doubled
        return
    said = set()
    rules: list[Expectation | _AtPeak] = [each for each in expected if not isinstance(each, At)]
    for rule in [*rules, *_at_peaks(expected)]:
        for each in expected:
            both = (min(rule.where, each.where), max(rule.where, each.where))
            if both in said or (None not in (rule.group, each.group) and rule.group != each.group):
                continue
            why = _why(rule, each, tolerance)
            if why:
                said.add(both)
                yield Problem(both[1], f"{why} (line {both[0].line})", HINT)
                break
    yield from _directions(expected, tolerance)


def _same_places(expected: Iterable[Expectation], tolerance: float) -> Iterator[Problem]:
    """Two values of `at` that differ for one place, such as `5 epochs` and `490 steps`."""
    known: dict[tuple[Fraction, bool], list[At]] = {}
    for each in (each for each in expected if isinstance(each, At)):
        before = known.setdefault((each.place.moment, each.place.end), [])
        for other in before:
            shared = None in (each.group, other.group) or each.group == other.group
            if shared and _apart(each.value, other.value, tolerance):
                first = f"{other.value} at {other.place.text} (line {other.place.where.line})"
                message = f"`at` says {first} and {each.value} at {each.place.text}, which is the same place"
                yield Problem(each.place.where, message, HINT)
                break
        before.append(each)


@dataclass(frozen=True, slots=True)
class _AtPeak:
    """What `at` says of the place of the peak, which nothing is above."""

    where: Position
    group: int | None
    value: float
    place: Place


def _at_peaks(expected: Sequence[Expectation]) -> Iterator[_AtPeak]:
    for peak in (each for each in expected if isinstance(each, Peak)):
        for each in expected:
            if isinstance(each, At) and not each.place.end and each.place.tick == peak.place.tick:
                yield _AtPeak(each.where, each.group if peak.group is None else peak.group, each.value, peak.place)


def _above(value: float, limit: float, tolerance: float) -> bool:
    return value - limit > SLACK * tolerance * max(abs(value), abs(limit))


def _apart(one: float, other: float, tolerance: float) -> bool:
    return _above(max(one, other), min(one, other), tolerance)


def _why(first: Expectation | _AtPeak, second: Expectation, tolerance: float) -> str | None:
    """Why `second` cannot hold where `first` does, or None."""
    match first, second:
        case (_AtPeak(), At()) if not second.place.end and _above(second.value, first.value, tolerance):
            return f"{second.value} at {second.place.text} is above the peak, {first.value} at {first.place.text}"
        case (_AtPeak(), Extreme(key="max")) if _apart(first.value, second.value, tolerance):
            return f"max is {second.value}, and the peak {first.value} at {first.place.text}"
        case Extreme(key="max"), Extreme(key="min") if _above(second.value, first.value, tolerance):
            return f"min {second.value} is above max {first.value}"
        case (Extreme(key="max"), At()) if not second.place.end and _above(second.value, first.value, tolerance):
            return f"{second.value} at {second.place.text} is above max {first.value}"
        case (Extreme(key="min"), At()) if not second.place.end and _above(first.value, second.value, tolerance):
            return f"{second.value} at {second.place.text} is below min {first.value}"
        case (Between(), At()) if not second.place.end and _leaves(second.value, first, tolerance):
            return f"{second.value} at {second.place.text} is not between {first.low} and {first.high}"
        case (Between(), Extreme()) if _leaves(second.value, first, tolerance):
            return f"{second.key} {second.value} is not between {first.low} and {first.high}"
        case Peak(), Peak() if first.place.tick != second.place.tick:
            return f"the peak is at {first.place.text}, and at {second.place.text}"
        case (Peak(), Direction(key="decreasing" | "constant")) if _rises_to(first, second):
            return f"the peak is at {first.place.text}, where `{second.key}` says that nothing rises"
    return None


def _leaves(value: float, range_: Between, tolerance: float) -> bool:
    return _above(value, range_.high, tolerance) or _above(range_.low, value, tolerance)


def _rises_to(peak: Peak, direction: Direction) -> bool:
    """Whether the stretch holds the call that first reaches the peak."""
    tick = peak.place.tick
    start = direction.start.tick if direction.start else 0
    return start < tick and (direction.stop is None or tick <= direction.stop.tick)


def _reaches(direction: Direction, place: Place) -> bool:
    """Whether the range does not end before a place."""
    stop = direction.stop
    return not (place.end and (stop is None or not stop.end)) and (stop is None or place.tick <= stop.tick)


def _directions(expected: Iterable[Expectation], tolerance: float) -> Iterator[Problem]:
    """Two values of `at` within a stretch, which go the other way."""
    expected = list(expected)
    for direction in (each for each in expected if isinstance(each, Direction)):
        start = direction.start.tick if direction.start else 0
        for group in {each.group for each in expected if isinstance(each, At)}:
            inside = [
                each
                for each in expected
                if isinstance(each, At)
                and each.group == group
                and (direction.group is None or group is None or direction.group == group)
                and start <= each.place.tick
                and _reaches(direction, each.place)
            ]
            for one, other in pairwise(sorted(inside, key=lambda each: each.place.moment)):
                falls = _above(one.value, other.value, tolerance)
                rises = _above(other.value, one.value, tolerance)
                if (falls and direction.key != "decreasing") or (rises and direction.key != "increasing"):
                    yield Problem(
                        direction.where,
                        f"{direction.key}: `at` says {one.value} at {one.place.text} and {other.value} at "
                        f"{other.place.text} (line {other.where.line})",
                        HINT,
                    )
                    break
