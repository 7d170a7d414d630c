"""Explains why a run deviates from its plan: fits the usual causes to the records.

A cause is reported only if every record that it covers agrees with it, to within the plan's own tolerance, and if the
records change often enough to rule out chance. Causes that fit equally well are all reported: an exponential decay that
is late looks like one that is scaled. No cause is guessed.
"""

from __future__ import annotations

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.fit import Fit
from lrviz.log.intervals import CalledAt, other_interval
from lrviz.log.lengths import OfLength, other_length, with_length
from lrviz.log.plan import agree
from lrviz.log.tail import from_there_on, in_passing, started_over
from lrviz.log.whole import slower_in_full, whole_log
from lrviz.log.words import Cause, hint_of

NONE = "none of the usual causes explains it: not late or early, too fast or too slow, scaled, or resumed without state"
TOO_FEW = "the records are too few or too similar to tell why"


def explain(case: LogCase, called_at: CalledAt | None = None) -> str:
    """The hint of a finding: the cause, or all that fit equally well, and what to do; or that no usual cause fits."""
    return hint_of(causes_of(case, called_at)) or unexplained(case)


def unexplained(case: LogCase) -> str:
    """The hint of a finding that no usual cause explains."""
    with np.errstate(all="ignore"):
        return NONE if len(case) >= 3 and Fit(case).changes() >= 2 else TOO_FEW


def causes_of(case: LogCase, called_at: CalledAt | None = None, of_length: OfLength | None = None) -> list[Cause]:
    """The causes that explain every record, or every one from the first that deviates on."""
    with np.errstate(all="ignore"):  # a plan may have zeros and infinities; predictions made from them fit nothing
        causes = _causes(case, called_at)
        if not causes and of_length is not None:
            length = other_length(case, int(case.deviates.argmax()), of_length)
            return [length] if length is not None else []
        if of_length is not None and any(cause.paced for cause in causes):
            return with_length(case, causes, of_length)
        return causes


def causes_since(fit: Fit, of_length: OfLength | None = None) -> list[Cause]:
    """The causes that explain every record from a stretch of a run on that has a history."""
    case, start = fit.case, fit.start
    with np.errstate(all="ignore"):
        beyond = _beyond(case.part(start, len(case)))
        if beyond is not None:
            return [beyond]
        causes = list(from_there_on(fit))
        if not causes and of_length is not None:
            length = other_length(case, start, of_length)
            causes += [length] if length is not None else []
        return causes


def _causes(case: LogCase, called_at: CalledAt | None) -> list[Cause]:
    for certain in (_beyond(case), _other_group(case), _rounded(case)):
        if certain is not None:
            return [certain]
    causes = list(whole_log(Fit(case)))
    if not causes:
        interval = slower_in_full(case) or (other_interval(case, called_at) if called_at is not None else None)
        if interval is not None:
            return [interval]
    fit = Fit(case, int(case.deviates.argmax()))
    if not causes:
        causes = list(from_there_on(fit))
        passing = None if causes else in_passing(fit)
        causes += [passing] if passing is not None else []
    elif fit.start:
        # with records far apart, a plan that is late is also one that started over; but one call late is only late
        over = started_over(fit, earliest=2)
        causes += [over] if over is not None else []
    return causes


def _beyond(case: LogCase) -> Cause | None:
    """Only records after the end of the plan deviate."""
    if not case.inside[case.deviates].any() and case.low[case.deviates].min() >= 0:
        unit = (
            "epochs"
            if case.unit == "epoch" or (case.unit == "call" and case.curve.run.interval == "epoch")
            else "steps"
        )
        longer = f"give the plan the length of the run with --{unit}"
        return Cause("the run went on after the plan ended", longer, beyond=True)
    return None


def _other_group(case: LogCase) -> Cause | None:
    """Every record follows the plan of another param group."""
    for group, name in enumerate(case.curve.groups):
        if group != case.group and case.curve.columns[group] != case.curve.columns[case.group]:
            other = case.beside(case.schedule, case.curve, group)
            if not other.deviates.any():
                advice = "is the order of the groups that of the file?" if case.log.live else f"--group {name}"
                return Cause(f"every record follows the plan of param group {name!r}", advice)
    return None


def _rounded(case: LogCase) -> Cause | None:
    """Every record is the planned learning rate, rounded to the few digits that the log has."""
    coarse = np.frombuffer(case.log.coarse)[case.rows]
    if agree(case.logged, coarse, case.lower, case.upper, case.plan).all():
        return Cause("every record is the planned learning rate, rounded to the log's digits", "log more digits")
    return None
