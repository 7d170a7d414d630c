"""Ticks for learning rates and numbers of steps, written as people do: 2e-5, 300k."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrviz.words import BY_SIZE, Notation, axis_notation, clock_words

if TYPE_CHECKING:
    from matplotlib.axis import Axis


def rate_axis(axis: Axis, largest: float, ticks: int = 7) -> None:
    """About `ticks` ticks for learning rates up to `largest`, on a linear axis: 0, 0.05, 0.1, or 0, 2e-5, 4e-5."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10], min_n_ticks=_at_least(ticks)))
    axis.set_major_formatter(FuncFormatter(_written(axis_notation(largest), 1e-9 * largest)))


def _written(write: Notation, rounding: float = 0.0) -> Callable[[float, int], str]:
    """Writes the ticks of an axis; one that is 0 but for rounding is 0."""
    return lambda value, _: write(0.0 if abs(value) < rounding else value, 6)


FEWEST = 4
"""The number of labelled ticks that an axis has at least, where it has room for so many."""


def _at_least(ticks: int) -> int:
    return FEWEST if ticks >= FEWEST else 2


ROUND_DECADES = (5, 10, 20, 50)
"""If labels are more than five decades apart, they are as many as one of these."""


def log_rate_axis(
    axis: Axis,
    low: float,
    high: float,
    ticks: int = 7,
    write: Notation = BY_SIZE,
    *,
    zero: bool = False,
    below: float = 0.0,
) -> None:
    """Ticks for a logarithmic axis from `low` to `high`: about `ticks` of its decades, with 2 and 5 between them if
    they are few. If the axis has a `zero`, there is a tick at 0, and the same decades down to -`below`."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    reach = max(high, below)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(reach))
    span = math.log10(reach) - math.log10(low)
    few = span <= 2
    every = max(1, math.ceil(span / (ticks + 1)))
    every = next((round for round in ROUND_DECADES if round >= every), every) if every > ROUND_DECADES[0] else every
    decades = [10.0**exponent for exponent in range(first, last + 1)]
    named = [10.0**exponent for exponent in range(first, last + 1) if exponent % every == 0]
    between: tuple[int, ...] = (1, 2, 5) if few else (1,)
    if ticks >= FEWEST > zero + sum(low <= decade <= high for decade in named) and every == 1 and not few:
        between = (1, 3)
    major = [times * decade for decade in named for times in between]
    minor = [times * decade for decade in decades for times in range(1, 10)] if every == 1 else decades
    if every in ROUND_DECADES:
        minor = [10.0**exponent for exponent in range(first, last + 1) if exponent % (every // 5) == 0]
    named_above = [tick for tick in major if low * (1 - 1e-9) <= tick]
    shown = [tick for tick in named_above if tick <= high]
    mirrored = [-tick for tick in reversed(named_above) if tick <= below]
    axis.set_major_locator(FixedLocator([*mirrored, 0.0, *shown] if zero else shown))
    axis.set_major_formatter(FuncFormatter(_written(write)))
    axis.set_minor_locator(FixedLocator([tick for tick in minor if low * (1 - 1e-9) <= tick <= high]))
    axis.set_minor_formatter(NullFormatter())


def clock_axis(axis: Axis, longest: float, ticks: int = 9, *, whole: bool = True, start: float = 0.0) -> None:
    """About `ticks` ticks for epochs or steps from `start` to `longest`: integers, thousands as 20k, millions as 2M.

    If not `whole`, or over less than 5, there may be ticks between integers.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    whole = whole and longest - start >= 5
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 5, 10], integer=whole, min_n_ticks=_at_least(ticks)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: clock_words(value, longest, 12 if start else 6)))
