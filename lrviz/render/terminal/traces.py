"""From curves to the lines of a picture of text: values over an axis of time, and an axis that fits them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrviz.curve import Curve
from lrviz.render.choice import above_zero, lowest_shown, nothing_above_zero
from lrviz.render.rows import Column
from lrviz.render.terminal.panel import Series, Trace
from lrviz.render.terminal.scale import Scale, linear, logarithmic
from lrviz.run import Clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 8
"""Lines that one picture can tell apart."""

LOG_ROWS = 4
"""Rows that a logarithmic axis needs, one of them for 0; what has fewer is linear, as its labels say."""

CHOSEN = "logarithmic, because the learning rates span more than three decades"


def scale_of(values: Sequence[NDArray[np.float64]], log: bool, rows: int, *, from_zero: bool = True) -> Scale:
    """An axis that fits all `values` (each ticks long) on at most so many rows; a linear one 0 too, with `from_zero`.

    Raises `ScheduleError` where no value is above 0 and the axis is to be logarithmic.
    """
    import numpy as np

    if not log or rows < LOG_ROWS:
        ends = np.array([[np.fmin.reduce(each), np.fmax.reduce(each)] for each in values])
        known = ends[np.isfinite(ends)]
        if from_zero or not known.size:
            known = np.append(known, 0.0)
        return linear(float(known.min()), float(known.max()), rows)
    above = above_zero(values)
    if not above:
        raise nothing_above_zero()
    lowest = min(map(lowest_shown, above))
    zero = any(bool(((each >= 0) & (each < lowest)).any()) for each in values)
    return logarithmic(lowest, max(float(each.max()) for each in above), rows, zero)


def trace_of(curve: Curve, values: NDArray[np.float64], clock: Clock) -> Trace:
    """Values of a curve (ticks long) over epochs, steps or percent of the run."""
    tick = tick_of(curve, clock)
    return Trace(values, tick, tick * curve.run.duration)


def tick_of(curve: Curve, clock: Clock) -> float:
    """How long a tick of a curve is in epochs, steps or percent of the run."""
    return 100.0 / curve.run.duration if clock == "percent" else curve.run.time(1, clock)


def series_of(columns: Sequence[Column], values: Sequence[NDArray[np.float64] | None], clock: Clock) -> list[Series]:
    """A series for each column that has values; where columns are too many, one for all param groups of a curve."""
    if len(columns) <= MOST:
        names = [column.title for column in columns]
        members = [[index] for index in range(len(columns))]
    else:
        curves = list(dict.fromkeys(id(column.curve) for column in columns))
        members = [[index for index, column in enumerate(columns) if id(column.curve) == of] for of in curves]
        names = [_range(columns[own[0]].title, columns[own[-1]].title, len(own)) for own in members]
    found = []
    for place, (name, own) in enumerate(zip(names, members, strict=True)):
        given = [(columns[index].curve, each) for index in own if (each := values[index]) is not None]
        if given:
            found.append(Series(name, [trace_of(curve, each, clock) for curve, each in given], place))
    return found


def _range(first: str, last: str, count: int) -> str:
    return first if count == 1 else f"{first} to {last} ({count} groups)"
