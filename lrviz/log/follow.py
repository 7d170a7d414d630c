"""A log against the curve of a schedule -> findings, or that it held."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.case import Case
from lrviz.log.causes import explain
from lrviz.log.log import Log
from lrviz.log.table import note
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import moment, rate

ALIKE = 1e-6
"""Ratios that differ by less than this fraction are the same."""


def follow(
    schedule: Schedule, curve: Curve, log: Log, name: str, *, group: str | None = None, shift: int = 0
) -> list[Finding | Held]:
    """Whether the run that wrote `log` followed the plan: an error of code "log", or that it held; and notes.

    A step s of the log is the plan's step s + `shift`, from 0, and its learning rate the one that optimizer step uses;
    the step after the last is the plan's end. `group` is the param group that was logged, the first where it is None.
    A learning rate is the planned one where it differs by at most the schedule's tolerance and what writing took off
    it. `name` is what the schedule is called.

    Raises `ScheduleError` where there is no such group, or where the log counts what the run does not know.
    """
    case = Case.of(schedule, curve, log, _group(schedule, curve, group), shift)
    cut = _cut_off(case)
    notes = list(_notes(case, group, cut))
    if cut:
        case = case.without_last()
    found: list[Finding | Held] = [Finding.of(problem, name, "log") for problem in (*log.notes, *notes)]
    if case.parts.any():
        problem = Problem(log.where(int(case.rows[_first(case)])), _message(case), explain(case), code="log")
        return [Finding.of(problem, name, "log"), *found]
    return [Held(Position(log.path), name, "log", f"the log followed the plan: {_extent(case)}"), *found]


def _group(schedule: Schedule, curve: Curve, group: str | None) -> int:
    if group is None:
        return 0
    if group not in curve.groups:
        hint = did_you_mean(group, curve.groups)
        raise ScheduleError.at(schedule.where, f"{schedule.name} has no param group {group!r}", hint)
    return curve.groups.index(group)


# --- notes ---------------------------------------------------------------------------------------------------


def _notes(case: Case, group: str | None, cut: bool) -> Iterator[Problem]:
    log, curve = case.log, case.curve
    silent = len(log.lr) - len(case)
    if silent:
        unit = "epoch" if case.unit == "epoch" else "step"
        yield note(
            log.path,
            "log-passed-over",
            f"{_records(silent)} without {unit} {'is' if silent == 1 else 'are'} passed over",
        )
    if cut:
        yield note(log.path, "log-cut-off", "the last line is cut off, and left out", log.lines[-1])
    if case.unit == "epoch" and curve.run.total_steps is not None and log.clocks[0].unit == "count":
        yield note(log.path, "log-column", "what the log calls steps is taken for epochs, and follows the plan")
    if group is None and curve.groups_differ:
        yield note(
            log.path,
            "log-group",
            f"param groups differ; this is the first, {curve.groups[0]!r}; --group NAME is another",
        )
    if _ends_early(case):
        last = moment(curve.run, len(curve) - 1)
        farthest = case.place(int(case.at.argmax()))
        yield note(log.path, "log-ends-early", f"the log ends at {farthest}; the run's last is {last}")


def _cut_off(case: Case) -> bool:
    """Whether the last number of a log whose last line has no end is only the beginning of what it should be.

    That is so where the planned learning rate begins with the one in the log, or where the log counts back there: the
    beginning of a number of steps is a smaller one.
    """
    text = case.log.unended
    last = len(case) - 1
    if text is None or last < 1 or not case.parts[last] or case.rows[last] != len(case.log.lr) - 1:
        return False
    if case.at[last] < case.at[last - 1]:
        return True
    planned = case.planned(last)
    forms = (repr(planned), f"{planned:.20f}", f"{planned:.20e}")
    return any(form.startswith(text) for form in forms)


def _ends_early(case: Case) -> bool:
    """Whether another record as far on as the farthest one before it would still be one of the run."""
    steps = np.diff(case.low)
    gap = int(steps.max()) if len(steps) else 1
    return bool(case.high.max() + max(gap, 1) < case.plan.ticks)


# --- words ---------------------------------------------------------------------------------------------------


def _extent(case: Case) -> str:
    """How much was compared: `1,200 records, step 0 to step 11,990`."""
    first, last = int(np.argmin(case.at)), int(np.argmax(case.at))
    places = case.place(first) if first == last else f"{case.place(first)} to {case.place(last)}"
    return f"{_records(len(case))}, {places}"


def _records(count: int) -> str:
    return f"{count:,} record" if count == 1 else f"{count:,} records"


def _first(case: Case) -> int:
    return int(case.parts.argmax())


def _message(case: Case) -> str:
    """Where the log leaves the plan, how much of it parts, and where by most."""
    count = int(case.parts.sum())
    part = f"{count:,} of {_records(len(case))} {'parts' if count == 1 else 'part'} from the plan"
    first = _first(case)
    most = _most(case)
    apart = f", {case.place(most)} by most: {_values(case, most)}" if most not in (None, first) else ""
    return f"{case.place(first)}: {_values(case, first)}; {part}{apart}"


def _values(case: Case, index: int) -> str:
    logged = float(case.logged[index])
    if not case.inside[index]:
        edge = "begins" if case.high[index] < 0 else "is over"
        return f"logged {rate(logged)}, where the run {edge}"
    planned, times = case.planned(index), case.times(index)
    ratio = "" if math.isnan(times) else f", ratio {_ratio(times)}"
    return f"logged {rate(logged, planned)}, planned {rate(planned, logged)}{ratio}"


def _ratio(times: float) -> str:
    """A ratio with so many digits that it differs from 1."""
    digits = 4
    while digits < 17 and times != 1 and f"{times:,.{digits}g}" == "1":
        digits += 1
    return f"{times:,.{digits}g}" if math.isfinite(times) else "infinite"


def _most(case: Case) -> int | None:
    """The first of the records that part by the largest factor, up or down; None where all are outside of the run."""
    rows = np.flatnonzero(case.parts & case.inside)
    if not len(rows):
        return None
    planned = np.clip(case.logged[rows], case.lower[rows], case.upper[rows])
    with np.errstate(all="ignore"):
        factor = np.abs(case.logged[rows] / planned)
        factor = np.maximum(factor, 1 / factor)
        factor[~np.isfinite(factor) | (case.logged[rows] * planned < 0)] = np.inf
    return int(rows[np.argmax(factor >= factor.max() * (1 - ALIKE))])
