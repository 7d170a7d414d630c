"""Curves as text for a terminal: braille, which has eight dots per character, or plain ASCII.

A braille character is a grid of two columns and four rows of dots, so a picture of 14 x 3 characters has
28 x 12 dots. A curve is drawn without gaps: neighbouring dots of a jump are joined by an upright line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

ACROSS, DOWN = 2, 4
"""The columns and rows of dots in one braille character."""

BLANK = 0x2800
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit that each dot adds to the code point of a braille character, row by row."""

Stroke: TypeAlias = tuple[int, int, int]
"""The rows of a curve in one column of dots: the uppermost, the lowest, and the one at which it leaves the column."""


class Canvas:
    """A grid of dots, `width` x `height` characters large. Dots count from the upper left corner.

    A character has two columns and four rows of dots; on a `coarse` canvas it is a single dot. Each dot remembers the
    number of the curve that drew it, its owner.
    """

    def __init__(self, width: int, height: int, coarse: bool = False) -> None:
        self.width, self.height = width, height
        self.across, self.down = (1, 1) if coarse else (ACROSS, DOWN)
        self._cells: list[list[dict[int, int]]] = [[{} for _ in range(width)] for _ in range(height)]

    @property
    def columns(self) -> int:
        """The width in dots."""
        return self.width * self.across

    @property
    def rows(self) -> int:
        """The height in dots."""
        return self.height * self.down

    def dot(self, column: int, row: int, owner: int = 0) -> None:
        """Sets a dot, counted from the upper left, for the curve of that number."""
        cell = self._cells[row // self.down][column // self.across]
        cell[owner] = cell.get(owner, 0) | BITS[row % self.down][column % self.across]

    def strokes(self, strokes: Iterable[Stroke | None], owner: int = 0) -> None:
        """Draws a curve column by column from the left; None is a gap. Dots outside the canvas are left out."""
        before: int | None = None
        for column, stroke in enumerate(strokes):
            if stroke is None:
                before = None
                continue
            first, last, end = stroke
            if before is not None:  # up to the dot beside the previous column: no gap, and no corner drawn twice
                first, last = min(first, before + 1), max(last, before - 1)
            for row in range(max(first, 0), min(last, self.rows - 1) + 1):
                self.dot(column, row, owner)
            before = end

    def curve(self, values: Sequence[float], low: float, high: float) -> None:
        """Draws values from left to right over the whole width, with `low` at the bottom and `high` at the top.

        Where several values share a column of dots, the dots from the smallest to the largest are filled, so no peak
        is lost. Values that are not finite leave a gap; values out of range are drawn at the edge.
        """
        self.strokes(self._strokes(values, partial(self._row, low=low, high=high)))

    def _strokes(self, values: Sequence[float], row_of: Callable[[float], int]) -> Iterable[Stroke | None]:
        """Only three values of a column need their rows, because a larger value is never in a lower row."""
        for column in range(self.columns):
            drawn = list(filter(math.isfinite, _share(values, column, self.columns)))
            yield (row_of(max(drawn)), row_of(min(drawn)), row_of(drawn[-1])) if drawn else None

    def _row(self, value: float, low: float, high: float) -> int:
        if not low < high:
            return self.rows // 2
        unit = 0.5 if max(high, -low) > 1 else 2.0**60  # high - low may overflow, and half of 5e-324 is 0
        part = (min(max(value, low), high) * unit - low * unit) / (high * unit - low * unit)
        return self.rows - 1 - round(part * (self.rows - 1))

    def owners(self, column: int, row: int) -> dict[int, int]:
        """The owners that have dots in a character, each with its dots as a sum of `BITS`."""
        return self._cells[row][column]

    def lines(self, ascii: bool = False) -> list[str]:
        """The lines of the picture, each `width` characters long."""
        return ["".join(_letter(dots_of(cell), ascii) for cell in line) for line in self._cells]


def dots_of(cell: dict[int, int]) -> int:
    """The dots of all owners of a character together, as a sum of `BITS`."""
    dots = 0
    for each in cell.values():
        dots |= each
    return dots


def draw(values: Sequence[float], width: int, height: int, ascii: bool = False) -> list[str]:
    """One curve as lines of text, from its smallest value at the bottom to its largest at the top.

    A constant curve is a line in the middle.
    """
    finite = [value for value in values if math.isfinite(value)]
    canvas = Canvas(width, height)
    if finite:
        canvas.curve(values, min(finite), max(finite))
    return canvas.lines(ascii)


def to_ascii(line: str) -> str:
    """A line of braille in plain ASCII."""
    return "".join(_letter(ord(letter) - BLANK, True) for letter in line)


def _share(values: Sequence[float], column: int, columns: int) -> Sequence[float]:
    """The values in one of `columns` columns; if there are fewer values than columns, the one that is held there."""
    count = len(values)
    start = column * count // columns
    return values[start : max(start + 1, (column + 1) * count // columns)]


def _letter(dots: int, ascii: bool) -> str:
    """A braille character, or the ASCII character that looks most like its dots."""
    if not ascii:
        return chr(BLANK + dots)
    rows = [row for row in range(DOWN) if dots & (BITS[row][0] | BITS[row][1])]
    if not rows:
        return " "
    if len(rows) >= 3:
        return "|"
    middle = sum(rows) / len(rows)
    return "'" if middle < 1 else "-" if middle <= 2 else "."
