"""Causes that another `interval` explains: scheduler.step() was called more or less often than the plan says.

Unlike the paces of `whole`, which read the plan itself faster or slower, these are curves of their own: a cosine that
is called beyond its T_max turns around, and a T_max that is left out is as long as the run in the calls that it has.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lrviz.curve import Curve
from lrviz.log.case import LogCase
from lrviz.log.fit import Fit
from lrviz.log.whole import plateaus
from lrviz.log.words import Cause, count_of, instead
from lrviz.run import Run
from lrviz.schedule.model import Schedule

MAX_TRIED = 16
"""If records are so far apart that more lengths of a plateau are possible, none is tried."""


class CalledAt(Protocol):
    """Gives a schedule that is called at another interval, with its curve; see `lrviz.engine.called`."""

    def __call__(self, schedule: Schedule, interval: str, *, reread: bool) -> tuple[Schedule, Curve] | None:
        """The schedule and its curve at another interval, None where it cannot have that one."""


def other_interval(case: LogCase, called_at: CalledAt) -> Cause | None:
    """The interval at which the same scheduler, or else the schedule as written, explains every record."""
    run = case.curve.run
    if not _is(run, "step") and _follows(case, called_at(case.schedule, "step", reread=False)):
        return Cause(f"as if scheduler.step() were called {instead(run, 'step')}")
    for interval in ("step", "epoch"):
        if not _is(run, interval) and _follows(case, called_at(case.schedule, interval, reread=True)):
            return _written(run, interval)
    found = [length for length in _lengths(case) if _follows(case, _every(case, length, called_at))]
    return _written(run, f"{count_of(found)} {run.interval}s") if found else None


def _is(run: Run, interval: str) -> bool:
    return run.every == 1 and run.interval == interval


def _lengths(case: LogCase) -> list[int]:
    """The ticks between two calls that explain where the learning rate of the log changes."""
    fit = Fit(case)
    (changes,) = np.nonzero(fit.changed)
    before, after = case.low[changes - 1], case.low[changes]
    lengths = sorted(n for n in plateaus(fit) if n != case.curve.run.every and (before // n < after // n).all())
    return lengths if len(lengths) <= MAX_TRIED else []


def _every(case: LogCase, length: int, called_at: CalledAt) -> tuple[Schedule, Curve] | None:
    return called_at(case.schedule, f"{length} {case.curve.run.interval}s", reread=True)


def _follows(case: LogCase, other: tuple[Schedule, Curve] | None) -> bool:
    """True if no record deviates from another curve, and there are at least two changes to tell it by."""
    if other is None:
        return False
    followed = case.beside(*other, case.group)
    return not followed.deviates.any() and Fit(followed).changes() >= 2


def _written(run: Run, interval: str) -> Cause:
    fact = f"every record follows this schedule with `interval: {interval.replace(',', '')}`"
    return Cause(fact, f"is scheduler.step() called {instead(run, interval)}?")
