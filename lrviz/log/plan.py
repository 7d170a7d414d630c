"""The planned learning rates of one param group, and the ticks of the plan at which a log's records were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import RESIDUE, slack_each
from lrviz.curve import Curve
from lrviz.schedule.model import Schedule

Floats = NDArray[np.float64]
Ticks = NDArray[np.int64]
Mask = NDArray[np.bool_]

MAX_TICK = 2**53
"""Ticks are clipped here, on both sides of 0."""

TICK_ROUNDING = 1e-6
"""Rounding error of a fraction of an epoch, in ticks."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupPlan:
    """The planned learning rates of a param group: one a tick, and `end` after the last call.

    A logged learning rate within `slack` of the planned one follows the plan. `peak` is the largest absolute value.
    """

    lr: Floats
    end: float
    tolerance: float
    peak: float

    @classmethod
    def of(cls, schedule: Schedule, curve: Curve, group: int) -> GroupPlan:
        """The plan of a param group, by its index."""
        lr = np.frombuffer(curve.columns[group])
        finite = lr[np.isfinite(lr)]
        peak = float(np.abs(finite).max()) if len(finite) else 0.0
        return cls(lr, curve.end_lr[group], schedule.expect.tolerance, peak)

    @property
    def ticks(self) -> int:
        """The number of ticks, which is also the tick of `end`."""
        return len(self.lr)

    @property
    def residue(self) -> float:
        """The largest value that counts as a zero of this plan."""
        return RESIDUE * self.peak

    @property
    def held(self) -> int:
        """The fewest ticks between two changes of the learning rate; 1 where there are not two."""
        (changes,) = np.nonzero(np.diff(self.lr) != 0)
        return int(np.diff(changes).min()) if len(changes) > 1 else 1

    def at(self, ticks: Ticks) -> Floats:
        """The learning rate at each tick; NaN outside the run."""
        values = self.lr[np.clip(ticks, 0, self.ticks - 1)]
        values[ticks == self.ticks] = self.end
        values[(ticks < 0) | (ticks > self.ticks)] = np.nan
        return values

    def between(self, low: Ticks, high: Ticks) -> tuple[Floats, Floats]:
        """For each pair of ticks, the smallest and the largest learning rate from `low` to `high`, both included."""
        lower = self.at(low)
        upper = lower.copy()
        wide = np.flatnonzero(low < high)
        if not len(wide):
            return lower, upper
        # each pair of ticks is computed once, so that the work is bounded by the length of the plan
        spans, back = np.unique(np.stack([low[wide], high[wide]]), axis=1, return_inverse=True)
        lr = np.append(self.lr, [self.end, self.end])
        inside = (spans[0] >= 0) & (spans[1] <= self.ticks)
        edges = np.clip(np.stack([spans[0], spans[1] + 1], axis=1), 0, self.ticks + 1).ravel()
        for bound, reduce in ((lower, np.minimum), (upper, np.maximum)):
            found: Floats = reduce.reduceat(lr, edges)[::2]
            bound[wide] = np.where(inside, found, np.nan)[back]
        return lower, upper

    def slack(self, planned: Floats) -> Floats:
        """How far a learning rate may be from each planned one."""
        return slack_each(planned, self.tolerance, self.peak)


def agree(logged: Floats, half: Floats, lower: Floats, upper: Floats, plan: GroupPlan) -> Mask:
    """True for each logged learning rate between its two planned ones, extended by the plan's slack and by `half`.

    `half` is the rounding error of each logged learning rate. NaN agrees with NaN.
    """
    with np.errstate(all="ignore"):
        near = (logged >= lower - plan.slack(lower) - half) & (logged <= upper + plan.slack(upper) + half)
        same: Mask = near | (logged == lower) | (np.isnan(logged) & np.isnan(lower))
        return same


def ticks_of(curve: Curve, unit: str, at: Floats, half: float | Floats) -> tuple[Ticks, Ticks, Mask]:
    """The first and the last tick that each time of a log may mean, and True for the times within the run.

    `at` counts the plan's steps, epochs or calls, from 0; the end, after the last call, is within the run. Other times
    get the ticks that they would have in a longer run. `half` is the rounding error of a time, in epochs, or of each.
    """
    ticks = len(curve)
    if unit == "call":
        calls = at.astype(np.int64) * curve.run.every
        return calls, calls, (calls >= 0) & (calls <= ticks)
    if unit == "step":
        steps, total = at.astype(np.int64), curve.run.total_steps
        assert total is not None
        low = steps // curve.run.steps_per_tick
        # after a last epoch that is cut short, the scheduler may or may not have been called
        return low, np.where(steps == total, ticks, low), (steps >= 0) & (steps <= total)
    assert curve.run.total_epochs is not None
    per_epoch = curve.run.tick_of_epoch(1)
    if np.abs(_from_whole(at * (curve.run.steps_per_epoch or 1))).max(initial=0.0) <= TICK_ROUNDING:
        half = 0.0  # all are whole steps as written, so none was rounded
    low = np.clip(np.floor((at - half) * per_epoch + TICK_ROUNDING), -MAX_TICK, MAX_TICK).astype(np.int64)
    high = np.clip(np.floor((at + half) * per_epoch + TICK_ROUNDING), -MAX_TICK, MAX_TICK).astype(np.int64)
    last = curve.run.total_epochs if curve.run.interval == "epoch" else ticks / per_epoch
    inside = (at + half >= 0) & (at - half <= last + TICK_ROUNDING)
    # rounding does not move a record out of the run
    return np.where(inside, np.maximum(low, 0), low), np.where(inside, np.minimum(high, ticks), high), inside


def _from_whole(values: Floats) -> Floats:
    return values - np.rint(values)
