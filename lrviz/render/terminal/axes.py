"""One axes of text: curves in braille, or in ASCII marks, between an axis of values and one of epochs or steps.

Curves are told apart by colour, and without it by a letter: beside their names, and here and there on their lines.
Curves that lie on each other take turns, so that none hides another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.ansi import DIM, Terminal, width_of
from lrviz.render.braille import BLANK, Canvas, Stroke, dots_of
from lrviz.render.drawing.clock import Extent
from lrviz.render.spread import spread
from lrviz.render.terminal.painted import COLORS, Line, Piece, cut, printable
from lrviz.render.terminal.scale import Scale, clock_ticks, span_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKS = "o+x*#@%&" + LETTERS
"""The signs that identify curves: letters in braille without colour, marks in ASCII."""

NAMES_PART = 0.34
"""The fraction of the width that names beside the axes may take."""

TURN = 2
"""The number of characters after which curves that lie on each other take turns."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A line: `values` (ticks long), each held for `tick` on the axis of time; the line ends at `length`.

    It may begin at `start`; then `values` are those from the tick that is held there.
    """

    values: NDArray[np.float64]
    tick: float
    length: float
    start: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A name, its line or lines, and its `place` among all series, which determines its colour and letter.

    `letter`, if given, identifies it instead, also in ASCII.
    """

    name: str
    traces: Sequence[Trace]
    place: int
    letter: str = ""

    @property
    def color(self) -> str:
        """The colour of the curve, by its place among the curves."""
        return COLORS[self.place % len(COLORS)]

    def printable(self, ascii: bool) -> Series:
        """The same with a name that is safe to write to a terminal."""
        return replace(self, name=printable(self.name, ascii))

    def sign(self, ascii: bool) -> str:
        """The character that stands for the curve in the legend and, in ASCII, on the canvas."""
        letters = MARKS if ascii else LETTERS
        return self.letter or letters[self.place % len(letters)]


