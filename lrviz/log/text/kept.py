"""The records of one format, as a rank of a run printed them, in arrays of bounded length."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from itertools import compress, islice
from operator import eq, ne

from lrviz.log.text.format import Format
from lrviz.log.text.lines import Cut, states

MAX_RECORDS = 2_000_000
"""Where a log has more records, every second is dropped, and from there on only every second is kept; and so on."""


class Kept:
    """Records in the order of the log.

    - `lines`: the line of each; `clocks`: its numbers, one array a group of `format.clocks`, NaN where there is none.
    - `rates`: the texts of its learning rates, one list a learning rate of a line; each different text is stored once.
    - `count`: how many lines were read, also those that said again what the line before had said.
    - `stride`: one of so many records is kept.
    - `decimals`: the most decimals of an epoch.
    - `limit`: the most records that are kept.
    - `cut`: True if the last record may be cut off.
    """

    def __init__(self, format: Format) -> None:
        self.format = format
        self.lines = array("q")
        self.clocks = tuple(array("d") for _ in format.clocks)
        self.rates: list[list[str]] = []
        self.count = 0
        self.stride = 1
        self.decimals = 0
        self.limit = MAX_RECORDS
        self.cut = False
        self._headed = format.heading is not None
        self._is_list = "lrs" in format.groups
        self._epoch_at = format.groups.index("epoch") if "epoch" in format.groups else -1
        self._indices = (0, *format.indices)  # with a 0 there are always several, so that `group` gives a tuple
        self._said: tuple[str, ...] = ()
        self._texts: dict[str, str] = {}
        self._skipped = 0
        self._dense = False

    def __len__(self) -> int:
        return len(self.lines)

    def take_all(self, cut: Cut, *, several: bool) -> None:
        """Adds the records of many lines; `several` says whether a line may have more than one."""
        found, lines = self._found(cut, several=several)
        if not found:
            return
        columns = list(zip(*found, strict=True))
        columns = [columns[index - 1] for index in self.format.indices]
        count = len(found)
        if self.format.redrawn and self.stride == 1 and not self._is_list:
            lines, columns = self._last_drawn(lines, columns)
            if not lines:
                self.count += count
                return
        first, last = (tuple(column[end] for column in columns) for end in (0, -1))
        again = not self.format.redrawn and (first == self._said or any(map(eq, found, islice(found, 1, None))))
        if again or self.stride > 1 or self._is_list:
            for line, said in zip(lines, zip(*columns, strict=True), strict=True):
                self._add(line, said)
            return
        self.count += count
        self._said = last
        self.lines.extend(lines)
        for values, column in zip(self.clocks, columns, strict=False):
            values.extend(map(float, column))
        if self._epoch_at >= 0:
            self.decimals = max(self.decimals, *map(_decimals, columns[self._epoch_at]))
        known = self._texts.setdefault
        rates = columns[len(self.clocks) :]
        if len(rates) > len(self.rates):
            self._widen(len(rates))
        for texts, column in zip(self.rates, rates, strict=True):
            texts.extend(map(known, column, column))
        while len(self.lines) >= self.limit:
            self._halve()

    def _last_drawn(
        self, lines: Sequence[int], columns: list[tuple[str, ...]]
    ) -> tuple[Sequence[int], list[tuple[str, ...]]]:
        """The records of a bar that stay: those that say anything new, and of these the last at each step."""
        said = list(zip(*columns, strict=True))
        new = [said[0] != self._said, *map(ne, said, islice(said, 1, None))]
        if not all(new):
            lines, columns = _only(new, lines, columns)
        if not lines:
            return lines, columns
        times = columns[: len(self.clocks)]
        if tuple(column[0] for column in times) == self._said[: len(times)]:
            self._drop_last()
        if any(all(map(ne, column, islice(column, 1, None))) for column in times):
            return lines, columns
        at = list(zip(*times, strict=True))
        return _only([*map(ne, at, islice(at, 1, None)), True], lines, columns)

    def _found(self, cut: Cut, *, several: bool) -> tuple[list[tuple[str, ...]], Sequence[int]]:
        """All groups of each record in some lines, and the line of each."""
        text, number = cut.text, cut.number
        searched = text.replace("\r", "\n") if cut.redrawn else text
        several |= cut.redrawn
        if self._dense and not cut.redrawn:
            found = self.format.line.findall(text)
            if len(found) == text.count("\n"):
                return found if self.format.line.groups > 1 else [(each,) for each in found], range(
                    number, number + len(found)
                )
        if self._dense:
            found, lines = self.format.line.findall(searched), _lines_of_states(cut)
            if len(found) == len(lines):
                return found if self.format.line.groups > 1 else [(each,) for each in found], lines
        found, lines = [], []
        before, last = 0, 0
        for match in self.format.line.finditer(searched):
            number += text.count("\n", before, match.start())
            before = match.start()
            if several or number != last:
                lines.append(number)
                found.append(match.groups())
            last = number
        self._dense = len(found) == (len(_lines_of_states(cut)) if cut.redrawn else text.count("\n"))
        return found, lines

    def take(self, number: int, match: re.Match[str], heading: float | None = None) -> None:
        """Adds the record of a line; `heading` is the epoch that a line above gave."""
        said = match.group(*self._indices)[1:]
        self._add(number, (str(heading), *said) if self._headed else said)

    def _add(self, number: int, said: tuple[str, ...]) -> None:
        self.count += 1
        if said == self._said:
            return
        clocks = len(self.clocks)
        if self.format.redrawn and said[:clocks] == self._said[:clocks]:
            self._drop_last()
        elif self.stride > 1:
            self._skipped = (self._skipped + 1) % self.stride
            if self._skipped:
                return
        self._said = said
        self.lines.append(number)
        for values, text in zip(self.clocks, said, strict=False):
            values.append(float(text))
        if self._epoch_at >= 0:
            self.decimals = max(self.decimals, _decimals(said[self._epoch_at]))
        rates = said[clocks:]
        if self._is_list:
            rates = tuple(each.strip() for each in rates[0].split(","))
        if len(rates) > len(self.rates):
            self._widen(len(rates))
        for texts, text in zip(self.rates, rates, strict=False):
            texts.append(self._texts.setdefault(text, text))
        for texts in self.rates[len(rates) :]:
            texts.append("nan")
        if len(self.lines) >= self.limit:
            self._halve()

    def _widen(self, width: int) -> None:
        before = len(self.rates[0]) if self.rates else 0
        self.rates += [["nan"] * before for _ in range(width - len(self.rates))]

    def _drop_last(self) -> None:
        if self.lines:
            self.lines.pop()
            for values in self.clocks:
                values.pop()
            for texts in self.rates:
                texts.pop()

    def _halve(self) -> None:
        self.stride *= 2
        self.lines = self.lines[::2]
        self.clocks = tuple(values[::2] for values in self.clocks)
        self.rates = [texts[::2] for texts in self.rates]
        self._texts = {text: text for texts in self.rates for text in texts}


def _only(
    chosen: Sequence[bool], lines: Sequence[int], columns: list[tuple[str, ...]]
) -> tuple[Sequence[int], list[tuple[str, ...]]]:
    return list(compress(lines, chosen)), [tuple(compress(column, chosen)) for column in columns]


def _lines_of_states(cut: Cut) -> list[int]:
    """The line of each state in which a line was drawn."""
    numbers: list[int] = []
    for number, line in enumerate(cut.text.split("\n"), cut.number):
        numbers += [number] * states(line)
    return numbers


def _decimals(text: str) -> int:
    point = text.find(".")
    return len(text) - point - 1 if point >= 0 else 0
