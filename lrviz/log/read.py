"""Reads a file that a run wrote into a `Log`.

A table (CSV, JSON lines, JSON) is read whole. What a training printed is text (`lrviz/log/text`), and is read block by
block. Which of the two a file is, its beginning suggests (`lrviz/log/source.py`); what cannot be read as the one is
tried as the other.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.log.columns import clock_of
from lrviz.log.digits import exactness, most_decimals
from lrviz.log.log import Log, LogClock, Unit
from lrviz.log.looks import begins_json, is_table
from lrviz.log.source import Source, is_stdin, name_of
from lrviz.log.table import CUT_OFF, NoColumnError, NotThereError, Table, choose, gather, note
from lrviz.log.tensorboard import is_tensorboard, read_events
from lrviz.log.text import Format, NoRecordsError, Wanted, pattern_format, text_log
from lrviz.number import real
from lrviz.schedule.text.records import MISSING, UNREADABLE, records
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import listed, several

DIGITS: Final = frozenset("0123456789")

MAX_PROBLEMS_LISTED = 5
"""More problems of one kind than this are summed up in one line."""

MAX_COUNT = 10**15
"""No step or epoch number is larger."""


def read_log(
    path: str,
    column: str | None = None,
    step_column: str | None = None,
    group: str | None = None,
    *,
    groups: Sequence[str] = (),
    pattern: str | None = None,
) -> Log:
    """The learning rates that a run logged, and when. The path `-` is standard input.

    A folder, or a file with `tfevents` in its name, is read as TensorBoard event files; any other file as CSV, JSON
    lines, whole JSON such as a Hugging Face `trainer_state.json`, or the text that a training printed. `column` names
    the column of learning rates and `step_column` that of steps or epochs; without them, columns are recognized by
    name, `lr/GROUP` before any other. Records without a learning rate are skipped. A `pattern` says how the lines of a
    text read. Where they have several learning rates without names, they are those of the param groups `groups`.

    Raises `ScheduleError` with every problem: the file cannot be read, no column or more than one fits, or a value is
    not a number.
    """
    name, format = name_of(path), None if pattern is None else pattern_format(pattern)
    wanted = Wanted(name, column, step_column, group, tuple(groups))
    with readable(name):
        if not is_stdin(path) and is_tensorboard(path):
            if format is not None:
                raise ScheduleError.at(Position(path), "event files are no text", "leave out --pattern")
            return read_events(path, column, step_column, group)
        with Source.of(path) as source:
            return log_in(source, wanted, format)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Raises `ScheduleError` for every other error of a log that cannot be read."""
    try:
        yield
    except ScheduleError:
        raise
    except UnreadableError as error:
        place = Position(name, error.line, error.column) if error.line else Position(name)
        raise ScheduleError.at(place, str(error) if error.line else f"this file {error}", error.hint) from None
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        raise ScheduleError.at(Position(name), f"this file cannot be read: {reason}") from None


def log_in(source: Source, wanted: Wanted, format: Format | None = None) -> Log:
    """The log in an open file: as a text of this `format`, else as a table or a text. Use it in `readable`."""
    if format is not None:
        return text_log(source, wanted, format)
    if source.must_be_table or is_table(source.begins, wanted.column):
        return _table_log(source, wanted)
    return _text_log(source, wanted)


def _table_log(source: Source, wanted: Wanted) -> Log:
    """The log in a file that looks like a table; where it is none, that in its text, if there is any."""
    data = source.all()
    try:
        return _log_of_table(data, wanted)
    except (ScheduleError, UnreadableError, *UNREADABLE) as error:
        is_read = isinstance(error, ScheduleError) and not isinstance(error, NoColumnError)
        if source.must_be_table or (is_read and begins_json(source.begins)):
            raise
        with suppress(ScheduleError):
            return text_log(Source.of_bytes(data), wanted)
        raise


def _text_log(source: Source, wanted: Wanted) -> Log:
    """The log in a file that looks like text; where none is found, that in it as a table, if its beginning is one."""
    try:
        return text_log(source, wanted)
    except NoRecordsError:
        data = source.again() if _begins_table(source, wanted) else None
        if data is not None:
            with suppress(ScheduleError, UnreadableError, *UNREADABLE):
                return _log_of_table(data, wanted)
        raise


