"""Whether the records of a growing log deviate for sure: what comes later may show how the first were meant.

A column shows by its numbers how they were rounded, an epoch by its decimals too, the last redrawing of a progress bar
which learning rate counts, and the end of some logs that they count from 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.digits import MIN_DISTINCT, half_of_digits
from lrviz.log.log import Log
from lrviz.log.plan import TICK_ROUNDING

if TYPE_CHECKING:
    from lrviz.log.plan import Floats

ENOUGH: Final = 100
"""So many records that deviate are enough, however they may have been rounded."""

FEWEST_DIGITS: Final = 2
"""No format writes fewer significant digits."""

FEWEST_DECIMALS: Final = 3
"""No format writes fewer decimals of a learning rate."""

RECENT: Final = 10
"""How far apart records are made, the last so many gaps tell."""


def deviates(case: LogCase, *, redrawn: bool = False, from_1: bool = False) -> bool:
    """True if some record deviates, whatever comes later.

    With `redrawn`, the last record may be drawn again; with `from_1`, the log may count from 1.
    """
    if redrawn and case.deviates.any():
        case = _of(case, _without_last(case.log))
    if not case.deviates.any() or _only_zero_epochs(case):
        return False
    if from_1 and not case.asked and not _of(case, _counted_from_1(case.log)).deviates.any():
        return False
    if len(set(case.logged[: 10 * ENOUGH].tolist())) >= MIN_DISTINCT or int(case.deviates.sum()) >= ENOUGH:
        return True
    rows = np.flatnonzero(case.deviates)
    return bool((_away(case)[rows] > _coarsest(case.logged)[rows]).any())


def _away(case: LogCase) -> Floats:
    """How far each record is from the plan; infinite outside of the run."""
    away = np.maximum(case.lower - case.logged, case.logged - case.upper)
    return np.where(case.inside & ~np.isnan(away), away, np.inf)


def _coarsest(logged: Floats) -> Floats:
    """The largest rounding error that the numbers of a column may have."""
    texts = [repr(each) for each in set(logged.tolist())]
    digits, decimals = FEWEST_DIGITS, FEWEST_DECIMALS
    for text in texts:
        mantissa, _, exponent = text.partition("e")
        whole, _, fraction = mantissa.lstrip("-").partition(".")
        fraction = "" if fraction == "0" else fraction
        digits = max(digits, len((whole + fraction).strip("0")))
        decimals = max(decimals, len(fraction) - int(exponent or 0))
    by_decimals = 0.5 * 10.0**-decimals
    return np.array([max(half_of_digits(each, digits), by_decimals) for each in logged.tolist()])


def _only_zero_epochs(case: LogCase) -> bool:
    """True as long as a clock of epochs has only said 0, which may be 0.004."""
    return case.unit == "epoch" and not case.at.any() and not case.high.any()


def _of(case: LogCase, log: Log) -> LogCase:
    return LogCase.of(case.schedule, case.curve, log, case.group, case.shift if case.asked else None)


def _without_last(log: Log) -> Log:
    clocks = tuple(
        replace(clock, at=clock.at[:-1], half=clock.half if isinstance(clock.half, float) else clock.half[:-1])
        for clock in log.clocks
    )
    return replace(log, lr=log.lr[:-1], half=log.half[:-1], coarse=log.coarse[:-1], lines=log.lines[:-1], clocks=clocks)


def _counted_from_1(log: Log) -> Log:
    return replace(log, clocks=tuple(replace(clock, first=1) for clock in log.clocks))


def is_complete(case: LogCase) -> bool:
    """True if the run's last step came: another record, as far on as the records before, is beyond its end."""
    ticks = np.unique(case.ticks[case.inside])
    if not len(ticks):
        return False
    gaps = np.diff(ticks)[-RECENT:]
    return bool(ticks[-1] + (gaps.min() if len(gaps) else 1) >= case.plan.ticks - TICK_ROUNDING)
