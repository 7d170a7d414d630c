"""Statistics of curves as a table: a row for each schedule, or for each param group if they differ.

Every writer takes `Stats` and a text stream.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import IO, Any

from lrviz.ansi import Terminal
from lrviz.calculator.stats import Stats
from lrviz.foreign import escaped, json_text
from lrviz.render.tables.columns import TextColumn, continued, fold, write_caption, write_columns, write_pipes
from lrviz.render.tables.numbers import csv_cell, json_number, significant_columns

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
"""The fields of the CSV and JSON output; `area`, `warmup` and `above_half` are in `unit`."""


def write_csv(stats: Sequence[Stats], stream: IO[str]) -> None:
    """A column for each of `FIELDS`; numbers read back to the same bits, a missing value is blank."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in stats:
        writer.writerow([csv_cell(value(each)) for value in FIELDS.values()])


def write_json(stats: Sequence[Stats], stream: IO[str]) -> None:
    """`{"version": 1, "stats": [...]}` with the keys of `FIELDS`; a missing value is null."""
    records = [{name: _as_json(value(each)) for name, value in FIELDS.items()} for each in stats]
    lines = ",\n".join(json_text(record, allow_nan=False) for record in records)
    stream.write(f'{{"version": 1, "stats": [\n{lines}\n]}}\n')


def _as_json(value: float | str | None) -> float | str | None:
    return value if isinstance(value, str) else json_number(value)


def write_markdown(stats: Sequence[Stats], stream: IO[str]) -> None:
    """A pipe table, with numbers as in the table for people."""
    write_pipes(_columns(stats), stream)


# --- for people --------------------------------------------------------------------------------------------

GAP = 2
LONGEST_NAME = 32
"""Columns of the terminal; a longer name is folded where the terminal is narrow."""


def write_table(stats: Sequence[Stats], stream: IO[str], terminal: Terminal) -> None:
    """The table for people. If it is wider than `terminal.width`, it is turned, or goes on below; no cell is cut."""
    columns = _columns(stats)
    if terminal.width is not None:
        names = columns[0].cells
        columns[0] = replace(columns[0], cells=["\n".join(fold(name, LONGEST_NAME)) for name in names])
    split = write_columns(columns, stream, terminal, gap=GAP, bold_line=True, turn=True)
    words = [_caption(stats), *([continued(len(stats) > 1)] if split else [])]
    write_caption("\n".join(words), stream, terminal)


def _columns(stats: Sequence[Stats]) -> list[TextColumn]:
    """The columns for people: names first, then units if they are not the same for all."""
    mixed = len({each.unit for each in stats}) > 1
    names = [each.curve.name if each.group is None else f"{each.curve.name}/{each.group}" for each in stats]
    names = list(map(escaped, names))
    peak, end, mean = significant_columns([[getattr(each, name) for each in stats] for name in ("peak", "end", "mean")])
    (area,) = significant_columns([[each.area for each in stats]])
    at = [_time(each.curve.run.time(each.peak_tick)) for each in stats]
    return [
        TextColumn(names, "schedule", left=True),
        *([TextColumn([each.unit for each in stats], "unit")] if mixed else []),
        TextColumn(peak, "peak"),
        TextColumn(at, "at" if mixed else f"at\n{stats[0].unit}"),
        TextColumn(end, "end"),
        TextColumn(mean, "mean"),
        TextColumn(area, "area"),
        TextColumn(["none" if each.warmup is None else _time(each.warmup) for each in stats], "warmup"),
        TextColumn([_time(each.above_half) for each in stats], "above\nhalf"),
        TextColumn([f"{each.changes:,}" for each in stats], "changes"),
    ]


def _time(value: float) -> str:
    return f"{value:,.6g}" if value != int(value) else f"{int(value):,}"


def _caption(stats: Sequence[Stats]) -> str:
    units = {f"{each.unit}s" for each in stats}
    unit = units.pop() if len(units) == 1 else "each row's unit"
    return f"end is after the last call; area and times are in {unit}"
