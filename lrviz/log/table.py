"""The columns of a log that matter, whatever kind of file they came from."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.columns import clock_of, says_lr
from lrviz.schedule.text.records import Record
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import several

NESTED = {dict, list}

LONGEST = 100
"""Longer lists hold no learning rates."""

MANY = 20
"""So many names are listed before `...`."""


@dataclass(slots=True)
class Table:
    """The records that hold a learning rate.

    `names` are all columns of the file, `cells` the values of those that may matter, one a record, None where it says
    nothing; `lines` are those of the file. `cut` is the line of a record that is cut off, which is left out; `unended`
    says that the last record's line has no end.
    """

    names: dict[str, None] = field(default_factory=dict)
    cells: dict[str, list[Any]] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("q"))
    cut: int = 0
    unended: bool = False


def gather(records: Iterable[Record], column: str | None, step_column: str | None) -> Table:
    """The table of a file. Where a column is given, the others of its kind do not matter."""
    table = Table()
    shapes: dict[tuple[str, ...], list[str]] = {}
    for record in records:
        if record.unended and (not record.values or None in record.values.values()):
            table.cut = record.line
            continue
        values = record.values
        if any(map(NESTED.__contains__, map(type, values.values()))):
            values = _flat(values)
        shape = tuple(values)
        if shape not in shapes:
            shapes[shape] = _see(table, shape, column, step_column)
        if all(values[name] in (None, "") for name in shapes[shape]):
            continue
        table.lines.append(record.line)
        table.unended = record.unended
        for name, cells in table.cells.items():
            cells.append(values.get(name))
    return table


def _see(table: Table, shape: tuple[str, ...], column: str | None, step_column: str | None) -> list[str]:
    """Makes room for columns that come up; those of a record that may hold its learning rate."""
    for name in shape:
        lr = name == column if column is not None else says_lr(name)
        clock = name == step_column if step_column is not None else clock_of(name) is not None
        table.names[name] = None
        if (lr or clock) and name not in table.cells:
            table.cells[name] = [None] * len(table.lines)
    return [name for name in shape if (name == column if column is not None else says_lr(name))]


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the paths of their names: `{"train": {"lr": 0.1}}` is `train/lr`, `{"lr": [0.1]}` is `lr/0`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        inside: Iterable[tuple[Any, Any]] = ()
        if isinstance(value, dict):
            inside = value.items()
        elif isinstance(value, list):
            inside = enumerate(value[:LONGEST])
        else:
            flat[name] = value
        flat.update((f"{name}/{key}", each) for key, each in inside)
    return flat


def choose(
    names: Iterable[str], cells: Mapping[str, Any], column: str | None, path: str, notes: list[Problem], what: str
) -> str:
    """The column of the learning rate: the one that is asked for, else the one that is called so.

    Several that hold the same are as good as one. `what` is what columns are called. Raises `ScheduleError`.
    """
    where = Position(path)
    names = list(names)
    if not names:
        raise ScheduleError.at(where, "there are no records in this file")
    if column is not None:
        if column not in names:
            raise ScheduleError.at(where, f"there is no {what} {column!r}", did_you_mean(column, names))
        return column
    candidates = [name for name in names if says_lr(name)]
    if not candidates:
        hint = f"say which with --column: {listed(names)}"
        raise ScheduleError.at(where, f"no {what} is called like a learning rate", hint)
    first, *others = candidates
    if any(cells[other] != cells[first] for other in others):
        message = f"{several(len(candidates), what)} are called like a learning rate"
        raise ScheduleError.at(where, message, f"say which with --column: {listed(candidates)}")
    if others:
        same = f"{listed(others)} {'hold' if others[1:] else 'holds'} the same"
        notes.append(note(path, "log-column", f"the learning rate is {what} {first!r}; {same}"))
    return first


def listed(names: Iterable[str]) -> str:
    """Names of a log, the first of them where they are many."""
    names = list(names)
    return ", ".join(names[:MANY]) + (", ..." if len(names) > MANY else "")


def note(path: str, code: str, message: str, line: int = 0) -> Problem:
    """What is worth knowing of how a log was read."""
    return Problem(Position(path, line, 1) if line else Position(path), message, "", "note", code)
