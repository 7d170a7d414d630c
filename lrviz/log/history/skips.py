"""Calls that were left out here and there: the plan is one call earlier, later two, then three.

AMP's GradScaler skips optimizer steps whose gradients overflow, and a loop that then does not call the scheduler is one
call behind from there on, while its log goes on counting.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.fit import Fit
from lrviz.log.history.reach import agrees, first_of
from lrviz.log.words import Cause
from lrviz.words import listed

MOST_PLACES = 64
"""A log with more places is not one with a call left out here and there."""

MOST_AT_ONCE = 8
"""Calls left out between two records."""

CHANGES_A_PLACE = 2
"""The learning rate changes at least so often for each place where a call is left out."""

MOST_LEFT_OUT = 0.1
"""If a larger share of the calls is left out, this is rather a slower plan."""

PLACES_LISTED = 5


class Skips(NamedTuple):
    """The rows before which calls were left out, how many in all, and the row behind the last that this explains."""

    rows: list[int]
    calls: int
    stop: int

    def cause(self, case: LogCase) -> Cause:
        """The cause that these are, in words."""
        places = listed(case.place(row) for row in self.rows[:PLACES_LISTED])
        more = f" and {len(self.rows) - PLACES_LISTED} more" if len(self.rows) > PLACES_LISTED else ""
        left_out = "1 call was" if self.calls == 1 else f"{self.calls} calls were"
        return Cause(f"{left_out} left out, before {places}{more}", "did AMP skip optimizer steps there?")


def skips_of(case: LogCase, start: int) -> Skips | None:
    """The calls that are left out from record `start` on, the first that deviates; None if that explains nothing."""
    rows: list[int] = []
    behind, row = 0, start
    with np.errstate(all="ignore"):
        changed = Fit(case).changed
        while row < len(case) and len(rows) <= MOST_PLACES:
            one = slice(row, row + 1)
            more = next((by for by in range(1, MOST_AT_ONCE + 1) if agrees(case, one, -behind - by).all()), 0)
            if not more or case.low[row] < behind + more:
                break
            rows.append(row)
            behind += more
            row += first_of(~agrees(case, slice(row, None), -behind))
    places = sum(after - before > 1 for before, after in pairwise([-1, *rows]))
    if not rows or len(rows) > MOST_PLACES or changed[start:row].sum() < CHANGES_A_PLACE * places:
        return None
    calls = int(case.low[row - 1] - case.low[0])
    return Skips(rows, behind, row) if behind <= MOST_LEFT_OUT * calls else None
