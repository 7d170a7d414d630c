"""Causes that another length of the run explains: the plan was shortened or lengthened.

What follows from the length, such as the T_max of a cosine that is left out, is another number then. The length is
where the log ends, or one at which the plan has the learning rate of a late record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from lrviz.curve import Curve
from lrviz.log.case import LogCase
from lrviz.log.fit import Fit
from lrviz.log.words import Cause
from lrviz.schedule.model import Schedule

MOST_VALUES = 1_000_000
"""Learning rates (ticks x groups) that are simulated to find a length; of a longer plan only the log's end is tried."""

MOST_TIMES = 4
"""A lengthened plan may have so many times the length."""

NEIGHBOURS = (0, -1, 1, -2, 2)
"""Lengths around one that is nearly right."""


class OfLength(Protocol):
    """Gives a schedule whose run has another length, in its own unit, with its curve; see `lrviz.engine.called`."""

    def __call__(self, schedule: Schedule, length: int) -> tuple[Schedule, Curve] | None: ...


def other_length(case: LogCase, start: int, of_length: OfLength) -> Cause | None:
    """The length of the run with which the records from `start` on follow the schedule."""
    run = case.curve.run
    unit = "step" if run.epochs is None else "epoch"
    if Fit(case, start).changes() < 3:
        return None
    for length in _lengths(case, start, of_length):
        other = of_length(case.schedule, length)
        if other is None:
            continue
        followed = case.beside(*other, case.group)
        if len(followed) != len(case) or followed.deviates[start:].any():
            continue
        which = (
            "every record" if not start or not followed.deviates.any() else f"from {case.place(start)} on, every record"
        )
        return Cause(f"{which} follows the plan of a run of {length:,} {unit}s", f"--{unit}s {length}")
    return None


def _lengths(case: LogCase, start: int, of_length: OfLength) -> Iterator[int]:
    """The lengths to try: the log's end, then what a search finds at the last record that deviates."""
    run = case.curve.run
    planned = run.epochs if run.epochs is not None else run.steps
    assert planned is not None
    per_length = case.plan.ticks / planned
    end = int(case.high[start:].max())
    tried = {planned}
    for length in (round((end + 1) / per_length), round(end / per_length)):
        if length > 0 and length not in tried:
            tried.add(length)
            yield length
    rows = [row for row in range(len(case) - 1, start - 1, -1) if case.deviates[row]][:1]
    budget = MOST_VALUES
    for row in rows:
        low, high = max(1, int(end / per_length)), MOST_TIMES * planned
        sign = _sign(case, row, low, of_length)
        while high - low > 1:
            budget -= int(high * per_length) * len(case.curve.groups)
            if budget < 0:
                return
            middle = (low + high) // 2
            if _sign(case, row, middle, of_length) == sign:
                low = middle
            else:
                high = middle
        for by in NEIGHBOURS:
            if low + by > 0 and low + by not in tried:
                tried.add(low + by)
                yield low + by


def _sign(case: LogCase, row: int, length: int, of_length: OfLength) -> bool | None:
    """True if the learning rate of a record is above that of a plan of another length; None where there is none."""
    other = of_length(case.schedule, length)
    if other is None:
        return None
    beside = case.part(row, row + 1).beside(*other, case.group)
    return bool(beside.logged[0] > beside.upper[0]) if len(beside) else None
