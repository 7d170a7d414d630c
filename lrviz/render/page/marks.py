"""The marks on a chart: phases, milestones and restarts, peak and last value, expectations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrviz.render.drawing.logged import Points
from lrviz.render.drawing.marks import Mark
from lrviz.render.drawing.plan import Drawing
from lrviz.render.outline import LARGEST_DRAWN, between
from lrviz.render.page.hover import clean
from lrviz.render.page.html import markup, seen
from lrviz.render.page.legend import Legend
from lrviz.render.page.line_styles import LineStyle
from lrviz.render.style import Palette
from lrviz.words import short_clock


@dataclass(slots=True)
class ChartMarks:
    """Marks for plotly: `shapes` behind the lines, `traces` on them, and `notes`, hover texts by place on the axis.

    `ranges` are bands and limits, behind the lines. `logged` are the points of real runs. `phases` and `events` are
    labels at the top of the chart; the page shows those that have room.
    """

    shapes: list[dict[str, Any]] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[float, list[str]] = field(default_factory=dict)
    ranges: list[dict[str, Any]] = field(default_factory=list)
    logged: list[dict[str, Any]] = field(default_factory=list)

    def note(self, place: float, words: str) -> None:
        """Adds words that the pointer is told at a place of the axis of time."""
        self.notes.setdefault(clean(place), []).append(words)

    def heights(self) -> Iterator[float]:
        """The values of the marks, which the axis has to include."""
        for trace in self.traces:
            yield from (y for y in trace["y"] if y is not None)

    def levels(self) -> list[float]:
        """The limits that are drawn across the chart."""
        return [trace["y"][0] for trace in self.ranges if trace["meta"] == "limit"]

    def kinds(self) -> set[str]:
        """The kinds of marks on the lines, and of bars below them: `ends`, `holds`, `fails`."""
        return {trace["meta"] for trace in self.traces} | {shape["name"] for shape in self.shapes if "name" in shape}

    @property
    def rows(self) -> int:
        """The number of rows of words at the top of the chart."""
        return bool(self.phases) + bool(self.events)

    @property
    def last(self) -> bool:
        """True if there are words right of the last learning rate."""
        return any("middle right" in trace.get("textposition", ()) for trace in self.traces)


def chart_marks(drawing: Drawing, styles: Sequence[LineStyle], palette: Palette, legend: Legend) -> ChartMarks:
    """The marks of a drawing whose lines have these styles; each is hidden together with its line."""
    marks = ChartMarks()
    _phases(marks, drawing, palette)
    _events(marks, drawing, palette)
    for index in range(len(drawing.columns)):
        ends = [mark for mark in drawing.marks if mark.column == index and mark.kind in ("peak", "last")]
        if ends and (
            drawing.parts.of or ends[0].kind == "peak"
        ):  # a constant line has neither a peak nor words at its end
            _ends(marks, ends, drawing, styles[index].color, palette, legend)
    for number in dict.fromkeys(mark.expectation for mark in drawing.marks if mark.expectation is not None):
        own = [mark for mark in drawing.marks if mark.expectation == number]
        _expected(marks, drawing, own, palette, legend)
        _ranges(marks, drawing, own, palette, legend)
    for run in drawing.logged:
        _logged(marks, drawing, run, palette)
    return marks


def _phases(marks: ChartMarks, drawing: Drawing, palette: Palette) -> None:
    for phase in drawing.phases:
        color, opacity = palette.shade(phase.name)
        marks.shapes.append(
            {
                "type": "rect", "xref": "x", "yref": "paper", "x0": phase.start, "x1": phase.stop, "y0": 0, "y1": 1,
                "fillcolor": color, "opacity": opacity, "layer": "below", "line": {"width": 0},
            }
        )  # fmt: skip
        marks.phases.append({"from": phase.start, "to": phase.stop, "words": markup(phase.words)})


def _events(marks: ChartMarks, drawing: Drawing, palette: Palette) -> None:
    for event in drawing.events:
        for name, top, width, dash in (("event", 0.92, 1, "1px,3px"), (None, 0.03, 2, "solid")):
            marks.shapes.append(
                {
                    "type": "line", "xref": "x", "yref": "y domain", "x0": event.x, "x1": event.x, "y0": 0, "y1": top,
                    "layer": "below", "line": {"color": palette.quiet, "width": width, "dash": dash}, "name": name,
                }
            )  # fmt: skip
        marks.events.append({"at": event.x, "kind": event.kind, "words": short_clock(event.x)})
        marks.note(event.x, event.kind)


def _ends(
    marks: ChartMarks, ends: Sequence[Mark], drawing: Drawing, color: str, palette: Palette, legend: Legend
) -> None:
    """Adds a dot at the peak of a line, and perhaps one at its end, with their learning rates."""
    alone, sides = len(drawing.columns) == 1, []
    for mark in ends:
        part = drawing.extent.part(mark.x)
        side = "right" if part < 0.1 else "left" if part > 0.9 else "center"
        sides.append(f"top {side}" if mark.kind == "peak" else "middle right")
        if mark.kind == "peak":
            marks.note(mark.x, "peak" if alone else f"peak of {drawing.columns[mark.column].title}")
    marks.traces.append(
        _marked(ends, legend)
        | {
            "meta": "ends",
            "mode": "markers+text" if alone else "markers",
            "text": [mark.words.replace(", ", "<br>") for mark in ends],
            "textposition": sides,
            "textfont": {"size": 12, "color": palette.ink},
            "marker": {"size": 7, "color": color},
        }
    )


def _expected(marks: ChartMarks, drawing: Drawing, own: Sequence[Mark], palette: Palette, legend: Legend) -> None:
    """Adds a ring where an expectation about a place holds, or a cross at the expected value if it fails."""
    points = [mark for mark in own if mark.kind in ("value", "place") and math.isfinite(mark.value)]
    if not points:
        return
    holds, note = points[0].holds, _note(drawing, points[0])
    for x in dict.fromkeys(mark.x for mark in points):
        marks.note(x, note)
    look: dict[str, Any] = {"symbol": "circle-open", "size": 12, "color": palette.holds, "line": {"width": 1.5}}
    if not holds:
        look = {"symbol": "x-thin", "size": 11, "line": {"width": 3, "color": palette.fails}}
    for mark in filter(lambda mark: mark.drawn, points):
        marks.traces.append(
            _marked([mark], legend) | {"meta": "holds" if holds else "fails", "mode": "markers", "marker": look}
        )


def _note(drawing: Drawing, mark: Mark) -> str:
    """What the pointer is told at a mark of an expectation."""
    name = f"{drawing.columns[mark.column].curve.name}: " if len(drawing.shown) > 1 else ""
    words = "\u25cb holds: " if mark.holds else "\u2715 fails: "
    return seen(f"{words}{name}{mark.expects}{f' ({mark.reason})' if mark.reason else ''}")


BAND, LIMIT, BAR = 10, 1, 3.5
"""The widths of the band along a line, of a limit, and of the bar where a range fails, in pixels."""


def _ranges(marks: ChartMarks, drawing: Drawing, own: Sequence[Mark], palette: Palette, legend: Legend) -> None:
    """Adds a pale band along the line for a range that holds, a bar with a cross below for one that fails, and a
    dotted line for a limit. The pointer is told at both ends of a range."""
    spans = [mark for mark in own if mark.kind == "span"]
    for x in dict.fromkeys(end for mark in spans for end in (mark.x, mark.stop)):
        marks.note(x, _note(drawing, spans[0]))
    for mark in (mark for mark in own if mark.drawn and mark.kind in ("span", "level")):
        color = palette.holds if mark.holds else palette.fails
        if mark.kind == "level":
            line = {"color": color, "width": LIMIT, "dash": "1px,3px"}
            ends = _marked([replace(mark, x=at) for at in drawing.extent], legend)
            marks.ranges.append(ends | {"meta": "limit", "mode": "lines", "line": line, "cliponaxis": True})
        elif mark.holds:
            xs, ys = _along(drawing, mark)
            look = {"line": {"color": color, "width": BAND, "simplify": False}, "opacity": 0.18, "cliponaxis": True}
            marks.ranges.append(_marked([mark], legend) | look | {"meta": "range", "mode": "lines", "x": xs, "y": ys})
        else:
            marks.shapes.append(_bar(mark, color))


def _along(drawing: Drawing, mark: Mark) -> tuple[list[float], list[float | None]]:
    """The part of a line that a range covers."""
    assert drawing.rates is not None
    values = drawing.rates.values[drawing.rates.columns.index(mark.column)]
    xs, ys = between(*drawing.line(mark.column, values), mark.x, mark.stop)
    return xs.tolist(), [y if math.isfinite(y) else None for y in ys.tolist()]


def _bar(mark: Mark, color: str) -> dict[str, Any]:
    """A bar along the bottom of the chart, with a cross."""
    cross = {"text": "\u2715", "textposition": "middle", "yanchor": "bottom", "font": {"size": 15, "color": color}}
    return {
        "type": "line", "xref": "x", "yref": "y domain", "x0": mark.x, "x1": mark.stop, "y0": 0.008, "y1": 0.008,
        "line": {"color": color, "width": BAR}, "label": cross, "name": "fails",
    }  # fmt: skip


SYMBOLS = {"o": "circle", "^": "triangle-up", "s": "square", "D": "diamond"}
"""The shapes of points, as plotly names them."""

MOST_POINTS = 200
"""At most so many points of a run are drawn, so that the line stays visible between them."""


def _logged(marks: ChartMarks, drawing: Drawing, run: Points, palette: Palette) -> None:
    """Adds the points of a run, with a name in the legend, and a ring at the first that leaves the plan."""
    kept = run.thinned(MOST_POINTS)
    look = {"symbol": SYMBOLS[run.shape], "size": 6, "color": run.color(palette)}
    common = {"type": "scatter", "legendgroup": f"run {run.place}", "hoverinfo": "skip", "cliponaxis": False}
    marks.logged.append(
        common
        | {
            "name": markup(f"{run.name} (logged)"),
            "showlegend": True,
            "mode": "markers",
            "x": run.x[kept].tolist(),
            "y": [value if math.isfinite(value) else None for value in run.values[kept].tolist()],
            "marker": look | {"line": {"width": 0.5, "color": palette.background}},
        }
    )
    if run.first is None or drawing.plain or not math.isfinite(run.values[run.first]):
        return
    x = float(run.x[run.first])
    marks.note(x, seen(run.words))
    ring = {"symbol": "circle-open", "size": 14, "color": palette.fails, "line": {"width": 2.5}}
    marks.logged.append(
        common
        | {
            "showlegend": False,
            "mode": "markers+text",
            "x": [x],
            "y": [float(run.values[run.first])],
            "text": [markup("leaves the plan" if len(drawing.logged) == 1 else f"{run.name} leaves the plan")],
            "textposition": f"{'top' if run.above else 'bottom'} {'left' if drawing.extent.part(x) > 0.7 else 'right'}",
            "textfont": {"size": 12, "color": palette.fails},
            "marker": ring,
        }
    )


def _marked(points: Sequence[Mark], legend: Legend) -> dict[str, Any]:
    """A plotly trace of points that are hidden together with the line of their column."""
    return {
        "type": "scatter",
        "x": [mark.x for mark in points],
        "y": [mark.value if abs(mark.value) <= LARGEST_DRAWN else None for mark in points],
        "legendgroup": legend.family(points[0].column),
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
