"""Fits causes to the records of a log: compares predictions with the records, and tells whether a fit is evidence.

A prediction gives each record the learning rate of some tick of the plan, perhaps times a constant; it covers the
records for which there is such a tick. It fits if every record that it covers agrees with it, to within the plan's own
tolerance. A search tries its candidates on a sample of records, taken evenly from the log and from where the learning
rate changes; those that remain are then compared with all records.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.plan import agree

if TYPE_CHECKING:
    from lrviz.log.plan import Floats, Mask, Ticks

SAMPLE_SIZE = 1000
"""The most records of a sample that are spread evenly over the log; at most twice as many lie around changes."""

MAX_CANDIDATES = 1_000_000
"""A search tries at most this many candidates, those nearest to 0."""

MAX_PREDICTIONS = 30_000_000
"""After this many predictions a search keeps only the `REDUCED_CANDIDATES` candidates nearest to 0."""

REDUCED_CANDIDATES = 1000

Predict = Callable[[int, "Ticks"], tuple["Floats", "Floats"]]
"""Called with a record and candidates: the smallest and the largest learning rate that each candidate predicts for it,
NaN where it does not cover the record."""


class Factor(NamedTuple):
    """The values that a constant may have: from `low` to `high`."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, float) and self.low <= value <= self.high

    def shortest(self) -> float:
        """The number in this range with the fewest digits."""
        middle = (self.low + self.high) / 2
        for digits in range(1, 17):
            value = float(f"{middle:.{digits}g}")
            if self.low <= value <= self.high:
                return value
        return middle


@dataclass(frozen=True)
class Fit:
    """A case to which causes are fitted, from its record `start` on; it begins `anew` if the run was resumed there."""

    case: LogCase
    start: int = 0
    anew: bool = False

    @cached_property
    def changed(self) -> Mask:
        """True for each record with another learning rate than the one before; False for the first of the log."""
        case = self.case
        noise = case.plan.slack(case.logged) + case.half
        changed = np.zeros(len(case), dtype=bool)
        changed[1:] = ~(np.abs(np.diff(case.logged)) <= noise[1:] + case.half[:-1])
        return changed

    @cached_property
    def rows(self) -> Ticks:
        """The records from `start` on."""
        return np.arange(self.start, len(self.case))

    @cached_property
    def window(self) -> range:
        """The ticks at which the deviation that record `start` shows may have begun.

        They come after the tick of the record before it. If that one is not earlier, they go back as far as records
        usually are apart.
        """
        low = np.clip(self.case.low, 0, self.case.plan.ticks)
        here = int(low[self.start])
        if self.start and low[self.start - 1] < here:
            return range(int(low[self.start - 1]) + 1, here + 1)
        return range(max(0, here - self.case.gap + 1), here + 1)

    @property
    def resumed(self) -> bool:
        """True if the run is known to have been resumed before record `start`: the clock of the log goes back."""
        return self.anew or self.begin > 0

    @cached_property
    def begin(self) -> int:
        """The first record of the start of the run that made record `start`."""
        back = np.flatnonzero(np.diff(self.case.at[: self.start + 1]) < 0)
        return int(back[-1]) + 1 if len(back) else 0

    def inside(self, ticks: Ticks) -> Mask:
        """True for each tick in the window."""
        return (ticks >= self.window.start) & (ticks < self.window.stop)

    @cached_property
    def sample(self) -> Ticks:
        """A sample of the records from `start` on, those that rule out most candidates first."""
        mix = np.random.default_rng(0).permutation
        turns = _spread(np.flatnonzero(self.changed[self.start + 1 :]) + self.start + 1, SAMPLE_SIZE)
        # a change between two records narrows down the candidates the most
        turns = mix(turns)
        pairs = np.stack([turns, turns - 1], axis=1)
        rows = np.concatenate([self.rows[:1], pairs.ravel(), mix(_spread(self.rows, SAMPLE_SIZE))])
        return rows[np.sort(np.unique(rows, return_index=True)[1])]

    def predicted(self, low: Ticks, high: Ticks) -> tuple[Floats, Floats]:
        """The plan's smaller and larger learning rate at two ticks; before the run, its first learning rate."""
        plan = self.case.plan
        first, last = plan.at(np.maximum(low, 0)), plan.at(np.maximum(high, 0))
        return np.minimum(first, last), np.maximum(first, last)

    def holds(self, lower: Floats, upper: Floats) -> Mask | None:
        """True for each record that a prediction covers; None if one of these disagrees, or it covers no record."""
        case, rows = self.case, self.rows
        covered = ~(np.isnan(lower) | np.isnan(upper))
        fine = agree(case.logged[rows], case.half[rows], lower, upper, case.plan)
        return covered if covered.any() and bool(fine[covered].all()) else None

    def changes(self, covered: Mask | None = None) -> int:
        """How often the learning rate of the log changes, among the records that a prediction covers."""
        changed = self.changed[self.start :]
        return int((changed if covered is None else changed & covered).sum())

    def is_evidence(self, covered: Mask, changes: int) -> bool:
        """True if a prediction that fits is more than chance.

        It reproduces at least `changes` changes and, unless it covers all records, at least three that deviate.
        """
        deviates = self.case.deviates[self.start :]
        return self.changes(covered) >= changes and (bool(covered.all()) or int((deviates & covered).sum()) >= 3)

    def survivors(self, candidates: Ticks, predict: Predict) -> Ticks:
        """The candidates that agree with every record of the sample that they cover."""
        case, work = self.case, 0
        candidates = _smallest(candidates, MAX_CANDIDATES)
        for row in self.sample:
            work += len(candidates)
            if work > MAX_PREDICTIONS:
                candidates = _smallest(candidates, REDUCED_CANDIDATES)
            if not len(candidates):
                break
            lower, upper = predict(row, candidates)
            fine = agree(case.logged[row], case.half[row], lower, upper, case.plan)
            candidates = candidates[fine | np.isnan(lower) | np.isnan(upper)]
        return candidates

    def factor(self, lower: Floats, upper: Floats, floor: float = 0.0) -> Factor | None:
        """The constants that take a prediction to the records, both measured from `floor`; None if there is none."""
        case, rows = self.case, self.rows
        logged = case.logged[rows] - floor
        low, high = lower - floor, upper - floor
        plan = case.plan
        if (
            not (np.isfinite(low).all() and np.isfinite(logged).all())
            or low.min() < -plan.residue
            or not high.max() > plan.residue
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
        """The number of changes of a prediction from one record to the next."""
        return int((np.abs(np.diff(lower)) > self.case.plan.slack(lower[1:])).sum())


def run_of(candidates: Ticks) -> Ticks:
    """The candidate nearest to 0 and all that are connected with it without a gap; `candidates` are sorted."""
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