def extremes(values: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The smallest, the largest and the last value in each interval of `values` from one of `starts` to the next.

    NaN counts only if it is alone or last. The result has the shape `3 x starts`.
    """
    last = np.append(starts[1:], len(values)) - 1
    return np.stack([np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts), values[last]])


def columns_of(trace: Trace, columns: int, extent: Extent) -> NDArray[np.float64]:
    """The smallest, the largest and the last value of a line in each of `columns` from where it begins to its end.

    The columns divide `extent` evenly; those left of the line have NaN. If there are more ticks than columns, each tick
    belongs to the column of its middle; otherwise a column has the value that is held at its own middle.
    """
    left = min(columns - 1, round(extent.part(trace.start) * columns))
    reach = max(1, min(columns, round(extent.part(trace.length) * columns)) - left)
    per_column = (trace.length - trace.start) / trace.tick / reach
    first = trace.start / trace.tick % 1  # the part of the first tick before the line
    last = len(trace.values) - 1
    before = np.full((3, left), np.nan)
    if per_column < 1:
        ticks = (first + (np.arange(reach) + 0.5) * per_column).astype(np.int64)
        return np.hstack([before, np.tile(trace.values[np.minimum(ticks, last)], (3, 1))])
    starts = np.ceil(first + np.arange(reach) * per_column - 0.5).astype(np.int64)
    return np.hstack([before, extremes(trace.values, np.minimum(starts, last))])


def strokes(trace: Trace, scale: Scale, canvas: Canvas, extent: Extent) -> list[Stroke | None]:
    """A line as strokes in the dots of a canvas; None for a column without a value."""
    middle = canvas.down // 2  # the row of dots beside a label
    rows = scale.positions(columns_of(trace, canvas.columns, extent)) * canvas.down + middle
    found: list[Stroke | None] = []
    for lowest, highest, end in np.rint(np.clip(rows, -1e6, 1e6)).T.tolist():
        known = [each for each in (highest, lowest) if each == each]  # the largest value is uppermost
        leaves = end if end == end else known[-1] if known else 0
        found.append((int(known[0]), int(known[-1]), int(leaves)) if known else None)
    return found


class End(NamedTuple):
    """The row of characters at which a series ends, and the mean row of its line."""

    row: int
    mean: float


def draw_on(canvas: Canvas, series: Sequence[Series], scale: Scale, extent: Extent) -> list[End]:
    """Draws all lines, and returns the end of each series: the mean of its lines, or the bottom if nothing is drawn."""
    ends = []
    for each in series:
        rows, last = [], []
        for trace in each.traces:
            drawn = strokes(trace, scale, canvas, extent)
            canvas.strokes(drawn, each.place)
            seen = [stroke[2] / canvas.down for stroke in drawn if stroke is not None]
            rows += seen
            last += seen[-1:]
        row = int(sum(last) / len(last)) if last else canvas.height
        ends.append(End(min(max(row, 0), canvas.height - 1), sum(rows) / len(rows) if rows else canvas.height))
    return ends


def written(canvas: Canvas, series: Sequence[Series], terminal: Terminal) -> list[Line]:
    """A canvas as lines, with letters on the curves if neither colour nor marks tell them apart."""
    by_place = {each.place: each for each in series}
    letters = _letters(canvas, series) if not terminal.ascii and not terminal.color and len(series) > 1 else {}
    lines = []
    for row in range(canvas.height):
        line = []
        for column in range(canvas.width):
            cell = canvas.owners(column, row)
            if not cell:
                line.append(Piece(" "))
                continue
            owner = by_place[_seen(cell, column)]
            dots = owner.sign(True) if terminal.ascii else chr(BLANK + dots_of(cell))
            line.append(Piece(letters.get((column, row), dots), owner.color))
        lines.append(line)
    return lines


def _seen(cell: dict[int, int], column: int) -> int:
    """The owner that a character is painted for: the one with the most dots; if there are several, they take turns."""
    most = max(dots.bit_count() for dots in cell.values())
    owners = [owner for owner, dots in cell.items() if dots.bit_count() == most]
    return owners[column // TURN % len(owners)]


def _letters(canvas: Canvas, series: Sequence[Series]) -> dict[tuple[int, int], str]:
    """Letters on the lines, at regular distances that differ between series, where a line is alone."""
    found: dict[tuple[int, int], str] = {}
    every = max(12, 7 * len(series))
    for index, each in enumerate(series):
        for wanted in range(3 + index * every // len(series), canvas.width, every):
            for column in sorted(range(canvas.width), key=lambda at: abs(at - wanted))[: every // 2]:
                rows = [row for row in range(canvas.height) if each.place in canvas.owners(column, row)]
                alone = [row for row in rows if len(canvas.owners(column, row)) == 1]
                near = {(column + side, row) for row in rows for side in (-1, 0, 1)}
                if len(rows) == 1 and alone and not near & set(found):
                    found[column, rows[0]] = each.sign(False)
                    break
    return found


# --- axes --------------------------------------------------------------------------------------------------


def margin_of(scales: Sequence[Scale]) -> int:
    """The number of columns left of the curves: the longest label of these axes, and the axis itself."""
    return max(len(tick.label) for scale in scales for tick in scale.ticks) + 2


def value_axis(scale: Scale, margin: int, ascii: bool) -> list[Line]:
    """The left edge of each row: its label, if any, and the axis, dotted where a logarithmic axis is linear."""
    labels = {tick.at: tick.label for tick in scale.ticks}
    plain, at_tick, broken = ("|", "+", ":") if ascii else ("│", "┤", "┊")
    lowest = scale.rows if scale.zero_row is None else scale.top - math.log10(scale.linear_below) / scale.per_row
    lines = []
    for row in range(scale.rows):
        bar = at_tick if row in labels else broken if row > lowest else plain
        lines.append([Piece(labels.get(row, "").rjust(margin - 2) + " "), Piece(bar, DIM)])
    return lines


def clock_axis(extent: Extent, width: int, margin: int, ascii: bool) -> list[Line]:
    """The lower edge: the axis with its ticks, and their labels below."""
    ticks = clock_ticks(extent, width)
    corner, plain, at_tick = ("+", "-", "+") if ascii else ("└", "─", "┬")
    bar, labels = [plain] * width, [" "] * width
    for tick in ticks:
        bar[tick.at] = at_tick
        start, stop = span_of(tick, width)
        labels[start:stop] = tick.label
    return [
        [Piece(" " * (margin - 1)), Piece(corner + "".join(bar), DIM)],
        [Piece(" " * margin + "".join(labels)[: width + 1])],
    ]


class Span(NamedTuple):
    """A named interval of the axis of time."""

    name: str
    start: float
    stop: float


def span_axis(spans: Sequence[Span], extent: Extent, width: int, ascii: bool) -> Line:
    """The names of the spans that have room for them, each after a mark at its start."""
    letters = [" "] * width
    for span in spans:
        start, stop = (min(width, int(extent.part(at) * width)) for at in (span.start, span.stop))
        if stop - start > len(span.name):
            letters[start : start + 1 + len(span.name)] = ("|" if ascii else "╷") + span.name
    return [Piece("".join(letters), DIM)]


# --- names -------------------------------------------------------------------------------------------------


def tag(series: Series, terminal: Terminal, room: int) -> Line:
    """The name of a series in its colour, or without colour after its letter or mark."""
    if terminal.color and not terminal.ascii:
        return [Piece(cut(series.name, room, False), series.color)]
    sign = series.sign(terminal.ascii)
    name = f" {cut(series.name, room - 2, terminal.ascii)}" if series.name != sign else ""
    return [Piece(sign, series.color), Piece(name, series.color if terminal.color else "")]


def tag_width(series: Sequence[Series], terminal: Terminal) -> int:
    """The number of columns of the longest tag."""
    return max(sum(width_of(text) for text, _ in tag(each, terminal, 10_000)) for each in series)


def beside(ends: Sequence[End], rows: int) -> list[int]:
    """A row for the name of each series: at its end, or as near as the others allow.

    Names are in the order of the ends; series that end in the same row are ordered by the means of their lines.
    """
    order = sorted(range(len(ends)), key=lambda index: (ends[index], index))
    wanted = spread([1 - (ends[index].row + 0.5) / rows for index in order], [1 / rows] * len(order))
    places: list[int] = []
    for place in wanted:
        row = math.floor((1 - place) * rows + 1e-6)
        places.append(max(row, places[-1] + 1 if places else 0))
    for back in reversed(range(len(places))):  # rounding may have pushed the last one out
        places[back] = min(places[back], (places[back + 1] if back + 1 < len(places) else rows) - 1)
    placed = dict(zip(order, places, strict=True))
    return [placed[index] for index in range(len(ends))]
