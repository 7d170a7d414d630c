"""What it takes to fit a cause to the records: predictions held against them, and how much they tell.

A prediction is a tick of the plan for each record, perhaps times a constant. It fits where every record that it speaks
of is what it says, to within the plan's own tolerance. Searches go over some thousand records, spread over the log and
gathered where its learning rate changes, and what is left is then held against all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lrviz.log.case import Case
from lrviz.log.plan import agree

if TYPE_CHECKING:
    from lrviz.log.plan import Floats, Mask, Ticks

SAMPLE = 1000
"""So many records spread over the log, and twice as many where it changes, are looked at in a search."""

CANDIDATES = 1_000_000
"""So many candidates are tried at most, the smallest ones."""

WORK = 30_000_000
"""So many predictions are made in a search; after that only the smallest `FEW` candidates are looked at."""

FEW = 1000

Predict = Callable[[int, "Ticks"], tuple["Floats", "Floats"]]
"""What each candidate says of a record: the least and the most; NaN where it says nothing."""


class Factor(NamedTuple):
    """All that a constant may be: from `low` to `high`."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, float) and self.low <= value <= self.high

    def shortest(self) -> float:
        """The number in it that is written with the fewest digits."""
        middle = (self.low + self.high) / 2
        for digits in range(1, 17):
            value = float(f"{middle:.{digits}g}")
            if self.low <= value <= self.high:
                return value
        return middle


@dataclass(frozen=True)
class Fit:
    """A case to fit causes to, from its record `start` on."""

    case: Case
    start: int = 0

    @cached_property
    def changed(self) -> Mask:
        """Which records hold another learning rate than the one before; never the first of the log."""
        case = self.case
        noise = case.plan.slack(case.logged) + case.half
        changed = np.zeros(len(case), dtype=bool)
        changed[1:] = ~(np.abs(np.diff(case.logged)) <= noise[1:] + case.half[:-1])
        return changed

    @cached_property
    def rows(self) -> Ticks:
        """The records that it is about."""
        return np.arange(self.start, len(self.case))

    @cached_property
    def window(self) -> range:
        """The ticks at which that may have happened which the first of them shows.

        That is after the record before it; where that one is not earlier, no longer ago than records are apart.
        """
        low = np.clip(self.case.low, 0, self.case.plan.ticks)
        here = int(low[self.start])
        if self.start and low[self.start - 1] < here:
            return range(int(low[self.start - 1]) + 1, here + 1)
        steps = np.diff(low)
        gap = int(np.median(steps[steps > 0])) if (steps > 0).any() else 1
        return range(max(0, here - gap + 1), here + 1)

    def inside(self, ticks: Ticks) -> Mask:
        """Which ticks are in the window."""
        return (ticks >= self.window.start) & (ticks < self.window.stop)

    @cached_property
    def sample(self) -> Ticks:
        """Some thousand of them, in an order in which the first ones tell the most."""
        mix = np.random.default_rng(0).permutation
        turns = _spread(np.flatnonzero(self.changed[self.start + 1 :]) + self.start + 1, SAMPLE)
        # where a learning rate changes, the records on both sides together leave the least room
        turns = mix(turns)
        pairs = np.stack([turns, turns - 1], axis=1)
        rows = np.concatenate([self.rows[:1], pairs.ravel(), mix(_spread(self.rows, SAMPLE))])
        return rows[np.sort(np.unique(rows, return_index=True)[1])]

    def predicted(self, low: Ticks, high: Ticks) -> tuple[Floats, Floats]:
        """What the plan has from one tick to another; what would come before the run is its first learning rate."""
        plan = self.case.plan
        first, last = plan.at(np.maximum(low, 0)), plan.at(np.maximum(high, 0))
        return np.minimum(first, last), np.maximum(first, last)

    def holds(self, lower: Floats, upper: Floats) -> Mask | None:
        """Which of the records a prediction speaks of; None where one of those is otherwise, or it speaks of none."""
        case, rows = self.case, self.rows
        told = ~(np.isnan(lower) | np.isnan(upper))
        fine = agree(case.logged[rows], case.half[rows], lower, upper, case.plan)
        return told if told.any() and bool(fine[told].all()) else None

    def changes(self, told: Mask | None = None) -> int:
        """How often the learning rate of the log changes, among the records that a prediction speaks of."""
        changed = self.changed[self.start :]
        return int((changed if told is None else changed & told).sum())

    def tells(self, told: Mask, changes: int) -> bool:
        """Whether a prediction that holds tells anything: it reproduces so many changes, and where it does not speak
        of all records, three at least that the plan does not explain."""
        parts = self.case.parts[self.start :]
        return self.changes(told) >= changes and (bool(told.all()) or int((parts & told).sum()) >= 3)

    def survivors(self, candidates: Ticks, predict: Predict) -> Ticks:
        """The candidates that say of every record of the sample what it is."""
        case, work = self.case, 0
        candidates = _smallest(candidates, CANDIDATES)
        for row in self.sample:
            work += len(candidates)
            if work > WORK:
                candidates = _smallest(candidates, FEW)
            if not len(candidates):
                break
            lower, upper = predict(row, candidates)
            fine = agree(case.logged[row], case.half[row], lower, upper, case.plan)
            candidates = candidates[fine | np.isnan(lower) | np.isnan(upper)]
        return candidates

    def factor(self, lower: Floats, upper: Floats, floor: float = 0.0) -> Factor | None:
        """The constants that take a prediction to the records, above a floor that both share; None where none does."""
        case, rows = self.case, self.rows
        logged = case.logged[rows] - floor
        low, high = lower - floor, upper - floor
        plan = case.plan
        if (
            not (np.isfinite(low).all() and np.isfinite(logged).all())
            or low.min() < -plan.residue
            or not high.max() > 0
        ):
            return None
        size = max(1.0, float(np.abs(logged).max() / high.max()))
        slack = case.half[rows] + np.maximum(plan.tolerance * np.abs(case.logged[rows]), plan.residue * size)
        some = high > plan.residue
        if not (np.abs(logged[~some]) <= slack[~some]).all():
            return None
        least = ((logged - slack)[some] / high[some]).max()
        most = np.where(low[some] > plan.residue, (logged + slack)[some] / low[some], math.inf).min()
        return Factor(float(least), float(most)) if 0 < least <= most else None

    def levels(self, lower: Floats) -> int:
        """How often a prediction changes from one record to the next."""
        return int((np.abs(np.diff(lower)) > self.case.plan.slack(lower[1:])).sum())


def run_of(candidates: Ticks) -> Ticks:
    """Of candidates in order, the one nearest to 0 with its neighbours, so far as there is one for every number."""
    if not len(candidates):
        return candidates
    nearest = int(np.argmin(np.abs(candidates)))
    runs = np.cumsum(np.diff(candidates, prepend=candidates[0]) > 1)
    run: Ticks = candidates[runs == runs[nearest]]
    return run


def _smallest(candidates: Ticks, count: int) -> Ticks:
    if len(candidates) <= count:
        return candidates
    return np.sort(candidates[np.argsort(np.abs(candidates), kind="stable")[:count]])


def _spread(rows: Ticks, count: int) -> Ticks:
    if len(rows) <= count:
        return rows
    chosen: Ticks = rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)]
    return chosen
