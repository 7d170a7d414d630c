"""A logarithmic axis of learning rates.

Below its lowest decade the axis is linear down to 0 if there are values to show there: zeros, and the last steps of a
fall towards 0, which would take ten decades. So every value is shown, and zeros are at the tick for 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lrviz.render.drawing.panels import decades_of
from lrviz.render.picture.axis import log_rate_axis
from lrviz.words import axis_notation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN_WHOLE = 7
"""If at most this many decades cover all values above 0, the axis is logarithmic for all of them."""

LINEAR_PART = 0.1
"""The fraction of the axis that is linear, if any."""


def log_axis(ax: Axes, rates: Sequence[NDArray[np.float64]], ticks: int | None = 7) -> float | None:
    """Makes the axis of learning rates logarithmic, with limits that fit all `rates` (each ticks long).

    At most about `ticks` of its decades have a label; with None, matplotlib chooses them. Returns the learning rate
    below which the axis is linear; None if it is fully logarithmic. At least one value of `rates` has to be above 0.
    """
    decades = decades_of(rates)
    assert decades is not None
    lowest, highest = decades
    write = axis_notation(highest, log=True)
    least_above = min(float(values[values > 0].min(initial=highest)) for values in rates)
    if least_above * 10**SHOWN_WHOLE >= highest:
        lowest = least_above
    least = min(float(np.nanmin(values, initial=math.inf)) for values in rates)
    if least >= lowest:
        if ax.get_yscale() != "log":  # else it would take the caller's ticks off
            ax.set_yscale("log")
        ax.set_ylim(0.7 * lowest, 1.4 * highest)
        if ticks is not None:
            log_rate_axis(ax.yaxis, lowest * 0.7, highest * 1.4, ticks, write)
        return None
    from matplotlib.scale import SymmetricalLogScale

    above = math.log10(highest / lowest) + 0.15
    part = max(0.2, above * LINEAR_PART / (1 - LINEAR_PART))
    ax.set_yscale(SymmetricalLogScale(ax.yaxis, linthresh=lowest, linscale=part * (1 - 1 / 10)))
    ax.set_ylim(-0.15 * lowest if least >= 0 else 1.4 * least, 1.4 * highest)
    if ticks is not None:
        log_rate_axis(ax.yaxis, lowest, highest * 1.4, ticks, write, zero=True, below=-least)
    return lowest
