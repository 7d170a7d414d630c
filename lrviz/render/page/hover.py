"""What a chart says where the pointer is: the moment, and the learning rate of every curve there.

All curves share one list of places, so that whatever place is nearest says something of each of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.render.page.cells import SHOWN, Cells
from lrviz.render.rows import Column, steps_per_epoch_of
from lrviz.run import Clock
from lrviz.words import moment

PLACES, IN_ALL = 2_000, 8_000
"""Up to so many ticks of the finest curve are places of their own, and fewer where many curves share them; of more,
every n-th is."""

HALFWAY = 1e-6
"""A place that falls short of a tick by no more than this part of it is that tick, but for rounding."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a chart has something to say, on the axis `clock`, and in words what moment each place is.

    `rows` are the places, by index, that are a row of the table.
    """

    clock: Clock
    at: list[float]
    moments: list[str]
    rows: list[int]

    def ticks(self, curve: Curve) -> list[int | None]:
        """The tick that a curve is in at each place; None where its run is over."""
        scale = scale_of(curve, self.clock)
        ticks = (math.floor(place / scale + HALFWAY) for place in self.at)
        return [tick if tick < len(curve) else None for tick in ticks]

    def texts(self, curve: Curve, values: memoryview, cells: Mapping[int, str]) -> list[str | None]:
        """What is said of `values` (ticks long) at each place: what `cells` hold for the tick, else six digits.

        None where the run is over.
        """
        texts: list[str | None] = []
        for tick in self.ticks(curve):
            if tick is None:
                texts.append(None)
                continue
            text = cells.get(tick) or f"{values[tick]:.6g}"
            texts.append(f"{text} at {moment(curve.run, tick)}" if self.clock == "percent" else text)
        return texts


def places_of(columns: Sequence[Column], clock: Clock, cells: Cells, marked: Iterable[float]) -> Places:
    """The places of a chart: those that are marked, the rows of the table, and the ticks between as far as they are
    few."""
    curves = list({id(column.curve): column.curve for column in columns}.values())
    finest = min(curves, key=lambda curve: scale_of(curve, clock))
    longest = max(curves, key=lambda curve: len(curve) * scale_of(curve, clock))
    scale = scale_of(finest, clock)
    count = math.ceil(len(longest) * scale_of(longest, clock) / scale - HALFWAY)
    few = min(PLACES, IN_ALL // len(columns)) or 1
    found = {clean(tick * scale) for tick in range(0, count, -(-count // few))}
    rows: set[float] = set()
    if cells.by == "percent":
        rows |= {float(row.percent or 0) for row in cells.rows} if clock == "percent" else set()
    else:
        for curve, texts in zip((column.curve for column in columns), cells.texts, strict=True):
            ticks = list(texts)
            rows |= {clean(tick * scale_of(curve, clock)) for tick in ticks[:: -(-len(ticks) // SHOWN) or 1]}
    at = sorted(found | rows | set(marked))
    per_epoch = steps_per_epoch_of(curves)
    return Places(
        clock,
        at,
        [_moment(place, clock, per_epoch) for place in at],
        [index for index, place in enumerate(at) if place in rows],
    )


def scale_of(curve: Curve, clock: Clock) -> float:
    """How long a tick of a curve is on an axis."""
    if clock == "percent":
        return 100.0 / curve.run.duration
    if clock == "step":
        return float(curve.run.steps_per_tick)
    return 1.0 if curve.run.interval == "epoch" else 1.0 / (curve.run.steps_per_epoch or 1)


def clean(place: float) -> float:
    """Without what rounding left, so that the same moment of two curves is one place."""
    return float(f"{place:.12g}")


def _moment(place: float, clock: Clock, steps_per_epoch: int | None) -> str:
    """A place in words, by both clocks where all curves have two that agree."""
    if clock == "percent":
        return f"{place:.4g} % of the run"
    words = f"{clock} {_number(place)}"
    if not steps_per_epoch:
        return words
    if clock == "epoch":
        return f"{words} \u00b7 step {_number(place * steps_per_epoch)}"
    return f"{words} \u00b7 epoch {_number(place / steps_per_epoch)}"


def _number(value: float) -> str:
    whole = round(value)
    return f"{whole:,}" if abs(value - whole) < 1e-6 else f"{value:,.4f}".rstrip("0")
