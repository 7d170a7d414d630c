"""The part of each run that a drawing shows: `--window "0..10 epochs"`, located in every run on its own.

Whatever a drawing is made of is cut here: lines, marks, phases, events, and the records of runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, NoReturn

import numpy as np

from lrviz.curve import Curve
from lrviz.duration import Duration
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.number import real
from lrviz.place import Place, PlaceError, Time, outside, parse_place, place_of
from lrviz.render.curves import Column
from lrviz.render.drawing.clock import Extent, position, shared_clock
from lrviz.render.drawing.logged import Points
from lrviz.render.drawing.marks import MOST_EVENTS, MOST_PHASES, Event, Mark, Marks, PhaseBand, course_on
from lrviz.render.drawing.panels import Panel
from lrviz.render.shown import Shown
from lrviz.run import Clock
from lrviz.words import show

FORMS = 'such as "0..10 epochs", "5 epochs..end" or "50%..last"'

_BARE = re.compile(r"[0-9.][0-9._eE+*/ -]*[KkMBT]?")
"""A number without a unit."""

WHERE = Position("lrviz")


class Window(NamedTuple):
    """The two places of a window, read but not yet located in a run, and how each is written."""

    start: Time
    stop: Time
    texts: tuple[str, str]


class Part(NamedTuple):
    """The part of a run that is drawn, in ticks from its start; both may lie between two ticks."""

    start: float
    stop: float

    @property
    def ticks(self) -> range:
        """The ticks whose values it shows, also in part."""
        return range(math.floor(self.start), math.ceil(self.stop))


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of all runs of a drawing, by the identity of their curves; a curve without one is drawn whole."""

    of: Mapping[int, Part] = field(default_factory=dict)

    def part(self, curve: Curve) -> Part:
        """The part of this run that is shown; all of it without a window."""
        return self.of.get(id(curve)) or Part(0, curve.run.duration)

    def ticks(self, curve: Curve) -> range:
        """The ticks of a curve that are drawn."""
        return self.part(curve).ticks if self.of else range(len(curve))

    def extent_of(self, curve: Curve, clock: Clock) -> Extent:
        """The part of a curve on a clock."""
        start, stop = self.part(curve)
        return Extent(position(curve, clock, start), position(curve, clock, stop))

    def extent(self, curves: Sequence[Curve], clock: Clock) -> Extent:
        """The axis of time: from where the first part begins to where the last one ends."""
        extents = [self.extent_of(curve, clock) for curve in curves]
        return Extent(min(each.start for each in extents), max(each.stop for each in extents))

    def cut(self, panel: Panel, columns: Sequence[Column]) -> Panel:
        """A panel with NaN for values outside of the part."""
        if not self.of:
            return panel
        values = []
        for index, whole in zip(panel.columns, panel.values, strict=True):
            ticks, own = self.ticks(columns[index].curve), np.full(len(whole), np.nan)
            own[ticks.start : ticks.stop] = whole[ticks.start : ticks.stop]
            values.append(own)
        return replace(panel, values=tuple(values))

    def clock(self, curves: Sequence[Curve], *, multiples: bool) -> Clock:
        """The clock that suits the parts of some curves."""
        return shared_clock(curves, multiples=multiples, parts=self.extent_of if self.of else None)

    def course(
        self, shown: Shown, columns: Sequence[Column], clock: Clock
    ) -> tuple[tuple[PhaseBand, ...], tuple[Event, ...]]:
        """The phases and events of a curve in its part, empty if they are too many; a phase at its edge ends there."""
        phases, events = course_on(shown, columns, clock)
        if self.of:
            start, stop = extent = self.extent_of(shown.curve, clock)
            cut = [phase._replace(start=max(start, phase.start), stop=min(stop, phase.stop)) for phase in phases]
            phases, events = (
                [each for each in cut if each.start < each.stop],
                [each for each in events if each.x in extent],
            )
        return tuple(phases if len(phases) <= MOST_PHASES else ()), tuple(events if len(events) <= MOST_EVENTS else ())

    def marks(self, marks: Marks, columns: Sequence[Column], clock: Clock) -> Marks:
        """The marks in the parts of their curves; a range at the edge ends there."""
        if not self.of:
            return marks
        extents = [self.extent_of(column.curve, clock) for column in columns]
        cut = (_cut(mark, extents[mark.column]) for mark in marks)
        return tuple(mark for mark in cut if mark is not None)

    def points(self, points: Points, columns: Sequence[Column], clock: Clock) -> Points:
        """The records of a run in the part of its curve."""
        if not self.of:
            return points
        start, stop = self.extent_of(columns[points.column].curve, clock)
        kept = np.flatnonzero((points.x >= start) & (points.x <= stop))
        first = np.flatnonzero(kept == points.first) if points.first is not None else kept[:0]
        return replace(
            points,
            x=points.x[kept],
            values=points.values[kept],
            away=points.away[kept],
            first=int(first[0]) if len(first) else None,
        )


