"""Where a restarted training leaves the plan, by how much, and for how long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING, alike_each
from lrviz.curve import Curve


@dataclass(frozen=True, slots=True)
class Apart:
    """The values of a param group at a tick: of the restarted training, and of the plan."""

    tick: int
    group: int
    value: float
    plan: float

    @property
    def ratio(self) -> float:
        """The value as a multiple of the plan's; infinite or NaN if that is 0 or one is not finite."""
        if self.value == self.plan:
            return 1.0
        if self.plan:
            return self.value / self.plan
        return math.nan if math.isnan(self.value) else math.copysign(math.inf, self.value)


@dataclass(frozen=True, slots=True)
class Departure:
    """How a restarted training differs from the plan.

    - `what`: learning rates, or momentum if these are the same.
    - `first`, `largest`: the first tick apart, and that with the largest ratio, up or down, each in the group where the
      ratio is largest.
    - `apart`: the number of ticks at which they differ.
    - `until`: the tick from which on they are the same again; None if they are not before the end of the run.
    """

    what: Literal["lr", "momentum"]
    first: Apart
    largest: Apart
    apart: int
    until: int | None


def departure(curve: Curve, plan: Curve, start: int, stop: int, rounding: float = ROUNDING) -> Departure | None:
    """How a curve differs from the plan from tick `start` to before tick `stop`; None if it is the same there, but for
    rounding, which is this fraction of a value."""
    found = _departure("lr", curve.columns, plan.columns, start, stop, rounding)
    if found is None and (curve.momentum_columns or plan.momentum_columns):
        found = _departure("momentum", _momentum(curve), _momentum(plan), start, stop, rounding)
    return found


def identical(curve: Curve, plan: Curve, start: int, stop: int) -> bool:
    """True if every learning rate and momentum is the same bit for bit."""
    pairs = [*zip(curve.columns, plan.columns, strict=True)]
    if curve.momentum_columns or plan.momentum_columns:
        pairs += zip(_momentum(curve), _momentum(plan), strict=True)
    return all(one[start:stop].tobytes() == other[start:stop].tobytes() for one, other in pairs)


def _momentum(curve: Curve) -> Sequence[memoryview]:
    assert curve.momentum_columns is not None  # the curves of a resume have it both, or none has
    return curve.momentum_columns


def _departure(
    what: Literal["lr", "momentum"],
    columns: Sequence[memoryview],
    planned: Sequence[memoryview],
    start: int,
    stop: int,
    rounding: float,
) -> Departure | None:
    whole, values = (np.stack([np.frombuffer(each) for each in both]) for both in (planned, columns))
    plan, values = whole[:, start:stop], values[:, start:stop]
    if not values.size:
        return None
    nothing = rounding * float(np.abs(whole[np.isfinite(whole)]).max(initial=0.0))  # rounding leaves as much of a zero
    apart = ~alike_each(values, plan, rounding, nothing)
    (ticks,) = np.nonzero(apart.any(axis=0))
    if not ticks.size:
        return None
    factors = np.where(apart, _factors(values, plan), 0.0)

    def at(tick: int) -> Apart:
        group = _first_largest(factors[:, tick])
        return Apart(start + tick, group, float(values[group, tick]), float(plan[group, tick]))

    last = int(ticks[-1])
    return Departure(
        what,
        at(int(ticks[0])),
        at(_first_largest(factors.max(axis=0))),
        len(ticks),
        None if start + last + 1 == stop else start + last + 1,
    )


def _first_largest(factors: NDArray[np.float64]) -> int:
    """The index of the largest ratio, the first of those that only rounding tells apart."""
    return int((factors >= factors.max() * (1 - ROUNDING)).argmax())


def _factors(values: NDArray[np.float64], plan: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ratios up or down; from or to 0, or to NaN, they are infinite."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        factors = np.maximum(np.abs(values / plan), np.abs(plan / values))
    return np.nan_to_num(factors, nan=np.inf, posinf=np.inf)
