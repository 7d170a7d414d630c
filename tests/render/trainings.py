"""Trainings by hand, for tests of what is made of them: no torch, no data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrviz.lessons.pace import TrainingLength
from lrviz.lessons.results import TrainedSchedule, Training, Validation
from lrviz.lessons.setup import Setup, TrainingProblem
from lrviz.loading.schedules import load_text

STEPS_PER_EPOCH = 10

FILE = """
epochs: 4
optimizer: {type: SGD, lr: 0.1}
scheduler: none
"""


def not_made(seed: int, batch_size: int | None) -> Setup:
    raise AssertionError("a picture of trainings trains nothing")


def rosenbrock(x: Any, y: Any) -> Any:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


DIGITS = TrainingProblem("digits", 4, 64, not_made)
PLANE = TrainingProblem("rosenbrock", 4, None, not_made, surface=rosenbrock)


def training(
    losses: Sequence[float],
    lr: float | Sequence[float] | NDArray[np.float64] = 0.1,
    *,
    seed: int = 0,
    accuracy: Sequence[float] | None = None,
    stopped: int | None = None,
    complete: bool = True,
    momentum: Sequence[float] | None = None,
    path: NDArray[np.float64] | None = None,
    exact: NDArray[np.float64] | None = None,
) -> Training:
    """A training with these losses of validation, one an epoch, between which the losses of batches lie on a line. At
    `stopped`, a step after the last of them, its loss is infinite."""
    validations = tuple(
        Validation(at * STEPS_PER_EPOCH, loss, None if accuracy is None else accuracy[at])
        for at, loss in enumerate(losses)
    )
    steps = (len(losses) - 1) * STEPS_PER_EPOCH
    batches = np.interp(np.arange(steps), np.arange(len(losses)) * STEPS_PER_EPOCH, losses)
    if stopped is not None:
        batches = np.concatenate([batches, np.geomspace(losses[-1], 1e30, stopped - steps), [math.inf]])
    count = len(batches)
    rates = np.full(count, lr) if isinstance(lr, float) else np.asarray(lr, dtype=np.float64)
    rates = rates[:count].reshape(count, -1)
    held = np.full(rates.shape, math.nan) if momentum is None else np.tile(momentum, (rates.shape[1], 1)).T[:count]
    return Training(seed, batches, rates, held, validations, stopped, complete, path, exact)


def trained(
    name: str,
    *trainings: Training,
    file: str = FILE,
    problem: TrainingProblem = DIGITS,
    epochs: int = 4,
) -> TrainedSchedule:
    """A schedule with these trainings."""
    (schedule,) = load_text(file, "schedule.yaml")
    length = TrainingLength(epochs * STEPS_PER_EPOCH, STEPS_PER_EPOCH)
    return TrainedSchedule(name, schedule, problem, length, problem.batch_size, trainings)


def settling(best: float, seed: int = 0, **more: Any) -> Training:
    """A training of four epochs that falls from 2.3 to `best`, with accuracy."""
    losses = [2.3, 1.0, (1.0 + best) / 2, best * 1.1, best]
    return training(losses, seed=seed, accuracy=[0.1, 0.7, 0.9, 0.96, 0.97], **more)


def blown_up(seed: int = 0, step: int = 14, lr: float = 3.0) -> Training:
    """A training that was stopped in the second epoch."""
    return training([2.3, 40.0], lr, seed=seed, accuracy=[0.1, 0.1], stopped=step)


def over_seeds(make: Callable[[int], Training], seeds: int = 3) -> list[Training]:
    return [make(seed) for seed in range(seeds)]