WHOLE = Parts()
"""The whole of each run."""


def _cut(mark: Mark, extent: Extent) -> Mark | None:
    if mark.kind == "level":
        return mark
    if mark.kind != "span":
        return mark if mark.x in extent else None
    start, stop = max(mark.x, extent.start), min(mark.stop, extent.stop)
    return replace(mark, x=start, stop=stop) if start < stop else None


# --- from text ---------------------------------------------------------------------------------------------


def parse_window(text: str) -> Window:
    """The places of a window such as `0..10 epochs`; the unit after the second number counts for both.

    Raises `ScheduleError` if it is none.
    """
    first, dots, second = (part.strip() for part in text.partition(".."))
    if not (first and dots and second) or second.startswith(".") or ".." in second:
        raise ScheduleError.at(WHERE, f"--window takes two places with `..` between them (got {show(text)})", FORMS)
    try:
        stop = parse_place(second, _number, end=True)
        if isinstance(stop, Duration) and _BARE.fullmatch(first):
            first = f"{first}%" if stop.unit == "%" else f"{first} {stop.unit}"
        start = parse_place(first, _number, end=False)
    except PlaceError as error:
        raise ScheduleError.at(WHERE, f"--window {show(text)}: {error.message}", error.hint or FORMS) from None
    return Window(start, stop, (first, second))


def _number(text: object) -> float:
    try:
        number = real(str(text))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        _refuse(text)
    return int(number) if number == int(number) else number


def _refuse(text: object) -> NoReturn:
    raise PlaceError(f"expected a place in the run (got {show(text)})", FORMS)


def parts_of(curves: Sequence[Curve], text: str | None) -> Parts:
    """The part of each curve that a window shows; all of each without one.

    A window may end after a run, if not after all. Raises `ScheduleError` with each run in which it cannot be located,
    that it does not reach, or in which it is empty.
    """
    if text is None:
        return WHOLE
    window = parse_window(text)
    problems: list[Problem] = []
    parts: dict[int, Part] = {}
    beyond: list[PlaceError] = []
    for curve in curves:
        try:
            start, stop = _located(window, curve)
        except PlaceError as error:
            problems.append(_problem(text, curve, len(curves), error))
            continue
        if stop.moment > curve.run.ticks and (wrong := outside(stop, curve.run)):
            beyond.append(PlaceError(wrong.message, "write `end` to see the run up to its end"))
        end = curve.run.duration if window.stop == "last" else min(float(stop.moment), curve.run.duration)
        parts[id(curve)] = Part(float(start.moment), end)
    if not problems and len(beyond) == len(curves):
        problems = [_problem(text, curve, len(curves), wrong) for curve, wrong in zip(curves, beyond, strict=True)]
    if problems:
        raise ScheduleError(problems)
    return Parts(parts)


def _located(window: Window, curve: Curve) -> tuple[Place, Place]:
    """The places of a window in a run. Raises `PlaceError` if its start is not in the run, or not before its stop."""
    start, stop = (
        place_of(time, text, curve.run, WHERE)
        for time, text in zip((window.start, window.stop), window.texts, strict=True)
    )
    if wrong := outside(start, curve.run):
        raise PlaceError(wrong.message, f"begin the window within the run, {FORMS}")
    if start.moment > stop.moment:
        raise PlaceError(f"{start.text} is after {stop.text}", f'write "{stop.text}..{start.text}"')
    if start.moment == stop.moment and window.stop != "last":
        raise PlaceError(f"nothing is between {start.text} and {stop.text}", FORMS)
    return start, stop


def _problem(text: str, curve: Curve, count: int, error: PlaceError) -> Problem:
    whose = f" of {curve.name!r}" if count > 1 else ""
    return Problem(WHERE, f"--window {show(text)}{whose}: {error.message}", error.hint)
