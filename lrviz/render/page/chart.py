"""The chart of a page, as plotly.js takes it: lines, hover texts, axes, and sentences about them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrviz.render.curves import Column
from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import legend_words, metric_words, sentence
from lrviz.render.page.axes import ChartAxis, axes_of
from lrviz.render.page.cells import Cells
from lrviz.render.page.hover import Places, places_of
from lrviz.render.page.html import markup, seen
from lrviz.render.page.layout import LOG_TICKS, cut_labels, layout_of, ticks_of
from lrviz.render.page.legend import Legend, legend_of
from lrviz.render.page.line_styles import LineStyle, line_styles
from lrviz.render.page.marks import ChartMarks, chart_marks
from lrviz.render.page.words import below, gaps, log_gaps
from lrviz.render.style import PALETTES, Palette, Theme

KINDS = {"holds": "\u25cb An expectation that holds.", "fails": "\u2715 An expectation that fails."}
"""The meanings of the marks of expectations."""

REDUCED = "the learning rate is reduced"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `figure` for plotly.js, the names of its lines, the sentences under it, and those that only a
    logarithmic axis needs."""

    figure: dict[str, Any]
    names: list[str]
    log: bool
    can_log: bool
    words: list[str] = field(default_factory=list)
    log_words: list[str] = field(default_factory=list)


def chart_of(drawing: Drawing, cells: Cells, theme: Theme) -> Chart:
    """The chart of a drawing; hover texts write learning rates as the cells of the table do."""
    axes, palette = axes_of(drawing), PALETTES[theme]
    rates = next((axis for axis in axes if axis.rates), None)
    styles = line_styles(drawing.columns, palette)
    legend = legend_of(drawing)
    marks = chart_marks(drawing, styles, palette, legend)
    if rates is not None and not drawing.plain:
        rates.limits.reach(marks.heights())
        rates.limits.leave_room(marks.rows / (9 if len(axes) == 1 else 4), marks.levels())
    reductions = [trace for axis in axes if axis.panel.reductions for trace in _reductions(marks, axis, styles, legend)]
    places = places_of(drawing, cells, marks.notes)
    drawn = [trace for axis in axes for trace in _lines(drawing, axis, palette, legend, named=axis is axes[0])]
    extent = [_short(drawing.extent.start) or 0, _short(drawing.extent.stop)]
    can_log = rates is not None and rates.limits.log_range is not None
    words: list[str] = []
    log_words: list[str] = []
    if drawing.why_percent:
        words.append(sentence(drawing.why_percent))
    if drawing.why_no_metric:
        words.append(sentence(drawing.why_no_metric))
    words += map(sentence, cut_labels(axes))
    words += map(sentence, metric_words(drawing.panels, "\u25bc"))
    if rates is not None:
        words += [KINDS[kind] for kind in ("holds", "fails") if kind in marks.kinds()]
        held = (mark.kind for mark in drawing.marks if mark.drawn and mark.holds and mark.kind in ("span", "level"))
        words += filter(None, [legend_words(held)])
        words += gaps(drawing.columns)
        words += [f"{run.words}." for run in drawing.logged]
    if rates is not None and rates.limits.log_range is not None:
        log_words += log_gaps(drawing.columns, rates.panel.values)
        log_words += below(drawing.columns, rates.panel.values, 10 ** rates.limits.log_range[0])
        if drawing.why_log:
            log_words.insert(0, sentence(drawing.why_log))
    lines = [*marks.ranges, *drawn, *legend.samples(styles)]
    figure = {
        "data": [*(_places(places, axis) for axis in axes), *lines, *marks.logged, *marks.traces, *reductions],
        "layout": layout_of(drawing, axes, marks, extent, theme),
        "hover": {
            "moments": places.moments,
            "notes": {places.at.index(place): words for place, words in marks.notes.items()},
            "rows": places.rows,
            "lines": list(_told(drawing, axes, palette, legend, places, cells)),
        },
        "labels": {"phases": marks.phases, "events": marks.events},
        "ticks": {"linear": ticks_of(drawing, axes[0]), "log": LOG_TICKS},
        "limits": {
            "xaxis": extent,
            "linear": {axis.name: axis.limits.range for axis in axes},
            "log": {axis.name: axis.limits.log_range for axis in axes if axis is rates and can_log},
        },
    }
    return Chart(figure, [column.title for column in drawing.columns], drawing.log, can_log, words, log_words)


