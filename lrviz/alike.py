"""When two learning rates are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING = 1e-12
"""Two learning rates that differ by at most this fraction of the larger one are the same: that is rounding."""


def alike(
    x: NDArray[np.float64], y: NDArray[np.float64], tolerance: float = ROUNDING, nothing: float = 0.0
) -> NDArray[np.bool_]:
    """Which of two rows of learning rates, equally long, are the same.

    They are equal, differ by at most `tolerance` of the larger one, or by at most `nothing`; NaN is NaN.
    """
    import numpy as np

    with np.errstate(invalid="ignore", over="ignore"):
        slack = np.maximum(tolerance * np.maximum(np.abs(x), np.abs(y)), nothing)
        close = np.isfinite(x) & np.isfinite(y) & (np.abs(x - y) <= slack)
    same: NDArray[np.bool_] = close | (x == y) | (np.isnan(x) & np.isnan(y))
    return same
