"""When two learning rates are the same: the tolerances of the whole package, and the comparisons that use them.

There are two kinds of comparison. `alike` and `alike_each` compare two learning rates of which neither is the right
one, and `peak_tick` is the only place that says where the largest of many is. A learning rate that is compared with an
expected one must lie within `slack` of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING = 1e-12
"""A difference up to this fraction of the larger of two learning rates is rounding."""

RESIDUE = 1e-9
"""A value up to this fraction of the peak of a curve counts as 0 where 0 is expected: rounding leaves as much."""

ZERO = 1e-12
"""The lint calls a learning rate zero only up to this fraction of the peak of a curve.

It is stricter than `RESIDUE`, because the finding says that a run trains nothing, while a tolerance only says that two
values count as the same: an `eta_min` of 1e-10 of the peak is small, but somebody chose it.
"""

EXPECTED = 1e-6
"""The default of `tolerance`: a value may differ from one under `expect` by this fraction of the expected value."""


def alike(a: float, b: float, tolerance: float = ROUNDING, nothing: float = 0.0) -> bool:
    """True if two learning rates differ by at most `tolerance` of the larger one, or by at most `nothing`.

    NaN is like NaN. An infinite value is like itself only.

    >>> alike(0.1, 0.1 + 1e-14), alike(0.1, 0.1 + 1e-12)
    (True, False)
    """
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    return math.isfinite(a) and math.isfinite(b) and abs(a - b) <= max(tolerance * max(abs(a), abs(b)), nothing)


def alike_each(
    x: NDArray[np.float64], y: NDArray[np.float64], tolerance: float = ROUNDING, nothing: float = 0.0
) -> NDArray[np.bool_]:
    """`alike` for each pair of values of two arrays of the same length."""
    import numpy as np

    with np.errstate(invalid="ignore", over="ignore"):
        allowed = np.maximum(tolerance * np.maximum(np.abs(x), np.abs(y)), nothing)
        close = np.isfinite(x) & np.isfinite(y) & (np.abs(x - y) <= allowed)
    same: NDArray[np.bool_] = close | (x == y) | (np.isnan(x) & np.isnan(y))
    return same


def peak_tick(rates: NDArray[np.float64]) -> int:
    """The tick at which the largest of `rates` (ticks long) is first reached, but for rounding; of the first NaN.

    >>> import numpy as np
    >>> peak_tick(np.array([0.05, 0.1 - 1e-15, 0.1]))
    1
    """
    highest = rates.max()
    if not math.isfinite(highest):
        return int(rates.argmax())
    return int((rates >= highest - ROUNDING * abs(highest)).argmax())


def slack(wanted: float, tolerance: float, peak: float) -> float:
    """How far a learning rate may be from an expected one: `tolerance` of it, and at least `RESIDUE` of the peak.

    `peak` is the largest learning rate of the curve.
    """
    return max(tolerance * abs(wanted), RESIDUE * peak)


def slack_each(wanted: NDArray[np.float64], tolerance: float, peak: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """`slack` for each value of an array."""
    import numpy as np

    return np.maximum(tolerance * np.abs(wanted), RESIDUE * peak)
