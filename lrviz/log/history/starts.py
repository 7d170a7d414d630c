"""The starts of a run: a log whose clock goes back is that of a run that was resumed."""

from __future__ import annotations

import numpy as np

from lrviz.log.case import LogCase

MAX_STARTS = 64
"""A log whose clock goes back more often is in no order, and counts as one start."""


def starts_of(case: LogCase) -> list[tuple[int, int]]:
    """The records of each start, from the first up to the one behind the last, in the order of the log.

    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> starts_of(SimpleNamespace(at=np.array([0.0, 1, 2, 2, 1, 2, 3])))
    [(0, 4), (4, 7)]
    """
    begins = [0, *(np.flatnonzero(np.diff(case.at) < 0) + 1).tolist()]
    if len(begins) > min(MAX_STARTS, max(1, len(case.at) // 3)):
        begins = [0]
    return list(zip(begins, [*begins[1:], len(case.at)], strict=True))
