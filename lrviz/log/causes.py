"""Why a run left its plan: the usual causes, fitted to the records.

A cause counts only where every record that it speaks of is what it says, to within the same tolerance as the plan's
own, and where the records change often enough to tell it from chance. What cannot be told apart is told as such: an
exponential decay that is late looks like one that is scaled. None is guessed.
"""

from __future__ import annotations

import numpy as np

from lrviz.log.case import Case
from lrviz.log.fit import Fit
from lrviz.log.plan import agree
from lrviz.log.tail import begun_anew, from_there_on, in_passing
from lrviz.log.whole import whole_log
from lrviz.log.words import Cause, told

NONE = "none of the usual causes explains it: not late or early, too fast or too slow, scaled, or resumed without state"
TOO_FEW = "the records are too few, or too much alike, to tell why"


def explain(case: Case) -> str:
    """The cause, or those that cannot be told apart, and what to do about it; or that nothing usual explains it."""
    with np.errstate(all="ignore"):  # a plan may hold zeros and infinities, and what comes of them fits nothing
        causes = _causes(case)
        changes = Fit(case).changes()
    if causes:
        return told(causes)
    return NONE if len(case) >= 3 and changes >= 2 else TOO_FEW


def _causes(case: Case) -> list[Cause]:
    for certain in (_beyond(case), _other_group(case), _rounded(case)):
        if certain is not None:
            return [certain]
    causes = list(whole_log(Fit(case)))
    fit = Fit(case, int(case.parts.argmax()))
    if not causes:
        causes = list(from_there_on(fit))
        passing = None if causes else in_passing(fit)
        causes += [passing] if passing is not None else []
    elif fit.start:
        # where records are far apart, a plan that begins late is one that begins anew; one call late is only late
        anew = begun_anew(fit, earliest=2)
        causes += [anew] if anew is not None else []
    return causes


def _beyond(case: Case) -> Cause | None:
    """Only records after the end part."""
    if not case.inside[case.parts].any() and case.low[case.parts].min() >= 0:
        unit = (
            "epochs"
            if case.unit == "epoch" or (case.unit == "call" and case.curve.run.interval == "epoch")
            else "steps"
        )
        return Cause("the run went on after its plan was over", f"give the plan the run's length, --{unit}")
    return None


def _other_group(case: Case) -> Cause | None:
    """Every record is the plan of another param group."""
    for group, name in enumerate(case.curve.groups):
        if group != case.group and case.curve.columns[group] != case.curve.columns[case.group]:
            other = Case.of(case.schedule, case.curve, case.log, group, case.shift)
            if not other.parts.any():
                return Cause(f"every record is the plan of param group {name!r}", f"--group {name}")
    return None


def _rounded(case: Case) -> Cause | None:
    """Every record is the planned learning rate, in so few digits that the log could not say more."""
    coarse = np.frombuffer(case.log.coarse)[case.rows]
    if agree(case.logged, coarse, case.lower, case.upper, case.plan).all():
        return Cause("every record is the planned one, rounded to the digits of the log", "log more digits")
    return None
