"""Names at the ends of lines, right of the axes, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrviz.render.picture.room import folded_to
from lrviz.render.spread import spread
from lrviz.render.style import Palette, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation

FAN = 6.0
"""Lines that end nearer to one another than this, in points, have no leaders: these would be a fan out of one point."""

SAMPLE_LENGTH, NAME_DISTANCE = 26, 14
"""The length of the line sample before a name, and its distance from the axes, in points."""

NAME_LETTERS = 8.5
LINE_HEIGHT = 1.25 * NAME_LETTERS
"""The font size of a name and the height of one of its lines, in points."""

AT_EDGE = 0.995
"""A line that ends before this fraction of the axes has a dot at its end, and no leader, which would be a line in them.
A line that leaves the axes at the top has neither."""

NAMES_PART = 0.3
"""The fraction of a picture's width that names may take."""


def have_room(names: Sequence[str], figure: Figure, height: float) -> bool:
    """True if these names fit beside axes that are `height` inches high."""
    lines = sum(len(_folded(name, figure).splitlines()) for name in names)
    return lines * letters(LINE_HEIGHT) + 2 * len(names) < height * 72


def _folded(name: str, figure: Figure) -> str:
    inches = figure.get_figwidth() * NAMES_PART
    return "\n".join(folded_to(line, inches, letters(NAME_LETTERS), figure) for line in name.split("\n"))


def add_names(ax: Axes, names: Sequence[str]) -> list[Annotation]:
    """Adds a name for each line right of the axes, for which the layout keeps room; `place_names` moves them later."""
    return [
        ax.annotate(
            _folded(name, ax.figure),  # type: ignore[arg-type]
            xy=(1.0, 0.5),
            xycoords="axes fraction",
            xytext=(NAME_DISTANCE + SAMPLE_LENGTH + 4 if len(names) > 1 else 6, 0),
            textcoords="offset points",
            va="center",
            fontsize=letters(NAME_LETTERS if len(names) > 1 else 8),
            linespacing=1.05,
            annotation_clip=False,
            parse_math=False,
        )
        for name in names
    ]


def place_names(ax: Axes, lines: Sequence[Line2D], names: Sequence[Annotation], palette: Palette) -> None:
    """Moves the name of each line to the height at which its line ends, or as near as the others allow.

    A hairline leads from the end of a line at the edge to its name, if no other ends beside it. Names of lines that end
    at the same height are ordered by the means of the lines. The layout has to be done.
    """
    if not names:
        return
    box, points = ax.get_window_extent(), ax.figure.dpi / 72
    heights = [
        max(letters(LINE_HEIGHT) * points, name.get_window_extent().height + 3 * points) / box.height for name in names
    ]
    ends = [_end(ax, line) for line in lines]
    order = sorted(range(len(names)), key=lambda index: (-round(ends[index][1], 3), -_mean(lines[index]), index))
    places = spread([ends[index][1] for index in order], [heights[index] for index in order])
    start, stop = (1 + distance * points / box.width for distance in (NAME_DISTANCE, NAME_DISTANCE + SAMPLE_LENGTH))
    for index, place in zip(order, places, strict=True):
        line, (x, y) = lines[index], ends[index]
        names[index].xy = (1.0, place)
        if len(names) == 1:
            continue
        (sample,) = ax.plot([start, stop], [place, place])
        sample.update_from(line)
        sample.set(transform=ax.transAxes, clip_on=False, label="_sample")
        near = [other for other in ends if abs(other[1] - y) * box.height < FAN * points]
        if x >= AT_EDGE and len(near) == 1:
            ax.plot(
                [1 + 3 * points / box.width, start - 2 * points / box.width], [y, place], transform=ax.transAxes,
                clip_on=False, color=palette.quiet, linewidth=0.5, label="_leader",
            )  # fmt: skip
        if x < AT_EDGE and y < 1:
            ax.plot(x, y, "o", transform=ax.transAxes, color=line.get_color(), markersize=letters(3.5), label="_stop")


def _end(ax: Axes, line: Line2D) -> tuple[float, float]:
    """The end of a line, as fractions of the axes; at the bottom if none of its values is finite."""
    xs, ys = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
    seen = np.flatnonzero(np.isfinite(ys))
    if not len(seen):
        return 1.0, 0.0
    last = seen[-1]
    x, y = ax.transAxes.inverted().transform(ax.transData.transform((xs[last], ys[last])))
    return float(x), float(np.clip(np.nan_to_num(y), 0, 1))


def _mean(line: Line2D) -> float:
    ys = np.asarray(line.get_ydata(), dtype=float)
    return float(np.nanmean(ys)) if np.isfinite(ys).any() else 0.0