def _begins_table(source: Source, wanted: Wanted) -> bool:
    """False for a long file whose first records are not those of a table: it need not be held whole."""
    if source.is_short:
        return True
    begins = source.head[: source.head.rfind(b"\n") + 1]
    try:
        _log_of_table(begins, wanted)
    except NotThereError:
        return wanted.column is None or wanted.column in source.begins
    except (ScheduleError, UnreadableError, *UNREADABLE):
        return False
    return True


def _log_of_table(data: bytes, wanted: Wanted) -> Log:
    rows = records(data, Path(wanted.path), growing=True)
    return log_of_table(gather(rows, wanted.column, wanted.step_column, wanted.group), wanted)


def log_of_table(table: Table, wanted: Wanted) -> Log:
    """The log in a table. Raises `ScheduleError` as `read_log` does."""
    path, column, step_column, group = wanted.path, wanted.column, wanted.step_column, wanted.group
    notes: list[Problem] = []
    name = choose(table.names, table.columns, column, path, notes, "column", group=group, quoted=table.may_be_quoted)
    rates = table.columns[name]
    rows = array("q", (row for row, value in zip(rates.rows, rates.values, strict=True) if not _missing(value)))
    reading = _Reading(table, path, rows, array("q", (table.lines[row] for row in rows)), notes)
    texts = reading.cells(name).texts
    lr = reading.numbers(name, reading.cells(name), _known, "no number")
    clocks = reading.clocks() if step_column is None else (reading.asked(step_column),)
    if reading.problems:
        raise ScheduleError(reading.problems)
    if not rows:
        raise NotThereError.at(Position(path), f"{table.called(name)} has no learning rates")
    nans = sum(map(_is_nan, rates.values))
    if nans:
        notes.append(note(path, "log-passed-over", f"skipped {several(nans, 'record')} whose learning rate is nan"))
    if table.cut:
        notes.append(note(path, "log-cut-off", CUT_OFF, table.cut))
    exact = exactness(texts)
    unended = texts[-1] if table.unended and rows[-1] == len(table.lines) - 1 else None
    return Log(path, name, lr, exact.half, exact.coarse, reading.lines, clocks, tuple(notes), unended)


def _missing(value: Any) -> bool:
    if isinstance(value, str):
        return value[:1] not in DIGITS and value.strip().lower() in MISSING
    return value is None or _is_nan(value)


def _is_nan(value: Any) -> bool:
    if isinstance(value, str):
        return value[:1] not in DIGITS and value.strip().lower() == "nan"
    return isinstance(value, float) and math.isnan(value)


class _Clock(NamedTuple):
    """The numbers of a clock beside learning rates; `at` are the indices of these. `half` is as in `LogClock`."""

    at: Sequence[int]
    numbers: array[float]
    half: float

    @property
    def empty(self) -> bool:
        return all(map(math.isnan, self.numbers))


class _Cells(NamedTuple):
    """The texts of a column beside learning rates; `at` are the indices of these learning rates."""

    at: Sequence[int]
    texts: list[str]


