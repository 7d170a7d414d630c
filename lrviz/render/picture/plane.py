"""The paths of trainings in the plane, over the contours of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrviz.render.drawing.plane import Plane
from lrviz.render.picture.axis import FEWEST
from lrviz.render.picture.room import Room
from lrviz.render.style import Palette, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

DARKEST = 0.3
"""How far the shade of the highest losses is from the background towards quiet words."""

SEED = 0.55
"""The width of the path of one seed of several, as a fraction of the usual one."""


def draw_plane(ax: Axes, plane: Plane, palette: Palette, styles: Sequence[tuple[str, Any]]) -> list[Line2D]:
    """Draws contours and paths; `styles` are the colour and dashes of each schedule. Returns the paths."""
    from matplotlib.colors import LinearSegmentedColormap, LogNorm
    from matplotlib.ticker import MaxNLocator

    ax.grid(visible=False)
    if len(plane.levels):
        shades = LinearSegmentedColormap.from_list("losses", [palette.background, palette.quiet])
        norm = LogNorm(plane.levels[0], plane.levels[-1] * (plane.levels[-1] / plane.levels[0]) ** (1 / DARKEST - 1))
        ax.contourf(plane.x, plane.y, plane.loss, plane.levels, cmap=shades, norm=norm, zorder=0.5)
        ax.contour(
            plane.x, plane.y, plane.loss, plane.levels, colors=palette.quiet, linewidths=letters(0.4), alpha=0.5,
            zorder=0.6,
        )  # fmt: skip
    lines = []
    for path in plane.paths:
        color, dashes = styles[path.schedule]
        width = letters(palette.width) * (0.9 if path.alone else SEED)
        (line,) = ax.plot(*path.points.T, color=color, linestyle=dashes, linewidth=width, solid_joinstyle="round")
        ax.plot(
            *path.points[-1], "o", color=color, markersize=letters(5), markeredgecolor=palette.background,
            markeredgewidth=letters(0.8), zorder=4, label="_end",
        )  # fmt: skip
        lines.append(line)
    for x, y in plane.starts:
        _mark(ax, (x, y), "s", palette, letters(5.5))
    if plane.minimum is not None:
        _mark(ax, plane.minimum, "*", palette, letters(10))
    ax.set_xlim(plane.x[0], plane.x[-1])
    ax.set_ylim(plane.y[0], plane.y[-1])
    ax.xaxis.set_major_locator(MaxNLocator(7))
    ax.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=FEWEST))
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    return lines


def _mark(ax: Axes, at: tuple[float, float], shape: str, palette: Palette, size: float) -> None:
    ax.plot(
        *at, shape, color=palette.ink, markersize=size, markeredgecolor=palette.background,
        markeredgewidth=letters(0.8), zorder=5, label="_mark",
    )  # fmt: skip


def tell_marks(ax: Axes, plane: Plane, lines: Sequence[Line2D], palette: Palette) -> None:
    """Writes beside the marks what they are, where there is room. The layout has to be done."""
    room = Room(ax, lines)
    words = [("start", plane.starts[0]), *([("minimum", plane.minimum)] if plane.minimum is not None else [])]
    for _, at in words:
        room.take(at, letters(8))
    for word, at in words:
        room.write(word, at, color=palette.ink, fontsize=letters(8.5), rather=True)