# --- hover texts ------------------------------------------------------------------------------


def _told(
    drawing: Drawing, axes: Sequence[ChartAxis], palette: Palette, legend: Legend, places: Places, cells: Cells
) -> Iterator[dict[str, Any]]:
    """The style of each line and its hover text at each place, with learning rates written as in the table."""
    for axis in axes:
        styles = line_styles(drawing.columns, palette, axis.panel)
        for at, index in enumerate(axis.panel.columns):
            column, numbers = drawing.columns[index], axis.numbers(drawing, at)
            texts = places.texts(column.curve, numbers, cells.texts[index] if axis.rates else {}, drawing.notation)
            if axis.rates and drawing.relative:
                texts = _with_part(places, column, texts, axis.panel.scales[at])
            if axis.panel.kind == "metric":  # a call without a reading has none
                texts = [None if text is None or text.startswith("nan") else text for text in texts]
            name = column.title if axis is axes[0] else f"{column.title}, {axis.panel.label}"
            name = axis.panel.label if axis.common(at) else name
            yield {"name": seen(name), "group": axis.family(at, legend), "look": styles[at], "texts": texts}


def _with_part(places: Places, column: Column, texts: Sequence[str | None], scale: float) -> list[str | None]:
    """Hover texts with the fraction of the peak added."""
    values = column.curve.columns[column.group]
    return [
        None if text is None or tick is None else f"{text} ({values[tick] / scale:.4g} of the peak)"
        for text, tick in zip(texts, places.ticks(column.curve), strict=True)
    ]


def _places(places: Places, axis: ChartAxis) -> dict[str, Any]:
    """Invisible points, one for each place, by which plotly finds the place nearest to the pointer."""
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "places",
        "showlegend": False,
        "hoverinfo": "none",
        "x": places.at,
        "y": [axis.limits.inside] * len(places.at),
        "yaxis": axis.short_name,
        "marker": {"opacity": 0, "size": 1},
    }


# --- lines -------------------------------------------------------------------------------------------------


def _lines(
    drawing: Drawing, axis: ChartAxis, palette: Palette, legend: Legend, *, named: bool
) -> Iterator[dict[str, Any]]:
    """A plotly trace for the line of each column; if `named`, with the names of the legend."""
    styles = line_styles(drawing.columns, palette, axis.panel)
    for at, (index, values) in enumerate(zip(axis.panel.columns, axis.panel.values, strict=True)):
        column, style = drawing.columns[index], styles[at]
        xs, ys = drawing.line(index, values)
        yield {
            "type": "scatter",
            "mode": "lines",
            "name": markup(column.title),
            **legend.entry(index, shown=named),
            "legendgroup": axis.family(at, legend),
            "x": [_short(x) for x in xs.tolist()],
            "y": [_short(y) for y in ys.tolist()],
            "yaxis": axis.short_name,
            "line": {"color": style.color, "dash": style.dash, "width": style.width, "simplify": False},
            "hoverinfo": "skip",
        }


def _reductions(
    marks: ChartMarks, axis: ChartAxis, styles: Sequence[LineStyle], legend: Legend
) -> Iterator[dict[str, Any]]:
    """A triangle and a note for each reading of a metric after which the learning rate is reduced."""
    for column, x, value in axis.panel.reductions:
        marks.note(x, REDUCED)
        yield {
            "type": "scatter",
            "mode": "markers",
            "meta": "reduction",
            "x": [x],
            "y": [value],
            "yaxis": axis.short_name,
            "legendgroup": legend.family(column),
            "showlegend": False,
            "hoverinfo": "skip",
            "cliponaxis": False,
            "marker": {"symbol": "triangle-down", "size": 10, "color": styles[column].color},
        }


def _short(value: float) -> float | None:
    """A value rounded to the digits that a drawing needs; None, drawn as a gap, if it is not finite."""
    return float(f"{value:.9g}") if math.isfinite(value) else None
