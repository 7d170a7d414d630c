"""The hover texts of a chart: the moment under the pointer, and the learning rate of every curve there.

All curves share one list of places, so that the nearest place has a text for each of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.render.drawing.clock import tick_length
from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.window import Parts
from lrviz.render.page.cells import MOST_ROWS, Cells
from lrviz.run import Clock
from lrviz.words import Notation, moment

MOST_PLACES, MOST_TEXTS = 2_000, 8_000
"""At most this many ticks of the finest curve are places, and fewer if all lines together would have more texts than
the second number; of more ticks, only every n-th is a place."""

HALFWAY = 1e-6
"""As a fraction of a tick: a place that is short of a tick by at most this belongs to it, to allow for rounding."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a chart that have hover texts, `at` positions on the axis `clock`, and their `moments` in words.

    `rows` are the indices of the places that are rows of the table.
    """

    clock: Clock
    parts: Parts
    at: list[float]
    moments: list[str]
    rows: list[int]

    def ticks(self, curve: Curve) -> list[int | None]:
        """The tick of a curve at each place; None outside of what is drawn of its run."""
        scale = tick_length(curve, self.clock)
        ticks = (math.floor(place / scale + HALFWAY) for place in self.at)
        drawn = self.parts.ticks(curve)
        return [tick if tick in drawn else None for tick in ticks]

    def texts(
        self, curve: Curve, values: Sequence[float], cells: Mapping[int, str], write: Notation
    ) -> list[str | None]:
        """The text for `values` (ticks long) at each place: that of `cells` for the tick, else as `write` does.

        None after the end of the run.
        """
        texts: list[str | None] = []
        for tick in self.ticks(curve):
            if tick is None:
                texts.append(None)
                continue
            text = cells.get(tick) or write.in_sentence(values[tick])
            texts.append(f"{text} at {moment(curve.run, tick)}" if self.clock == "percent" else text)
        return texts


def places_of(drawing: Drawing, cells: Cells, marked: Iterable[float]) -> Places:
    """The places of a chart: the marked ones, the rows of the table, and the ticks between, or every n-th of these."""
    clock, curves = drawing.clock, drawing.curves
    scale = min(tick_length(curve, clock) for curve in curves)
    parts = [(drawing.parts.ticks(curve), tick_length(curve, clock)) for curve in curves]
    first = math.floor(min(ticks.start * length for ticks, length in parts) / scale + HALFWAY)
    count = math.ceil(max(ticks.stop * length for ticks, length in parts) / scale - HALFWAY) - first
    few = min(MOST_PLACES, MOST_TEXTS // len(drawing.columns)) or 1
    found = {clean(tick * scale) for tick in range(first, first + count, -(-count // few))}
    rows: set[float] = set()
    if cells.by == "percent":
        rows |= {float(row.percent or 0) for row in cells.rows} if clock == "percent" else set()
    else:
        for curve, texts in zip((column.curve for column in drawing.columns), cells.texts, strict=True):
            ticks = list(texts)
            rows |= {clean(tick * tick_length(curve, clock)) for tick in ticks[:: -(-len(ticks) // MOST_ROWS) or 1]}
    at = sorted({place for place in found | rows if place in drawing.extent} | set(marked))
    per_epoch = drawing.steps_per_epoch
    return Places(
        clock,
        drawing.parts,
        at,
        [_moment(place, clock, per_epoch) for place in at],
        [index for index, place in enumerate(at) if place in rows],
    )


def clean(place: float) -> float:
    """A place rounded, so that the same moment of two curves is one place."""
    return float(f"{place:.12g}")


def _moment(place: float, clock: Clock, steps_per_epoch: int | None) -> str:
    """A place in words, by both clocks if all curves have the same number of steps per epoch."""
    if clock == "percent":
        return f"{place:.4g} % of the run"
    if clock == "tokens" or clock == "samples":
        return f"{_number(place)} {clock}"
    words = f"{clock} {_number(place)}"
    if not steps_per_epoch:
        return words
    if clock == "epoch":
        return f"{words} \u00b7 step {_number(place * steps_per_epoch)}"
    return f"{words} \u00b7 epoch {_number(place / steps_per_epoch)}"


def _number(value: float) -> str:
    whole = round(value)
    return f"{whole:,}" if abs(value - whole) < 1e-6 else f"{value:,.4f}".rstrip("0")
