"""The table of a page, cell by cell as `lrviz table` prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lrviz.ansi import Terminal
from lrviz.curve import Curve
from lrviz.render.tables.rows import Row, Rows, rows_of
from lrviz.render.tables.table import TableText, caption_of

MOST_ROWS = 2_000
"""The maximum number of rows on a page; a longer table has only every n-th row."""

MOST_WRITTEN = 20_000
"""Up to this many rows, numbers have the digits that `lrviz table` gives the whole table; beyond, those that it gives
every n-th row."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of a page and their cells as text, column by column, the `clock` columns first.

    `texts` maps ticks to their text in the table, for each column of learning rates. `every` is the n of "every n-th".
    """

    rows: list[Row]
    titles: list[str]
    columns: list[list[str]]
    clock: int
    by: Literal["epoch", "step", "percent"]
    every: int
    caption: str
    texts: list[dict[int, str]]


def cells_of(curves: Sequence[Curve]) -> Cells:
    """The table that `lrviz table` prints for some curves, or every n-th row of it."""
    rows = rows_of(curves)
    every = _round(rows.count / MOST_ROWS)
    part = rows_of(curves, rows.by, every)
    shown = list(part)
    written = rows if every == 1 or rows.count <= MOST_WRITTEN else part
    all_rows = shown if written is part else list(written)
    text = TableText.of(written, all_rows)
    step = every // written.every
    texts: list[dict[int, str]] = []
    for column, cells in zip(rows.columns, text.columns[text.clock :], strict=True):
        ticks = [_tick(column.curve, rows, row) for row in all_rows]
        texts.append({tick: cell.strip() for tick, cell in zip(ticks, cells, strict=True) if cell.strip()})
    return Cells(
        shown,
        text.titles,
        [column[::step] for column in text.columns],
        text.clock,
        rows.by,
        every,
        caption_of(part, any(row.marked for row in shown), Terminal()),
        texts,
    )


def _round(ratio: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is at least `ratio`."""
    size = 1
    while True:
        for times in (1, 2, 5):
            if times * size >= ratio:
                return times * size
        size *= 10


def _tick(curve: Curve, rows: Rows, row: Row) -> int:
    if rows.by == "percent":
        return curve.run.tick_of_percent(row.percent or 0)
    if rows.by == "epoch":
        assert isinstance(row.epoch, int)
        return curve.run.tick_of_epoch(row.epoch)
    return curve.run.tick_of_step(row.step or 0)
