"""Curves as a table: for people (rich), for a document (Markdown), for programs (CSV, JSON).

Every writer takes `Rows` and a text stream.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import IO, TYPE_CHECKING

from lrviz.render.numbers import csv_cell, format_column, json_number
from lrviz.render.rows import Row, Rows

if TYPE_CHECKING:
    from rich.table import Table


def write_csv(rows: Rows, stream: IO[str]) -> None:
    """`epoch,step` and a column for each schedule; numbers read back to the same bits, blanks where none is."""
    writer = csv.writer(stream, lineterminator="\n")
    percent = rows.by == "percent"
    clock = ["percent"] if percent else ["epoch", "step"]
    writer.writerow([*clock, *(column.title for column in rows.columns)])
    for row in rows:
        cells = [row.epoch or row.percent] if percent else [row.epoch, row.step]
        writer.writerow([*map(csv_cell, cells), *map(csv_cell, row.values)])


def write_json(rows: Rows, stream: IO[str]) -> None:
    """`{"version": 1, "records": [{"epoch", "step", "lr": {name: value}}]}`.

    JSON has no word for a number that is not finite; it is the text "nan", "inf" or "-inf".
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
        stream.write(separator + json.dumps(record, allow_nan=False))
        separator = ",\n"
    stream.write("\n]}\n")


def write_markdown(rows: Rows, stream: IO[str]) -> None:
    """A pipe table, with numbers as the table for people has them."""
    text = TableText.of(rows, list(rows))
    titles = [title.replace("|", "\\|") for title in text.titles]
    for cells in (titles, ["---:"] * len(titles), *zip(*text.columns, strict=True)):
        stream.write("| " + " | ".join(cell.strip() for cell in cells) + " |\n")


# --- for people --------------------------------------------------------------------------------------------

