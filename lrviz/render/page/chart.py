"""The chart of a page, as plotly.js takes it: lines, what the pointer is told, axes, and words about them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrviz.render.choice import check_clock, common_clock, spans_decades, titled_columns
from lrviz.render.outline import points
from lrviz.render.page.cells import Cells
from lrviz.render.page.hover import Places, places_of
from lrviz.render.page.html import seen
from lrviz.render.page.layout import LOG_TICKS, layout_of, ticks_of
from lrviz.render.page.lines import Line, lines_of
from lrviz.render.page.marks import Marks, marks_of
from lrviz.render.page.panels import Panel, panels_of
from lrviz.render.page.words import below, gaps, log_gaps
from lrviz.render.rows import Column
from lrviz.render.shown import Shown
from lrviz.render.style import PALETTES, Look
from lrviz.run import Clock

KINDS = {"holds": "\u25cb An expectation that holds.", "fails": "\u2715 What was expected and is not so."}
"""What the marks of expectations mean."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `figure` for plotly.js, the names of its lines, the words under it, and those that only a logarithmic
    axis needs."""

    figure: dict[str, Any]
    names: list[str]
    log: bool
    can_log: bool
    words: list[str] = field(default_factory=list)
    log_words: list[str] = field(default_factory=list)


def chart_of(shown: Sequence[Shown], cells: Cells, look: Look) -> Chart:
    """The chart of some curves. Raises `ScheduleError` for a clock that a curve does not know, for a logarithmic axis
    without anything above 0, and for momentum that nothing moves."""
    curves = [each.curve for each in shown]
    clock = look.x or common_clock(curves)
    check_clock(curves, clock)
    columns = titled_columns(curves)
    panels, palette = panels_of(shown, columns, look), PALETTES[look.theme]
    rates = next((panel for panel in panels if panel.rates), None)
    lines, marks = lines_of(columns, palette), Marks()
    if rates is not None and not look.plain:
        marks = marks_of(shown, columns, lines, rates.scales, clock, palette)
        rates.scale.reach(marks.heights())
        rates.scale.leave_room(marks.rows / (9 if len(panels) == 1 else 4))
    places = places_of(columns, clock, cells, marks.notes)
    drawn = [trace for panel in panels for trace in _lines(panel, columns, lines, clock, legend=panel is panels[0])]
    longest = max(max(trace["x"]) for trace in drawn)
    can_log = rates is not None and rates.scale.log_range is not None
    log = can_log and _log(panels[0], look)
    words: list[str] = []
    log_words: list[str] = []
    if rates is not None:
        words += [KINDS[kind] for kind in ("holds", "fails") if kind in marks.kinds()]
        words += gaps(columns, rates.values)
    if rates is not None and rates.scale.log_range is not None:
        log_words += log_gaps(columns, rates.values)
        log_words += below(columns, rates.values, 10 ** rates.scale.log_range[0])
        if log and look.log is None:
            log_words.insert(0, "Logarithmic, because the learning rates span more than three decades.")
    figure = {
        "data": [*(_places(places, panel) for panel in panels), *drawn, *marks.traces],
        "layout": layout_of(panels, marks, clock, longest, look, log=log, legend=len(columns) > 1),
        "hover": {
            "moments": places.moments,
            "notes": {places.at.index(place): words for place, words in marks.notes.items()},
            "rows": places.rows,
            "lines": list(_told(panels, columns, lines, places, cells, relative=look.y == "relative")),
        },
        "labels": {"phases": marks.phases, "events": marks.events},
        "ticks": {"linear": ticks_of(panels[0]), "log": LOG_TICKS},
        "limits": {
            "xaxis": [0, longest],
            "linear": {panel.axis: panel.scale.range for panel in panels},
            "log": {panel.axis: panel.scale.log_range for panel in panels if panel is rates and can_log},
        },
    }
    return Chart(figure, [column.title for column in columns], log, can_log, words, log_words)


def _log(rates: Panel, look: Look) -> bool:
    """Whether the axis is logarithmic at first: as asked for, or where that shows more."""
    return look.log if look.log is not None else not look.plain and spans_decades(rates.values)


# --- what the pointer is told ------------------------------------------------------------------------------


def _told(
    panels: Sequence[Panel], columns: Sequence[Column], lines: Sequence[Line], places: Places, cells: Cells,
    *, relative: bool,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """What each line says at each place, and how it looks: learning rates as the table has them."""
    for panel in panels:
        for at, index in enumerate(panel.columns):
            column, numbers = columns[index], panel.column(columns, at)
            if panel.rates:
                texts = places.texts(column.curve, numbers, cells.texts[index])
                if relative:
                    texts = _with_part(places, column, texts, panel.scales[at])
            else:
                texts = places.texts(column.curve, numbers, {})
            name = column.title if panel is panels[0] else f"{column.title}, {panel.label}"
            yield {"name": seen(name), "group": str(index), "look": lines[index], "texts": texts}


def _with_part(places: Places, column: Column, texts: Sequence[str | None], scale: float) -> list[str | None]:
    """What is said, with the part of the peak that it is."""
    values = column.curve.columns[column.group]
    return [
        None if text is None or tick is None else f"{text} ({values[tick] / scale:.4g} of the peak)"
        for text, tick in zip(texts, places.ticks(column.curve), strict=True)
    ]


def _places(places: Places, panel: Panel) -> dict[str, Any]:
    """Points that are not seen, one for each place: the nearest one says where the pointer is."""
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "places",
        "showlegend": False,
        "hoverinfo": "none",
        "x": places.at,
        "y": [panel.scale.inside] * len(places.at),
        "yaxis": panel.short_axis,
        "marker": {"opacity": 0, "size": 1},
    }


# --- lines -------------------------------------------------------------------------------------------------


def _lines(
    panel: Panel, columns: Sequence[Column], lines: Sequence[Line], clock: Clock, *, legend: bool
) -> Iterator[dict[str, Any]]:
    """The line of each column."""
    for index, values in zip(panel.columns, panel.values, strict=True):
        column, line = columns[index], lines[index]
        xs, ys = points(column.curve, values, clock)
        yield {
            "type": "scatter",
            "mode": "lines",
            "name": plain(column.title),
            "legendgroup": str(index),
            "showlegend": legend,
            "x": [_short(x) for x in xs.tolist()],
            "y": [_short(y) for y in ys.tolist()],
            "yaxis": panel.short_axis,
            "line": {"color": line.color, "dash": line.dash, "width": line.width, "simplify": False},
            "hoverinfo": "skip",
        }


def _short(value: float) -> float | None:
    """A number with as many digits as a drawing needs; None, which is a gap, for what is none."""
    return float(f"{value:.9g}") if math.isfinite(value) else None


def plain(text: str) -> str:
    """A text that plotly shows as it is: it would take `<b>` and `&amp;` for markup, and `$x$` for mathematics."""
    return seen(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
