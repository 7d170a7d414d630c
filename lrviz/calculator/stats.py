"""What a curve comes to in a few numbers, each per param group.

Learning rates are compared with a relative tolerance of 1e-12, so that rounding moves no peak and makes no change. Only
`end` looks at the value after the last call. A learning rate counts for as long as the optimizer holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING, alike_each
from lrviz.curve import Curve
from lrviz.run import Interval, plain


@dataclass(frozen=True, slots=True)
class Stats:
    """The numbers of one param group of one curve.

    Lengths of time and the area are in `unit`: epochs where the run knows them, else optimizer steps.

    - `group`: its name; None where one stands for all, because they never differ.
    - `peak`: the largest learning rate of the run, and `peak_tick` the tick at which it is first reached; the first
      that is NaN, where one is.
    - `end`: the learning rate after the last call, which no step of the run uses.
    - `mean`: the learning rate of the run, on average over time.
    - `area`: the area under the learning rate, in learning rate x `unit`.
    - `warmup`: the time from the start to where the peak is first reached; None where the learning rate does not begin
      below the peak, or falls on the way.
    - `above_half`: for how long the learning rate is above half of the peak.
    - `changes`: how many calls of `scheduler.step()` change the learning rate for a step of the run.
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
        """The epoch in which the peak is first reached, perhaps a fraction; None where the run knows none."""
        return self.curve.run.epoch(self.peak_tick)

    @property
    def peak_step(self) -> int | float | None:
        """The optimizer step at which the peak is first reached; None where the run knows none."""
        return self.curve.run.step(self.peak_tick)


def stats_of(curves: Sequence[Curve]) -> list[Stats]:
    """The numbers of each curve in their order: one for each param group, or one for all where they never differ."""
    found = []
    for curve in curves:
        groups = curve.groups[:1] if curve.uniform else curve.groups
        areas = curve.area.tolist()
        found += [
            _stats(curve, index, None if curve.uniform else name, areas[index]) for index, name in enumerate(groups)
        ]
    return found


def peak_tick(rates: NDArray[np.float64]) -> int:
    """The tick at which the largest of `rates` (ticks long) is first reached, but for rounding; the first NaN."""
    highest = rates.max()
    if not np.isfinite(highest):
        return int(rates.argmax())
    return int((rates >= highest - ROUNDING * abs(highest)).argmax())


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
    """Whether no value is below one before it, but for rounding."""
    highest = np.maximum.accumulate(rates)
    with np.errstate(invalid="ignore"):
        return bool((rates >= highest - ROUNDING * np.abs(highest)).all())


def _ticks_above(rates: NDArray[np.float64], limit: float, duration: float) -> float:
    """The ticks whose learning rate is above a limit; the last may count in part."""
    above = rates > limit + ROUNDING * abs(limit)
    return float(above[:-1].sum()) + (duration - (len(rates) - 1)) * float(above[-1])
