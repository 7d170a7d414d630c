"""When two learning rates are the same: the tolerances of the whole package, and the comparisons that use them.

Two kinds of question are asked. *Are two learning rates the same?* has no right side: `alike` and `alike_each`. *Is a
learning rate the one that is wanted?* is asked of a wanted value, within `slack` of it.

numpy is imported by the functions that take arrays, because a table needs only the others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING = 1e-12
"""Relative to the larger of two learning rates: a difference up to this is rounding."""

RESIDUE = 1e-9
"""Relative to the peak of a curve: a value up to this is what rounding leaves of a zero, so a wanted 0 is met by it."""

ZERO = 1e-12
"""Relative to the peak of a curve: the lint calls a learning rate zero only up to this.

It is stricter than `RESIDUE`, because a finding says that a run trains nothing, while a tolerance only says that two
values may be taken for each other: an `eta_min` of 1e-10 of the peak is small, but somebody wrote it.
"""

EXPECTED = 1e-6
"""Relative to a value under `expect`, and the tolerance of a schedule that gives none."""


def alike(a: float, b: float, tolerance: float = ROUNDING, nothing: float = 0.0) -> bool:
    """Two learning rates are the same: equal, or apart by at most `tolerance` of the larger one, or by `nothing`.

    NaN is the same as NaN. An infinite value is the same only as itself.

    >>> alike(0.1, 0.1 + 1e-14), alike(0.1, 0.1 + 1e-12)
    (True, False)
    """
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    return math.isfinite(a) and math.isfinite(b) and abs(a - b) <= max(tolerance * max(abs(a), abs(b)), nothing)


def alike_each(
    x: NDArray[np.float64], y: NDArray[np.float64], tolerance: float = ROUNDING, nothing: float = 0.0
) -> NDArray[np.bool_]:
    """`alike` for each pair of two rows of learning rates, equally long."""
    import numpy as np

    with np.errstate(invalid="ignore", over="ignore"):
        allowed = np.maximum(tolerance * np.maximum(np.abs(x), np.abs(y)), nothing)
        close = np.isfinite(x) & np.isfinite(y) & (np.abs(x - y) <= allowed)
    same: NDArray[np.bool_] = close | (x == y) | (np.isnan(x) & np.isnan(y))
    return same


def slack(wanted: float, tolerance: float, peak: float) -> float:
    """How far a learning rate may be from a wanted one: `tolerance` of it, and at least what is left of a zero.

    `peak` is the largest learning rate of the curve.
    """
    return max(tolerance * abs(wanted), RESIDUE * peak)


def slack_each(wanted: NDArray[np.float64], tolerance: float, peak: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """`slack` for each of many wanted learning rates."""
    import numpy as np

    return np.maximum(tolerance * np.abs(wanted), RESIDUE * peak)
