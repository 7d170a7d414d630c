"""What curves come to, side by side: a row for each schedule, or each param group where they differ.

Every writer takes `Stats` and a text stream.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import IO, Any

from lrviz.calculator.stats import Stats
from lrviz.render.numbers import csv_cell, json_number, significant_column
from lrviz.render.table import Terminal, fold

FIELDS: dict[str, Callable[[Stats], Any]] = {
    "schedule": lambda each: each.curve.name,
    "group": lambda each: each.group,
    "unit": lambda each: each.unit,
    "peak": lambda each: each.peak,
    "peak_epoch": lambda each: each.peak_epoch,
    "peak_step": lambda each: each.peak_step,
    "end": lambda each: each.end,
    "mean": lambda each: each.mean,
    "area": lambda each: each.area,
    "warmup": lambda each: each.warmup,
    "above_half": lambda each: each.above_half,
    "changes": lambda each: each.changes,
}
"""What programs are told of each; `area`, `warmup` and `above_half` are in `unit`."""


def write_csv(stats: Sequence[Stats], stream: IO[str]) -> None:
    """A column for each of `FIELDS`; numbers read back to the same bits, blanks where there is none."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in stats:
        writer.writerow([csv_cell(value(each)) for value in FIELDS.values()])


def write_json(stats: Sequence[Stats], stream: IO[str]) -> None:
    """`{"version": 1, "stats": [...]}` with the keys of `FIELDS`; null where there is none."""
    records = [{name: _as_json(value(each)) for name, value in FIELDS.items()} for each in stats]
    lines = ",\n".join(json.dumps(record, allow_nan=False) for record in records)
    stream.write(f'{{"version": 1, "stats": [\n{lines}\n]}}\n')


def _as_json(value: float | str | None) -> float | str | None:
    return value if isinstance(value, str) else json_number(value)


def write_markdown(stats: Sequence[Stats], stream: IO[str]) -> None:
    """A pipe table, with numbers as the table for people has them."""
    columns = _columns(stats)
    titles = [column.title.replace("\n", " ") for column in columns]
    rows = [titles, [":---", *["---:"] * (len(columns) - 1)], *zip(*(column.cells for column in columns), strict=True)]
    for cells in rows:
        stream.write("| " + " | ".join(cell.strip().replace("|", "\\|") for cell in cells) + " |\n")


# --- for people --------------------------------------------------------------------------------------------

GAP = 2
WIDEST = 32
"""Longer names are folded where the terminal is narrow."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A title, which may be two lines, and cells of one width."""

    title: str
    cells: Sequence[str]

    @property
    def width(self) -> int:
        return max(map(len, [*self.title.split("\n"), *self.cells]))


def write_table(stats: Sequence[Stats], stream: IO[str], terminal: Terminal) -> None:
    """The table for people. Where it is wider than `terminal.width`, columns go on below; none is ever cut."""
    from rich.cells import cell_len

    name, *numbers = _columns(stats)
    names = [(fold(cell, WIDEST) if terminal.width is not None else cell).split("\n") for cell in name.cells]
    wide = max(cell_len(line) for lines in [[name.title], *names] for line in lines)
    for at, block in enumerate(_blocks(numbers, wide, terminal.width)):
        stream.write("\n" if at else "")
        _write_block(name.title, names, wide, block, stream, terminal)
    caption = _caption(stats)
    stream.write(f"\n\x1b[2m{caption}\x1b[0m\n" if terminal.color else f"\n{caption}\n")


def _columns(stats: Sequence[Stats]) -> list[_Column]:
    """The columns for people: names first, and what the units are where they are not the same for all."""
    mixed = len({each.unit for each in stats}) > 1
    names = [each.curve.name if each.group is None else f"{each.curve.name}/{each.group}" for each in stats]
    at = [_time(each.curve.run.time(each.peak_tick)) for each in stats]
    columns = [
        (_Column("schedule", names), True),
        (_Column("unit", [each.unit for each in stats]), mixed),
        (_Column("peak", significant_column([each.peak for each in stats])), True),
        (_Column("at" if mixed else f"at\n{stats[0].unit}", at), True),
        (_Column("end", significant_column([each.end for each in stats])), True),
        (_Column("mean", significant_column([each.mean for each in stats])), True),
        (_Column("area", significant_column([each.area for each in stats])), True),
        (_Column("warmup", ["none" if each.warmup is None else _time(each.warmup) for each in stats]), True),
        (_Column("above\nhalf", [_time(each.above_half) for each in stats]), True),
        (_Column("changes", [f"{each.changes:,}" for each in stats]), True),
    ]
    return list(compress(*zip(*columns, strict=True)))


def _time(value: float) -> str:
    return f"{value:,.6g}" if value != int(value) else f"{int(value):,}"


def _caption(stats: Sequence[Stats]) -> str:
    units = {f"{each.unit}s" for each in stats}
    unit = units.pop() if len(units) == 1 else "each row's unit"
    return f"end is after the last call; area and times are in {unit}"


def _blocks(columns: Sequence[_Column], name: int, width: int | None) -> list[list[_Column]]:
    """The columns of numbers, in parts that each fit beside a name."""
    blocks: list[list[_Column]] = [[]]
    left = room = (width - name) if width is not None else sum(column.width + GAP for column in columns)
    for column in columns:
        if blocks[-1] and column.width + GAP > left:
            blocks.append([])
            left = room
        blocks[-1].append(column)
        left -= column.width + GAP
    return blocks


def _write_block(
    title: str,
    names: Sequence[Sequence[str]],
    wide: int,
    columns: Sequence[_Column],
    stream: IO[str],
    terminal: Terminal,
) -> None:
    from rich.cells import set_cell_size

    heads = [[*[""] * (2 - len(column.title.split("\n"))), *column.title.split("\n")] for column in columns]
    high = 2 if any(head[0] for head in heads) else 1
    for line in range(2 - high, 2):
        first = title if line == 1 else ""
        text = set_cell_size(first, wide) + _cells([head[line] for head in heads], columns)
        stream.write(f"\x1b[1m{text.rstrip()}\x1b[0m\n" if terminal.color else f"{text.rstrip()}\n")
    rule = "-" if terminal.ascii else "─"
    stream.write(rule * (wide + sum(column.width + GAP for column in columns)) + "\n")
    for row, lines in enumerate(names):
        cells = _cells([column.cells[row] for column in columns], columns)
        for part in lines:
            last = part is lines[-1]
            stream.write((set_cell_size(part, wide) + (cells if last else "")).rstrip() + "\n")


def _cells(cells: Sequence[str], columns: Sequence[_Column]) -> str:
    return "".join(" " * GAP + cell.rjust(column.width) for cell, column in zip(cells, columns, strict=True))
