"""The rows of a table of curves: one for each epoch or optimizer step, with a value for each column.

The output formats (`table.py`, `page/cells.py`) all write these rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from lrviz.alike import alike
from lrviz.curve import Curve
from lrviz.render.curves import Column, columns_of, require_clock, steps_per_epoch_of, without_clock
from lrviz.run import By


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. `epoch` or `step` is None if the run does not know it.

    `epoch` is a fraction if a step is not the first of its epoch, and "end" in the row for the value after the last
    call. A value is None after the end of that curve's run. `marked` is true if, since the row before, a learning rate
    began to change or reversed its direction. `percent` is that of each run; None in rows by epoch or step.
    """

    epoch: int | float | Literal["end"] | None
    step: int | None
    values: tuple[float | None, ...]
    marked: bool = False
    percent: int | None = None


@dataclass(frozen=True)
class Rows:
    """The rows of some curves: every `every`-th epoch, step or percent from 0, and, with `end`, the end."""

    curves: Sequence[Curve]
    by: By
    every: int = 1
    end: bool = False

    @cached_property
    def columns(self) -> list[Column]:
        """The columns, one for each value of a curve and param group."""
        return columns_of(self.curves)

    @cached_property
    def marks(self) -> list[list[int]]:
        """For each column, the ticks at which its learning rate begins to change or reverses its direction."""
        return [_marks(column) for column in self.columns]

    @cached_property
    def steps_per_epoch(self) -> int | None:
        """The optimizer steps of an epoch where all curves agree on them, else None."""
        return steps_per_epoch_of(self.curves)

    @property
    def count(self) -> int:
        """The number of rows without the one for the end."""
        return -(-max(self._length(curve) for curve in self.curves) // self.every)

    def __iter__(self) -> Iterator[Row]:
        before = [0] * len(self.columns)
        for position in range(0, self.count * self.every, self.every):
            ticks = [self._tick(column.curve, position) for column in self.columns]
            marked = any(
                tick is not None and bisect_right(mark, tick) > bisect_right(mark, last)
                for tick, last, mark in zip(ticks, before, self.marks, strict=True)
            )
            before = [last if tick is None else tick for tick, last in zip(ticks, before, strict=True)]
            values = tuple(
                None if tick is None else column.curve.columns[column.group][tick]
                for tick, column in zip(ticks, self.columns, strict=True)
            )
            yield Row(*self._clock(position), values, marked, position if self.by == "percent" else None)
        if self.end:
            yield Row("end", None, tuple(column.curve.end_lr[column.group] for column in self.columns))

    def _length(self, curve: Curve) -> int:
        """The number of positions (epochs, steps or percent) at which a curve has a value."""
        if self.by == "percent":
            return 100
        return curve.run.total(self.by) or 0

    def _tick(self, curve: Curve, position: int) -> int | None:
        if position >= self._length(curve):
            return None
        if self.by == "percent":
            return curve.run.tick_of_percent(position)
        return curve.run.tick_of_epoch(position) if self.by == "epoch" else curve.run.tick_of_step(position)

    def _clock(self, position: int) -> tuple[int | float | None, int | None]:
        """The epoch and step of a row, each None if unknown."""
        if self.by == "percent":
            return None, None
        if self.by == "epoch":
            return position, position * self.steps_per_epoch if self.steps_per_epoch else None
        if not self.steps_per_epoch:
            return None, position
        whole, rest = divmod(position, self.steps_per_epoch)
        return (position / self.steps_per_epoch if rest else whole), position


def rows_of(curves: Sequence[Curve], by: By | None = None, every: int = 1, end: bool = False) -> Rows:
    """The rows of curves: by epoch if all know their epochs, else by step if all know their steps, else by percent.

    `by` overrides this.
    Raises `ScheduleError` if a curve does not know the clock `by`.
    """
    clocks: tuple[Literal["epoch", "step"], ...] = ("epoch", "step")
    known: By = next((clock for clock in clocks if not without_clock(curves, clock)), "percent")
    chosen = by or known
    if chosen != "percent":
        require_clock(curves, chosen, f"a table by {chosen}", "use --by percent")
    return Rows(tuple(curves), chosen, every, end)


def _marks(column: Column) -> list[int]:
    values = column.curve.columns[column.group]
    marks = []
    before = 0
    for tick, (last, value) in enumerate(pairwise(values), 1):
        if value == last or alike(last, value):
            before = 0
            continue
        direction = 1 if value > last else -1
        if direction != before:
            marks.append(tick)
        before = direction
    return marks
