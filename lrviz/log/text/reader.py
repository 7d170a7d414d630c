"""Finds the records in a text that comes in blocks, by the formats of programs, by names, or by a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from lrviz.ansi import ESCAPE, unpainted
from lrviz.log.text.format import Format
from lrviz.log.text.formats import FORMATS
from lrviz.log.text.kept import MAX_RECORDS, Kept
from lrviz.log.text.lines import Lines
from lrviz.log.text.names import format_of, names_rate, tokens

_RANK: Final = re.compile(r"\s*(?:\[(?:rank|default)?(\d+)\]:|\[\d+,(\d+)\]<std(?:out|err)>:|(\d+):(?= ))")
"""What launchers put before the lines of a rank: torchrun `[rank0]:`, mpirun `[1,0]<stdout>:`, srun `0: `."""

_RANK_BEGINS: Final = frozenset("[0123456789 ")

MAX_DERIVED = 20
"""After so many formats that were derived from names, no more are."""

SURE = 1000
"""After so many records of a format, no other is looked for."""

MAX_RANKS = 1_000
"""More ranks are none: something else numbers the lines."""

MAX_NEAR = 3
"""So many of the lines that came nearest to a record are named."""

NEAR_THE_BEGINNING = 10_000
"""A line that has only a step or epoch is looked for in so many lines."""


class Near(NamedTuple):
    """A line that has a learning rate and no clock (`has` is "lr"), or the other way round, and where the number is."""

    number: int
    has: str
    written: str


class Reader:
    """Reads a text block by block; `Reader.kept` are the records so far, by format and rank.

    With a format `only`, no other is looked for, and it may read a line several times.
    """

    def __init__(self, only: Format | None = None) -> None:
        self.kept: dict[tuple[Format, str], Kept] = {}
        self.near: dict[str, list[Near]] = {"lr": [], "clock": []}
        self.only = () if only is None else (only,)
        self._formats: Sequence[Format] = FORMATS if only is None else (only,)
        self._headings = [each for each in self._formats if each.heading is not None]
        self._derived: list[Format] = []
        self._last: Format | None = None
        self._epoch: float | None = None
        self.lines = Lines(self._may_hold if only is None else _may_hold(only.words))

    def feed(self, block: str) -> None:
        """Reads a block of text."""
        cut = self.lines.cut(block)
        if cut is None:
            return
        kept = self._sure_of()
        if kept is None:
            for number, line in self.lines.passed(cut):
                self._read(number, line)
        else:
            self.lines.skip(cut)
            kept.take_all(cut._replace(text=unpainted(cut.text)), several=bool(self.only))

    def _sure_of(self) -> Kept | None:
        """The records of the one format that is read, if so many were that no other is looked for."""
        last = self._last
        if last is None or last.heading is not None:
            return None
        kept = self.kept.get((last, ""))
        if kept is None or kept.count < SURE or any(rank for _, rank in self.kept):
            return None
        return kept

    def finish(self) -> None:
        """Reads the last line, which has no line end: what is at its very end may be cut off."""
        for number, line in self.lines.finish():
            self._read(number, line, ended=False)

    def _read(self, number: int, line: str, *, ended: bool = True) -> None:
        if ESCAPE in line:
            line = unpainted(line)
        last = self._last
        if last is not None and last.derived:
            last = None  # a line that is read by its names may come before those of a known program
        match = last.line.search(line) if last is not None else None
        if match is None or last is None:
            last, match = self._recognized(number, line)
            if match is None or last is None:
                return
        if last.heading is not None and self._epoch is None:
            return
        self._last = last
        kept = self._kept_of(last, _rank(line, match))
        if last in self.only:
            for match in last.line.finditer(line):
                kept.take(number, match)
        else:
            kept.take(number, match, self._epoch)
        kept.cut = not ended and max(map(match.end, last.groups)) == len(line.rstrip())

    def _kept_of(self, format: Format, rank: str) -> Kept:
        kept = self.kept.get((format, rank))
        if kept is None and len(self.kept) >= MAX_RANKS:
            rank = ""
            kept = self.kept.get((format, rank))
        if kept is None:
            kept = self.kept[format, rank] = Kept(format)
            for each in self.kept.values():
                each.limit = MAX_RECORDS // len(self.kept)
        return kept

    def _recognized(self, number: int, line: str) -> tuple[Format | None, re.Match[str] | None]:
        """The format of a line, and what it finds in it."""
        for format in self._headings:
            heading = format.heading.search(line) if format.heading is not None else None
            if heading is not None:
                self._epoch = float(heading["epoch"])
                return None, None
        if not self.only and not names_rate(line):
            if self.lines.count <= NEAR_THE_BEGINNING:
                self._came_near(number, line)
            return None, None
        for format in (*self._formats, *self._derived):
            if all(word in line for word in format.words):
                match = format.line.search(line)
                if match is not None:
                    return format, match
        if not self.only:
            derived = format_of(line) if len(self._derived) < MAX_DERIVED else None
            match = derived.line.search(line) if derived is not None else None
            if derived is not None and match is not None:
                self._derived.append(derived)
                return derived, match
            self._came_near(number, line)
        return None, None

    def _may_hold(self, text: str) -> bool:
        """True for a text with the name of a learning rate, or the heading of an epoch; at first, with any clock."""
        if "lr" in text or "LR" in text or "earning" in text or "Epoch " in text or "Lr" in text or "EARNING" in text:
            return True
        if self.kept or self.lines.count > NEAR_THE_BEGINNING:
            return False
        return "tep" in text or "poch" in text or "ter" in text

    def _came_near(self, number: int, line: str) -> None:
        if self.kept or all(len(near) >= MAX_NEAR for near in self.near.values()):
            return
        for token in tokens(line):
            near = self.near["lr" if token.kind == "lr" else "clock"]
            if len(near) < MAX_NEAR:
                near.append(Near(number, token.kind, f"{token.name.rpartition('/')[2]}{token.between}"))
            return


def _rank(line: str, match: re.Match[str]) -> str:
    """The rank whose launcher wrote a line; "" if it says none before the record."""
    found = _RANK.match(line) if line[0] in _RANK_BEGINS else None
    return found[1] or found[2] or found[3] if found is not None and found.end() <= match.start() else ""


def _may_hold(words: Sequence[str]) -> Callable[[str], bool]:
    word = words[0] if words else ""
    return lambda text: word in text
