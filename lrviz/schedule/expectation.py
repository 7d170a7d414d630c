"""What a file says must hold of a curve: the key `expect`, read and held against the run, before any curve is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from lrviz.alike import EXPECTED
from lrviz.errors import Position
from lrviz.place import Place


@dataclass(frozen=True, slots=True)
class At:
    """The learning rate at a place is `value`."""

    where: Position
    group: int | None
    place: Place
    value: float
    key: ClassVar[str] = "at"


@dataclass(frozen=True, slots=True)
class Extreme:
    """The largest (`max`) or smallest (`min`) learning rate of the run is `value`."""

    where: Position
    group: int | None
    key: Literal["max", "min"]
    value: float


@dataclass(frozen=True, slots=True)
class Between:
    """The learning rate never leaves `low` to `high`; one of them may be infinite."""

    where: Position
    group: int | None
    low: float
    high: float
    key: ClassVar[str] = "between"


@dataclass(frozen=True, slots=True)
class Peak:
    """The learning rate first reaches its maximum at a place."""

    where: Position
    group: int | None
    place: Place
    key: ClassVar[str] = "peak"


@dataclass(frozen=True, slots=True)
class Direction:
    """The learning rate never falls (`increasing`), never rises or never changes between two places of the run.

    Both are None where that is the whole run. Where `stop` is `end`, the value after the last call counts too.
    """

    where: Position
    group: int | None
    key: Literal["increasing", "decreasing", "constant"]
    start: Place | None = None
    stop: Place | None = None


@dataclass(frozen=True, slots=True)
class MaxJump:
    """No call changes the learning rate by more than `factor`, up or down."""

    where: Position
    group: int | None
    factor: float
    key: ClassVar[str] = "max_jump"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole curve equals the one stored in the CSV file `path`, which is relative to the schedule file."""

    where: Position
    path: str
    key: ClassVar[str] = "snapshot"


Expectation: TypeAlias = At | Extreme | Between | Peak | Direction | MaxJump
"""What is held against the learning rates of one param group, or of all of them where `group` is None."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """All that a schedule expects, in the order of the file; `tolerance` is relative."""

    expected: tuple[Expectation, ...] = ()
    snapshot: Snapshot | None = None
    tolerance: float = EXPECTED

    def __bool__(self) -> bool:
        return bool(self.expected) or self.snapshot is not None

    def __len__(self) -> int:
        return len(self.expected) + (self.snapshot is not None)


def places(expectation: Expectation) -> Iterator[Place]:
    """The places that an expectation names."""
    if isinstance(expectation, At | Peak):
        yield expectation.place
    elif isinstance(expectation, Direction) and expectation.start and expectation.stop:
        yield from (expectation.start, expectation.stop)
