"""Where in a text an offset is, as editors count lines and columns, and the limits that every text of a config has."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NoReturn

from lrviz.errors import Position, Problems, ScheduleError
from lrviz.schedule.text.document import MAX_DEPTH, MAX_NODES


class Places:
    """The positions of a text, the problems that were found in it, and how many values were read so far."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]
        self.problems = Problems()
        self.values = 0

    def at(self, offset: int) -> Position:
        """The position of the character at an offset, from 0."""
        line = bisect_right(self.lines, offset)
        return Position(self.file, line, offset - self.lines[line - 1] + 1)

    def stop(self, offset: int, message: str, hint: str = "") -> NoReturn:
        """Raises everything that was found, and last this problem, after which nothing can be read."""
        self.problems.at(self.at(offset), message, hint)
        raise ScheduleError(self.problems)

    def raise_problems(self) -> None:
        """Raises a `ScheduleError` with all problems of the text, if there are any."""
        if self.problems:
            raise ScheduleError(self.problems)

    def duplicate(self, key: str, again: int, first: int) -> None:
        """Reports a key that a mapping has twice; reading goes on."""
        line, column = self.at(first)[1:]
        self.problems.at(
            self.at(again),
            f"duplicate key {key[:40]!r}; it is already at line {line}, column {column}",
            "keep one of the two",
        )

    def count(self, offset: int, depth: int) -> None:
        """Counts a value. Stops where there are too many, or if it is nested too deep."""
        self.values += 1
        if self.values > MAX_NODES:
            self.stop(offset, f"the file has more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            self.stop(offset, f"lists and mappings are nested more than {MAX_DEPTH} deep")
