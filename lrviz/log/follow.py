"""Compares a log with the curve of a schedule: findings, or that the run followed the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.case import LogCase, is_of_trainer
from lrviz.log.history.told import told_of
from lrviz.log.intervals import CalledAt
from lrviz.log.lengths import OfLength
from lrviz.log.log import Log
from lrviz.log.table import CUT_OFF, note
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import counted, moment, rate

ENDS_EARLY = "log-ends-early"
"""The code of the note that a log ends before its run."""

SAME_RATIO = 1e-6
"""Ratios that differ by at most this fraction count as equal."""


def follow(
    schedule: Schedule,
    curve: Curve,
    log: Log,
    name: str,
    *,
    group: str | None = None,
    shift: int | None = None,
    called_at: CalledAt | None = None,
    of_length: OfLength | None = None,
) -> list[Finding | Held]:
    """Compares a log with a plan: a finding of code "log" if the run deviated, else that it held; then notes.

    Step s of the log is step s + `shift` of the plan, from 0, and has the learning rate that this optimizer step uses;
    the step after the last is the plan's end. Without a shift, the log counts as the program does that wrote it.
    `group` is the param group that was logged, by default the first. A logged learning rate may differ from the planned
    one by the schedule's tolerance and by the rounding of the log. `name` is the name of the schedule in findings. With
    `called_at`, causes are also looked for in other intervals, with `of_length` in other lengths of the run.

    Raises `ScheduleError` if there is no such group, or if the log counts a unit that the run does not know.
    """
    case = LogCase.of(schedule, curve, log, group_of(schedule, curve, group), shift)
    cut = is_cut_off(case)
    notes = list(_notes(case, group, cut))
    if counts := _counts(case):
        notes.append(note(log.path, "log-column", counts))
    if cut:
        case = case.without_last()
    found: list[Finding | Held] = [Finding.of(problem, name, "log") for problem in (*log.notes, *notes)]
    if case.deviates.any():
        told = told_of(case, called_at, of_length)
        where = log.where(int(case.rows[first_deviation(case)]))
        problem = Problem(where, _message(case, told.another), told.hint, code="log")
        return [Finding.of(each, name, "log") for each in (problem, *told.notes)] + found
    return [Held(Position(log.path), name, "log", f"the log followed the plan: {_extent(case)}"), *found]


def group_of(schedule: Schedule, curve: Curve, group: str | None) -> int:
    """The index of the param group that was logged. Raises `ScheduleError` if there is no such group."""
    if group is None:
        return 0
    if group not in curve.groups:
        hint = did_you_mean(group, curve.groups)
        raise ScheduleError.at(schedule.where, f"{schedule.name} has no param group {group!r}", hint)
    return curve.groups.index(group)


# --- notes ---------------------------------------------------------------------------------------------------


def _notes(case: LogCase, group: str | None, cut: bool) -> Iterator[Problem]:
    log, curve = case.log, case.curve
    silent = len(log.lr) - len(case)
    if silent:
        what = "an epoch" if case.unit == "epoch" else "a step"
        yield note(log.path, "log-passed-over", f"skipped {counted(silent, 'record')} without {what}")
    if cut:
        yield note(log.path, "log-cut-off", CUT_OFF, log.lines[-1])
    if case.unit == "epoch" and curve.run.total_steps is not None and log.clocks[0].unit == "count":
        yield note(log.path, "log-column", "the log's steps are read as epochs: as epochs they follow the plan")
    if group is None and curve.groups_differ:
        yield note(
            log.path,
            "log-group",
            f"param groups differ; the log is compared with the first, {curve.groups[0]!r} (--group NAME for another)",
        )
    if _ends_early(case):
        last = moment(curve.run, len(curve) - 1)
        farthest = case.place(int(case.at.argmax()))
        yield note(log.path, ENDS_EARLY, f"the log ends at {farthest}, the run at {last}")


def _counts(case: LogCase) -> str:
    """How a log counts whose step or epoch k is not the plan's k."""
    program = case.log.program
    planned, logged = case.curve.run.steps_per_epoch, case.clock.per_epoch
    in_steps = any(clock.unit == "step" for clock in case.log.clocks)
    if case.unit == "epoch" and in_steps and None not in (planned, logged) and planned != logged:
        return f"iterations are read as parts of an epoch: it has {logged:,.0f} of them, and {planned:,} steps"
    if not case.shift or case.asked:
        return ""
    if case.unit == "epoch":
        return f"{program or 'the log'} counts epochs from 1: epoch k of the log is the plan's k - 1"
    if program:
        return f"{program} logs the step just made: step k of the log trained with the plan's k - 1"
    whose = "the Trainer counts the steps of its log" if is_of_trainer(case.schedule, case.log) else "the log counts"
    return f"{whose} from 1: step k trained with the plan's k - 1"


