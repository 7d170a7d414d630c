"""The learning rates of one param group, which an expectation is compared with, and words for them.

A value holds when it differs by at most `tolerance` of the expected one, or by at most 1e-9 of the curve's peak.
Positions and directions are compared with a relative tolerance of 1e-12, so that rounding does not move a peak or break
a direction. Only `at: end` and a range that ends in `end` look at the value after the last call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import slack
from lrviz.curve import Curve
from lrviz.schedule.expect import Expectation
from lrviz.words import moment, place


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an expectation does not hold, and what to write if the curve is right."""

    message: str
    hint: str = ""


class Group:
    """The learning rates of one param group: `rates`, ticks long, read-only, and `peak`, the largest finite one.

    `of` names the group in a sentence, if the groups differ.
    """

    def __init__(self, expected: Expectation, tolerance: float, curve: Curve, index: int) -> None:
        self.curve = curve
        self.index = index
        self.rates: NDArray[np.float64] = np.frombuffer(curve.columns[index])
        self.tolerance = tolerance
        self.of = "" if curve.uniform else f" of group {curve.groups[index]!r}"
        self.name = None if expected.group is None and curve.uniform else curve.groups[index]
        finite = self.rates[np.isfinite(self.rates)]
        self.peak = float(finite.max()) if len(finite) else 0.0

    def holds(self, value: float, expected: float) -> bool:
        """True if a learning rate is the expected one; NaN never is."""
        return value == expected or abs(value - expected) <= self.slack(expected)

    def slack(self, expected: float) -> float:
        """The largest allowed difference from the expected learning rate."""
        return slack(expected, self.tolerance, self.peak) if math.isfinite(expected) else 0.0

    def at(self, tick: int) -> float:
        """The learning rate at a tick; the number of ticks stands for the value after the last call."""
        return self.curve.lr_at(self.index, tick)

    def rates_to_end(self) -> NDArray[np.float64]:
        """`rates` with the one after the last call, ticks + 1 long."""
        return np.append(self.rates, self.at(len(self.rates)))

    def moment(self, tick: int) -> str:
        """A tick in words."""
        return moment(self.curve.run, tick)

    def place(self, tick: int) -> str:
        """A tick as a file names it."""
        return place(self.curve.run, tick)

    def paste(self, key: str, value: str) -> str:
        """`key: value` as a file writes it for this group."""
        return f"{key}: {{{self.name}: {value}}}" if self.name is not None else f"{key}: {value}"

    def first_not_finite(self) -> Failure | None:
        """The first tick without a finite learning rate, as a failure; None if there is none."""
        found = np.flatnonzero(~np.isfinite(self.rates))
        return self.not_finite(int(found[0])) if len(found) else None

    def not_finite(self, tick: int) -> Failure:
        """The failure at a tick without a finite learning rate."""
        return Failure(f"the learning rate{self.of} is {self.at(tick)} at {self.moment(tick)}")
