"""Curves as text for a terminal: dots in braille, eight to a character, or plain ASCII where there is no more.

A braille character is a grid of two columns and four rows of dots, so a picture of 14 x 3 characters has
28 x 12 dots. A curve is drawn without gaps: neighbouring dots of a jump are joined by an upright line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

ACROSS, DOWN = 2, 4
"""The dots of one character."""

BLANK = 0x2800
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""What each dot of a braille character adds to its code point, row by row."""


class Canvas:
    """A grid of dots, `width` x `height` characters large. Dots count from the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells = [[0] * width for _ in range(height)]

    @property
    def columns(self) -> int:
        return self.width * ACROSS

    @property
    def rows(self) -> int:
        return self.height * DOWN

    def dot(self, column: int, row: int) -> None:
        self._cells[row // DOWN][column // ACROSS] |= BITS[row % DOWN][column % ACROSS]

    def curve(self, values: Sequence[float], low: float, high: float) -> None:
        """Draws values from left to right over the whole width, `low` at the bottom and `high` at the top.

        Of the values that share a column of dots, all from the smallest to the largest are covered, so no peak
        is lost. What is not finite leaves a gap; what is outside is drawn at the edge.
        """
        before: int | None = None
        for column in range(self.columns):
            rows = [self._row(value, low, high) for value in _share(values, column, self.columns)]
            drawn = [row for row in rows if row is not None]
            if not drawn:
                before = None
                continue
            first, last = min(drawn), max(drawn)
            if before is not None:  # up to the dot beside the column before: no gap, and no corner drawn twice
                first, last = min(first, before + 1), max(last, before - 1)
            for row in range(first, last + 1):
                self.dot(column, row)
            before = drawn[-1]

    def _row(self, value: float, low: float, high: float) -> int | None:
        if not math.isfinite(value):
            return None
        if not low < high:
            return self.rows // 2
        # halves, because high - low of two doubles may be more than a double holds
        part = (min(max(value, low), high) / 2 - low / 2) / (high / 2 - low / 2)
        return self.rows - 1 - round(part * (self.rows - 1))

    def lines(self, ascii: bool = False) -> list[str]:
        """The picture, one text a line, each `width` characters long."""
        return ["".join(_ascii(cell) if ascii else chr(BLANK + cell) for cell in line) for line in self._cells]


def draw(values: Sequence[float], width: int, height: int, ascii: bool = False) -> list[str]:
    """One curve as lines of text, from its smallest value at the bottom to its largest at the top.

    A curve that never changes is a line in the middle.
    """
    finite = [value for value in values if math.isfinite(value)]
    canvas = Canvas(width, height)
    if finite:
        canvas.curve(values, min(finite), max(finite))
    return canvas.lines(ascii)


def to_ascii(line: str) -> str:
    """A line of braille in plain ASCII."""
    return "".join(_ascii(ord(letter) - BLANK) for letter in line)


def _share(values: Sequence[float], column: int, columns: int) -> Sequence[float]:
    """The values that one of `columns` columns stands for: the first in the first, the last in the last."""
    count = len(values)
    if count <= columns:
        return [values[column * (count - 1) // (columns - 1)]] if count > 1 else values
    return values[column * count // columns : (column + 1) * count // columns]


def _ascii(cell: int) -> str:
    """A character that has its ink where most of the dots are."""
    rows = [row for row in range(DOWN) if cell & (BITS[row][0] | BITS[row][1])]
    if not rows:
        return " "
    if len(rows) >= 3:
        return "|"
    middle = sum(rows) / len(rows)
    return "'" if middle < 1 else "-" if middle <= 2 else "."
