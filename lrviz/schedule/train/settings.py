"""What the key `train` says, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lrviz.errors import Position
from lrviz.schedule.train.expected import TrainingExpectation


class NamedProblem(NamedTuple):
    """The name of what is trained, and where the file has it; whether there is such a problem is not known here."""

    name: str
    where: Position


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How the schedules of one file are trained; None, or a schedule that is missing, leaves it to the problem.

    `seeds` is the number of trainings of each schedule, `seed` the first seed, `epochs` the length of each training,
    `batch_sizes` the samples of a batch by schedule, `expected` what they must show, in the order of the file.
    """

    problem: NamedProblem | None = None
    seeds: int | None = None
    seed: int | None = None
    epochs: int | None = None
    batch_sizes: Mapping[str, int] = field(default_factory=dict)
    expected: tuple[TrainingExpectation, ...] = ()
