"""The columns of learning rates, steps and epochs of a log, whatever kind of file they come from."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.columns import clock_of, says_lr
from lrviz.schedule.text.quoting import HEAD, is_table_of_numbers
from lrviz.schedule.text.records import Record
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import listed, several

NESTED = {dict, list}

MAX_LIST_LENGTH = 100
"""Longer lists are not learning rates of param groups."""

MAX_NAME_LENGTH = 1_000
"""Values nested under a longer name are left out: each of them would repeat it."""

CUT_OFF = "the last line is cut off, and was skipped"


@dataclass(slots=True)
class Column:
    """The values of a column: `rows` are the indices of the records that have one, so that a rare column is small."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    values: list[Any] = field(default_factory=list)


@dataclass
class Table:
    """The records that have a learning rate.

    - `names`: all columns of the file.
    - `columns`: those that may be learning rates, steps or epochs.
    - `lines`: the line of each record in the file.
    - `cut`: the line of a last record that is cut off and was skipped; 0 if there is none.
    - `unended`: True if the last record's line has no line end.
    - `asked`: the columns that the caller named.
    - `own`: what the column of the caller's param group would be called.
    - `head`: the first records, all of their columns.
    """

    names: dict[str, None] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("q"))
    cut: int = 0
    unended: bool = False
    asked: frozenset[str | None] = frozenset()
    own: str | None = None
    head: list[Mapping[str, Any]] = field(default_factory=list)

    @cached_property
    def may_be_quoted(self) -> bool:
        """True if messages may name columns of this file: it reads as a table of numbers."""
        return is_table_of_numbers(self.head)

    def called(self, column: str) -> str:
        """A column in a message."""
        if self.may_be_quoted or column in self.asked:
            return f"column {column!r}"
        return f"the column of {'learning rates' if says_lr(column) else 'steps or epochs'}"


class NoColumnError(ScheduleError):
    """That no column of a file is named like a learning rate: the file may be no table."""


class NotThereError(ScheduleError):
    """That a column that the caller named is not there, or that no record has a learning rate: more may have."""


class _Shape(NamedTuple):
    """What is read of records with the same names: the names of possible learning rates, and all columns that count."""

    rates: list[str]
    kept: list[tuple[str, Column]]


def gather(
    records: Iterable[Record],
    column: str | None,
    step_column: str | None,
    group: str | None = None,
    table: Table | None = None,
) -> Table:
    """The table of a file. If a column is given, others of its kind are ignored; `lr/GROUP` is one.

    Records that came later are added to the `table` of those before them.
    """
    if table is None:
        table = Table(asked=frozenset((column, step_column)), own=of_group(group))
    shapes: dict[tuple[str, ...], _Shape] = {}
    seen: object = None
    for record in records:
        if record.unended and (not record.values or record.short):
            table.cut = record.line
            continue
        if record.short and record.names is not seen:  # all rows of a CSV share theirs
            seen = record.names
            _see(table, tuple(record.names), column, step_column)
        values = record.values
        if any(map(NESTED.__contains__, map(type, values.values()))):
            values = _flat(values)
        if len(table.head) < HEAD:
            table.head.append(values)
        names = tuple(values)
        shape = shapes.get(names)
        if shape is None:
            shape = shapes[names] = _see(table, names, column, step_column)
        if all(values[name] in (None, "") for name in shape.rates):
            continue
        row = len(table.lines)
        table.lines.append(record.line)
        table.unended = record.unended
        for name, cells in shape.kept:
            if values[name] is not None:
                cells.rows.append(row)
                cells.values.append(values[name])
    return table


def _see(table: Table, names: tuple[str, ...], column: str | None, step_column: str | None) -> _Shape:
    """The shape of a record; its columns that are new are added to the table."""
    shape = _Shape([], [])
    for name in names:
        lr = name == column if column is not None else name == table.own or says_lr(name)
        clock = name == step_column if step_column is not None else clock_of(name) is not None
        table.names[name] = None
        if lr:
            shape.rates.append(name)
        if lr or clock:
            shape.kept.append((name, table.columns.setdefault(name, Column())))
    return shape


def of_group(group: str | None) -> str | None:
    """The column in which the guard of a training logs the learning rate of a param group."""
    return None if group is None else f"lr/{group}"


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Flattens nested values: `{"train": {"lr": 0.1}}` becomes `train/lr`, `{"lr": [0.1]}` becomes `lr/0`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        inside: Iterable[tuple[Any, Any]] = ()
        if len(name) > MAX_NAME_LENGTH:
            flat[name] = None
        elif isinstance(value, dict):
            inside = value.items()
        elif isinstance(value, list):
            inside = enumerate(value[:MAX_LIST_LENGTH])
        else:
            flat[name] = value
        flat.update((f"{name}/{key}", each) for key, each in inside)
    return flat


def choose(
    names: Iterable[str],
    cells: Mapping[str, Any],
    column: str | None,
    path: str,
    notes: list[Problem],
    what: str,
    *,
    group: str | None = None,
    quoted: bool = True,
) -> str:
    """The column of learning rates: the one asked for, else that of the param group, else the one named like one.

    If several are and all have the same values, the first is taken. `what` is the word for a column in messages, which
    name columns only if they may be `quoted`. Raises `ScheduleError` if no column, or more than one, fits.
    """
    where = Position(path)
    names = list(names)
    if not names:
        raise NoColumnError.at(where, "there are no records in this file")
    if column is not None:
        if column not in names:
            hint = did_you_mean(column, names) if quoted else ""
            raise NotThereError.at(where, f"there is no {what} {column!r}", hint)
        return column
    own = of_group(group)
    if own is not None and own in names:
        return own
    candidates = [name for name in names if says_lr(name)]
    if not candidates:
        hint = f"choose one with --column{f': {listed(names)}' if quoted else ''}"
        raise NoColumnError.at(where, f"no {what} is named like a learning rate", hint)
    first, *others = candidates
    if any(cells[other] != cells[first] for other in others):
        message = f"{several(len(candidates), what)} are named like a learning rate"
        hint = f"choose one with --column{f': {listed(candidates)}' if quoted else ''}"
        raise ScheduleError.at(where, message, hint)
    if others:
        same = f"{listed(others)} {'have' if others[1:] else 'has'} the same values"
        notes.append(note(path, "log-column", f"learning rates are read from {what} {first!r}; {same}"))
    return first


def note(path: str, code: str, message: str, line: int = 0) -> Problem:
    """A note on how a log was read."""
    return Problem(Position(path, line, 1) if line else Position(path), message, "", "note", code)
