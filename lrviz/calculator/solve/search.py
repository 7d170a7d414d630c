"""Answers `lrviz solve`: which values of an argument take the learning rate to a target?

The schedule is run with one value after another. Of whole numbers, all in the range are tried. Real numbers are tried
on a grid, spaced evenly and once more by size. Wherever the target lies between the results of two neighbours,
bisection goes on until there is no double between them. So a solution is exact to the last bit, and a jump over the
target is never taken for one. Two crossings of the target between two neighbours of the grid are missed.
"""

from __future__ import annotations

import math
import operator
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from lrviz.alike import EXPECTED, RESIDUE, ROUNDING
from lrviz.calculator.at import places_of
from lrviz.calculator.solve.target import MEASURES, Target
from lrviz.calculator.solve.variable import Number, Variable
from lrviz.engine.simulate import Progress, simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.suggest import valid_names
from lrviz.words import show

if TYPE_CHECKING:
    from lrviz.engine.backend import Engine

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

MIN_RANGE_OF_VALUES = 1e-9
"""A range of solutions that is at most this fraction of the searched range is reported as one value."""

GRID_POINTS, LONG_RUN_POINTS = 64, 16
"""The parts into which the grid divides a range, evenly and once more by size; fewer for long runs."""

LONG_RUN_CALLS = 10_000
"""A run with at least this many calls is long."""

MIN_GRID_SIZE = 1e-12
"""The grid by size goes down to this fraction of the largest number."""

MIN_TRIED = 1e-300
"""Smaller values other than 0 are not tried: quotients in torch's own code overflow there."""

MAX_TRIED_VALUES, MAX_TRIED_CALLS = 100_000, 50_000_000
"""The most whole numbers that are tried, and the most calls of schedulers in all of their runs."""


class Solution(NamedTuple):
    """Values that meet the target: all from `low` to `high`; a single value if these are equal.

    `at_low` and `at_high` are the results of the measure there.
    """

    low: Number
    high: Number
    at_low: float
    at_high: float


