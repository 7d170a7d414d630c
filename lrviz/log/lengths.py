"""Causes that another length of the run explains: the plan was shortened or lengthened.

What follows from the length, such as the T_max of a cosine that is left out, is another number then; or all lengths
are, as `--stretch` makes them. The length is where the log ends, or one at which the plan has the learning rate of a
late record.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, Protocol

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

    def __call__(
        self, schedule: Schedule, length: int, keep_warmup: bool | None = None
    ) -> tuple[Schedule, Curve] | None:
        """The plan stretched to the length, with or without its warmup, unless `keep_warmup` is None."""


class _Length(NamedTuple):
    """A length that explains records; the log `ends` where a run of it would."""

    cause: Cause
    ends: bool


def other_length(case: LogCase, start: int, of_length: OfLength) -> Cause | None:
    """The length of the run with which the records from `start` on follow the schedule."""
    found = _other(case, start, of_length)
    return found.cause if found is not None else None


def with_length(case: LogCase, causes: list[Cause], of_length: OfLength) -> list[Cause]:
    """Causes of a plan that is read faster or slower, and the length that explains every record as well.

    The length comes first where the log ends where that run would.
    """
    found = _other(case, 0, of_length)
    if found is None:
        return causes
    return [found.cause, *causes] if found.ends else [*causes, found.cause]


def _other(case: LogCase, start: int, of_length: OfLength) -> _Length | None:
    if Fit(case, start).changes() < 3:
        return None
    for keep_warmup in _ways(case, of_length):
        for length in _lengths(case, start, of_length, keep_warmup):
            other = of_length(case.schedule, length, keep_warmup)
            if other is None:
                continue
            followed = case.beside(*other, case.group)
            if len(followed) != len(case) or followed.deviates[start:].any():
                continue
            all_of_them = not start or not followed.deviates.any()
            which = "every record" if all_of_them else f"from {case.place(start)} on, every record"
            last = int(followed.high.max())
            ends = last <= followed.plan.ticks <= last + followed.gap
            return _Length(_cause(which, case, length, keep_warmup), ends)
    return None


def _ways(case: LogCase, of_length: OfLength) -> Iterator[bool | None]:
    """The ways to make the plan longer or shorter that are not the same for it: the `keep_warmup` of each.

    What was changed once is not said by one more factor.
    """
    yield None
    run = case.curve.run
    if run.changed or run.overridden or len(case.curve) * len(case.curve.groups) > MOST_VALUES:
        return
    seen = [of_length(case.schedule, 2 * _planned(case))]
    for keep_warmup in (False, True):
        twice = of_length(case.schedule, 2 * _planned(case), keep_warmup)
        if twice is not None and all(each is None or each[1].columns != twice[1].columns for each in seen):
            seen.append(twice)
            yield keep_warmup


def _cause(which: str, case: LogCase, length: int, keep_warmup: bool | None) -> Cause:
    unit = "step" if case.curve.run.epochs is None else "epoch"
    if keep_warmup is None:
        return Cause(f"{which} follows the plan of a run of {length:,} {unit}s", f"--{unit}s {length}")
    exact = Fraction(length, _planned(case))
    factor = f"{float(exact):g}" if Fraction(f"{float(exact):g}") == exact else str(exact)
    kept, option = (", its warmup kept", " --keep-warmup") if keep_warmup else ("", "")
    return Cause(f"{which} follows the plan at {factor} of its length{kept}", f"--stretch {factor}{option}")


def _planned(case: LogCase) -> int:
    """The length of the run, in its own unit."""
    run = case.curve.run
    planned = run.epochs if run.epochs is not None else run.steps
    assert planned is not None
    return planned


def _lengths(case: LogCase, start: int, of_length: OfLength, keep_warmup: bool | None) -> Iterator[int]:
    """The lengths to try: the log's end, then what a search finds at the last record that deviates."""
    planned = _planned(case)
    per_length = case.plan.ticks / planned
    end = int(case.high[start:].max())
    tried = {planned}
    for length in (round((end + by) / per_length) for by in (case.gap, 1, 0)):
        if length > 0 and length not in tried:
            tried.add(length)
            yield length
    rows = [row for row in range(len(case) - 1, start - 1, -1) if case.deviates[row]][:1]
    budget = MOST_VALUES
    for row in rows:
        low, high = max(1, int(end / per_length)), MOST_TIMES * planned
        sign = _sign(case, row, low, of_length, keep_warmup)
        while high - low > 1:
            budget -= int(high * per_length) * len(case.curve.groups)
            if budget < 0:
                return
            middle = (low + high) // 2
            if _sign(case, row, middle, of_length, keep_warmup) == sign:
                low = middle
            else:
                high = middle
        for by in NEIGHBOURS:
            if low + by > 0 and low + by not in tried:
                tried.add(low + by)
                yield low + by


def _sign(case: LogCase, row: int, length: int, of_length: OfLength, keep_warmup: bool | None) -> bool | None:
    """True if the learning rate of a record is above that of a plan of another length; None where there is none."""
    other = of_length(case.schedule, length, keep_warmup)
    if other is None:
        return None
    beside = case.part(row, row + 1).beside(*other, case.group)
    return bool(beside.logged[0] > beside.upper[0]) if len(beside) else None
