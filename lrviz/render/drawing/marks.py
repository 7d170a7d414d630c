"""The marks of a drawing: phases, events, peak and last value of a single schedule, and its expectations.

With several schedules, only failing expectations are marked. The limits on how much is marked are here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from lrviz.alike import alike, peak_tick
from lrviz.curve import Curve
from lrviz.foreign import visible
from lrviz.render.curves import Column
from lrviz.render.drawing.clock import position
from lrviz.render.drawing.names import MOST_NAMED
from lrviz.render.drawing.panels import Panel
from lrviz.render.outline import drawable
from lrviz.render.shown import Expected, Shown
from lrviz.run import Clock
from lrviz.schedule.expect import Level, Point, Span
from lrviz.shape.phases import Course, course_of
from lrviz.shape.phases import Kind as EventKind
from lrviz.words import Notation

MOST_PHASES = 8
MOST_EVENTS = 40
"""If there are more phases or events than this, none of them is marked."""

MOST_PEAKS = 4
"""With more param groups than this, peaks are not marked."""


MarkKind: TypeAlias = Literal["peak", "last", "value", "place", "span", "level"]


class PhaseBand(NamedTuple):
    """A named phase of the run, on the clock of the drawing and in `ticks` (first and stop).

    `name` is what it does, by which it is shaded, and `words` what it is called.
    """

    name: str
    start: float
    stop: float
    ticks: tuple[int, int]
    words: str


class Event(NamedTuple):
    """A milestone, a restart, a new cycle or the reduction of a plateau, on the clock of the drawing."""

    kind: EventKind
    x: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the line of a column, or along the axis of time.

    `peak` is the first maximum of the line, `last` its last value (in words also the one after
    the last call). The other kinds belong to an expectation: the `value` that it states for a place, a `place` of the
    line itself, a `span` of the run, or a `level` across it. `x` is on the
    clock of the drawing; a `span` extends to `stop`. `value` is on the axis of learning rates; for `last` it is NaN if
    it cannot be drawn. `words` is the text of the mark: `peak 0.1`, `is 0.05, not 0.03`.

    `expectation` is the number of the marked expectation, which has a mark for each param group; one that is not
    `drawn` stands where another is, and is only told. `expects` is its text in the file, `reason` the message of the
    check if it fails, and `whose` the name of its schedule or param group if there are several.
    """

    kind: MarkKind
    column: int
    x: float
    value: float
    words: str
    holds: bool = True
    stop: float = 0.0
    expectation: int | None = None
    expects: str = ""
    reason: str = ""
    whose: str = ""
    drawn: bool = True


Marks: TypeAlias = tuple[Mark, ...]


def course_on(shown: Shown, columns: Sequence[Column], clock: Clock) -> tuple[list[PhaseBand], list[Event]]:
    """The phases and the events that all param groups of a curve share."""
    curve, course = shown.curve, _common_course(shown, [column.group for column in columns])
    phases = [
        PhaseBand(
            phase.name,
            position(curve, clock, phase.start),
            position(curve, clock, phase.stop),
            (phase.start, phase.stop),
            visible(course.called.get(phase.start, phase.name)),
        )
        for phase in course.phases
    ]
    return phases, [Event(event.kind, position(curve, clock, event.tick)) for event in course.events]


def _common_course(shown: Shown, groups: Sequence[int]) -> Course:
    """The course that some param groups of a curve share; an empty one if their phases differ."""
    first = course_of(shown.curve, shown.schedule, groups[0])
    for group in groups[1:]:
        if course_of(shown.curve, shown.schedule, group).phases != first.phases:
            return Course((), ())
    return first


def marks_of(
    shown: Sequence[Shown], columns: Sequence[Column], rates: Panel, clock: Clock, write: Notation, *, expects: bool
) -> Marks:
    """All marks on a panel of learning rates: ends first, then, if they are shown, expectations as in the file."""
    ends = _ends(columns, rates, clock, write) if len(shown) == 1 else ()
    expected = list(_expectations(shown, columns, rates, clock, write)) if expects else []
    return (*ends, *_once(expected, columns))


