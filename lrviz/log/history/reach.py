"""How far one cause reaches: the records up to which a learning rate is held, a plan scaled, or some calls off.

What is found here are only ends: whether a cause explains the records up to one, and its words, say the causes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.fit import MAX_CANDIDATES, Fit
from lrviz.log.plan import agree
from lrviz.log.whole import floors

if TYPE_CHECKING:
    from lrviz.log.plan import Mask, Ticks

MOST_TURNS = 64
"""Changes of the learning rate that candidates are compared with, one by one."""

MOST_MOVES = 16
"""Of the candidates that agree with as many changes, the reach of these nearest to 0 is looked at."""


def ends_of(case: LogCase, start: int) -> list[int]:
    """The records behind those that one cause may explain from `start` on, the farthest first."""
    with np.errstate(all="ignore"):
        ends = {start + reach for reach in (_held(case, start), *_scaled(case, start), *_moved(case, start))}
    return sorted((end for end in ends if end > start), reverse=True)


def first_of(wrong: Mask) -> int:
    """The index of the first True, or the length."""
    return int(wrong.argmax()) if wrong.any() else len(wrong)


def _held(case: LogCase, start: int) -> int:
    """How many records have one learning rate."""
    logged = case.logged[start:]
    room = case.half[start:] + case.plan.slack(logged)
    least, most = np.maximum.accumulate(logged - room), np.minimum.accumulate(logged + room)
    return first_of(~(least <= most))


def _scaled(case: LogCase, start: int) -> list[int]:
    """How many records are the plan times one constant, measured from each floor."""
    plan, logged = case.plan, case.logged[start:]
    slack = case.half[start:] + np.maximum(plan.tolerance * np.abs(logged), plan.residue)
    ends = []
    for floor in floors(case.schedule):
        low, high = case.lower[start:] - floor, case.upper[start:] - floor
        some = high > plan.residue
        least = np.where(some, (logged - floor - slack) / high, -np.inf)
        most = np.where(some & (low > plan.residue), (logged - floor + slack) / low, np.inf)
        fine = np.maximum.accumulate(least) <= np.minimum.accumulate(most)
        ends.append(first_of(~(fine & (some | (np.abs(logged - floor) <= slack)))))
    return ends


def _moved(case: LogCase, start: int) -> list[int]:
    """How many records are the plan so many calls earlier or later, for the numbers that reach farthest."""
    plan, here = case.plan, int(np.clip(case.low[start], 0, case.plan.ticks))
    by = np.arange(-min(here, MAX_CANDIDATES), min(plan.ticks, MAX_CANDIDATES) + 1)
    by = by[by != 0]
    turns = np.flatnonzero(Fit(case).changed[start + 1 :])[:MOST_TURNS] + start
    for row in dict.fromkeys([start, *np.stack([turns, turns + 1], axis=1).ravel().tolist()]):
        kept = by[agrees(case, slice(row, row + 1), by) & (case.low[row] + by <= plan.ticks)]
        if not len(kept):
            break
        by = kept
    nearest = by[np.argsort(np.abs(by), kind="stable")[:MOST_MOVES]]
    return [first_of(~agrees(case, slice(start, None), each)) for each in nearest]


def agrees(case: LogCase, rows: slice, by: Ticks | int) -> Mask:
    """True for each record that the plan, so many calls ahead, agrees with or does not cover."""
    low, high = case.plan.at(case.low[rows] + by), case.plan.at(case.high[rows] + by)
    lower, upper = np.minimum(low, high), np.maximum(low, high)
    return agree(case.logged[rows], case.half[rows], lower, upper, case.plan) | np.isnan(lower)