class Jump(NamedTuple):
    """Two neighbouring values, and the results of the measure there: the target lies between these and is not met."""

    low: Number
    high: Number
    at_low: float
    at_high: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    - `low`, `high`: the range that was searched.
    - `solutions`, `jumps`: in ascending order.
    - `at_low`, `at_high`: the results of the measure at the ends of the range; None if the schedule is refused there.
    - `nearest`: the tried value whose result is closest to the target, and the result.
    - `refusal`: why the first refused value is refused; empty if none is.
    - `tried`: the number of values that were tried.
    """

    variable: Variable
    target: Target
    low: Number
    high: Number
    solutions: tuple[Solution, ...]
    jumps: tuple[Jump, ...]
    at_low: float | None
    at_high: float | None
    nearest: tuple[Number, float] | None
    refusal: str
    tried: int


# --- the search ----------------------------------------------------------------------------------------------


def solve(
    variable: Variable,
    target: Target,
    low: Number,
    high: Number,
    group: str | None = None,
    engine: Engine = "auto",
    progress: Progress | None = None,
) -> SearchResult:
    """Every value from `low` to `high` at which a schedule meets a target.

    `group` is the name of the param group that must meet it, by default the first. `progress` is called with the number
    of values tried and an estimate of how many there will be. Raises `ScheduleError` if the range has too many whole
    numbers to try them all.
    """
    search = _Search(variable, target, group, engine, progress)
    if variable.whole:
        search.check_size(int(low), int(high))
        found = list(search.whole(int(low), int(high)))
    else:
        found = list(search.real(float(low), float(high)))
    found.sort(key=lambda each: each.low)
    solutions = [each for each in found if isinstance(each, Solution) and search.runs_through(each)]
    seen = {value: reached for value, reached in search.seen.items() if reached is not None}
    nearest = min(seen, key=lambda value: abs(seen[value] - target.value), default=None)
    return SearchResult(
        variable=variable,
        target=target,
        low=low,
        high=high,
        solutions=tuple(solutions),
        jumps=tuple(each for each in found if isinstance(each, Jump)),
        at_low=search.reached(low),
        at_high=search.reached(high),
        nearest=None if nearest is None else (nearest, seen[nearest]),
        refusal=search.refusal,
        tried=len(search.seen),
    )


@dataclass(slots=True)
class _Search:
    """Runs the schedule once for each value, and finds where the measure meets the target."""

    variable: Variable
    target: Target
    group: str | None
    engine: Engine
    progress: Progress | None
    seen: dict[Number, float | None] = field(default_factory=dict)
    refusal: str = ""
    largest: float = 0.0
    expected: int = 0

    def reached(self, value: Number) -> float | None:
        """The result of the measure with a value; None if the schedule is refused, or the result is NaN."""
        if 0 < abs(value) < MIN_TRIED:
            return None
        if value not in self.seen:
            try:
                reached = self.measured(self.variable.schedule(value))
            except ScheduleError as error:
                self.refusal = self.refusal or error.problems[0].message
                reached = math.nan
            self.seen[value] = None if math.isnan(reached) else reached
            if math.isfinite(reached):
                self.largest = max(self.largest, abs(reached))
            if self.progress:
                self.progress(len(self.seen), max(self.expected, len(self.seen) + 1))
        return self.seen[value]

    def measured(self, schedule: Schedule) -> float:
        group = self.index(schedule)
        if self.target.measure not in MEASURES:
            (place,) = places_of(schedule, [self.target.measure])
            return simulate(schedule, self.engine, calls=place.tick).end_lr[group]
        curve = simulate(schedule, self.engine)
        if self.target.measure == "max":
            return float(curve.peak[group])
        if self.target.measure == "min":
            return float(curve.lr[:, group].min())
        area = float(curve.area[group])
        return area if self.target.measure == "area" else area / curve.run.time(curve.run.duration)

    def index(self, schedule: Schedule) -> int:
        names = [group.name for group in schedule.optimizer.groups]
        if self.group is not None and self.group not in names:
            raise ScheduleError.at(schedule.where, f"there is no param group {show(self.group)}", valid_names(names))
        return 0 if self.group is None else names.index(self.group)

    def runs_through(self, solution: Solution) -> bool:
        """True if torch also runs the rest of the schedule, after the place of the target."""
        for value in {solution.low, solution.high}:
            try:
                simulate(self.variable.schedule(value), self.engine)
            except ScheduleError as error:
                self.refusal = self.refusal or error.problems[0].message
                return False
        return True

    # --- what meets the target

    def above(self, value: Number) -> bool:
        reached = self.reached(value)
        return reached is not None and reached > self.target.value

    def error(self, value: Number) -> float:
        """The distance of the result from the target; infinite if the schedule is refused."""
        reached = self.reached(value)
        return math.inf if reached is None else abs(reached - self.target.value)

    def holds(self, value: Number) -> bool:
        """True if an inequality holds."""
        reached = self.reached(value)
        return reached is not None and OPERATORS[self.target.operator](reached, self.target.value)

    def meets(self, value: Number) -> bool:
        """True if an equation holds to within the tolerance of `expect`."""
        return self.error(value) <= max(EXPECTED * abs(self.target.value), self.slack(RESIDUE))

    def is_there(self, value: Number) -> bool:
        """True if an equation holds but for rounding."""
        return self.error(value) <= max(ROUNDING * abs(self.target.value), self.slack(ROUNDING))

    def slack(self, fraction: float) -> float:
        """The absolute tolerance of a target of 0: a fraction of the largest result so far. 0 for other targets."""
        return 0.0 if self.target.value else fraction * self.largest

    def solution(self, low: Number, high: Number) -> Solution:
        at_low, at_high = self.reached(low), self.reached(high)
        assert at_low is not None
        assert at_high is not None
        return Solution(low, high, at_low, at_high)

    def jump(self, low: Number, high: Number) -> Iterator[Jump]:
        at_low, at_high = self.reached(low), self.reached(high)
        if at_low is not None and at_high is not None:
            yield Jump(low, high, at_low, at_high)

    # --- whole numbers

    def check_size(self, low: int, high: int) -> None:
        count = high - low + 1
        calls = max(self.variable.calls, *map(self.calls, (low, high)))
        most = max(2, min(MAX_TRIED_VALUES, MAX_TRIED_CALLS // max(1, calls)))
        if count > most:
            raise ScheduleError.at(
                self.variable.where,
                f"there are too many values from {low:,} to {high:,} to try each in a run of {calls:,} calls",
                f"--between LOW HIGH, with at most {most:,} values; or write the length in another unit",
            )
        self.expected = count

    def calls(self, value: int) -> int:
        """The calls of the run with a value; 0 if the value is not allowed."""
        try:
            return self.variable.schedule(value).run.calls
        except ScheduleError:
            return 0

    def whole(self, low: int, high: int) -> Iterator[Solution | Jump]:
        numbers = range(low, high + 1)
        for number in numbers:
            self.reached(number)
        test = self.meets if self.target.operator == "=" else self.holds
        for first, last in _runs(numbers, test):
            yield self.solution(numbers[first], numbers[last])
        if self.target.operator == "=":
            for one, other in pairwise(numbers):
                if not self.meets(one) and not self.meets(other) and self.above(one) != self.above(other):
                    yield from self.jump(one, other)

    # --- real numbers

    def real(self, low: float, high: float) -> Iterator[Solution | Jump]:
        points = _grid(low, high, GRID_POINTS if self.variable.calls < LONG_RUN_CALLS else LONG_RUN_POINTS)
        self.expected = len(points) + 64
        for stretch in self.stretches(points):
            if self.target.operator == "=":
                yield from self.equal(stretch)
                continue
            for first, last in _runs(stretch, self.holds):
                yield self.solution(*self.edges(stretch, first, last, self.holds))

    def stretches(self, points: Sequence[float]) -> Iterator[list[float]]:
        """The sequences of points that are not refused, each extended to the last double on both sides."""
        for first, last in _runs(points, self.is_accepted):
            low, high = self.edges(points, first, last, self.is_accepted)
            yield sorted({low, *points[first : last + 1], high})

    def is_accepted(self, value: Number) -> bool:
        return self.reached(value) is not None

    def edges(
        self, points: Sequence[float], first: int, last: int, test: Callable[[float], bool]
    ) -> tuple[float, float]:
        """The first and the last double that pass a test.

        The points from index `first` to `last` pass it; their neighbours do not.
        """
        low, high = points[first], points[last]
        if first > 0:
            low = _first(points[first - 1], low, test)
        if last + 1 < len(points):
            high = _before(_first(high, points[last + 1], lambda value: not test(value)))
        return low, high

    def equal(self, points: list[float]) -> Iterator[Solution | Jump]:
        """Where the measure equals the target, between points that are not refused: crossings and level stretches."""
        taken: set[int] = set()
        for first, last in _runs(points, self.is_there):
            taken.update(range(first - 1, last + 1))
            point, before, after = points[first], points[max(0, first - 1)], points[min(len(points) - 1, last + 1)]
            if first < last or self.is_level(point, before, after):
                low, high = self.edges(points, first, last, self.is_there)
                if high - low <= MIN_RANGE_OF_VALUES * (points[-1] - points[0]):
                    low = high = min(points[first : last + 1], key=lambda each: len(repr(each)))
                yield self.solution(low, high)
            elif point and before < point < after and self.above(before) != self.above(after):
                yield from self.crossing(before, after)
            else:
                yield self.solution(point, point)
        for index, (one, other) in enumerate(pairwise(points)):
            if index not in taken and self.above(one) != self.above(other):
                yield from self.crossing(one, other)

    def crossing(self, low: float, high: float) -> Iterator[Solution | Jump]:
        """The solution or jump between two values, of which one is above the target and the other is not."""
        above = self.above(high)
        after = _first(low, high, lambda value: self.above(value) == above or self.error(value) == 0)
        before = _before(after)
        best = self.plainest(min(after, before, key=self.error))
        if not self.meets(best):
            yield from self.jump(before, after)
        elif self.is_there(best) and self.is_level(best, low, high):
            yield self.solution(*self.edges([low, best, high], 1, 1, self.is_there))
        else:
            yield self.solution(best, best)

    def is_level(self, value: float, low: float, high: float) -> bool:
        """True if the measure stays at the target next to a value, towards `low` or towards `high`."""
        beside = {value + (low - value) * 1e-6, value + (high - value) * 1e-6} - {value}
        return any(map(self.is_there, beside))

    def plainest(self, value: float) -> float:
        """The shortest number that equals a value but for rounding and is as close to the target.

        It is 0.5 for 0.49999999999999994.
        """
        for digits in range(1, 17):
            shorter = float(f"{value:.{digits}g}")
            if abs(shorter - value) <= ROUNDING * abs(value) and self.error(shorter) <= self.error(value):
                return shorter
        return value


def _runs(points: Sequence[Number], test: Callable[[Number], bool]) -> Iterator[tuple[int, int]]:
    """The first and the last index of each sequence of points that pass a test."""
    begin = None
    for index, point in enumerate(points):
        passes = test(point)
        if passes and begin is None:
            begin = index
        if not passes and begin is not None:
            yield begin, index - 1
            begin = None
    if begin is not None:
        yield begin, len(points) - 1


def _grid(low: float, high: float, count: int) -> list[float]:
    """Numbers from `low` to `high`, spaced evenly, and spaced by size on both sides of 0."""
    even = [low + (high - low) * part / count for part in range(count + 1)]
    largest = max(abs(low), abs(high))
    sizes = [largest * MIN_GRID_SIZE ** (part / count) for part in range(count + 1)]
    numbers = {low, high, 0.0, *even, *sizes, *(-size for size in sizes)}
    return sorted(number for number in numbers if low <= number <= high)


# --- doubles in their order ----------------------------------------------------------------------------------


def _first(low: float, high: float, test: Callable[[float], bool]) -> float:
    """The first double above `low` that passes a test, by bisection. `high` passes it; 0 is not between them."""
    numbers = range(_rank(low) + 1, _rank(high))
    return _double(numbers.start + bisect_left(numbers, True, key=lambda rank: test(_double(rank))))


def _before(value: float) -> float:
    return math.nextafter(value, -math.inf)


def _rank(value: float) -> int:
    """The rank of a double among all doubles: 0 for 0, 1 for the smallest above 0, -1 for the largest below."""
    (rank,) = struct.unpack("<q", struct.pack("<d", abs(value)))
    return int(math.copysign(1, value)) * int(rank)


def _double(rank: int) -> float:
    (size,) = struct.unpack("<d", struct.pack("<q", abs(rank)))
    return math.copysign(size, rank)
