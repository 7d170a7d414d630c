"""What one schedule tells of itself on a chart: phases, milestones and restarts, peak and last, what is expected.

Of several schedules only what does not hold is marked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrviz.render.choice import course_of_all, position
from lrviz.render.outline import LARGEST, drawable
from lrviz.render.page.findings import failures
from lrviz.render.page.hover import clean
from lrviz.render.page.html import seen
from lrviz.render.page.lines import Line
from lrviz.render.picture.expected import place_of
from lrviz.render.picture.marks import FEW_GROUPS, MOST_EVENTS, MOST_PHASES
from lrviz.render.rows import Column
from lrviz.render.shown import Expected, Shown
from lrviz.render.style import Palette
from lrviz.run import Clock
from lrviz.shape.phases import Course
from lrviz.words import short_clock, short_rate


@dataclass(slots=True)
class Marks:
    """Marks for plotly: `shapes` behind the lines and `traces` on them; and `notes`, which are said at places of the
    axis.

    `phases` and `events` are words at the top of the chart: what the page shows of them is a matter of its width.
    """

    shapes: list[dict[str, Any]] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[float, list[str]] = field(default_factory=dict)

    def note(self, place: float, words: str) -> None:
        self.notes.setdefault(clean(place), []).append(words)

    def heights(self) -> Iterator[float]:
        """How high the marks are, which an axis has to show."""
        for trace in self.traces:
            yield from (y for y in trace["y"] if y is not None)

    def kinds(self) -> set[str]:
        """What there is on the lines: `ends`, what `holds`, what `fails`."""
        return {trace["meta"] for trace in self.traces}

    @property
    def rows(self) -> int:
        """How many rows of words stand at the top of the chart."""
        return bool(self.phases) + bool(self.events)

    @property
    def last(self) -> bool:
        """Whether something is written right of the last learning rate."""
        return any("middle right" in trace.get("textposition", ()) for trace in self.traces)


def marks_of(
    shown: Sequence[Shown], columns: Sequence[Column], lines: Sequence[Line], scales: Sequence[float], clock: Clock,
    palette: Palette,
) -> Marks:  # fmt: skip
    """The marks of some schedules; `scales` is what the learning rates of each column are divided by."""
    marks = Marks()
    if len(shown) == 1:
        course = course_of_all(shown[0], [column.group for column in columns])
        _phases(marks, course, columns[0], clock, palette)
        _events(marks, course, columns[0], clock, palette)
        for index, column in enumerate(columns if len(columns) <= FEW_GROUPS else ()):
            _ends(marks, column, lines[index], index, scales[index], clock, palette, last=len(columns) == 1)
    for each in shown:
        for expected in each.expected:
            if len(shown) == 1 or not expected.holds:
                _expected(marks, each, expected, columns, scales, clock, palette)
    return marks


def _phases(marks: Marks, course: Course, column: Column, clock: Clock, palette: Palette) -> None:
    if len(course.phases) > MOST_PHASES:
        return
    for phase in course.phases:
        start, stop = (position(column.curve, clock, tick) for tick in (phase.start, phase.stop))
        color, opacity = palette.shade(phase.name)
        marks.shapes.append(
            {
                "type": "rect", "xref": "x", "yref": "paper", "x0": start, "x1": stop, "y0": 0, "y1": 1,
                "fillcolor": color, "opacity": opacity, "layer": "below", "line": {"width": 0},
            }
        )  # fmt: skip
        marks.phases.append({"from": start, "to": stop, "words": phase.name})


def _events(marks: Marks, course: Course, column: Column, clock: Clock, palette: Palette) -> None:
    if len(course.events) > MOST_EVENTS:
        return
    for event in course.events:
        x = position(column.curve, clock, event.tick)
        for name, top, width, dash in (("event", 0.92, 1, "1px,3px"), (None, 0.03, 2, "solid")):
            marks.shapes.append(
                {
                    "type": "line", "xref": "x", "yref": "y domain", "x0": x, "x1": x, "y0": 0, "y1": top,
                    "layer": "below", "line": {"color": palette.quiet, "width": width, "dash": dash}, "name": name,
                }
            )  # fmt: skip
        marks.events.append({"at": x, "kind": event.kind, "words": short_clock(x)})
        marks.note(x, event.kind)


def _ends(
    marks: Marks, column: Column, line: Line, index: int, scale: float, clock: Clock, palette: Palette, *, last: bool
) -> None:
    """A dot where a line is first at its peak, and one where it ends, with what the learning rate is there."""
    import numpy as np

    values = drawable(column)
    if not np.isfinite(values).all() or values.min() == values.max():
        return
    end = position(column.curve, clock, len(values))
    peak = int(values.argmax())
    at = position(column.curve, clock, peak)
    side = "right" if at < 0.1 * end else "left" if at > 0.9 * end else "center"
    points = [(at, float(values[peak]), f"peak {short_rate(float(values[peak]))}", f"top {side}")]
    if last:
        points.append((end, float(values[-1]), f"last {short_rate(float(values[-1]))}", "middle right"))
    marks.note(at, "peak" if last else f"peak of {column.title}")
    marks.traces.append(
        _marked(points, index, scale)
        | {
            "meta": "ends",
            "mode": "markers+text" if last else "markers",
            "text": [words for _, _, words, _ in points],
            "textposition": [side for _, _, _, side in points],
            "textfont": {"size": 12, "color": palette.ink},
            "marker": {"size": 7, "color": line.color},
        }
    )


def _expected(
    marks: Marks, shown: Shown, expected: Expected, columns: Sequence[Column], scales: Sequence[float], clock: Clock,
    palette: Palette,
) -> None:  # fmt: skip
    """A ring where an expectation about one place holds, a cross at what was expected where it does not."""
    points: dict[int, tuple[float, float, str, str]] = {}
    for index, column in enumerate(columns):
        curve, group = column.curve, expected.expectation.group
        if curve is not shown.curve or (group is not None and curve.groups_differ and group != column.group):
            continue
        place = place_of(expected, curve, column.group)
        if place is not None and math.isfinite(place[1]):
            points[index] = (position(curve, clock, place[0]), place[1], "", "")
    if not points:
        return
    name = f"{shown.curve.name}: " if len({id(column.curve) for column in columns}) > 1 else ""
    words = "\u25cb holds: " if expected.holds else "\u2715 fails: "
    why = "".join(f" ({message})" for message in failures(shown, expected)[:1])
    for x in dict.fromkeys(point[0] for point in points.values()):
        marks.note(x, seen(f"{words}{name}{expected.words(shown.curve.groups)}{why}"))
    look: dict[str, Any] = {"symbol": "circle-open", "size": 12, "color": palette.holds, "line": {"width": 1.5}}
    if not expected.holds:
        look = {"symbol": "x-thin", "size": 11, "line": {"width": 3, "color": palette.fails}}
    for index, point in points.items():
        meta = "holds" if expected.holds else "fails"
        marks.traces.append(_marked([point], index, scales[index]) | {"meta": meta, "mode": "markers", "marker": look})


def _marked(points: Sequence[tuple[float, float, str, str]], index: int, scale: float) -> dict[str, Any]:
    """Points that belong to the line of a column, and are hidden with it."""
    return {
        "type": "scatter",
        "x": [x for x, _, _, _ in points],
        "y": [y / scale if abs(y) <= LARGEST and abs(y / scale) <= LARGEST else None for _, y, _, _ in points],
        "legendgroup": str(index),
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