GAP = 3
NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the place that text goes to can show: colour, a `width` in columns (None: any), no more than ASCII."""

    color: bool = False
    width: int | None = None
    ascii: bool = False

    @property
    def mark(self) -> str:
        return "*" if self.ascii else "•"


def write_table(rows: Rows, stream: IO[str], terminal: Terminal) -> None:
    """The table for people. Where it is wider than `terminal.width`, columns go on below; none is ever cut."""
    shown = list(rows)
    text = TableText.of(rows, shown)
    for at, columns in enumerate(_blocks(text, terminal)):
        if at:
            stream.write("\n")
        _write_block(text, columns, shown, stream, terminal)
    caption = caption_of(rows, any(row.marked for row in shown), terminal)
    stream.write(f"\n\x1b[2m{caption}\x1b[0m\n" if terminal.color else f"\n{caption}\n")


def caption_of(rows: Rows, marked: bool, terminal: Terminal) -> str:
    """What the numbers are, and what the mark means where there is one."""
    one = {"epoch": "at the first step of each epoch", "step": "at each optimizer step"}
    many = {"epoch": "epochs", "step": "optimizer steps", "percent": "percent of each run"}
    when = one.get(rows.by, "at each percent of its run")
    if rows.every > 1:
        when = f"every {rows.every:,} {many[rows.by]}"
    return f"learning rate {when}" + (f"; {terminal.mark} it begins to move, or turns" if marked else "")


@dataclass(frozen=True, slots=True)
class TableText:
    """The cells of a table as text, the `clock` columns first; all cells of a column are of one width."""

    titles: list[str]
    columns: list[list[str]]
    clock: int

    @classmethod
    def of(cls, rows: Rows, shown: Sequence[Row]) -> TableText:
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
        values = [(column.title, [row.values[at] for row in shown]) for at, column in enumerate(rows.columns)]
        return cls(
            [title for title, _ in clock] + [title for title, _ in values],
            [cells for _, cells in clock] + [format_column(numbers) for _, numbers in values],
            len(clock),
        )


def _epoch(row: Row) -> str:
    return "" if row.epoch is None else f"{row.epoch:.6g}" if isinstance(row.epoch, float) else str(row.epoch)


def _justify(cells: list[str]) -> list[str]:
    width = max(map(len, cells), default=0)
    return [cell.rjust(width) for cell in cells]


def _blocks(text: TableText, terminal: Terminal) -> list[list[int]]:
    """The columns of values, in parts that each fit beside the clock."""
    values = range(text.clock, len(text.titles))
    if terminal.width is None:
        return [list(values)]
    widths = [_column_width(text, at, terminal) for at in range(len(text.titles))]
    room = terminal.width - sum(width + GAP for width in widths[: text.clock]) - len(f" {terminal.mark}")
    blocks: list[list[int]] = []
    left = 0
    for at in values:
        if not blocks or widths[at] > left:
            blocks.append([])
            left = room
        blocks[-1].append(at)
        left -= widths[at] + GAP
    return blocks


def _column_width(text: TableText, at: int, terminal: Terminal) -> int:
    """That of its cells or its title; where the width is limited, of the longest piece that a title folds into."""
    from rich.cells import cell_len  # a letter may be two columns wide

    title, cells = text.titles[at], text.columns[at]
    needed = cell_len(title)
    if terminal.width is not None:
        needed = min(needed, max(NARROWEST, *map(cell_len, _pieces(title))))
    return max(needed, len(cells[0]) if cells else 0)


def _pieces(title: str) -> list[str]:
    """A name cut where it may be folded: after a slash, a colon, a dash, an underscore or a blank."""
    return re.findall(r"[^-/_: ]*[-/_: ]?", title)[:-1] or [title]


def fold(title: str, width: int) -> str:
    """A name in lines of at most `width` columns, where its pieces allow it."""
    from rich.cells import cell_len

    lines = [""]
    for piece in _pieces(title):
        if lines[-1] and cell_len(lines[-1]) + cell_len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


CHUNK = 1_000
"""Rows that are laid out at a time; rich would need gigabytes for a million at once."""


def _write_block(
    text: TableText, columns: list[int], shown: Sequence[Row], stream: IO[str], terminal: Terminal
) -> None:
    from rich.console import Console

    widths = {at: _column_width(text, at, terminal) for at in (*range(text.clock), *columns)}
    for first in range(0, max(len(shown), 1), CHUNK):
        page = StringIO()
        Console(
            file=page,
            force_terminal=terminal.color,
            color_system="standard" if terminal.color else None,
            width=10_000,
            markup=False,
            highlight=False,
            emoji=False,
        ).print(_layout(text, widths, shown, range(first, min(first + CHUNK, len(shown))), terminal))
        stream.writelines(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def _layout(text: TableText, widths: dict[int, int], shown: Sequence[Row], lines: range, terminal: Terminal) -> Table:
    """Some rows as rich lays them out: a mark behind the clock, dim what is as it was in the row before."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    rule = box.Box(str(box.SIMPLE_HEAD).replace("─", "-")) if terminal.ascii else box.SIMPLE_HEAD
    table = Table(
        box=rule,
        show_edge=False,
        show_header=lines.start == 0,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0),
        header_style="bold",
    )
    last = text.clock - 1
    for at, width in widths.items():
        title = text.titles[at] if terminal.width is None else fold(text.titles[at], width)
        head = "\n".join(" " * (width - cell_len(line)) + line for line in title.split("\n"))
        table.add_column(Text(head), no_wrap=True, width=width + 2 if at == last else width)
    for line in lines:
        row = shown[line]
        if row.epoch == "end":
            table.add_section()
        before = shown[line - 1].values if line else None
        cells = []
        for at, width in widths.items():
            # rich would strip the blanks that align the decimal points from a cell that it aligns itself
            still = at > last and before is not None and before[at - text.clock] == row.values[at - text.clock]
            cell = Text(text.columns[at][line].rjust(width), style="dim" if still or 0 < at <= last else "")
            cells.append(cell.append(f" {terminal.mark}" if row.marked else "", style="cyan") if at == last else cell)
        table.add_row(*cells)
    return table
