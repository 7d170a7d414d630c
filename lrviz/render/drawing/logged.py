"""What real runs logged, as points over the line of the plan: which are drawn, their look, and the words about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import Position, ScheduleError
from lrviz.foreign import visible
from lrviz.render.curves import Column
from lrviz.render.outline import LARGEST_DRAWN
from lrviz.render.shown import Logged, Shown
from lrviz.render.style import Palette
from lrviz.run import Clock
from lrviz.words import several

SHAPES = ("o", "^", "s", "D")
"""The shapes of the points of one run after the other, as matplotlib names them; they differ without colour too."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The records of run number `place` over the line of a column; `x` is on the clock of the drawing.

    `values` are on the axis of learning rates, with NaN for those that cannot be drawn; `away` is how far each is from
    the plan. `first` is the index of the first that deviates, if it is drawn; `words` is a sentence about the
    run. If it `deviates`, that first record is `above` the plan or below.
    """

    name: str
    column: int
    place: int
    x: NDArray[np.float64]
    values: NDArray[np.float64]
    away: NDArray[np.float64]
    first: int | None
    words: str
    deviates: bool
    above: bool

    @property
    def shape(self) -> str:
        """The marker of the run, by its place among the runs."""
        return SHAPES[self.place % len(SHAPES)]

    def color(self, palette: Palette) -> str:
        """The colour of its points; the lines of the plan have those before it."""
        return palette.lines[(1 + self.place) % len(palette.lines)]

    def thinned(self, most: int) -> NDArray[np.int64]:
        """The indices of about `most` points, of neighbours the one that is farthest from the plan; and `first`."""
        count = len(self.x)
        if count <= most:
            return np.arange(count)
        edges = np.linspace(0, count, most + 1).astype(np.int64)
        kept = [low + int(self.away[low:high].argmax()) for low, high in pairwise(edges.tolist())]
        return np.unique([*kept, *([] if self.first is None else [self.first])])


def points_of(
    shown: Sequence[Shown], columns: Sequence[Column], scales: Sequence[float], clock: Clock
) -> Iterator[Points]:
    """The records of all runs, over the lines of their param groups; `scales` divide the learning rates of a column."""
    runs = [(each, logged) for each in shown for logged in each.logged]
    for place, (each, logged) in enumerate(runs):
        own = [index for index, column in enumerate(columns) if column.curve is each.curve]
        column = next((index for index in own if columns[index].group == logged.group), own[0])
        time = each.curve.run.time(1, clock)
        drawn = np.isfinite(logged.lr) & (np.abs(logged.lr) <= LARGEST_DRAWN)
        values = np.where(drawn, logged.lr, np.nan) / scales[column]
        name = visible(logged.name)
        x, first, words = logged.ticks * time, logged.first, f"{name} {_words(logged)}"
        plan = each.curve.columns[columns[column].group]
        above = first is not None and bool(logged.lr[first] > plan[min(int(logged.ticks[first]), len(plan) - 1)])
        yield Points(name, column, place, x, values, logged.away, first, words, bool(logged.words), above)


def _words(logged: Logged) -> str:
    if not logged.words:
        return "follows the plan"
    outside = f" ({several(logged.outside, 'record')} outside of the run)" if logged.outside else ""
    return f"leaves the plan at {visible(logged.words)}{outside}"


def not_in_multiples() -> ScheduleError:
    """The error that there is no single line over which a run could be drawn."""
    return ScheduleError.at(
        Position("lrviz"), "--run is drawn over the learning rates of one plan on one axes", "leave out --grid and --y"
    )