@dataclass(frozen=True)
class _Reading:
    """Reads numbers from the `rows` of a table that have a learning rate, and collects problems.

    `lines` are the lines of these rows in the file. A column costs what is in it: there may be as many as rows.
    """

    table: Table
    path: str
    rows: array[int]
    lines: array[int]
    notes: list[Problem]
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def _index(self) -> Sequence[int]:
        """The index of each record of the table among `rows`; -1 for one without a learning rate."""
        if len(self.rows) == len(self.table.lines):
            return range(len(self.rows))
        index = array("q", [-1]) * len(self.table.lines)
        for at, row in enumerate(self.rows):
            index[row] = at
        return index

    def cells(self, column: str) -> _Cells:
        """A column as it is written, where it has a value beside a learning rate."""
        index, cells = self._index, self.table.columns[column]
        at = array("q", (index[row] for row in cells.rows))
        texts = [value.strip() if isinstance(value, str) else repr(value) for value in cells.values]
        if len(self.rows) < len(self.table.lines):
            texts = [text for text, each in zip(texts, at, strict=True) if each >= 0]
            at = array("q", (each for each in at if each >= 0))
        return _Cells(at, texts)

    def numbers(self, column: str, cells: _Cells, right: Callable[[float], bool], wanted: str) -> array[float]:
        """The numbers of some cells, NaN for a missing one; a problem for each that is not a number or not `right`.

        `wanted` completes the message "there is ... in column 'lr'"; what is there is never quoted.
        """
        try:
            numbers = array("d", map(real, cells.texts))
            if all(map(right, numbers)):
                return numbers
        except (ValueError, OverflowError):
            pass  # find out which, one by one
        numbers = array("d")
        wrong = []
        for at, text in zip(cells.at, cells.texts, strict=True):
            try:
                number = math.nan if text.lower() in MISSING else real(text)
                fine = text.lower() in MISSING or right(number)
            except (ValueError, OverflowError):
                fine = False
            numbers.append(number if fine else math.nan)
            if not fine:
                wrong.append(at)
        for at in wrong[:MAX_PROBLEMS_LISTED]:
            line = self.lines[at]
            where = Position(self.path, line, 1) if line else Position(self.path)
            record = "" if line else f"record {at + 1}: "
            message = f"{record}there is {wanted} in {self.table.called(column)}"
            self.problems.append(Problem(where, message))
        if len(wrong) > MAX_PROBLEMS_LISTED:
            line = self.lines[wrong[MAX_PROBLEMS_LISTED]]
            where = Position(self.path, line, 1) if line else Position(self.path)
            more = f"{len(wrong) - MAX_PROBLEMS_LISTED} more records like these from here on"
            self.problems.append(Problem(where, more))
        return numbers

    def clock(self, column: str, unit: Unit) -> _Clock:
        """The clock in a column."""
        cells = self.cells(column)
        if unit == "step":
            return _Clock(cells.at, self.numbers(column, cells, _whole, "no whole number of steps"), 0.0)
        numbers = self.numbers(column, cells, _finite, "no number of steps or epochs")
        decimals = most_decimals(
            [text for text, value in zip(cells.texts, numbers, strict=True) if not math.isnan(value)]
        )
        return _Clock(cells.at, numbers, 0.5 * 10.0**-decimals if decimals else 0.0)

    def whole(self, column: str, unit: Unit, clock: _Clock) -> LogClock:
        """A clock with a number for every learning rate, NaN where it has none."""
        numbers = clock.numbers
        if len(numbers) < len(self.rows):
            numbers = array("d", [math.nan]) * len(self.rows)
            for at, number in zip(clock.at, clock.numbers, strict=True):
                numbers[at] = number
        return LogClock(unit, column, numbers, clock.half)

    def asked(self, column: str) -> LogClock:
        """The clock in the column that `step_column` names."""
        if column not in self.table.names:
            hint = did_you_mean(column, self.table.names) if self.table.may_be_quoted else ""
            raise NotThereError.at(Position(self.path), f"there is no column {column!r}", hint)
        named = clock_of(column)
        unit: Unit = "epoch" if named is not None and named[0] == "epoch" else "count"
        clock = self.clock(column, unit)
        if self.rows and not self.problems and clock.empty:
            message = f"no record with a learning rate has a number in column {column!r}"
            raise NotThereError.at(Position(self.path), message)
        return self.whole(column, unit, clock)

    def clocks(self) -> tuple[LogClock, ...]:
        """The clocks recognized by name: one of steps and one of epochs if the log has both."""
        named = {name: clock_of(name) for name in self.table.names}
        found = sorted((known, name) for name, known in named.items() if known is not None)
        taken: list[LogClock] = []
        for (unit, _), name in found:  # epochs come before steps
            if unit in [clock.unit for clock in taken]:
                continue
            clock = self.clock(name, unit)
            if clock.empty:
                continue
            if taken and unit == "step" and _begins_anew(clock, taken[0].at):
                self.say(f"column {name!r} starts over in every epoch, so it is not used as the step")
                continue
            others = [other for (kind, _), other in found if kind == "step" == unit and other != name]
            if others:
                self.say(f"steps are read from column {name!r} (also found: {listed(others)})")
            taken.append(self.whole(name, unit, clock))
        if not taken:
            self.say("no column gives the step or epoch: each record is read as one call of scheduler.step()")
            taken.append(LogClock("call", "", array("d", range(len(self.rows)))))
        return tuple(reversed(taken))

    def say(self, message: str) -> None:
        self.notes.append(note(self.path, "log-column", message))


def _known(value: float) -> bool:
    return not math.isnan(value)


def _whole(value: float) -> bool:
    return value.is_integer() and abs(value) < MAX_COUNT


def _finite(value: float) -> bool:
    return abs(value) < MAX_COUNT


def _begins_anew(steps: _Clock, epochs: Sequence[float]) -> bool:
    """True if the step number falls from one record to the next while the epoch rises."""
    pairs = pairwise(zip(steps.at, steps.numbers, strict=True))
    return any(
        second < first and at == before + 1 and epochs[at] > epochs[before] for (before, first), (at, second) in pairs
    )
