"""Axes of text: the row of characters for a value, and ticks that lie exactly on rows.

A picture has few rows, and each label needs one. So the rows are chosen to fit the ticks: as many per step of a linear
axis, or per decade of a logarithmic one, as there is room for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.render.drawing.clock import Extent
from lrviz.words import Notation, axis_notation, clock_scale

EXACT = 1e-9
"""As a fraction of a row: a value as near to a row lies on it."""

ZERO_BELOW = 1e-300
"""If all values are smaller than this, they count as 0."""

NARROWEST_RANGE = 2e-3
"""A narrower range, as a fraction of its largest value, is widened, so that six digits tell its ticks apart."""

STEPS = tuple(map(Decimal, ("1", "2", "2.5", "5")))
CLOCK_STEPS = (1, 2, 5)

LABEL_GAP = 2
"""The blanks between the labels of epochs or steps."""


class Tick(NamedTuple):
    """A labelled place on an axis, at row (or column) `at` of characters, from 0."""

    at: int
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of values on `rows` rows of characters; row 0 is the uppermost.

    From row to row, the value (or its decimal logarithm, if `log`) changes by `per_row`; row 0 is `top` rows above 0.
    `zero_row` is the row of 0 on a logarithmic axis that is linear from `linear_below` down to 0; None if it has no 0.
    """

    rows: int
    top: float
    per_row: float
    ticks: Sequence[Tick]
    log: bool = False
    linear_below: float = 0.0
    zero_row: int | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The values of the lowest row and of the uppermost."""
        if not self.log:
            return (self.top - self.rows + 1) * self.per_row, self.top * self.per_row
        lowest = 0.0 if self.zero_row is not None else 10 ** ((self.top - self.rows + 1) * self.per_row)
        return lowest, 10 ** (self.top * self.per_row)

    def positions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The row of each value, with a fraction; NaN for values that the axis cannot show."""
        if not self.log:
            return self.top - values / self.per_row
        with np.errstate(divide="ignore", invalid="ignore"):
            rows = self.top - np.log10(np.where(values > 0, values, np.nan)) / self.per_row
        if self.zero_row is None:
            return rows
        lowest = self.top - math.log10(self.linear_below) / self.per_row
        part = np.where(values >= 0, values, np.nan) / self.linear_below
        return np.where(values < self.linear_below, self.zero_row - part * (self.zero_row - lowest), rows)


# --- linear ------------------------------------------------------------------------------------------------