def is_cut_off(case: LogCase) -> bool:
    """True if the last line of a log has no line end and ends in the middle of a number.

    That is so if the planned learning rate begins with the text of the logged one, or if the step is smaller than the
    one before: a step number that is cut off is smaller.
    """
    text = case.log.unended
    last = len(case) - 1
    if text is None or last < 1 or not case.deviates[last] or case.rows[last] != len(case.log.lr) - 1:
        return False
    if case.at[last] < case.at[last - 1]:
        return True
    planned = case.planned(last)
    forms = (repr(planned), f"{planned:.20f}", f"{planned:.20e}")
    return any(form.startswith(text) for form in forms)


def _ends_early(case: LogCase) -> bool:
    """True if another record, after the largest gap between records so far, would still be within the run."""
    steps = np.diff(case.low)
    gap = int(steps.max()) if len(steps) else 1
    return bool(case.high.max() + max(gap, 1) < case.plan.ticks)


# --- words ---------------------------------------------------------------------------------------------------


def _extent(case: LogCase) -> str:
    """The records that were compared: `1,200 records, step 0 to step 11,990`."""
    first, last = int(np.argmin(case.at)), int(np.argmax(case.at))
    places = case.place(first) if first == last else f"{case.place(first)} to {case.place(last)}"
    return f"{counted(len(case), 'record')}, {places}"


def first_deviation(case: LogCase) -> int:
    """The first record that deviates, of a case in which one does."""
    return int(case.deviates.argmax())


def _message(case: LogCase, another: str) -> str:
    """The first record that deviates; then that this is another run, or how many deviate and which does most."""
    count = int(case.deviates.sum())
    deviate = f"{count:,} of {counted(len(case), 'record')} {'deviates' if count == 1 else 'deviate'} from the plan"
    first = first_deviation(case)
    if another:
        return f"{case.place(first)}: {values_words(case, first)}; {another}"
    most = _most(case)
    where = f", most at {case.place(most)}: {values_words(case, most)}" if most not in (None, first) else ""
    return f"{case.place(first)}: {values_words(case, first)}; {deviate}{where}"


def values_words(case: LogCase, index: int) -> str:
    """What was logged, and what was planned: `logged 0.05, planned 0.1, ratio 0.5`."""
    logged = float(case.logged[index])
    if not case.inside[index]:
        edge = "before the run begins" if case.high[index] < 0 else "after the run has ended"
        return f"logged {rate(logged)}, {edge}"
    planned, times = case.planned(index), case.times(index)
    ratio = "" if math.isnan(times) else f", ratio {_ratio(times)}"
    return f"logged {rate(logged, planned)}, planned {rate(planned, logged)}{ratio}"


def _ratio(times: float) -> str:
    """A ratio with four digits, or as many more as it takes to differ from 1."""
    digits = 4
    while digits < 17 and times != 1 and f"{times:,.{digits}g}" == "1":
        digits += 1
    return f"{times:,.{digits}g}" if math.isfinite(times) else "infinite"


def _most(case: LogCase) -> int | None:
    """The first record that deviates by the largest factor, up or down; None if all are outside the run."""
    rows = np.flatnonzero(case.deviates & case.inside)
    if not len(rows):
        return None
    planned = np.clip(case.logged[rows], case.lower[rows], case.upper[rows])
    with np.errstate(all="ignore"):
        factor = np.abs(case.logged[rows] / planned)
        factor = np.maximum(factor, 1 / factor)
        factor[~np.isfinite(factor) | (case.logged[rows] * planned < 0)] = np.inf
    return int(rows[np.argmax(factor >= factor.max() * (1 - SAME_RATIO))])
