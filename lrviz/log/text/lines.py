"""Cuts a text that comes in blocks into lines, and passes on those that may hold a record.

A line may have been redrawn (a progress bar writes `\r` and itself again): each of its states counts as a line, at the
number of the line in the file. Of a long line only the beginning is looked at, so that memory does not grow with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_LINE = 20_000
"""Only so many characters of a line are looked at."""


class Cut(NamedTuple):
    """Whole lines of a text, with the number of the first; `redrawn` is True if some were redrawn."""

    number: int
    text: str
    redrawn: bool


class Lines:
    """The lines of a text for which `may_hold` is true; it must be true of a text if it is true of a part.

    `count` is the number of all lines so far.
    """

    def __init__(self, may_hold: Callable[[str], bool]) -> None:
        self.count = 0
        self._may_hold = may_hold
        self._number = 1
        self._rest = ""
        self._begun = False  # True if states of a line are counted that has not ended

    def cut(self, block: str) -> Cut | None:
        """The lines that a block completes; None if it completes none."""
        text = self._rest + block
        end = text.rfind("\n")
        redrawn = "\r" in text
        if redrawn:
            end = max(end, text.rfind("\r", 0, -1))  # a last one may be half of a line end
        self._rest = text[end + 1 :][:MAX_LINE]
        if end < 0:
            return None
        return Cut(self._number, text[: end + 1], redrawn)

    def passed(self, cut: Cut) -> Iterator[tuple[int, str]]:
        """The lines of a cut that may hold a record, each with its number in the file, from 1."""
        number, text, redrawn = cut
        self.skip(cut)
        may_hold = self._may_hold
        if not may_hold(text):
            return
        for number, line in enumerate(text.split("\n"), number):  # noqa: B020
            if may_hold(line):
                for state in line.split("\r") if redrawn else (line,):
                    if may_hold(state):
                        yield number, state[:MAX_LINE]

    def skip(self, cut: Cut) -> None:
        """Counts the lines of a cut."""
        if not cut.redrawn and not self._begun:
            ends = cut.text.count("\n")
            self._number += ends
            self.count += ends
            return
        *lines, begun = cut.text.split("\n")
        self._number += len(lines)
        for line in lines:
            self.count += states(line) or not self._begun
            self._begun = False
        self.count += states(begun)
        self._begun |= states(begun) > 0

    def finish(self) -> Iterator[tuple[int, str]]:
        """The last line, if it has no line end."""
        rest = self._rest.rstrip("\r")
        if rest:
            self.count += 1
            if self._may_hold(rest):
                yield self._number, rest


def states(line: str) -> int:
    """How many states a line has been drawn in."""
    return sum(map(bool, line.split("\r")))
