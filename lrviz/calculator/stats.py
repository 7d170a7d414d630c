"""Answers `lrviz stats`: a few numbers that describe a curve, for each param group.

Learning rates are compared with a relative tolerance of 1e-12, so that rounding neither moves a peak nor counts as a
change. Only `end` uses the value after the last call. A learning rate counts for as long as the optimizer holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING, alike_each, peak_tick
from lrviz.curve import Curve
from lrviz.run import Interval, plain


@dataclass(frozen=True, slots=True)
class Stats:
    """The numbers of one param group of one curve.

    Times and the area are in `unit`: epochs if the run knows them, else optimizer steps.

    - `group`: its name; None if one stands for all, because they never differ.
    - `peak`: the largest learning rate of the run; NaN if there is one.
    - `peak_tick`: the tick at which the peak is first reached; of the first NaN if there is one.
    - `end`: the learning rate after the last call, which no step of the run uses.
    - `mean`: the average of the learning rate over the time of the run.
    - `area`: the area under the learning rate, in learning rate x `unit`.
    - `warmup`: the time from the start to the peak; None if the learning rate begins at the peak, or falls on the way.
    - `above_half`: the time during which the learning rate is above half of the peak.
    - `changes`: the number of calls of `scheduler.step()` that change the learning rate of a step of the run.
    """

    curve: Curve
    group: str | None
    unit: Interval
    peak: float
    peak_tick: int
    end: float
    mean: float
    area: float
    warmup: float | None
    above_half: float
    changes: int

    @property
    def peak_epoch(self) -> int | float | None:
        """The epoch at which the peak is first reached, possibly a fraction; None if epochs are not known."""
        return self.curve.run.epoch(self.peak_tick)

    @property
    def peak_step(self) -> int | float | None:
        """The optimizer step at which the peak is first reached; None if steps are not known."""
        return self.curve.run.step(self.peak_tick)


def stats_of(curves: Sequence[Curve]) -> list[Stats]:
    """The numbers of each curve, in their order: one for each param group, or one for all if they never differ."""
    found = []
    for curve in curves:
        groups = curve.groups[:1] if curve.uniform else curve.groups
        areas = curve.area.tolist()
        found += [
            _stats(curve, index, None if curve.uniform else name, areas[index]) for index, name in enumerate(groups)
        ]
    return found


def _stats(curve: Curve, group: int, name: str | None, area: float) -> Stats:
    rates: NDArray[np.float64] = np.frombuffer(curve.columns[group])
    at = peak_tick(rates)
    peak = float(rates.max())
    return Stats(
        curve=curve,
        group=name,
        unit=curve.run.unit,
        peak=peak,
        peak_tick=at,
        end=curve.end_lr[group],
        mean=area / curve.run.time(curve.run.duration),
        area=area,
        warmup=plain(curve.run.time(at)) if at and _climbs(rates[: at + 1]) else None,
        above_half=plain(curve.run.time(_ticks_above(rates, peak / 2, curve.run.duration))),
        changes=int((~alike_each(rates[:-1], rates[1:])).sum()),
    )


def _climbs(rates: NDArray[np.float64]) -> bool:
    """True if no value is below an earlier one, but for rounding."""
    highest = np.maximum.accumulate(rates)
    with np.errstate(invalid="ignore"):
        return bool((rates >= highest - ROUNDING * np.abs(highest)).all())


def _ticks_above(rates: NDArray[np.float64], limit: float, duration: float) -> float:
    """The number of ticks whose learning rate is above a limit; the last may count as a fraction."""
    above = rates > limit + ROUNDING * abs(limit)
    return float(above[:-1].sum()) + (duration - (len(rates) - 1)) * float(above[-1])
