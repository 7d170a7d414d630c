"""Causes that explain a log from its first deviating record on: no longer stepped, resumed without state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lrviz.log.fit import MAX_CANDIDATES, Factor, Fit, run_of
from lrviz.log.plan import agree
from lrviz.log.whole import MAX_NEIGHBOURS, floors, own_lr, scale
from lrviz.log.words import Cause, calls
from lrviz.words import moment, rate

if TYPE_CHECKING:
    from lrviz.log.plan import Floats, Mask, Ticks

MAX_PASSING_RECORDS = 3
"""At most this many records in a row deviate in passing."""

ONE_SKIPPED = "did AMP skip an optimizer step there, or was the run resumed from a state of one call before?"


def from_there_on(fit: Fit) -> Iterator[Cause]:
    """The causes that explain every record from the first that deviates on."""
    frozen = _frozen(fit)
    causes = [frozen] if frozen is not None else [_moved(fit), _scaled(fit), _from_held(fit), _one_ahead(fit)]
    yield from (cause for cause in causes if cause is not None)


def in_passing(fit: Fit) -> Cause | None:
    """A few records have the learning rate that a new scheduler begins with; after them the run follows the plan."""
    case = fit.case
    rows = np.flatnonzero(case.deviates)
    last = int(rows[-1])
    if (
        not (fit.start or fit.resumed)
        or last - fit.start + 1 != len(rows)
        or len(rows) > MAX_PASSING_RECORDS
        or len(case) - 1 - last < 2
    ):
        return None
    for first in _beginnings(fit):
        if agree(case.logged[rows], case.half[rows], np.array(first), np.array(first), case.plan).all():
            have = f" to {case.place(last)} have" if last > fit.start else " has"
            fact = f"only {case.place(fit.start)}{have} the learning rate that a new scheduler begins with"
            return Cause(fact, "was the scheduler created after the optimizer's state was loaded?", resumed=True)
    return None


def _since(fit: Fit) -> str:
    return f"from {fit.case.place(fit.start)} on,"


def _beginnings(fit: Fit) -> list[float]:
    """The learning rates that a new scheduler may begin with: the plan's first, and the optimizer's own."""
    first, own = float(fit.case.plan.at(np.array([0]))[0]), own_lr(fit)
    return [first] if own is None or own == first else [first, own]


def _ahead(fit: Fit, ticks: Ticks) -> Floats:
    """The plan at each tick; infinite before the run, so that no record agrees."""
    values = fit.case.plan.at(ticks)
    values[ticks < 0] = np.inf
    return values


# --- no longer stepped ---------------------------------------------------------------------------------------


def _frozen(fit: Fit) -> Cause | None:
    """The learning rate stays the same while the plan changes at least twice."""
    case, rows = fit.case, fit.rows
    if len(rows) < 3 or fit.levels(case.lower[rows]) < 2 or not np.isfinite(case.logged[rows]).all():
        return None
    room = case.half + case.plan.slack(case.logged)
    least, most = float((case.logged - room)[rows].max()), float((case.logged + room)[rows].min())
    if least > most:
        return None
    if bool(((case.logged >= least) & (case.logged <= most)).all()):
        per_epoch = case.curve.run.steps_per_epoch
        once = case.curve.run.interval == "step" and per_epoch is not None and int(case.high.max()) < per_epoch
        or_not = f", or only after an epoch (steps_per_epoch is {per_epoch:,})" if once else ""
        begins = any(least <= each <= most for each in _beginnings(fit))
        advice = f"is scheduler.step() called{or_not}?" if begins else ""
        return Cause("the learning rate never changes", advice, held=True)
    fact = f"{_since(fit)} the learning rate stays at {rate(float(case.logged[rows[-1]]))}"
    held = case.plan.lr[max(0, fit.window.start - 1) : fit.window.stop]
    if bool(((held >= least) & (held <= most)).any()):
        return Cause(fact, "is scheduler.step() still called?", held=True)
    by_hand = "is it set by hand, and the scheduler not called?"
    return Cause(f"{fact}, not at the one it had before", by_hand, held=True)


# --- resumed elsewhere ---------------------------------------------------------------------------------------


def started_over(fit: Fit, earliest: int = 1) -> Cause | None:
    """The plan from its start again, at a tick not before `earliest`."""
    return _started_over(fit, _moves_of(fit), earliest)


def _moved(fit: Fit) -> Cause | None:
    """The plan from its start again, or some calls ahead or behind."""
    found = _moves_of(fit)
    over = _started_over(fit, found, 1)
    if over is not None:
        return over
    nearest = _moves(fit, run_of(found))
    if not nearest:
        return None
    fact = f"{_since(fit)} every record equals the plan {calls([abs(by) for by in nearest])}"
    if nearest[0] == -1 and not fit.case.log.live:
        once = "was the state saved before scheduler.step() was called?" if fit.resumed else ONE_SKIPPED
        return Cause(f"{fact} earlier", once)
    if nearest[0] < 0:
        advice = "was the run resumed from an older state, or scheduler.step() not called for a while?"
        return Cause(f"{fact} earlier", advice)
    return Cause(
        f"{fact} later", "was scheduler.step() called more often there, or the run resumed from a later state?"
    )


def _started_over(fit: Fit, found: Ticks, earliest: int) -> Cause | None:
    starts = [-by for by in _moves(fit, found[fit.inside(-found)])]
    # a start says nothing about what was before its first record, but for the record after which it began
    earliest_seen = min(int(fit.case.low[fit.begin]), fit.window.start - 1) if fit.resumed else 1
    starts = starts or [-by for by in _moves(fit, run_of(found)) if -by >= earliest_seen and _agrees_since(fit, -by)]
    if not starts or min(starts) < earliest:
        return None
    fact = f"{_since(fit)} every record follows a plan that started over at {_ticks(fit, starts)}"
    return Cause(fact, "was the run resumed without state?", resumed=True)


def _moves_of(fit: Fit) -> Ticks:
    """The numbers of calls, other than 0, by which the plan may be ahead (or behind, below 0) from a record on."""
    case, here = fit.case, fit.window.stop - 1
    if fit.changes() < 2:
        return np.arange(0)
    near = np.arange(-min(here, MAX_CANDIDATES // 4), min(case.plan.ticks, MAX_CANDIDATES // 4) + 1)
    begun = -np.arange(max(fit.window.start, here - MAX_CANDIDATES // 2), here + 1)
    candidates = np.union1d(near, begun)
    return fit.survivors(
        candidates[candidates != 0],
        lambda row, by: (_ahead(fit, case.low[row] + by), _ahead(fit, case.high[row] + by)),
    )


def _moves(fit: Fit, found: Ticks) -> list[int]:
    """The numbers of calls in `found` that explain every record, the smallest first."""
    case, rows = fit.case, fit.rows
    moves = []
    for by in sorted(found.tolist(), key=abs)[:MAX_NEIGHBOURS]:
        covered = fit.holds(_ahead(fit, case.low[rows] + by), _ahead(fit, case.high[rows] + by))
        if covered is not None and fit.is_evidence(covered, 2):
            moves.append(by)
    return moves


def _agrees_since(fit: Fit, tick: int) -> bool:
    """True if the records between a tick and `start`, of one start of the run, also agree with a plan that started over
    at the tick.

    One at the tick itself may be of the run before, which logged what it was to do next.
    """
    case = fit.case
    before = slice(fit.begin, fit.start)
    since = case.low[before] > tick
    ticks = case.low[before][since] - tick
    planned = case.plan.at(ticks)
    return bool(agree(case.logged[before][since], case.half[before][since], planned, planned, case.plan).all())


def _ticks(fit: Fit, ticks: Sequence[int]) -> str:
    """`step 30`, or `step 21 to step 30` for any of these."""
    first, last = moment(fit.case.curve.run, min(ticks)), moment(fit.case.curve.run, max(ticks))
    return first if first == last else f"{first} to {last}"


# --- resumed with half of the state --------------------------------------------------------------------------


def _scaled(fit: Fit) -> Cause | None:
    case, rows = fit.case, fit.rows
    if len(rows) < 3 or fit.levels(case.lower[rows]) < 2:
        return None
    for floor in floors(case.schedule):
        factor = fit.factor(case.lower[rows], case.upper[rows], floor)
        if factor is not None and 1.0 not in factor:
            fact = f"{_since(fit)} every record is {scale(factor, case.schedule, floor)}"
            if not (case.log.live or fit.resumed or _is_anew(fit, factor, floor)):
                return Cause(fact, "was the learning rate changed by hand?")
            advice = "was the optimizer's state not loaded, or loaded before the scheduler was created?"
            return Cause(fact, advice, resumed=True)
    return None


def _is_anew(fit: Fit, factor: Factor, floor: float) -> bool:
    """True if a factor makes the learning rate at some tick of the window one that a new scheduler begins with.

    That is one of `_beginnings`, or what the first call makes of the learning rate held there.
    """
    held = fit.case.plan.lr[max(0, fit.window.start - 1) : fit.window.stop] - floor
    begins = _beginnings(fit)
    own = own_lr(fit)
    first = [(begins[0] - floor) / (own - floor)] if own is not None and own != floor else []
    with np.errstate(all="ignore"):
        made = [*((begin - floor) / held for begin in begins), np.array(first)]
    near = fit.case.plan.tolerance
    return any(bool(((each >= factor.low * (1 - near)) & (each <= factor.high * (1 + near))).any()) for each in made)


def _from_held(fit: Fit) -> Cause | None:
    """The plan started over from the learning rate held there: the optimizer's state without the scheduler's."""
    case = fit.case
    if fit.changes() < 2:
        return None
    for floor in floors(case.schedule):
        for first in _beginnings(fit):
            if first == floor:
                continue
            over = _StartedOver(fit, first, floor)
            candidates = np.arange(max(1, fit.window.stop - MAX_CANDIDATES), fit.window.stop)
            found = fit.survivors(candidates[over.differs(candidates)], over.predict)
            inside = found[fit.inside(found)]
            here = fit.window.start
            near = inside if len(inside) else run_of(found - here) + here
            starts = [each for each in near[-MAX_NEIGHBOURS:].tolist() if over.holds(each)]
            if starts:
                at = _ticks(fit, starts)
                fact = f"{_since(fit)} every record follows a plan that started over at {at}"
                return Cause(
                    f"{fact}, from the learning rate held there", "was only the optimizer's state loaded?", resumed=True
                )
    return None


@dataclass(frozen=True, slots=True)
class _StartedOver:
    """The plan started over at a tick, scaled above `floor` so that the learning rate held there replaces `first`."""

    fit: Fit
    first: float
    floor: float

    def factor(self, at: Ticks) -> Floats:
        return (self.fit.case.plan.at(at) - self.floor) / (self.first - self.floor)

    def differs(self, at: Ticks) -> Mask:
        """True for ticks where the factor is above 0 and not 1: a 1 is the plan's own start."""
        factor = self.factor(at)
        return (factor > 0) & (abs(factor - 1) > self.fit.case.plan.tolerance)

    def at(self, ticks: Ticks, at: Ticks) -> Floats:
        return self.floor + self.factor(at) * (_ahead(self.fit, ticks - at) - self.floor)

    def predict(self, row: int, at: Ticks) -> tuple[Floats, Floats]:
        return self.at(self.fit.case.low[row], at), self.at(self.fit.case.high[row], at)

    def holds(self, at: int) -> bool:
        """True if every record from a tick on agrees, and at least two after the first that deviates are changes."""
        fit, case = self.fit, self.fit.case
        start = np.full(len(case), at)
        lower, upper = self.at(case.low, start), self.at(case.high, start)
        covered = fit.holds(lower[fit.rows], upper[fit.rows])
        if covered is None:
            return False
        covered[0] = False
        before = np.flatnonzero(case.low[: fit.start] >= at)
        fine = agree(case.logged[before], case.half[before], lower[before], upper[before], case.plan)
        return bool(fine.all()) and fit.changes(covered) >= 2


def _one_ahead(fit: Fit) -> Cause | None:
    """Every call does to the held learning rate what the plan's next call does."""
    case, rows, plan = fit.case, fit.rows, fit.case.plan
    # such a scheduler first holds the learning rate, so the log deviates one call later
    begin = max(0, fit.window.start - 1)
    held = np.arange(begin, min(fit.window.stop, begin + MAX_CANDIDATES))
    for floor in floors(case.schedule):
        known = case.high[rows] < plan.ticks
        lower, upper = plan.at(case.low[rows] + 1), plan.at(case.high[rows] + 1)
        factor = fit.factor(lower, upper, floor) if known.all() else None
        if factor is None or 1.0 in factor or fit.levels(lower) < 2 or fit.changes() < 3:
            continue
        own = (plan.at(held) - floor) / (plan.at(held + 1) - floor)
        if any(value in factor for value in own.tolist()):
            fact = f"{_since(fit)} every call does to the learning rate held there what the plan's next call does"
            return Cause(fact, "was last_epoch one too large? Pass the old scheduler's last_epoch - 1", resumed=True)
    return None
