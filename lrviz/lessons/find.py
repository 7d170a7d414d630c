"""The learning-rate range test: how the loss goes while the learning rate rises from very small to far too large.

L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (2017), section 3.3; the two ways to choose a value
from it, the steepest descent and the minimum over ten, are those of fastai.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.lessons.optimizer import descend, optimizer_of
from lrviz.lessons.sessions import Progress, Sessions
from lrviz.lessons.setup import Setup, TrainingProblem
from lrviz.lessons.train import endless, seeded
from lrviz.schedule.model import Schedule

LOW, HIGH, STEPS = 1e-6, 10.0, 200

FEWEST_STEPS = 20
"""A curve of fewer points says nothing."""

WINDOW = 0.04
"""The losses within this part of the whole range, to both sides, are averaged. Unlike a running mean, which is always
late, that moves no minimum to a larger learning rate."""

WORSE, RUNNING = 4.0, 0.8
"""The test ends when the running mean of the loss, with this weight on what was before, is so many times its
smallest."""

SAFE = 10.0
"""The suggested learning rate is so many times smaller than the one with the smallest loss."""

FALL = 0.05
"""The loss must fall by this part of what it was at first; otherwise there is nothing to choose from."""


class Ramp(NamedTuple):
    """The learning rates of a range test: `steps` from `low` to `high`, each larger than the last by one factor."""

    low: float = LOW
    high: float = HIGH
    steps: int = STEPS

    def rates(self) -> NDArray[np.float64]:
        """The learning rate of each step (steps)."""
        return np.geomspace(self.low, self.high, self.steps)


@dataclass(frozen=True, slots=True)
class RangeTest:
    """The range test of an optimizer, which several schedules (`names`) may share.

    - `lr`: the learning rates of the test, up to where the loss was no longer finite or far too large (points). Of
      several param groups it is the largest; the others keep their ratio to it.
    - `losses`: the loss of each batch before its step, the mean over the seeds (points).
    - `smoothed`: the mean of the losses around each (points).
    - `steepest`: where the smoothed loss falls fastest over the logarithm of the learning rate.
    - `minimum`: where it is smallest. Both are None if the loss never falls.
    - `peaks`: the largest learning rate of each schedule; nan where it cannot be simulated.
    """

    names: tuple[str, ...]
    schedule: Schedule
    problem: TrainingProblem
    seeds: int
    lr: NDArray[np.float64]
    losses: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    steepest: float | None
    minimum: float | None
    peaks: tuple[float, ...]

    @property
    def suggested(self) -> float | None:
        """The minimum over ten, which is safe to start from.

        The steepest descent says less: where the loss falls at once, it is as steep at rates that are far too small.
        """
        return self.minimum / SAFE if self.minimum is not None else None

    @property
    def falling(self) -> bool:
        """True if the loss is smallest at the end, so that its minimum may lie beyond."""
        return self.minimum is not None and self.minimum == self.lr[-1]


Tried: TypeAlias = tuple[str, Schedule, Sessions]
"""A schedule by its name, and what its optimizer is tried on."""


def optimizers_of(schedules: Sequence[Tried]) -> list[list[Tried]]:
    """Schedules by their optimizer, apart from the size of its learning rate, and by the size of a batch: these share a
    test."""
    found: dict[str, list[Tried]] = {}
    for name, schedule, sessions in schedules:
        optimizer = schedule.optimizer
        options = {key: value for key, value in optimizer.options.items() if key != "lr"}
        own = [(group.name, {k: v for k, v in group.options.items() if k != "lr"}) for group in optimizer.groups]
        ratios = [f"{ratio:.6g}" for ratio in _ratios(schedule)]
        key = repr((optimizer.type, options, own, ratios, sessions.batch_size))
        found.setdefault(key, []).append((name, schedule, sessions))
    return list(found.values())


def range_test(tried: Sequence[Tried], ramp: Ramp | None = None, tell: Progress | None = None) -> RangeTest:
    """The range test of the optimizer that some schedules share; their schedulers are left out.

    Raises `ScheduleError` if torch refuses the optimizer, or the very first loss is not finite.
    """
    _, schedule, sessions = tried[0]
    ramp, runs = ramp or Ramp(), []
    for index, seed in enumerate(sessions.seeds):
        if tell is not None:
            tell(index, len(sessions.seeds))
        runs.append(list(_losses(schedule, sessions, seed, ramp)))
    shortest = min(map(len, runs))
    if not shortest:
        raise ScheduleError.at(
            Position("--problem"), f"{sessions.problem.name}: the loss is not finite before the first step"
        )
    losses = np.mean([run[:shortest] for run in runs], axis=0)
    lr = ramp.rates()[:shortest]
    smoothed = smooth(losses, ramp.steps)
    steepest, minimum = chosen(lr, smoothed)
    return RangeTest(
        tuple(name for name, _, _ in tried),
        schedule,
        sessions.problem,
        len(runs),
        lr,
        losses,
        smoothed,
        steepest,
        minimum,
        tuple(_peak(each) for _, each, _ in tried),
    )


def _peak(schedule: Schedule) -> float:
    """The largest learning rate of a plan; nan where it cannot be simulated."""
    try:
        return float(np.max(simulate(schedule).peak))
    except ScheduleError:
        return math.nan


def _losses(schedule: Schedule, sessions: Sessions, seed: int, ramp: Ramp) -> Iterator[float]:
    """The loss of the batch of each step, until it is not finite or far too large, which is the last one."""
    with seeded(seed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = sessions.problem
        setup = Setup(*problem.make(seed, sessions.batch_size))
        optimizer = optimizer_of(schedule, setup.model, problem.name)
        running, smallest = math.nan, math.inf
        ratios = _ratios(schedule)
        batches = islice(endless(setup, problem), ramp.steps)
        for step, (lr, batch) in enumerate(zip(ramp.rates(), batches, strict=True)):
            loss = setup.loss(setup.model, batch)
            value = float(loss.detach())
            if not math.isfinite(value):
                return
            yield value
            running = value if math.isnan(running) else RUNNING * running + (1 - RUNNING) * value
            smallest = min(smallest, running)
            if running > WORSE * abs(smallest):
                return
            for group, ratio in zip(optimizer.param_groups, ratios, strict=True):
                group["lr"] = float(lr) * ratio
            descend(schedule, problem, optimizer, loss, step)


def _ratios(schedule: Schedule) -> list[float]:
    """The learning rate of each param group as a part of the largest."""
    optimizer = schedule.optimizer
    rates = [float(group.options.get("lr", optimizer.options.get("lr", 0))) for group in optimizer.groups]
    largest = max(rates)
    return [rate / largest if largest else 1.0 for rate in rates]


def smooth(losses: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """The mean of the losses around each point, with weights that fall to both sides; at the ends of fewer points.

    A loss above the first one counts as that, so that the few large ones at the end pull no mean before them.
    """
    losses = np.minimum(losses, first_of(losses))
    reach = max(1, round(WINDOW * steps))
    weights = 1 - np.abs(np.arange(-reach, reach + 1)) / (reach + 1)
    ones = np.convolve(np.ones(len(losses)), weights, mode="full")[reach : reach + len(losses)]
    return np.convolve(losses, weights, mode="full")[reach : reach + len(losses)] / ones


def first_of(losses: NDArray[np.float64]) -> float:
    """The loss that a test begins with: the mean of the first twentieth."""
    return float(np.mean(losses[: max(1, len(losses) // 20)]))


def chosen(lr: NDArray[np.float64], smoothed: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Where the loss falls most steeply over the logarithm of the learning rate, and where it is smallest.

    None for both if it does not fall by `FALL` of what it was at first.
    """
    if len(lr) < 3:
        return None, None
    lowest = int(np.argmin(smoothed))
    first = first_of(smoothed)
    if not first - smoothed[lowest] > FALL * abs(first):
        return None, None
    slope = np.gradient(smoothed, np.log(lr))
    return float(lr[int(np.argmin(slope[: lowest + 1]))]), float(lr[lowest])
