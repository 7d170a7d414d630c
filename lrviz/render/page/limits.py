"""The limits of a chart's axis of values, linear and logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.render.drawing.panels import decades_of

NARROWEST = 1e-6
"""The narrowest range of a lower axis, as a fraction of its largest value; limits are rounded to nine digits."""


@dataclass(slots=True)
class Limits:
    """The limits of an axis: `range` if it is linear, `log_range`, as exponents of ten, if it is logarithmic (None if
    no value is above 0). `inside` is a value within both."""

    range: list[float]
    log_range: list[float] | None
    inside: float

    def reach(self, values: Iterable[float]) -> None:
        """Extends the limits to include these values."""
        low, high = self.range
        for value in filter(math.isfinite, values):
            room = 0.05 * (high - low)
            low, high = (
                min(low, value - room if value < low else low),
                max(high, value + room if value > high else high),
            )
            if self.log_range is not None and value > 0:
                at, (bottom, top) = math.log10(value), self.log_range
                self.log_range = _short([min(bottom, at - 0.15), max(top, at + 0.15)])
        self.range = _short([low, high])

    def leave_room(self, part: float, levels: Sequence[float] = ()) -> None:
        """Raises the upper limits by a fraction of their span, to make room for words above the lines, and above those
        of the `levels` that would else be drawn across the words."""
        _raise(self.range, part, levels)
        if self.log_range is not None:
            _raise(self.log_range, part, [math.log10(level) for level in levels if level > 0])


def limits_of_rates(values: Sequence[NDArray[np.float64]]) -> Limits:
    """The limits for learning rates (each ticks long), from 0 if none is negative."""
    finite = [each[_finite(each)] for each in values]
    high = max(float(each.max(initial=0.0)) for each in finite)
    low = min(float(each.min(initial=0.0)) for each in finite)
    size = (high - low) or 1.0
    limits = [low - (0.015 if low == 0 else 0.05) * size, high + 0.05 * size]
    decades = decades_of(values)
    if decades is None:
        return Limits(_short(limits), None, high)
    ends = [math.log10(0.7 * decades.lowest), math.log10(1.4 * decades.highest)]
    return Limits(_short(limits), _short(ends), high)


def limits_below(values: Sequence[NDArray[np.float64]]) -> Limits:
    """The limits for momentum or a metric (each ticks long), with a little margin."""
    finite = [each[_finite(each)] for each in values]
    high = max((float(each.max()) for each in finite if each.size), default=1.0)
    low = min((float(each.min()) for each in finite if each.size), default=0.0)
    seen = NARROWEST * max(abs(low), abs(high))
    room = 0.12 * (max(high - low, seen) if high > low else 1.0)
    return Limits(_short([low - room, high + room]), None, high)


def _raise(limits: list[float], part: float, levels: Sequence[float]) -> None:
    low, high = limits
    for level in sorted(levels):
        if high < level <= high + part * (high - low):
            high = level + 0.02 * (level - low)
    limits[1] = _short([high + part * (high - low)])[0]


def _finite(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isfinite(values)


def _short(limits: list[float]) -> list[float]:
    return [float(f"{limit:.9g}") for limit in limits]
