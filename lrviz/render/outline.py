"""The line that every picture draws for the values of a curve.

The optimizer holds a learning rate until the next call, so the line is a staircase: what is held for an epoch is drawn
as held. Only a run with too many ticks to see is thinned, and its line joins the values that are left; jumps stay
upright.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.render.curves import Column
from lrviz.run import Clock
from lrviz.shape.segments import jumps_of

BINS = 2_000
"""Twice the width of a figure in pixels, so that a bin is too narrow to see."""

MOST_HELD = 4 * BINS
"""A curve of at most this many ticks is drawn as the staircase that it is; a tick of a longer one cannot be seen."""

SMALLEST_DRAWN, LARGEST_DRAWN = 1e-200, 1e100
"""The sizes of values that can be drawn. A smaller value is drawn as 0, a larger one is left out: matplotlib's own
arithmetic would underflow or overflow."""


def thin(values: NDArray[np.float64], bins: int = BINS) -> NDArray[np.int64]:
    """The ticks of `values` (ticks long) to keep, in order; all of them if there are few.

    It keeps the first, last, smallest and largest value in each of `bins` equal intervals, so that every peak, drop
    and jump stays, and every drawn value is one that the curve has (the M4 aggregation of Jugel et al. 2014).
    """
    count = len(values)
    if count <= 4 * bins:  # it keeps four of each
        return np.arange(count, dtype=np.int64)
    edges = np.linspace(0, count, bins + 1).astype(np.int64)
    finite = np.isfinite(values)
    low = np.where(finite, values, np.inf)
    high = np.where(finite, values, -np.inf)
    kept = [edges[:-1], edges[1:] - 1]
    for start, stop in pairwise(edges.tolist()):
        kept.append(np.array([start + low[start:stop].argmin(), start + high[start:stop].argmax()]))
    return np.unique(np.concatenate(kept))


def outline(values: NDArray[np.float64], bins: int = BINS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line of `values` (ticks long) as ticks and levels, without the end of the last tick.

    Where all ticks are kept, each change is upright; where they are thinned, only jumps are. An upright change has an
    extra corner at its own tick, on the level before it. With more than two jumps per bin, the line only shows their
    range.
    """
    kept = thin(values, bins)
    thinned = len(kept) < len(values)
    change = np.diff(values)
    (jumps,) = np.nonzero(jumps_of(change) if thinned else change)  # the ticks before them
    if thinned and len(jumps) <= 2 * bins:
        kept = np.union1d(kept, np.concatenate([jumps, jumps + 1]))
    at = np.flatnonzero(np.isin(kept[1:] - 1, jumps) & (np.diff(kept) == 1)) + 1
    ticks, levels = kept.astype(np.float64), values[kept]
    return np.insert(ticks, at, ticks[at]), np.insert(levels, at, levels[at - 1])


def points(
    curve: Curve, values: NDArray[np.float64], x: Clock, part: range | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line of one group's `values` (ticks long) as positions on the axis and values, up to the end of the run, or
    that of a `part` of its ticks.

    The value after the last call is left out, because no step of the run uses it.
    """
    part = range(len(values)) if part is None else part
    whole = part.stop == len(values)
    values = values[part.start : part.stop]
    scale = float(curve.run.time(1, x))
    length = 100.0 if x == "percent" else curve.run.duration * scale
    if x == "step" and curve.run.total_steps is not None:
        length = float(curve.run.total_steps)
    ticks, ys = outline(values)
    joined = len(values) > MOST_HELD and ticks[-2] < ticks[-1]
    if joined:  # to the last value at the end of its tick: held, it would be a hook in a falling line
        ticks, ys = ticks[:-1], ys[:-1]
    if not whole:
        length = part.stop * scale
    return np.append((ticks + part.start) * scale, length), np.append(ys, values[-1])


def between(
    xs: NDArray[np.float64], ys: NDArray[np.float64], start: float, stop: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The points of a line from one place of the axis to another."""
    inside = (xs > start) & (xs <= stop)
    edges = np.interp([start, stop], xs, ys)  # at a jump, the value after it
    return np.concatenate([[start], xs[inside], [stop]]), np.concatenate([edges[:1], ys[inside], edges[1:]])


def drawable(column: Column) -> NDArray[np.float64]:
    """The learning rates of a column (ticks long) as `gapped` gives them."""
    return gapped(column.curve.columns[column.group])


def gapped(numbers: memoryview | NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers (ticks long) as they can be drawn: 0 for those smaller than `SMALLEST_DRAWN`, and NaN, which is drawn as
    a gap, for those that are infinite or larger than `LARGEST_DRAWN`."""
    values = np.frombuffer(numbers) if isinstance(numbers, memoryview) else numbers
    size = np.abs(values)
    return np.where(size <= LARGEST_DRAWN, np.where(size >= SMALLEST_DRAWN, values, 0.0), np.nan)
