"""Tick labels that say a learning rate or a number of steps as people write them: 2e-5, 300k."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis


def rate_axis(axis: Axis, largest: float) -> None:
    """Ticks for learning rates up to `largest`, on a linear axis: 0, 0.05, 0.1, or 0, 2e-5, 4e-5."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))
    exponent = math.floor(math.log10(largest)) if largest > 0 and math.isfinite(largest) else 0
    if exponent < -3 or exponent > 5:
        axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value, exponent)))
    else:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value, 12):g}"))


def log_rate_axis(axis: Axis) -> None:
    """Ticks for learning rates on a logarithmic axis: 1e-1, 1e-2, and what lies between where decades are few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    low, high = axis.get_view_interval()
    decades = math.log10(high / low) if low > 0 else 10
    axis.set_major_locator(LogLocator(numticks=12, subs=(1.0,) if decades > 2 else (1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
    axis.set_minor_locator(LogLocator(numticks=12, subs=tuple(range(1, 10))) if decades < 10 else NullLocator())
    axis.set_minor_formatter(NullFormatter())


def power_of_ten(value: float, exponent: int | None = None) -> str:
    """A number as mantissa and power of ten, without what says nothing: 0, 1e-5, 2.5e-5."""
    if value == 0:
        return "0"
    if exponent is None:
        exponent = math.floor(math.log10(abs(value)) + 1e-9)
    return f"{round(value / 10.0**exponent, 9):g}e{exponent}"


def clock_axis(axis: Axis, longest: float, *, whole: bool = True) -> None:
    """Ticks for epochs or steps up to `longest`: whole numbers, thousands as 20k, millions as 2M."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=9, steps=[1, 2, 5, 10], integer=whole and longest >= 5))
    size, letter = (1e6, "M") if longest >= 2e6 else (1e3, "k") if longest >= 1e4 else (1.0, "")
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value / size, 6):g}{letter if value else ''}"))
