"""Causes that explain a log from its first record on: late or early, too fast or too slow, scaled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lrviz.alike import ROUNDING
from lrviz.log.case import LogCase
from lrviz.log.fit import MAX_CANDIDATES, Factor, Fit, run_of
from lrviz.log.plan import MAX_TICK, agree, ticks_of
from lrviz.log.words import BATCHES, Cause, batches_of_step, calls, count_of, every_batch, factors, instead, paces
from lrviz.schedule.model import Schedule, Scheduler
from lrviz.words import rate

if TYPE_CHECKING:
    from lrviz.log.plan import Ticks

PACES = range(2, 65)
"""Factors too fast or too slow that are tried, besides the numbers of the run."""

MAX_NEIGHBOURS = 64
"""At most this many neighbouring values that explain a log are compared with all records."""

BEFORE_STEP = "is scheduler.step() called before optimizer.step()?"

MOST_LONGER = 4
"""An epoch may have so many times the planned steps."""

OWN_LR = {"OneCycleLR", "CyclicLR", "SWALR"}
"""Schedulers whose learning rates are their own arguments: the optimizer's lr does not scale them."""


def whole_log(fit: Fit) -> Iterator[Cause]:
    """The causes that explain every record."""
    found = [cause for cause in (_shifted(fit), _faster(fit), _slower(fit), _scaled(fit)) if cause is not None]
    length = _epoch_length(fit) if not found else None
    yield from found or ([length] if length is not None else [])


# --- late or early -------------------------------------------------------------------------------------------


def _shifted(fit: Fit) -> Cause | None:
    return _by_a_step(fit) or _by_calls(fit)


def _by_a_step(fit: Fit) -> Cause | None:
    """One step late or early where a tick lasts many steps: only records next to a call deviate."""
    case = fit.case
    if case.unit != "step" or case.curve.run.steps_per_tick == 1:
        return None
    for step, when in ((-1, "earlier"), (1, "later")):
        low, high, _ = ticks_of(case.curve, "step", case.at + case.shift + step, 0.0)
        covered = fit.holds(*fit.predicted(low, high))
        if covered is not None and fit.is_evidence(covered, 1):
            advice = f"if the log counts that way, --shift {case.shift + step}"
            if case.log.live:
                advice = "scheduler.step() is one step late" if step < 0 else BEFORE_STEP
            return Cause(f"every record equals the plan one step {when}", advice)
    return None


