"""A logarithmic axis of learning rates, and when to choose one by itself.

Below its lowest decade the axis is linear down to 0 where there is anything to show there: zeros, and the last steps
of a fall towards 0, which would take ten decades. So nothing is left out, and a zero is where the axis says 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrviz.render.choice import above_zero, lowest_shown, nothing_above_zero
from lrviz.render.picture.axis import log_rate_axis

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

WHOLE = 7
"""An axis of no more decades than this shows all that is above 0, and not only what has to lie in a decade."""

LINEAR_PART = 0.1
"""The part of the axis that is linear, where it is."""


class Scale(NamedTuple):
    """Whether the axis of learning rates is logarithmic, whether that was `chosen` and not asked for, and the learning
    rate below which it is linear all the same; None where it is not."""

    log: bool = False
    chosen: bool = False
    linear_below: float | None = None


def log_axis(ax: Axes, rates: Sequence[NDArray[np.float64]], ticks: int = 7) -> float | None:
    """Makes the axis of learning rates logarithmic, with limits that fit all `rates` (each ticks long).

    At most about `ticks` of its decades have a label. The result is the learning rate below which the axis is linear;
    None where it is not. Raises `ScheduleError` where nothing is above 0.
    """
    import numpy as np

    above = above_zero(rates)
    if not above:
        raise nothing_above_zero()
    lowest, highest = min(map(lowest_shown, above)), max(float(values.max()) for values in above)
    least_above = min(float(values.min()) for values in above)
    if least_above * 10**WHOLE >= highest:
        lowest = least_above
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
    log_rate_axis(ax.yaxis, lowest, highest * 1.4, ticks, zero=True, below=-least)
    return lowest
