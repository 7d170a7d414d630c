"""A schedule whose scheduler is called at another interval, or whose run has another length: what such a training would
have run."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.reader import read_again
from lrviz.schedule.reading.run import Length
from lrviz.schedule.reading.stretch.factor import stretch_argument

MAX_VALUES = 5_000_000
"""Learning rates (ticks x groups) of the longest curve that is simulated only to explain a log."""


def called_at(schedule: Schedule, interval: str, *, reread: bool) -> tuple[Schedule, Curve] | None:
    """The schedule with another `interval`, written as in a file, and its curve; None if it cannot be called so.

    With `reread`, it is as its file says with that interval: what follows from the run, and lengths with a unit, are
    other numbers of calls. Otherwise the scheduler is the same, and only the loop calls it after every step.
    """
    if reread:
        other = read_again(schedule, interval)
    else:
        run = replace(schedule.run, interval="step", every=1)
        other = replace(schedule, run=run) if run.total_steps is not None else None
    return _simulated(other)


def of_length(schedule: Schedule, length: int, keep_warmup: bool | None = None) -> tuple[Schedule, Curve] | None:
    """The schedule as `--steps`, or `--epochs` for a run in epochs, makes it, with its curve; None for an error.

    Unless `keep_warmup` is None, it is as `--stretch` makes it, to that length, with or without `--keep-warmup`.
    """
    steps = schedule.run.epochs is None
    if keep_warmup is not None:
        planned = schedule.run.steps if steps else schedule.run.epochs
        stretch = stretch_argument(Fraction(length, planned or length), keep_warmup=keep_warmup)
        return _simulated(read_again(schedule, stretch=stretch)) if stretch is not None else None
    return _simulated(read_again(schedule, length=Length(steps=length) if steps else Length(epochs=length)))


def _simulated(other: Schedule | None) -> tuple[Schedule, Curve] | None:
    if other is None or other.run.ticks * len(other.optimizer.groups) > MAX_VALUES:
        return None
    try:
        return other, simulate(other)
    except ScheduleError:
        return None
