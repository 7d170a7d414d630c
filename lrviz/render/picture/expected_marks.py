"""The expectations of a schedule as marks on its line: rings and bands where they hold, crosses where they fail."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrviz.render.drawing.marks import Mark
from lrviz.render.outline import between
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.room import Room
from lrviz.render.style import Palette, letters


def mark_expectations(room: Room, drawn: Drawn, palette: Palette) -> None:
    """Draws a ring where an expectation holds, a cross at the expected value where it fails, and limits as lines.

    A value beyond the axes is an arrow at their edge. With several schedules, a mark without room for its words is
    left out, because nobody could tell which schedule it belongs to.
    """
    for mark in sorted(filter(lambda mark: mark.drawn, drawn.drawing.marks), key=lambda mark: mark.holds):
        color = palette.holds if mark.holds else palette.fails
        if mark.kind == "level":
            _mark_level(room, drawn, mark, color)
        elif mark.kind == "span":
            _mark_span(room, drawn, mark, color)
        elif mark.kind in ("value", "place"):
            _mark_point(room, drawn, mark, color)


def _mark_level(room: Room, drawn: Drawn, mark: Mark, color: str) -> None:
    low, high = drawn.ax.get_ylim()
    if low <= mark.value <= high:
        room.avoid(drawn.ax.axhline(mark.value, color=color, linewidth=0.8, linestyle=(0, (1, 3)), label="_limit"))


def _mark_point(room: Room, drawn: Drawn, mark: Mark, color: str) -> None:
    low, high = drawn.ax.get_ylim()
    size = letters(8)
    if mark.holds:
        if low <= mark.value <= high:
            drawn.ax.plot(
                mark.x, mark.value, "o", markersize=size, markerfacecolor="none", markeredgecolor=color, zorder=4.5,
                clip_on=False, markeredgewidth=letters(1.1), label="_holds",
            )  # fmt: skip
            room.take((mark.x, mark.value), letters(9))
        return
    sign = "x" if low <= mark.value <= high else "^" if mark.value > high else "v"
    at = (mark.x, min(max(mark.value, low), high))
    taken = len(room.taken)
    room.take(at, letters(9))
    look: dict[str, Any] = {"color": color, "fontsize": letters(8), "fontweight": "bold", "rather": True}
    written = room.write(f"{mark.whose}: {mark.words}" if mark.whose else mark.words, at, **look)
    if written is None and len(drawn.drawing.shown) > 1:
        del room.taken[taken:]
        return
    drawn.ax.plot(
        *at, sign, color=color, markersize=size, markeredgewidth=letters(2.2 if sign == "x" else 0.5), zorder=5,
        clip_on=False, label="_fails",
    )  # fmt: skip


def _mark_span(room: Room, drawn: Drawn, mark: Mark, color: str) -> None:
    """A pale band along the line for a range that holds; a bar along the bottom, with a cross, for one that fails."""
    if mark.holds:
        line = drawn.lines[mark.column]
        xs, ys = (np.asarray(values, dtype=float) for values in (line.get_xdata(), line.get_ydata()))
        xs, ys = between(xs, ys, mark.x, mark.stop)
        drawn.ax.plot(
            xs, ys, color=color, linewidth=letters(BAND), alpha=0.18, zorder=1.8, solid_capstyle="butt",
            solid_joinstyle="round", label="_range",
        )  # fmt: skip
        return
    across = drawn.ax.get_xaxis_transform()
    drawn.ax.plot(
        [mark.x, mark.stop], [0.008, 0.008], transform=across, color=color, zorder=3, solid_capstyle="butt",
        linewidth=letters(2.6), alpha=0.9, label="_span",
    )  # fmt: skip
    middle = (mark.x + mark.stop) / 2
    drawn.ax.plot(
        [middle], [0.03], "x", transform=across, color=color, markersize=letters(7), zorder=5,
        markeredgewidth=letters(2.2), label="_fails",
    )  # fmt: skip
    look: dict[str, Any] = {"color": color, "fontsize": letters(8), "fontweight": "bold", "rather": True}
    room.write(mark.words, (middle, 0.03), xycoords=across, **look)


BAND = 7.5
"""The width of the band along a line, in points."""