def linear(low: float, high: float, rows: int) -> Scale:
    """A linear axis from `low` to `high` on at most `rows` rows, which are at least 3."""
    largest = max(abs(low), abs(high))
    if largest < ZERO_BELOW:
        low, high = 0.0, 1.0
    elif high - low < NARROWEST_RANGE * largest:
        low, high = low - NARROWEST_RANGE * largest / 2, high + NARROWEST_RANGE * largest / 2
    _, step, every, top, bottom = max(_linear_choices(low, high, rows), key=lambda choice: choice[0])
    notation = axis_notation(largest)
    ticks = [
        Tick(top - index * every, float(index * step), notation(float(index * step), 6))
        for index in range(top // every, (bottom - 1) // every, -1)
    ]
    return Scale(top - bottom + 1, top, float(step) / every, ticks)


def _linear_choices(low: float, high: float, rows: int) -> Iterator[tuple[float, Decimal, int, int, int]]:
    """For each step that fits: its score, the step, the rows per step, and the ends in rows above 0, top first."""
    exponent = math.floor(math.log10(high - low))
    for power in range(exponent - 2, exponent + 2):
        for mantissa in STEPS:
            step = mantissa.scaleb(power)
            start, stop = low / float(step), high / float(step)
            for every in range(rows - 1, 0, -1):
                top, bottom = math.ceil(stop * every - EXACT), math.floor(start * every + EXACT)
                if top - bottom < rows:
                    ticks = top // every - (bottom - 1) // every
                    good = (stop - start) * every / (rows - 1)
                    good -= 0.5 if ticks < 2 else 0.15 if ticks < 3 and rows > 4 else 0.08 * max(0, ticks - 6)
                    good -= 0.3 if every == 1 and rows > 5 else 0.05 if mantissa == STEPS[2] else 0.0
                    yield good, step, every, top, bottom
                    break


# --- logarithmic -------------------------------------------------------------------------------------------


def logarithmic(low: float, high: float, rows: int, zero: bool) -> Scale:
    """A logarithmic axis from `low` to `high`, both above 0, on at most `rows` rows; with `zero`, one of them is 0."""
    gap = (2 if rows >= 8 else 1) if zero else 0
    room = rows - gap
    start, stop = math.log10(low), math.log10(high)
    if stop - start < 0.3:
        start, stop = start - 0.15, stop + 0.15
    for per_decade in _row_counts(stop - start, room):
        top, bottom = math.ceil(stop * per_decade - EXACT), math.floor(start * per_decade + EXACT)
        if top - bottom < room:
            break
    ticks = _log_ticks(top, bottom, per_decade, axis_notation(high, log=True))
    lowest = 10.0 ** (bottom / per_decade)
    zero_row = top - bottom + gap if zero else None
    if zero_row is not None:
        ticks.append(Tick(zero_row, 0.0, "0"))
    return Scale(top - bottom + gap + 1, top, 1 / per_decade, ticks, True, lowest if zero else 0.0, zero_row)


def _row_counts(decades: float, rows: int) -> Iterator[float]:
    """Rows per decade, from many to few: integers, then one row for several decades."""
    yield from map(float, range(max(1, int((rows - 1) / decades)), 0, -1))
    for several in (2, 3, 4, 5, 10, 20, 50, 100):  # the last fits, because no axis has more than `MOST_DECADES`
        yield 1 / several


def _log_ticks(top: int, bottom: int, per_decade: float, write: Notation) -> list[Tick]:
    """Ticks for every decade or every n-th; if they are few, also for multiples between, on the nearest row."""
    every = max(1, round(1 / per_decade)) * (1 if per_decade >= 2 or top - bottom < 6 else 2)
    first, last = math.ceil(bottom / per_decade - EXACT), math.floor(top / per_decade + EXACT)
    decades = [exponent for exponent in range(first, last + 1) if exponent % every == 0]
    ticks = {round(top - each * per_decade): _log_tick(top, each, 1, per_decade, write) for each in decades}
    for between in ((2, 5), (3, 4, 6, 7, 8, 9)):
        if len(ticks) >= 3:
            break
        for exponent in range(first - 1, last + 1):
            for mantissa in between:
                tick = _log_tick(top, exponent, mantissa, per_decade, write)
                if 0 <= tick.at <= top - bottom and not {tick.at - 1, tick.at, tick.at + 1} & set(ticks):
                    ticks[tick.at] = tick
    return [ticks[row] for row in sorted(ticks)]


def _log_tick(top: int, exponent: int, mantissa: int, per_decade: float, write: Notation) -> Tick:
    value = float(f"{mantissa}e{exponent}")
    row = round(top - (exponent + math.log10(mantissa)) * per_decade)
    return Tick(row, value, write(value))


# --- epochs and steps --------------------------------------------------------------------------------------


def clock_ticks(extent: Extent, columns: int) -> list[Tick]:
    """Ticks of the axis of time over `columns` columns: integers, thousands as 20k, millions as 2M, and so on.

    No label touches another; the stop itself is at the last column. Over less than 5, there may be ticks
    between integers.
    """
    size, letter = clock_scale(extent.stop)
    digits = 12 if extent.start else 6
    exponent = math.floor(math.log10(extent.length)) - 2
    for power in range(exponent, exponent + 5):
        for mantissa in CLOCK_STEPS:
            step = Decimal(mantissa).scaleb(power)
            if extent.length >= 5 and step != int(step):
                continue
            first = math.ceil(extent.start / float(step) - EXACT)
            last = math.floor(extent.stop / float(step) + EXACT)
            values = [float(index * step) for index in range(first, last + 1)]
            ticks = [
                Tick(
                    min(columns - 1, int(extent.part(value) * columns + EXACT)),
                    value,
                    f"{round(value / size, digits):.{digits}g}{letter if value else ''}",
                )
                for value in values
            ]
            places = [span_of(tick, columns) for tick in ticks]
            if all(right[0] - left[1] >= LABEL_GAP for left, right in pairwise(places)):
                return ticks
    return ticks[:1]


def span_of(tick: Tick, columns: int) -> tuple[int, int]:
    """The columns of a tick's label, as start and stop: centred, and within the axis."""
    start = max(0, min(tick.at - (len(tick.label) - 1) // 2, columns - len(tick.label)))
    return start, start + len(tick.label)
