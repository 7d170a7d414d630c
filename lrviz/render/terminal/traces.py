"""Turns a drawing into the lines of a text picture: values over an axis of time, and an axis that fits them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.render.drawing.clock import Extent, tick_length
from lrviz.render.drawing.panels import Panel, decades_of
from lrviz.render.drawing.plan import Drawing
from lrviz.render.terminal.axes import Series, Trace
from lrviz.render.terminal.scale import Scale, linear, logarithmic

MOST_SERIES = 8
"""The number of lines that can be told apart; if there are more, the param groups of a curve are drawn as one series.
"""

LOG_ROWS = 4
"""The rows that a logarithmic axis needs, one of them for 0; an axis with fewer is linear, as its labels show."""


def scale_of(values: Sequence[NDArray[np.float64]], log: bool, rows: int, *, from_zero: bool = True) -> Scale:
    """An axis for all `values` (each ticks long) on at most `rows` rows; with `from_zero`, a linear one includes 0.

    With `log`, at least one value has to be above 0.
    """
    if not log or rows < LOG_ROWS:
        ends = np.array([[np.fmin.reduce(each), np.fmax.reduce(each)] for each in values])
        known = ends[np.isfinite(ends)]
        if from_zero or not known.size:
            known = np.append(known, 0.0)
        return linear(float(known.min()), float(known.max()), rows)
    decades = decades_of(values)
    assert decades is not None
    zero = any(bool(((each >= 0) & (each < decades.lowest)).any()) for each in values)
    return logarithmic(decades.lowest, decades.highest, rows, zero)


def trace_of(drawing: Drawing, curve: Curve, values: NDArray[np.float64]) -> Trace:
    """The values of a curve (ticks long) that are drawn, over epochs, steps or percent of the run."""
    tick, ticks, part = tick_length(curve, drawing.clock), drawing.parts.ticks(curve), drawing.parts.part(curve)
    return Trace(values[ticks.start : ticks.stop], tick, tick * part.stop, tick * part.start)


def extent_of(series: Iterable[Series]) -> Extent:
    """The axis of time for some series."""
    traces = [trace for each in series for trace in each.traces]
    return Extent(min(trace.start for trace in traces), max(trace.length for trace in traces))


def series_of(drawing: Drawing, panel: Panel) -> list[Series]:
    """A series for each column of a panel; if there are too many, one for all param groups of each curve."""
    columns = drawing.columns
    if len(columns) <= MOST_SERIES:
        names = [column.title for column in columns]
        members = [[index] for index in range(len(columns))]
    else:
        curves = list(dict.fromkeys(id(column.curve) for column in columns))
        members = [[index for index, column in enumerate(columns) if id(column.curve) == of] for of in curves]
        names = [_range(columns[own[0]].title, columns[own[-1]].title, len(own)) for own in members]
    traces = {
        index: trace_of(drawing, columns[index].curve, values)
        for index, values in zip(panel.columns, panel.values, strict=True)
    }
    found = []
    for place, (name, own) in enumerate(zip(names, members, strict=True)):
        if drawn := [traces[index] for index in own if index in traces]:
            found.append(Series(name, drawn, place))
    return found


def _range(first: str, last: str, count: int) -> str:
    return first if count == 1 else f"{first} to {last} ({count} groups)"
