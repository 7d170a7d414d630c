"""A logarithmic axis of learning rates, and when to choose one by itself.

Below its lowest decade the axis is linear down to 0 where there is anything to show there: zeros, and the last steps
of a fall towards 0, which would take ten decades. So nothing is left out, and a zero is where the axis says 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrviz.render.axis import log_rate_axis
from lrviz.schedule.errors import Position, ScheduleError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

LOG_TAIL = 0.005
"""The part of a run that need not lie in a decade of its own: the last steps of a cosine would take ten."""

DECADES = 3
"""An axis that is to show more than so many is chosen to be logarithmic."""

LOW_PART = 0.05
"""The part of a run that has to lie so far below the peak: an axis is not chosen for a first or a last step."""

LINEAR_PART = 0.1
"""The part of the axis that is linear, where it is."""


class Scale(NamedTuple):
    """Whether the axis of learning rates is logarithmic, whether that was `chosen` and not asked for, and the learning
    rate below which it is linear all the same; None where it is not."""

    log: bool = False
    chosen: bool = False
    linear_below: float | None = None


def spans_decades(rates: Sequence[NDArray[np.float64]]) -> bool:
    """Whether `rates` (each ticks long) span more than three decades, for more than a twentieth of a run.

    Never where one of them is below 0. What is 0 counts for nothing.
    """
    import numpy as np

    above = _above(rates)
    if not above or any((values < 0).any() for values in rates):
        return False
    lowest = min(float(np.quantile(values, LOW_PART, method="lower")) for values in above)
    return bool(max(float(values.max()) for values in above) > 10**DECADES * lowest)


def log_axis(ax: Axes, rates: Sequence[NDArray[np.float64]], ticks: int = 7) -> float | None:
    """Makes the axis of learning rates logarithmic, with limits that fit all `rates` (each ticks long).

    At most about `ticks` of its decades have a label. The result is the learning rate below which the axis is linear;
    None where it is not. Raises `ScheduleError` where nothing is above 0.
    """
    import numpy as np

    above = _above(rates)
    if not above:
        raise ScheduleError.at(
            Position("lrviz"), "no learning rate is above 0, so a logarithmic axis can show none", "leave --log out"
        )
    lowest, highest = min(map(_lowest, above)), max(float(values.max()) for values in above)
    least = min(float(np.nanmin(values, initial=math.inf)) for values in rates)
    if least >= lowest:
        ax.set_yscale("log")
        ax.set_ylim(0.7 * lowest, 1.4 * highest)
        log_rate_axis(ax.yaxis, lowest * 0.7, highest * 1.4, ticks)
        return None
    from matplotlib.scale import SymmetricalLogScale

    decades = math.log10(highest / lowest) + 0.15
    part = max(0.2, decades * LINEAR_PART / (1 - LINEAR_PART))
    ax.set_yscale(SymmetricalLogScale(ax.yaxis, linthresh=lowest, linscale=part * (1 - 1 / 10)))
    ax.set_ylim(-0.15 * lowest if least >= 0 else 1.4 * least, 1.4 * highest)
    log_rate_axis(ax.yaxis, lowest, highest * 1.4, ticks, zero=True)
    return lowest


def _above(rates: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    import numpy as np

    above = [values[np.isfinite(values) & (values > 0)] for values in rates]
    return [values for values in above if values.size]


def _lowest(positive: NDArray[np.float64]) -> float:
    """The lowest learning rate that has to lie in a decade: all but the last steps of a fall towards 0.

    Where a run begins, and any level that it holds, always has to.
    """
    import numpy as np

    held = positive[:-1][positive[:-1] == positive[1:]]
    lowest = [float(np.quantile(positive, LOG_TAIL, method="lower")), float(positive[0])]
    return min([*lowest, float(held.min())] if held.size else lowest)
