"""The plan of one param group, tick by tick, and where a log's records fall in it."""

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

FAR = 2**53
"""What is farther from the run is no farther."""

NOISE = 1e-6
"""So much of a tick is what arithmetic leaves of a fraction of an epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The learning rates that a param group should have: one a tick, and `end` after the last call.

    A learning rate is the planned one within `slack` of it; `peak` is the largest.
    """

    lr: Floats
    end: float
    tolerance: float
    peak: float

    @classmethod
    def of(cls, schedule: Schedule, curve: Curve, group: int) -> Plan:
        lr = np.frombuffer(curve.columns[group])
        finite = lr[np.isfinite(lr)]
        peak = float(np.abs(finite).max()) if len(finite) else 0.0
        return cls(lr, curve.end_lr[group], schedule.expect.tolerance, peak)

    @property
    def ticks(self) -> int:
        """How many ticks there are; the tick of `end`."""
        return len(self.lr)

    @property
    def residue(self) -> float:
        """What rounding leaves of a zero of this plan."""
        return RESIDUE * self.peak

    def at(self, ticks: Ticks) -> Floats:
        """The learning rate at each tick; NaN outside of the run."""
        values = self.lr[np.clip(ticks, 0, self.ticks - 1)]
        values[ticks == self.ticks] = self.end
        values[(ticks < 0) | (ticks > self.ticks)] = np.nan
        return values

    def between(self, low: Ticks, high: Ticks) -> tuple[Floats, Floats]:
        """The smallest and the largest learning rate from tick `low` to tick `high`, each."""
        lower = self.at(low)
        upper = lower.copy()
        wide = np.flatnonzero(low < high)
        if not len(wide):
            return lower, upper
        # records that share their ticks are looked at once, so that the work is bounded by the length of the plan
        spans, back = np.unique(np.stack([low[wide], high[wide]]), axis=1, return_inverse=True)
        lr = np.append(self.lr, [self.end, self.end])
        inside = (spans[0] >= 0) & (spans[1] <= self.ticks)
        edges = np.clip(np.stack([spans[0], spans[1] + 1], axis=1), 0, self.ticks + 1).ravel()
        for bound, reduce in ((lower, np.minimum), (upper, np.maximum)):
            found: Floats = reduce.reduceat(lr, edges)[::2]
            bound[wide] = np.where(inside, found, np.nan)[back]
        return lower, upper

    def slack(self, planned: Floats) -> Floats:
        """By how much a learning rate may differ from each planned one."""
        return slack_each(planned, self.tolerance, self.peak)


def agree(logged: Floats, half: Floats, lower: Floats, upper: Floats, plan: Plan) -> Mask:
    """Which learning rates lie between two planned ones, give or take what may differ and what writing took off."""
    with np.errstate(all="ignore"):
        near = (logged >= lower - plan.slack(lower) - half) & (logged <= upper + plan.slack(upper) + half)
        same: Mask = near | (logged == lower) | (np.isnan(logged) & np.isnan(lower))
        return same


def ticks_of(curve: Curve, unit: str, at: Floats, half: float) -> tuple[Ticks, Ticks, Mask]:
    """The first and the last tick that each moment of a log may mean, and which of them are moments of the run.

    `at` counts in the plan's steps, epochs or calls, from 0; the moment after the last call is one of the run. Others
    have the ticks that a longer run would have. `half` is how much of an epoch may have been rounded off.
    """
    ticks = len(curve)
    if unit == "call":
        calls = at.astype(np.int64)
        return calls, calls, (calls >= 0) & (calls <= ticks)
    if unit == "step":
        steps, total = at.astype(np.int64), curve.run.total_steps
        assert total is not None
        low = steps // curve.run.steps_per_tick
        # where the last epoch is cut short, the call after it may have been made or not
        return low, np.where(steps == total, ticks, low), (steps >= 0) & (steps <= total)
    assert curve.run.total_epochs is not None
    per_epoch = 1 if curve.run.interval == "epoch" else curve.run.steps_per_epoch or 1
    if np.abs(_from_whole(at * (curve.run.steps_per_epoch or 1))).max(initial=0.0) <= NOISE:
        half = 0.0  # these are all whole steps, as written
    low = np.clip(np.floor((at - half) * per_epoch + NOISE), -FAR, FAR).astype(np.int64)
    high = np.clip(np.floor((at + half) * per_epoch + NOISE), -FAR, FAR).astype(np.int64)
    last = curve.run.total_epochs if curve.run.interval == "epoch" else ticks / per_epoch
    inside = (at + half >= 0) & (at - half <= last + NOISE)
    # rounding leads out of neither end of the run
    return np.where(inside, np.maximum(low, 0), low), np.where(inside, np.minimum(high, ticks), high), inside


def _from_whole(values: Floats) -> Floats:
    return values - np.rint(values)
