"""The limits of a chart's axis, linear and logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.render.drawing.panels import decades_of


@dataclass(slots=True)
class Limits:
    """The limits of an axis: `range` of a linear one, `log_range` of a logarithmic one in powers of ten, None where
    nothing is above 0. `inside` is a value that lies within both."""

    range: list[float]
    log_range: list[float] | None
    inside: float

    def reach(self, values: Iterable[float]) -> None:
        """Moves the limits to where they show these values too."""
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

    def leave_room(self, part: float) -> None:
        """Moves the upper limits up by a part of what they span, so that words stand above the lines."""
        for limits in filter(None, (self.range, self.log_range)):
            limits[1] = _short([limits[1] + part * (limits[1] - limits[0])])[0]


def limits_of_rates(values: Sequence[NDArray[np.float64]]) -> Limits:
    """The limits for learning rates (each ticks long), from 0 where none is below it."""
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


def limits_of_momentum(values: Sequence[NDArray[np.float64]]) -> Limits:
    """The limits for momentum (each ticks long), with a little room around it."""
    finite = [each[_finite(each)] for each in values]
    high = max((float(each.max()) for each in finite if each.size), default=1.0)
    low = min((float(each.min()) for each in finite if each.size), default=0.0)
    room = 0.12 * ((high - low) or 1.0)
    return Limits(_short([low - room, high + room]), None, high)


def _finite(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isfinite(values)


def _short(limits: list[float]) -> list[float]:
    return [float(f"{limit:.9g}") for limit in limits]
