"""What a training saw: losses, accuracy and learning rates of every step, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import Problem
from lrviz.lessons.pace import TrainingLength
from lrviz.lessons.setup import TrainingProblem
from lrviz.schedule.model import Schedule


class Validation(NamedTuple):
    """The validation after `step` steps. `accuracy` is from 0 to 1; None for a problem that has none."""

    step: int
    loss: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Training:
    """One training with one seed.

    - `losses`: the loss of the batch of each step, before the step (steps).
    - `lr`: the learning rate of every param group in each step (steps x groups); `momentum` likewise, nan without any.
    - `validations`: before the first step and after every epoch, and after the last step.
    - `stopped`: the step at which the loss was not finite, which ended the training; None if there was none.
    - `complete`: False if it was interrupted.
    - `path`: the parameters before each step and after the last (steps + 1 x 2), for a problem in the plane.
    - `exact`: the expected loss at the same moments, where the problem knows it.
    - `warned`: what the code of the problem warned of, each once.
    """

    seed: int
    losses: NDArray[np.float64]
    lr: NDArray[np.float64]
    momentum: NDArray[np.float64]
    validations: tuple[Validation, ...]
    stopped: int | None = None
    complete: bool = True
    path: NDArray[np.float64] | None = None
    exact: NDArray[np.float64] | None = None
    warned: tuple[Problem, ...] = ()

    @property
    def final(self) -> Validation:
        """The last validation; of a training that was stopped, its loss is infinite."""
        last = self.validations[-1]
        return last if self.stopped is None else Validation(self.stopped, math.inf, None)

    @property
    def best(self) -> Validation:
        """The validation with the smallest loss, the first of several."""
        return min(self.validations, key=lambda each: each.loss if math.isfinite(each.loss) else math.inf)

    @property
    def diverged(self) -> bool:
        """True if a loss was not finite, or the training ends with no smaller a loss than it began with.

        Of a training that was interrupted, the end is not known.
        """
        return self.stopped is not None or (self.complete and not self.final.loss < self.validations[0].loss)


class Spread(NamedTuple):
    """The mean of a number over the seeds, and its standard deviation; None for a single seed."""

    mean: float
    deviation: float | None


def spread_of(numbers: Sequence[float]) -> Spread:
    """Mean and standard deviation of at least one number; the deviation is None where it says nothing."""
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        return Spread(fmean(numbers), None)
    return Spread(fmean(numbers), stdev(numbers))


@dataclass(frozen=True, slots=True)
class TrainedSchedule:
    """All trainings of one schedule, one for each seed. A problem without data has no `batch_size`."""

    name: str
    schedule: Schedule
    problem: TrainingProblem
    length: TrainingLength
    batch_size: int | None
    trainings: tuple[Training, ...] = field(repr=False)

    @property
    def ended(self) -> tuple[Training, ...]:
        """The trainings that came to their end; if none did, the one that was interrupted."""
        return tuple(each for each in self.trainings if each.complete) or self.trainings

    def over_seeds(self, number: Callable[[Training], float | None]) -> Spread | None:
        """A number of every training that ended, over the seeds; None if one of them has none."""
        numbers = [number(each) for each in self.ended]
        known = [each for each in numbers if each is not None]
        return spread_of(known) if len(known) == len(numbers) else None

    @property
    def final_loss(self) -> Spread:
        """The validation loss at the end; infinite if one of the trainings was stopped."""
        return spread_of([each.final.loss for each in self.ended])

    @property
    def best_loss(self) -> Spread:
        """The smallest validation loss of a training, wherever in it that was."""
        return spread_of([each.best.loss for each in self.ended])

    @property
    def best_epoch(self) -> Spread:
        """The epoch after which the loss was smallest."""
        return spread_of([each.best.step / self.length.steps_per_epoch for each in self.ended])

    @property
    def accuracy(self) -> Spread | None:
        """The accuracy at the end, from 0 to 1; None if the problem has none, or a training was stopped."""
        return self.over_seeds(lambda each: each.final.accuracy)

    @property
    def diverged(self) -> tuple[Training, ...]:
        """The trainings that diverged."""
        return tuple(each for each in self.trainings if each.diverged)
