"""Causes that explain a log from the first record that parts on: no longer stepped, resumed without state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lrviz.log.fit import CANDIDATES, Fit, run_of
from lrviz.log.plan import agree
from lrviz.log.whole import NEIGHBOURS, floors, own_lr, scale
from lrviz.log.words import Cause, calls
from lrviz.words import moment, rate

if TYPE_CHECKING:
    from lrviz.log.plan import Floats, Mask, Ticks

LONGEST = 3
"""So many records may part in passing."""


def from_there_on(fit: Fit) -> Iterator[Cause]:
    """The causes that explain every record from one on, which is the first that parts."""
    frozen = _frozen(fit)
    causes = [frozen] if frozen is not None else [_moved(fit), _scaled(fit), _from_held(fit), _one_ahead(fit)]
    yield from (cause for cause in causes if cause is not None)


def in_passing(fit: Fit) -> Cause | None:
    """A few records with the learning rate that a scheduler begins with, before the plan holds again."""
    case = fit.case
    rows = np.flatnonzero(case.parts)
    last = int(rows[-1])
    if not fit.start or last - fit.start + 1 != len(rows) or len(rows) > LONGEST or len(case) - 1 - last < 2:
        return None
    for first in _beginnings(fit):
        if agree(case.logged[rows], case.half[rows], np.array(first), np.array(first), case.plan).all():
            until = f" to {case.place(last)}" if last > fit.start else ""
            fact = f"only {case.place(fit.start)}{until} has what the plan begins with, and then it holds again"
            return Cause(fact, "was the scheduler made after the optimizer's state was loaded?", resumed=True)
    return None


def _since(fit: Fit) -> str:
    return f"from {fit.case.place(fit.start)} on"


def _beginnings(fit: Fit) -> list[float]:
    """What a new scheduler may begin from: the plan's first learning rate, or the optimizer's own."""
    first, own = float(fit.case.plan.at(np.array([0]))[0]), own_lr(fit)
    return [first] if own is None or own == first else [first, own]


def _ahead(fit: Fit, ticks: Ticks) -> Floats:
    """The plan at each tick; infinite before its first, where nothing can come from."""
    values = fit.case.plan.at(ticks)
    values[ticks < 0] = np.inf
    return values


# --- no longer stepped ---------------------------------------------------------------------------------------


def _frozen(fit: Fit) -> Cause | None:
    """The learning rate stays what it is, while the plan moves on twice at least."""
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
        return Cause("the learning rate never changes", f"is scheduler.step() called{or_not}?" if begins else "")
    fact = f"{_since(fit)} the learning rate stays at {rate(float(case.logged[rows[-1]]))}"
    held = case.plan.lr[max(0, fit.window.start - 1) : fit.window.stop]
    if bool(((held >= least) & (held <= most)).any()):
        return Cause(fact, "is scheduler.step() still called?")
    return Cause(f"{fact}, which is not what it was before", "is it set by hand, and the scheduler not called?")


# --- resumed elsewhere ---------------------------------------------------------------------------------------


def begun_anew(fit: Fit, earliest: int = 1) -> Cause | None:
    """The plan from its start, at a tick that is not before `earliest`."""
    return _begun_anew(fit, _moves_of(fit), earliest)


def _moved(fit: Fit) -> Cause | None:
    """Another place of the plan: its start, or calls made twice or left out."""
    found = _moves_of(fit)
    anew = _begun_anew(fit, found, 1)
    if anew is not None:
        return anew
    nearest = _moves(fit, run_of(found))
    if not nearest:
        return None
    fact = f"{_since(fit)} every record is what the plan has {calls([abs(by) for by in nearest])}"
    if nearest[0] < 0:
        return Cause(f"{fact} earlier", "was it resumed from an older state, or not called for a while?")
    return Cause(f"{fact} later", "was it called more often there, or resumed from a later state?")


def _begun_anew(fit: Fit, found: Ticks, earliest: int) -> Cause | None:
    anew = [-by for by in _moves(fit, found[fit.inside(-found)])]
    anew = anew or [-by for by in _moves(fit, run_of(found)) if by < 0 and _held_since(fit, -by)]
    if not anew or min(anew) < earliest:
        return None
    fact = f"{_since(fit)} the plan begins anew, at {_ticks(fit, anew)}"
    return Cause(fact, "was it resumed without state?", resumed=True)


def _moves_of(fit: Fit) -> Ticks:
    """By how many calls the plan may be off from a record on."""
    case, here = fit.case, fit.window.stop - 1
    if fit.changes() < 2:
        return np.arange(0)
    near = np.arange(-min(here, CANDIDATES // 4), min(case.plan.ticks, CANDIDATES // 4) + 1)
    begun = -np.arange(max(fit.window.start, here - CANDIDATES // 2), here + 1)
    candidates = np.union1d(near, begun)
    return fit.survivors(
        candidates[candidates != 0],
        lambda row, by: (_ahead(fit, case.low[row] + by), _ahead(fit, case.high[row] + by)),
    )


def _moves(fit: Fit, found: Ticks) -> list[int]:
    """Those that explain every record, the smallest first."""
    case, rows = fit.case, fit.rows
    moves = []
    for by in sorted(found.tolist(), key=abs)[:NEIGHBOURS]:
        told = fit.holds(_ahead(fit, case.low[rows] + by), _ahead(fit, case.high[rows] + by))
        if told is not None and fit.tells(told, 2):
            moves.append(by)
    return moves


def _held_since(fit: Fit, tick: int) -> bool:
    """Whether the records from a tick on that do not part from the plan could be those of one begun anew there."""
    case = fit.case
    before = slice(0, fit.start)
    since = case.low[before] >= tick
    ticks = case.low[before][since] - tick
    planned = case.plan.at(ticks)
    return bool(agree(case.logged[before][since], case.half[before][since], planned, planned, case.plan).all())


def _ticks(fit: Fit, ticks: Sequence[int]) -> str:
    """`step 30`, or `step 21 to step 30` where it may be any of these."""
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
            return Cause(fact, "was it resumed without the optimizer's state, or with that loaded first?", resumed=True)
    return None


def _from_held(fit: Fit) -> Cause | None:
    """The plan begun anew from the learning rate that was held: the optimizer's state without the scheduler's."""
    case = fit.case
    if fit.changes() < 2:
        return None
    for floor in floors(case.schedule):
        for first in _beginnings(fit):
            if first == floor:
                continue
            anew = _Anew(fit, first, floor)
            candidates = np.arange(max(1, fit.window.stop - CANDIDATES), fit.window.stop)
            found = fit.survivors(candidates[anew.differs(candidates)], anew.of)
            inside = found[fit.inside(found)]
            here = fit.window.start
            near = inside if len(inside) else run_of(found - here) + here
            at = [each for each in near[-NEIGHBOURS:].tolist() if anew.holds(each)]
            if at:
                fact = f"{_since(fit)} the plan begins anew, at {_ticks(fit, at)}, from the learning rate held there"
                return Cause(fact, "was only the optimizer's state loaded?", resumed=True)
    return None


@dataclass(frozen=True, slots=True)
class _Anew:
    """The plan begun anew at some tick, each time with what it had reached there in place of `first`, above `floor`."""

    fit: Fit
    first: float
    floor: float

    def factor(self, at: Ticks) -> Floats:
        return (self.fit.case.plan.at(at) - self.floor) / (self.first - self.floor)

    def differs(self, at: Ticks) -> Mask:
        """Where it is neither nothing nor the plan's own beginning."""
        factor = self.factor(at)
        return (factor > 0) & (abs(factor - 1) > self.fit.case.plan.tolerance)

    def at(self, ticks: Ticks, at: Ticks) -> Floats:
        return self.floor + self.factor(at) * (_ahead(self.fit, ticks - at) - self.floor)

    def of(self, row: int, at: Ticks) -> tuple[Floats, Floats]:
        return self.at(self.fit.case.low[row], at), self.at(self.fit.case.high[row], at)

    def holds(self, at: int) -> bool:
        """Whether every record from a tick on is so, and enough of them after the first that parts change."""
        fit, case = self.fit, self.fit.case
        start = np.full(len(case), at)
        lower, upper = self.at(case.low, start), self.at(case.high, start)
        told = fit.holds(lower[fit.rows], upper[fit.rows])
        if told is None:
            return False
        told[0] = False
        before = np.flatnonzero(case.low[: fit.start] >= at)
        fine = agree(case.logged[before], case.half[before], lower[before], upper[before], case.plan)
        return bool(fine.all()) and fit.changes(told) >= 2


def _one_ahead(fit: Fit) -> Cause | None:
    """Every call does what the plan's next one does, from the learning rate that was held."""
    case, rows, plan = fit.case, fit.rows, fit.case.plan
    # the first that it does is to hold the learning rate, so that it parts one call later
    begin = max(0, fit.window.start - 1)
    held = np.arange(begin, min(fit.window.stop, begin + CANDIDATES))
    for floor in floors(case.schedule):
        known = case.high[rows] < plan.ticks
        lower, upper = plan.at(case.low[rows] + 1), plan.at(case.high[rows] + 1)
        factor = fit.factor(lower, upper, floor) if known.all() else None
        if factor is None or 1.0 in factor or fit.levels(lower) < 2 or fit.changes() < 3:
            continue
        own = (plan.at(held) - floor) / (plan.at(held + 1) - floor)
        if any(value in factor for value in own.tolist()):
            fact = f"{_since(fit)} every call does what the plan's next call does, to the learning rate held there"
            return Cause(fact, "was last_epoch one too many? It is the scheduler's own less 1", resumed=True)
    return None
