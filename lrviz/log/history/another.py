"""A log of another run altogether: its length, peak or shape is another."""

from __future__ import annotations

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.fit import Fit
from lrviz.words import counted, moment, rate

MOST_AGREE = 0.2
"""At most this share of the records of another run has the planned learning rate, by chance."""

FEWEST_CHANGES = 4
"""A log whose learning rate changes less often has too little shape to tell it by, unless the plan has more."""


def another_run(case: LogCase) -> str:
    """What tells another run from the plan, with numbers; "" where too many records follow the plan, or too few are
    there.

    To be asked only where no cause explains a stretch of the log.
    """
    with np.errstate(all="ignore"):
        fit = Fit(case)
        changes = fit.changes()
        changes = max(changes, fit.levels(case.lower)) if changes else 0
    finite = np.isfinite(case.logged)
    if changes < FEWEST_CHANGES or case.deviates.mean() < 1 - MOST_AGREE or not finite.all():
        return ""
    logged, plan = np.abs(case.logged), case.plan
    planned = np.abs(plan.lr)
    if not plan.peak:
        return ""
    top, summit = int(logged.argmax()), int(np.argmax(np.where(np.isfinite(planned), planned, -1)))
    peak, high = float(logged[top]), float(planned[summit])
    alike = abs(peak - high) <= float(case.half[top]) + float(plan.slack(np.array([high]))[0])
    last = int(case.high.max())
    if alike and case.low[top] == summit and last <= plan.ticks <= last + case.gap:
        return f"this is the log of another run: its peak of {rate(peak)} is the plan's, but not its shape"
    it = f"it has {_length(case)} and a peak of {rate(peak, high)} at {case.place(top)}"
    other = f"the plan has {counted(plan.ticks, case.curve.run.interval)} and a peak of {rate(high, peak)} at "
    return f"this is the log of another run: {it}; {other}{moment(case.curve.run, summit)}"


def _length(case: LogCase) -> str:
    """How long the log says that its run was, in what the plan counts: up to where its next record would be."""
    ticks = int(case.high.max()) + case.gap
    return ("about " if case.gap > 1 else "") + counted(ticks, case.curve.run.interval)
