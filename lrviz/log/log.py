"""What a log says: learning rates, and when."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lrviz.errors import Position, Problem

Unit: TypeAlias = Literal["step", "epoch", "count", "call"]
"""What the numbers of a clock are. A "count" does not say: steps where the plan knows them, else epochs. "call" is for
records without any number: each is one call of `scheduler.step()` after the one before."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clock:
    """When each record was made, in steps or epochs as the log counts them; NaN where it does not say.

    `half` is how much of an epoch the log may have rounded off, either way.
    """

    unit: Unit
    column: str
    at: array[float]
    half: float = 0.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Log:
    """The records of a log that hold a learning rate, in its order.

    `half` is how much writing may have rounded off each `lr`, either way, and `coarse` how much where the log wrote no
    more digits than its longest number has. `lines` are those of the file, 0 where it has none. `notes` are what people
    should know of the reading. `unended` is the text of the last learning rate where its line has no end: it may be cut
    off.
    """

    path: str
    column: str
    lr: array[float]
    half: array[float]
    coarse: array[float]
    lines: array[int]
    clocks: tuple[Clock, ...]
    notes: tuple[Problem, ...] = ()
    unended: str | None = None

    def __repr__(self) -> str:
        return f"<Log {self.path!r}: {len(self.lr):,} records of {self.column!r}>"

    def where(self, index: int) -> Position:
        """Where a record begins."""
        line = self.lines[index]
        return Position(self.path, line, 1) if line else Position(self.path)
