"""A file that a run wrote -> its log."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.log.columns import clock_of
from lrviz.log.digits import exactness, most_decimals
from lrviz.log.log import Clock, Log, Unit
from lrviz.log.table import Table, choose, gather, listed, note
from lrviz.log.tensorboard import is_tensorboard, read_events
from lrviz.schedule.text.records import UNREADABLE, records
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import several, show

MISSING: Final = {"", "nan", "none", "null"}
"""What writers put where they have no number."""

DIGITS: Final = frozenset("0123456789")

FEW = 5
"""So many problems of one kind are told one by one."""

FAR = 10**15
"""No run counts so far."""


def read_log(path: str, column: str | None = None, step_column: str | None = None) -> Log:
    """The learning rates that a run logged, and when.

    A folder, or a file with `tfevents` in its name, is TensorBoard's; text is CSV, JSON lines, or whole JSON such as a
    Hugging Face `trainer_state.json`. `column` names the learning rate's column and `step_column` that of steps or
    epochs; without them they are found by their names. Records without a learning rate are passed over.

    Raises `ScheduleError` with every problem: what cannot be read, has no such column or several that it may be, or
    holds what is no number.
    """
    where = Position(path)
    try:
        if is_tensorboard(path):
            return read_events(path, column, step_column)
        table = gather(records(Path(path), growing=True), column, step_column)
    except ScheduleError:
        raise
    except UnreadableError as error:
        place = Position(path, error.line, error.column) if error.line else where
        raise ScheduleError.at(place, str(error) if error.line else f"this file {error}", error.hint) from None
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or error
        raise ScheduleError.at(where, f"this file cannot be read: {reason}") from None
    return _log(table, path, column, step_column)


def _log(table: Table, path: str, column: str | None, step_column: str | None) -> Log:
    notes: list[Problem] = []
    name = choose(table.names, table.cells, column, path, notes, "column")
    rows = [index for index, value in enumerate(table.cells[name]) if not _missing(value)]
    reading = _Reading(table, path, rows, array("q", (table.lines[row] for row in rows)), notes)
    texts = reading.texts(name)
    lr = reading.numbers(name, texts, _known, "no number")
    clocks = reading.clocks() if step_column is None else (reading.asked(step_column),)
    if reading.problems:
        raise ScheduleError(reading.problems)
    if not rows:
        raise ScheduleError.at(Position(path), f"there is no learning rate in column {name!r}")
    nans = sum(_is_nan(value) for value in table.cells[name])
    if nans:
        which = f"{several(nans, 'record')} whose learning rate is nan {'is' if nans == 1 else 'are'}"
        notes.append(note(path, "log-passed-over", f"{which} passed over"))
    if table.cut:
        notes.append(note(path, "log-cut-off", "the last line is cut off, and left out", table.cut))
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """Numbers out of the rows of a table that hold a learning rate; `lines` are theirs. What is wrong is collected."""

    table: Table
    path: str
    rows: Sequence[int]
    lines: array[int]
    notes: list[Problem]
    problems: list[Problem] = field(default_factory=list)

    def texts(self, column: str) -> list[str]:
        """A column as it is written; nothing where it has no value."""
        cells = self.table.cells[column]
        values = (cells[row] for row in self.rows)
        return [value.strip() if isinstance(value, str) else "" if value is None else repr(value) for value in values]

    def numbers(self, column: str, texts: Sequence[str], right: Callable[[float], bool], wanted: str) -> array[float]:
        """The numbers of a column, NaN where it has none; a problem for each text that is no number, or not `right`."""
        try:
            numbers = array("d", map(float, texts))
            if all(map(right, numbers)):
                return numbers
        except (ValueError, OverflowError):
            pass  # one by one, then
        numbers = array("d")
        wrong = []
        for index, text in enumerate(texts):
            try:
                number = math.nan if text.lower() in MISSING else float(text)
                fine = text.lower() in MISSING or right(number)
            except (ValueError, OverflowError):
                fine = False
            numbers.append(number if fine else math.nan)
            if not fine:
                wrong.append(index)
        for index in wrong[:FEW]:
            line = self.lines[index]
            where = Position(self.path, line, 1) if line else Position(self.path)
            record = "" if line else f"record {index + 1}: "
            message = f"{record}{show(texts[index])} in column {column!r} is {wanted}"
            self.problems.append(Problem(where, message))
        if len(wrong) > FEW:
            line = self.lines[wrong[FEW]]
            where = Position(self.path, line, 1) if line else Position(self.path)
            self.problems.append(Problem(where, f"from here on {several(len(wrong) - FEW, 'record')} more like these"))
        return numbers

    def clock(self, column: str, unit: Unit) -> Clock:
        """When the records were made, by a column."""
        texts = self.texts(column)
        if unit == "step":
            return Clock(unit, column, self.numbers(column, texts, _whole, "no whole number of steps"))
        at = self.numbers(column, texts, _finite, "no number of steps or epochs")
        decimals = most_decimals([text for text, value in zip(texts, at, strict=True) if not math.isnan(value)])
        return Clock(unit, column, at, 0.5 * 10.0**-decimals if decimals else 0.0)

    def asked(self, column: str) -> Clock:
        """The clock that was asked for."""
        if column not in self.table.names:
            hint = did_you_mean(column, self.table.names)
            raise ScheduleError.at(Position(self.path), f"there is no column {column!r}", hint)
        named = clock_of(column)
        clock = self.clock(column, "epoch" if named is not None and named[0] == "epoch" else "count")
        if self.rows and not self.problems and all(map(math.isnan, clock.at)):
            message = f"no record with a learning rate has a number in column {column!r}"
            raise ScheduleError.at(Position(self.path), message)
        return clock

    def clocks(self) -> tuple[Clock, ...]:
        """The clocks that are called so: one of steps and one of epochs where there are both."""
        named = {name: clock_of(name) for name in self.table.names}
        found = sorted((known, name) for name, known in named.items() if known is not None)
        taken: list[Clock] = []
        for (unit, _), name in found:  # epochs come before steps
            if unit in [clock.unit for clock in taken]:
                continue
            clock = self.clock(name, unit)
            if all(map(math.isnan, clock.at)):
                continue
            if taken and unit == "step" and _begins_anew(clock.at, taken[0].at):
                self.say(f"column {name!r} begins anew in every epoch, and is not taken for steps of the run")
                continue
            others = [other for (kind, _), other in found if kind == "step" == unit and other != name]
            if others:
                self.say(f"steps are those of column {name!r}; there is also {listed(others)}")
            taken.append(clock)
        if not taken:
            self.say("no column says the step or epoch: each record is taken for one call of scheduler.step()")
            taken.append(Clock("call", "", array("d", range(len(self.rows)))))
        return tuple(reversed(taken))

    def say(self, message: str) -> None:
        self.notes.append(note(self.path, "log-column", message))


def _known(value: float) -> bool:
    return not math.isnan(value)


def _whole(value: float) -> bool:
    return value.is_integer() and abs(value) < FAR


def _finite(value: float) -> bool:
    return abs(value) < FAR


def _begins_anew(steps: Sequence[float], epochs: Sequence[float]) -> bool:
    """Whether steps fall where epochs rise."""
    return any(steps[index] < steps[index - 1] and epochs[index] > epochs[index - 1] for index in range(1, len(steps)))
