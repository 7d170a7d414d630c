"""The lines of trainings: losses, accuracy, learning rates and momentum over epochs, and how far the seeds spread.

The seeds of a schedule are one line, their mean, with a band from the smallest to the largest. A training that was
stopped or interrupted is a line of its own, because a mean would jump where it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.lessons.results import TrainedSchedule, Training, Validation
from lrviz.render.outline import gapped, outline, thin

Array: TypeAlias = NDArray[np.float64]

LineRole: TypeAlias = Literal["mean", "seed", "batches", "exact"]
"""What a line shows: the mean of the seeds (or the only one), one seed of several, the loss of batches, or the expected
loss."""

WINDOWS = 50
"""The losses of batches are averaged over a window of this part of a training, at most an epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainedLine:
    """A line of schedule number `schedule`, over epochs; `low` and `high` are the edges of its band.

    `group` counts the different learning rates of its param groups, the one with the highest peak first, of `groups`.
    """

    schedule: int
    x: Array
    y: Array
    role: LineRole = "mean"
    low: Array | None = None
    high: Array | None = None
    group: int = 0
    groups: int = 1
    title: str = ""

    @property
    def edges(self) -> Iterator[Array]:
        """All values that it shows."""
        yield from (each for each in (self.y, self.low, self.high) if each is not None)


def whole(each: TrainedSchedule) -> list[Training]:
    """The trainings that came to their end, whose mean is drawn."""
    return [training for training in each.trainings if training.stopped is None and training.complete]


def validated(
    index: int, each: TrainedSchedule, value: Callable[[Validation], float | None]
) -> Iterator[tuple[TrainedLine, Training | None]]:
    """The lines of a number of every validation, each with its training if it is that of one that was stopped."""
    together = whole(each)
    if together:
        first, *_ = rows = [_values(training, value) for training in together]
        spread = len(rows) > 1
        yield (
            TrainedLine(
                index, _epochs(each, together[0]), np.mean(rows, axis=0) if spread else first,
                low=np.min(rows, axis=0) if spread else None, high=np.max(rows, axis=0) if spread else None,
            ),
            None,
        )  # fmt: skip
    alone = [training for training in each.trainings if not any(training is other for other in together)]
    role: LineRole = "seed" if len(each.trainings) > 1 else "mean"
    for training in alone:
        line = TrainedLine(index, _epochs(each, training), _values(training, value), role)
        yield line, training if training.stopped is not None else None


def _values(training: Training, value: Callable[[Validation], float | None]) -> Array:
    known = [value(each) for each in training.validations]
    return np.array([np.nan if each is None else each for each in known], dtype=np.float64)


def _epochs(each: TrainedSchedule, training: Training) -> Array:
    return np.array([one.step for one in training.validations]) / each.length.steps_per_epoch


# --- at every step -------------------------------------------------------------------------------------------


def window_of(each: TrainedSchedule) -> int:
    """The steps over whose batches the loss is averaged; 1 for a problem in the plane, which has no batches."""
    if each.problem.surface is not None:
        return 1
    return max(1, min(each.length.steps_per_epoch, each.length.steps // WINDOWS))


def batch_lines(index: int, each: TrainedSchedule) -> Iterator[TrainedLine]:
    """The loss of the batches, smoothed: the mean of the seeds, and each training that was stopped or interrupted."""
    together = whole(each)
    rows = [[training.losses for training in together]] if together else []
    rows += [[training.losses] for training in each.trainings if not any(training is other for other in together)]
    for losses in rows:
        mean = np.mean(losses, axis=0)
        seen = mean[: int(np.isfinite(mean).cumprod().sum())]  # a stopped training ends with a loss that is not finite
        if len(seen):
            yield _at_steps(index, each, smoothed(seen, window_of(each)), "batches", middle=0.5)


def smoothed(values: Array, window: int) -> Array:
    """The mean of each value and its neighbours in a window; at the ends, of those that there are.

    >>> smoothed(np.array([1.0, 2.0, 6.0]), 3).tolist()
    [1.5, 3.0, 4.0]
    """
    before = (window - 1) // 2
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    start, stop = np.maximum(0, at - before), np.minimum(len(values), at + window - before)
    return np.asarray((sums[stop] - sums[start]) / (stop - start), dtype=np.float64)


def exact_lines(index: int, each: TrainedSchedule) -> Iterator[TrainedLine]:
    """The expected loss before each step and after the last, once for all seeds with the same learning rates."""
    for values in _different([training.exact for training in each.trainings if training.exact is not None]):
        yield _at_steps(index, each, gapped(values), "exact")


def _at_steps(
    index: int, each: TrainedSchedule, values: Array, role: LineRole, middle: float = 0.0
) -> TrainedLine:  # fmt: skip
    kept = thin(values)
    return TrainedLine(index, (kept + middle) / each.length.steps_per_epoch, values[kept], role)


def held_lines(
    index: int, each: TrainedSchedule, of: Callable[[Training], Array], *, moving: bool = False
) -> Iterator[TrainedLine]:
    """What the optimizer held in every step (steps x groups), learning rates or momentum, as a staircase.

    Groups that share all values are one line, and so are seeds; a plateau's may differ. With `moving`, only what
    changes is drawn.
    """
    runs = _different([of(training) for training in each.trainings])
    names = [group.name for group in each.schedule.optimizer.groups]
    for values in runs:
        columns = values.T
        lines: list[list[int]] = []
        for at, column in enumerate(columns):
            own = next((line for line in lines if np.array_equal(columns[line[0]], column, equal_nan=True)), None)
            if own is None:
                lines.append([at])
            else:
                own.append(at)
        if moving:
            lines = [line for line in lines if np.ptp(columns[line[0]]) > 0]
        lines.sort(key=lambda line: -np.nanmax(columns[line[0]], initial=-np.inf))
        for place, line in enumerate(lines):
            ticks, levels = outline(gapped(columns[line[0]]))
            x, y = np.append(ticks, len(values)) / each.length.steps_per_epoch, np.append(levels, levels[-1])
            title = ", ".join(names[at] for at in line) if len(lines) > 1 else ""
            role: LineRole = "mean" if len(runs) == 1 else "seed"
            yield TrainedLine(index, x, y, role, group=place, groups=len(lines), title=title)


def _different(runs: Sequence[Array]) -> list[Array]:
    """The runs that are not the beginning of another one, the longest first."""
    kept: list[Array] = []
    for run in sorted(runs, key=len, reverse=True):
        if len(run) and not any(np.array_equal(run, other[: len(run)], equal_nan=True) for other in kept):
            kept.append(run)
    return kept