def _ends(columns: Sequence[Column], rates: Panel, clock: Clock, write: Notation) -> Iterator[Mark]:
    """The peaks, unless there are too many lines, and the last value of a single line."""
    for index in rates.columns if len(columns) <= MOST_PEAKS else ():
        column, scale = columns[index], rates.scales[index]
        values = drawable(column)
        if np.isfinite(values).all() and not alike(float(values.min()), float(values.max())):
            peak, value = peak_tick(values), float(values.max())
            yield Mark("peak", index, position(column.curve, clock, peak), value / scale, f"peak {write(value)}")
    if len(columns) == 1:
        (column,) = columns
        last, end = (write(column.curve.lr_at(column.group, len(column.curve) - back)) for back in (1, 0))
        words = f"last {last}" if last == end else f"last {last}, end {end}"
        stop = position(column.curve, clock, len(column.curve))
        yield Mark("last", 0, stop, float(rates.values[0][-1]), words)


def _expectations(
    shown: Sequence[Shown], columns: Sequence[Column], rates: Panel, clock: Clock, write: Notation
) -> Iterator[Mark]:
    """All expectations of a single schedule, or the failing ones of several."""
    marked = [(each, expected) for each in shown for expected in each.expected if len(shown) == 1 or not expected.holds]
    for number, (each, expected) in enumerate(marked):
        curve = each.curve
        for index, column in enumerate(columns):
            if column.curve is not curve:
                continue
            group = curve.groups[column.group] if curve.groups_differ else ""
            for kind, tick, stop, lr, words in _places(expected, curve, column.group, write):
                yield Mark(
                    kind,
                    index,
                    position(curve, clock, tick),
                    lr / rates.scales[index],
                    words,
                    expected.holds,
                    position(curve, clock, stop),
                    number,
                    expected.words(curve.groups, write.in_sentence),
                    "".join(each.reasons(expected)[:1]),
                    curve.name if len(shown) > 1 else group,
                )


def _once(marks: Sequence[Mark], columns: Sequence[Column]) -> Iterator[Mark]:
    """The marks of expectations with one at a place drawn, not one for each param group: that of the highest line.

    Where the groups are few enough to have names, a range is marked on the line of each, and expectations of several
    groups have a ring each where their values differ.
    """
    groups = Counter(id(column.curve) for column in columns)
    peaks = [float(np.nanmax(drawable(column), initial=0.0)) if marks else 0.0 for column in columns]
    taken: set[tuple[object, ...]] = set()
    drawn: set[int] = set()
    for index in sorted(range(len(marks)), key=lambda index: (-marks[index].value, -peaks[marks[index].column])):
        mark = marks[index]
        curve = id(columns[mark.column].curve)
        few, span = groups[curve] <= MOST_NAMED, mark.kind == "span"
        place = (mark.value,) if mark.kind == "level" else (span, mark.x, mark.stop)
        keys: list[tuple[object, ...]] = [("of", mark.expectation, "" if mark.holds else mark.words, *place)]
        if mark.holds and groups[curve] > 1:
            keys.append((curve, *place, mark.value if few else None))
        if (span and few) or not taken.intersection(keys):
            drawn.add(index)
            taken.update(keys)
    return (mark if index in drawn else replace(mark, drawn=False) for index, mark in enumerate(marks))


def _places(
    expected: Expected, curve: Curve, group: int, write: Notation
) -> Iterator[tuple[MarkKind, float, float, float, str]]:
    """The marks of an expectation: kind, first and last tick, learning rate, and words if it fails. A place where the
    learning rate is NaN has no mark."""
    for mark in expected.marks(curve, group):
        match mark:
            case Point(tick=tick, lr=lr, words=words, found=found) if not math.isnan(lr):
                words = words if found is None else f"{words} {write.apart(found, lr)}"
                yield "value" if expected.states_value else "place", tick, tick, lr, words
            case Span(start=start, stop=stop, words=words):
                yield "span", start, stop, 0.0, words
            case Level(lr=lr):
                yield "level", 0, len(curve), lr, ""