def _by_calls(fit: Fit) -> Cause | None:
    case = fit.case
    if not fit.changes():
        return None
    reach = min(case.plan.ticks, MAX_CANDIDATES // 2)
    candidates = np.arange(-reach, reach + 1)
    found = run_of(
        fit.survivors(
            candidates[candidates != 0], lambda row, by: fit.predicted(case.low[row] + by, case.high[row] + by)
        )
    )
    by_calls = []
    for by in sorted(found.tolist(), key=abs)[:MAX_NEIGHBOURS]:
        covered = fit.holds(*fit.predicted(case.low + by, case.high + by))
        # a single change that is one call off is a usual mistake; one that is five calls off is another plan
        changes = 1 if len(found) == 1 and abs(by) == 1 else 2
        if covered is not None and fit.is_evidence(covered, changes) and covered.mean() >= 0.5:
            by_calls.append(by)
    if not by_calls:
        return None
    nearest = by_calls[0]
    when = "earlier" if nearest < 0 else "later"
    fact = f"every record equals the plan {calls([abs(by) for by in by_calls])} {when}"
    if (
        nearest != -1
        and (case.shift == 0 or not case.asked)
        and case.low[0] > 0
        and any(-by in fit.window or _is_just_before(fit, -by) for by in by_calls)
    ):
        begun = "where the guard began" if case.log.live else "with the log"
        return Cause(fact, f"the plan starts over {begun}, as after a resume without state", resumed=True)
    if case.log.live:
        return Cause(fact, {-1: "scheduler.step() is one call late", 1: BEFORE_STEP}.get(nearest, ""))
    shift = _in_units(fit, nearest)
    if shift is None:
        return Cause(fact)
    late = "scheduler.step() is one call late"
    if nearest == -1 and case.log.program and not case.asked:
        return Cause(fact, late)
    if nearest == -1:
        return Cause(fact, f"does the log count from 1? Then --shift {shift}; otherwise {late}")
    if nearest == 1:
        return Cause(fact, f"{BEFORE_STEP} If it is only called before the logging, --shift {shift}")
    return Cause(fact, f"does the log count from another number? Then --shift {shift}")


def _is_just_before(fit: Fit, tick: int) -> bool:
    """True for the tick of the record that would be before the first, where they are some calls apart.

    A run that was stopped behind a record logs the next one as many calls later.
    """
    return fit.case.gap > 1 and tick == fit.window.start - 1


def _in_units(fit: Fit, by: int) -> int | None:
    """The shift of the case plus `by` calls, in the log's unit; None if that is not a whole number of epochs."""
    case = fit.case
    if case.unit == "step":
        return case.shift + by * case.curve.run.steps_per_tick
    if case.behind:
        return None
    per_unit = case.curve.run.tick_of_epoch(1) if case.unit == "epoch" else 1
    return case.shift + by // per_unit if by % per_unit == 0 else None


# --- too fast or too slow ------------------------------------------------------------------------------------


def _faster(fit: Fit) -> Cause | None:
    case, known = fit.case, paces(fit.case.schedule)
    if case.unit == "step" and case.curve.run.steps_per_tick > 1:
        steps = case.at.astype("int64") + case.shift
        covered = fit.holds(*fit.predicted(steps, steps))
        if covered is not None and fit.is_evidence(covered, 2):
            return Cause(f"as if scheduler.step() were called {instead(case.curve.run, 'step')}")
    for early in (0, -1, 1):
        found = _paces(fit, known, partial(_times, early), 3 if early else 2)
        if found:
            run = case.curve.run
            if run.every > 1 and [pace for pace in found if run.every % pace == 0 or pace % run.every == 0] == [
                run.every
            ]:
                return Cause(f"as if scheduler.step() were called {instead(run, run.interval)}{_beside(early, fit)}")
            often = "as often" if run.every > 1 else "a step" if run.interval == "step" else "an epoch"
            fact = f"as if scheduler.step() were called {count_of(found)} times {often}"
            return Cause(fact + _beside(early, fit), _named(found, known), paced=True)
    return _every_batch(fit)


def _every_batch(fit: Fit) -> Cause | None:
    """The scheduler is called after the batches between two steps too."""
    run, known = fit.case.curve.run, batches_of_step(fit.case.schedule)
    if (run.interval, run.every) != ("step", 1):
        return None
    found = _paces(fit, known, lambda ticks, pace: _times(1, ticks, pace) - 1, 3, {*BATCHES, *known})
    return Cause(f"as if scheduler.step() were called {every_batch(run, found, known)}") if found else None


def _slower(fit: Fit) -> Cause | None:
    run, known = fit.case.curve.run, paces(fit.case.schedule)
    tried = {*PACES, *known, *plateaus(fit)}
    for early in (0, -1, 1):
        found = _paces(fit, known, partial(_over, early), 3 if early else 2, tried)
        if found == [run.steps_per_epoch] and (run.interval, run.every) == ("step", 1):
            return Cause(f"as if scheduler.step() were called {instead(run, 'epoch')}{_beside(early, fit)}")
        if found:
            often = f"once every {count_of(found)} {run.interval}s"
            if run.every > 1:
                often = f"only at one of {count_of(found)} calls"
            fact = f"as if scheduler.step() were called {often}"
            why = _named(found, known) or _may_be_an_epoch(fit, found)
            return Cause(fact + _beside(early, fit), why, paced=True)
    return None


def slower_in_full(case: LogCase) -> Cause | None:
    """A plan that is read so slowly that it changes by less than its tolerance: every digit of the log is compared."""
    plan = replace(case.plan, tolerance=ROUNDING, peak=0.0)
    return _slower(Fit(replace(case, plan=plan)))


def plateaus(fit: Fit) -> set[int]:
    """The numbers of ticks for which the log may hold a learning rate, by the places at which it changes.

    A change lies behind the record before it. Both the mean distance of changes counts, which records far apart tell
    more exactly, and the smallest, since a plan that holds changes less often: what it holds for `held` ticks, such as
    a StepLR, the log holds for as many plateaus.
    """
    low, (changes,) = fit.case.low, np.nonzero(fit.changed)
    if len(changes) < 2:
        return set()
    earliest, latest = low[changes - 1] + 1, low[changes]
    nearest = int(np.argmin(np.diff(latest)))
    found: set[int] = set()
    held = fit.case.plan.held
    for first, last, count in ((0, -1, len(changes) - 1), (nearest, nearest + 1, 1), (nearest, nearest + 1, held)):
        least = -(-int(earliest[last] - latest[first]) // count)
        most = int(latest[last] - earliest[first]) // count
        middle = max(2, (least + most - MAX_NEIGHBOURS) // 2)
        found |= set(range(max(2, least, middle), min(most, middle + MAX_NEIGHBOURS) + 1))
    return found


def _may_be_an_epoch(fit: Fit, found: list[int]) -> str:
    run = fit.case.curve.run
    if run.interval != "step" or run.steps_per_epoch is not None or len(found) > 1 or found[0] in PACES:
        return ""
    return f"if an epoch has {found[0]:,} steps, it is called after every epoch, not after every step"


def _epoch_length(fit: Fit) -> Cause | None:
    """Every epoch has fewer steps than the plan says, or more."""
    case, run = fit.case, fit.case.curve.run
    if case.unit != "step" or run.interval != "epoch" or run.steps_per_tick == 1:
        return None
    steps, planned = case.at.astype("int64") + case.shift, run.steps_per_tick
    candidates = np.arange(2, min(MOST_LONGER * planned, MAX_CANDIDATES))
    found = fit.survivors(
        candidates[candidates != planned],
        lambda row, length: fit.predicted(steps[row] // length, steps[row] // length),
    )
    lengths = []
    for length in (run_of(found - planned) + planned)[:MAX_NEIGHBOURS].tolist():
        covered = fit.holds(*fit.predicted(steps // length, steps // length))
        if covered is not None and fit.is_evidence(covered, 2):
            lengths.append(length)
    if not lengths:
        return None
    return Cause(f"as if an epoch had {count_of(lengths)} steps, not {planned:,}", "is steps_per_epoch right?")


def _times(early: int, ticks: Ticks, pace: int) -> Ticks:
    return (np.minimum(ticks, MAX_TICK // pace) + early) * pace


def _over(early: int, ticks: Ticks, pace: int) -> Ticks:
    return (ticks + early) // pace


def _paces(
    fit: Fit,
    known: dict[int, str],
    moved: Callable[[Ticks, int], Ticks],
    changes: int,
    tried: Collection[int] = (),
) -> list[int]:
    """The paces that explain every record, of those `tried`, by default `PACES` and those `known`.

    `moved` gives the ticks of the plan for ticks of the log and a pace.
    """
    case = fit.case
    found: list[int] = []
    if fit.changes() < changes - 1:
        return found
    sample = fit.sample
    for pace in sorted(tried or {*PACES, *known}):
        lower, upper = fit.predicted(moved(case.low[sample], pace), moved(case.high[sample], pace))
        fine = agree(case.logged[sample], case.half[sample], lower, upper, case.plan)
        if not (fine | np.isnan(lower) | np.isnan(upper)).all():
            continue
        covered = fit.holds(*fit.predicted(moved(case.low, pace), moved(case.high, pace)))
        if covered is not None and fit.is_evidence(covered, changes - 1 if pace in known else changes):
            found.append(pace)
    return found


def _beside(early: int, fit: Fit) -> str:
    late = ", and one call late" if fit.case.log.live else ", and the log counts from 1"
    return {0: "", -1: late, 1: ", and before optimizer.step()"}[early]


def _named(found: list[int], known: dict[int, str]) -> str:
    return "; ".join(known[pace] for pace in found if pace in known)


# --- scaled --------------------------------------------------------------------------------------------------


def _scaled(fit: Fit) -> Cause | None:
    case = fit.case
    lr = case.plan.lr
    constant = bool((lr == lr[0]).all())
    enough = len(case) >= 2 if constant else len(case) >= 3 and fit.levels(case.lower) >= 1
    for floor in floors(case.schedule):
        factor = fit.factor(case.lower, case.upper, floor)
        if enough and factor is not None and 1.0 not in factor:
            return Cause(f"every record is {scale(factor, case.schedule, floor)}", _would_be(fit, factor, floor))
    return None


def floors(schedule: Schedule) -> tuple[float, ...]:
    """The values above which learning rates may be scaled: 0, and the `eta_min` of a cosine."""
    spec = schedule.scheduler
    if isinstance(spec, Scheduler) and spec.type == "CosineAnnealingLR":
        return tuple(dict.fromkeys((0.0, float(spec.arguments.get("eta_min", 0.0)))))
    return (0.0,)


def scale(factor: Factor, schedule: Schedule, floor: float) -> str:
    """A factor in words: `0.5 times the plan (1 / 2, devices is 2)`."""
    above = f" above its eta_min of {rate(floor)}" if floor else ""
    for value, name in factors(schedule).items():
        if value in factor:
            return f"{rate(value)} times the plan{above} ({name})"
    return f"{rate(factor.shortest())} times the plan{above}"


def own_lr(fit: Fit) -> float | None:
    """The optimizer's lr, if the scheduler scales it; None for schedulers with learning rates of their own."""
    schedule = fit.case.schedule
    group = schedule.optimizer.groups[fit.case.group]
    lr = group.options.get("lr", schedule.optimizer.options.get("lr"))
    spec = schedule.scheduler
    if spec is not None and any(each.own or each.type in OWN_LR for each in spec.walk()):
        return None
    return float(lr) if isinstance(lr, int | float) else None


def _would_be(fit: Fit, factor: Factor, floor: float) -> str:
    """The optimizer's lr that would explain a scaled log."""
    lr = own_lr(fit)
    if lr is None:
        return ""
    other = Factor(*sorted(floor + end * (lr - floor) for end in factor)).shortest()
    return f"an lr of {rate(other)} instead of {rate(lr)} would explain it"
