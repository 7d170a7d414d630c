"""A logarithmic axis of learning rates, that shows what a run does and not the last steps of its fall towards 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrviz.render.axis import log_rate_axis
from lrviz.schedule.errors import Position, ScheduleError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

LOG_TAIL = 0.005
"""The part of a run that a logarithmic axis may leave below: the last steps of a cosine would take ten decades."""


def log_axis(ax: Axes, rates: Sequence[NDArray[np.float64]]) -> None:
    """Makes the axis of learning rates logarithmic, with limits that fit all `rates` (each ticks long).

    What is not above 0 is a gap in its line. Raises `ScheduleError` where nothing is above 0.
    """
    import numpy as np

    above = [values[np.isfinite(values) & (values > 0)] for values in rates]
    above = [values for values in above if values.size]
    if not above:
        raise ScheduleError.at(
            Position("lrviz"), "no learning rate is above 0, so a logarithmic axis can show none", "leave --log out"
        )
    ax.set_yscale("log", nonpositive="mask")
    ax.set_ylim(0.7 * min(map(_lowest, above)), 1.4 * max(float(values.max()) for values in above))
    log_rate_axis(ax.yaxis)


def _lowest(positive: NDArray[np.float64]) -> float:
    """The lowest learning rate that the axis must show: all but the last steps of a fall towards 0.

    Where a run begins, and any level that it holds, is always shown.
    """
    import numpy as np

    held = positive[:-1][positive[:-1] == positive[1:]]
    lowest = [float(np.quantile(positive, LOG_TAIL, method="lower")), float(positive[0])]
    return min([*lowest, float(held.min())] if held.size else lowest)
