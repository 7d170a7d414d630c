"""Curves as a table: for people, for a document (Markdown), for programs (CSV, JSON).

Every writer takes `Rows` and a text stream.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from lrviz.ansi import CYAN, DIM, Terminal, paint
from lrviz.foreign import csv_text, escaped, json_text
from lrviz.render.tables.columns import TextColumn, continued, write_caption, write_columns, write_pipes
from lrviz.render.tables.numbers import csv_cell, format_columns, json_number
from lrviz.render.tables.rows import Row, Rows


def write_csv(rows: Rows, stream: IO[str]) -> None:
    """`epoch,step` and a column for each schedule; numbers read back to the same bits, a missing value is blank."""
    writer = csv.writer(stream, lineterminator="\n")
    percent = rows.by == "percent"
    clock = ["percent"] if percent else ["epoch", "step"]
    writer.writerow([*clock, *(csv_text(column.title) for column in rows.columns)])
    for row in rows:
        cells = [row.epoch or row.percent] if percent else [row.epoch, row.step]
        writer.writerow([*map(csv_cell, cells), *map(csv_cell, row.values)])


def write_json(rows: Rows, stream: IO[str]) -> None:
    """`{"version": 1, "records": [{"epoch", "step", "lr": {name: value}}]}`.

    NaN and infinities, which JSON cannot hold, are the text "nan", "inf" or "-inf".
    """
    stream.write('{"version": 1, "records": [')
    separator = "\n"
    for row in rows:
        values = zip(rows.columns, row.values, strict=True)
        clock = {"epoch": row.epoch, "step": row.step}
        record = {
            **({"percent": row.epoch or row.percent} if rows.by == "percent" else clock),
            "lr": {column.title: json_number(value) for column, value in values},
        }
        stream.write(separator + json_text(record, allow_nan=False))
        separator = ",\n"
    stream.write("\n]}\n")


def write_markdown(rows: Rows, stream: IO[str]) -> None:
    """A pipe table, with numbers as in the table for people."""
    text = TableText.of(rows, list(rows))
    write_pipes(
        [TextColumn(cells, escaped(title)) for title, cells in zip(text.titles, text.columns, strict=True)], stream
    )


# --- for people --------------------------------------------------------------------------------------------


def write_table(rows: Rows, stream: IO[str], terminal: Terminal) -> None:
    """The table for people. If it is wider than `terminal.width`, it is turned, or goes on below; no cell is cut."""
    shown = list(rows)
    text = TableText.of(rows, shown)
    end = len(shown) - 1 if rows.end else None
    split = write_columns(_columns(text, shown, terminal), stream, terminal, fixed=text.clock, section=end, turn=True)
    several = len({id(column.curve) for column in rows.columns}) > 1
    words = [caption_of(rows, any(row.marked for row in shown), terminal), *([continued(several)] if split else [])]
    write_caption("\n".join(words), stream, terminal)


def caption_of(rows: Rows, marked: bool, terminal: Terminal) -> str:
    """The caption: the meaning of the numbers, and of the mark if there is one."""
    one = {"epoch": "at the first step of each epoch", "step": "at each optimizer step"}
    many = {"epoch": "epochs", "step": "optimizer steps", "percent": "percent of each run"}
    when = one.get(rows.by, "at each percent of its run")
    if rows.every > 1:
        when = f"every {rows.every:,} {many[rows.by]}"
    return f"learning rate {when}" + (f"; {terminal.mark} it begins to change or reverses" if marked else "")


@dataclass(frozen=True, slots=True)
class TableText:
    """The cells of a table as text, the `clock` columns first; all cells of a column have the same width."""

    titles: list[str]
    columns: list[list[str]]
    clock: int

    @classmethod
    def of(cls, rows: Rows, shown: Sequence[Row]) -> TableText:
        """The cells of the rows to be shown, justified by column."""
        epochs = ("epoch", _justify([_epoch(row) for row in shown]))
        steps = ("step", _justify(["" if row.step is None else str(row.step) for row in shown]))
        if rows.by == "percent":
            clock = [("%", _justify([str(row.epoch or row.percent) for row in shown]))]
        elif rows.by == "epoch":
            clock = [epochs, steps] if any(row.step is not None for row in shown) else [epochs]
        else:
            clock = [steps, epochs] if rows.steps_per_epoch else [steps]
            if rows.end:
                clock[0] = ("step", _justify([*steps[1][:-1], "end"]))
                clock[1:] = [("epoch", [*epochs[1][:-1], ""]) for _ in clock[1:]]
        values = format_columns([[row.values[at] for row in shown] for at in range(len(rows.columns))])
        return cls(
            [*(title for title, _ in clock), *(column.title for column in rows.columns)],
            [*(cells for _, cells in clock), *values],
            len(clock),
        )


def _epoch(row: Row) -> str:
    return "" if row.epoch is None else f"{row.epoch:.6g}" if isinstance(row.epoch, float) else str(row.epoch)


def _justify(cells: list[str]) -> list[str]:
    width = max(map(len, cells), default=0)
    return [cell.rjust(width) for cell in cells]


def _columns(text: TableText, shown: Sequence[Row], terminal: Terminal) -> list[TextColumn]:
    """The clock columns, the second dim, with marks after the last; and the values, dim if equal to the row before."""
    titles, columns, last = list(map(escaped, text.titles)), list(text.columns), text.clock - 1
    titles[last] += "  "
    marks = [f" {terminal.mark}" if row.marked else "  " for row in shown]
    columns[last] = [cell + mark for cell, mark in zip(columns[last], marks, strict=True)]

    def clock(at: int) -> Callable[[int, str], str]:
        dim = DIM if at else ""

        def painted(row: int, cell: str) -> str:
            if at < last or not shown[row].marked:
                return paint(cell, dim, terminal.color)
            mark = f"{dim};{CYAN}" if dim else CYAN
            return paint(cell[:-2], dim, terminal.color) + paint(cell[-2:], mark, terminal.color)

        return painted

    def value(at: int) -> Callable[[int, str], str]:
        def painted(row: int, cell: str) -> str:
            still = row > 0 and shown[row - 1].values[at] == shown[row].values[at]
            return paint(cell, DIM if still else "", terminal.color)

        return painted

    painters = [*map(clock, range(text.clock)), *map(value, range(len(titles) - text.clock))]
    return [TextColumn(cells, title, paint=by) for cells, title, by in zip(columns, titles, painters, strict=True)]
