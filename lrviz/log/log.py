"""A log that was read: its learning rates, and the steps or epochs at which they were logged."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from lrviz.errors import Position, Problem
from lrviz.words import counted

Unit: TypeAlias = Literal["step", "epoch", "count", "call"]
"""What a clock counts.

- "step", "epoch": what the name of its column says.
- "count": the name does not say; steps where the plan knows them, else epochs.
- "call": there is no such column; each record is one call of `scheduler.step()` after the one before.
"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LogClock:
    """When each record was made, in steps or epochs as the log counts them; NaN where the log does not say.

    `half` is the largest rounding error of the written numbers, in epochs: one for all, or one each. `first` is the
    number of the run's first step or epoch. `per_epoch` is the length of an epoch in what the log counts within it.
    """

    unit: Unit
    column: str
    at: array[float]
    half: float | array[float] = 0.0
    first: int = 0
    per_epoch: float | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Log:
    """The records of a log that have a learning rate, in the order of the log.

    - `half`: the largest rounding error of each `lr`, as the column was written.
    - `coarse`: half a unit of the P-th significant digit of each `lr`, where P is the most significant digits that any
      number of the column has; 0 where P is 1. It is the rounding error if the log wrote P digits and no more.
    - `lines`: the line of each record in the file, from 1; 0 where the file has no lines.
    - `notes`: what the reader should know about how the file was read.
    - `unended`: the text of the last learning rate if its line has no line end, so that it may be cut off.
    - `program`: what wrote the log, where its format says so for sure.
    - `behind`: how many steps the learning rates are behind the clocks: 1 where a clock counts the steps that are made,
      and the learning rate is that of the last of them. The first of several that fits best counts.
    - `others`: the logs of the other param groups, by name, where every line has the learning rates of all.
    - `live`: True for the steps that a guard counted itself, from 0: no other way to count them is proposed.
    """

    path: str
    column: str
    lr: array[float]
    half: array[float]
    coarse: array[float]
    lines: array[int]
    clocks: tuple[LogClock, ...]
    notes: tuple[Problem, ...] = ()
    unended: str | None = None
    program: str = ""
    behind: tuple[int, ...] = (0,)
    others: Mapping[str, Log] = field(default_factory=dict)
    live: bool = False

    def __repr__(self) -> str:
        return f"<Log {self.path!r}: {counted(len(self.lr), 'record')} of {self.column!r}>"

    def where(self, index: int) -> Position:
        """Where a record begins."""
        line = self.lines[index]
        return Position(self.path, line, 1) if line else Position(self.path)
