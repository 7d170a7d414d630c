"""What real runs logged, as points over the line of the plan, with a ring at the first that leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrviz.render.drawing.plan import Drawing
from lrviz.render.picture.room import Room
from lrviz.render.style import Palette, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MOST_POINTS = 60
"""At most so many points of a run are drawn, so that the line stays visible between them."""


def draw_logged(ax: Axes, drawing: Drawing, palette: Palette) -> list[Line2D]:
    """Draws the points of each run above the lines, and smaller ones over those of the runs before it."""
    drawn = []
    last = len(drawing.logged) - 1
    for run in drawing.logged:
        kept = run.thinned(MOST_POINTS)
        size = letters(3.9 + 1.4 * min(last - run.place, 3))
        (points,) = ax.plot(
            run.x[kept], run.values[kept], run.shape, color=run.color(palette), markersize=size, zorder=3.5,
            markeredgecolor=palette.background, markeredgewidth=letters(0.5), label=f"{run.name} (logged)",
        )  # fmt: skip
        drawn.append(points)
    return drawn


def mark_deviations(room: Room, drawing: Drawing, palette: Palette) -> None:
    """Draws a ring at the first record of each run that leaves the plan, and says so."""
    low, high = room.ax.get_ylim()
    for run in drawing.logged:
        if run.first is None or np.isnan(run.values[run.first]):
            continue
        at = (float(run.x[run.first]), min(max(float(run.values[run.first]), low), high))
        room.ax.plot(
            *at, "o", markersize=letters(9), markerfacecolor="none", markeredgecolor=palette.fails, zorder=5,
            markeredgewidth=letters(1.8), clip_on=False, label="_deviates",
        )  # fmt: skip
        room.take(at, letters(10))
        words = "leaves the plan" if len(drawing.logged) == 1 else f"{run.name} leaves the plan"
        room.write(words, at, color=palette.fails, fontsize=letters(8), fontweight="bold", rather=True)
