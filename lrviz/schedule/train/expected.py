"""What the trainings of a file must show. Each is about all seeds of the schedules that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lrviz.errors import Position

Bounded: TypeAlias = Literal["final_loss", "best_loss", "accuracy"]


@dataclass(frozen=True, slots=True)
class Fate:
    """`diverges`: every training of a schedule diverges; `converges`: none does."""

    where: Position
    key: Literal["diverges", "converges"]
    schedule: str

    @property
    def schedules(self) -> tuple[str, ...]:
        """The schedules that it is about."""
        return (self.schedule,)


@dataclass(frozen=True, slots=True)
class Better:
    """The mean final loss of a schedule is smaller than another one's, and so is its final loss with most of the seeds.
    That of a training that diverged counts as infinite."""

    where: Position
    schedule: str
    than: str
    key: Literal["better"] = "better"

    @property
    def schedules(self) -> tuple[str, ...]:
        """The schedules that it is about."""
        return (self.schedule, self.than)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number of a schedule, the mean over the seeds, is between `low` and `high`, of which one may be infinite."""

    where: Position
    key: Bounded
    schedule: str
    low: float
    high: float

    @property
    def schedules(self) -> tuple[str, ...]:
        """The schedules that it is about."""
        return (self.schedule,)


TrainingExpectation: TypeAlias = Fate | Better | Bounds
