"""Small multiples: a panel for each curve, to compare shapes where the lines would be too many for one picture.

The panels share their axes, linear or logarithmic. Learning rates of similar size are drawn as they are; otherwise each
panel shows fractions of its own peak, and states the peak. In the same way a run is drawn in epochs or steps, or in
percent of its own length. A panel shows all param groups, even if one has a peak far above the others.
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import FAILS, panel_verdict
from lrviz.render.drawing.styles import shades
from lrviz.render.picture.axis import clock_axis, rate_axis
from lrviz.render.picture.below import settle, stand_below, wrapped
from lrviz.render.picture.caption import caption_of
from lrviz.render.picture.log_axis import log_axis
from lrviz.render.picture.room import folded_to
from lrviz.render.style import PALETTES, Look, Palette, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_INCHES = {1: (5.2, 3.2), 2: (3.2, 2.3), 3: (2.2, 1.65)}
"""The size of a panel with its words in inches, by the number of columns; fewer panels are larger."""

SMALL_PANEL_INCHES = (1.65, 1.3)
"""The same for more columns."""

MOST_COLUMNS = 6

NAME_LETTERS, TITLE_LETTERS = 7.2, 12.0
"""The font sizes of a name and of the title, in points."""

LETTERS_AN_INCH = 15
"""The number of letters of an axis label that fit in an inch."""


def draw_grid(drawing: Drawing, look: Look) -> Figure:
    """The figure of small multiples: a panel for each curve, in order; param groups are lines in its panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    palette, panels = PALETTES[look.theme], drawing.panels
    rows, columns = _shape(len(panels))
    width, height = PANEL_INCHES.get(columns, SMALL_PANEL_INCHES)
    size = look.size or (columns * width + 0.5, rows * height + 0.45)
    figure = Figure(figsize=size)
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.02)
    FigureCanvasAgg(figure)
    title = wrapped(drawing.title, figure, TITLE_LETTERS, size[0] - 0.2, "bold") if drawing.title else ""
    above = 0.15 + 0.2 * len(title.splitlines()) if title else 0.0
    if look.size is None:
        size = (size[0], size[1] + above)
        figure.set_size_inches(*size)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for index, ax in enumerate(axes.flat):
        if index < len(panels):
            _panel(ax, drawing, index, (size[0] - 0.5) / columns - 0.1, palette)
        else:
            ax.set_axis_off()
    linear_below = _scale(axes[0, 0], drawing, size[1] - above)
    _label(axes, drawing, max(0.1, size[1] - above))
    caption = [] if drawing.plain else list(caption_of(drawing, linear_below, axes[0, 0].get_ylim()))
    stand_below(figure, palette, label=drawing.clock_label, caption=caption)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=letters(TITLE_LETTERS), fontweight="bold", parse_math=False)
    settle(figure)
    return figure


def _shape(count: int) -> tuple[int, int]:
    """Rows and columns for `count` panels: more columns than rows, and as few empty places as possible."""
    columns = min(count, MOST_COLUMNS, math.ceil(math.sqrt(count * 1.6)))
    rows = -(-count // columns)
    return rows, -(-count // rows)


def _panel(ax: Axes, drawing: Drawing, index: int, inches: float, palette: Palette) -> None:
    """Draws a panel: the lines of a curve below its name, which is wrapped into lines of at most `inches`."""
    panel, shown = drawing.panels[index], drawing.shown[index]
    own = [drawing.columns[column] for column in panel.columns]
    for column, values, color in zip(panel.columns, panel.values, shades(own, 0, palette), strict=True):
        ax.plot(*drawing.line(column, values), color=color, linewidth=1.3, solid_joinstyle="round")
    verdict = "" if drawing.plain else panel_verdict(shown, expects=drawing.expects)
    caption = ", ".join(filter(None, [*panel.words, verdict]))
    color = palette.fails if verdict.startswith(FAILS) else palette.quiet
    pad = 3.5 + letters(8) * len(caption.splitlines())
    figure: Any = ax.figure
    name = folded_to(panel.name, inches, letters(NAME_LETTERS), figure, "bold")
    ax.set_title(name, loc="left", fontsize=letters(NAME_LETTERS), pad=pad, linespacing=1.0, parse_math=False)
    place: Any = {"xy": (0, 1), "xycoords": "axes fraction", "xytext": (0, 2), "textcoords": "offset points"}
    ax.annotate(
        caption,
        **place,
        fontsize=letters(6.5),
        color=color,
        va="bottom",
    )


def _scale(first: Axes, drawing: Drawing, height: float) -> float | None:
    """Sets the axis of learning rates that all panels share, with as many ticks as their height has room for.

    Returns the learning rate below which a logarithmic axis is linear; None if it is fully logarithmic.
    """
    rows = first.get_subplotspec().get_gridspec().nrows  # type: ignore[union-attr]
    ticks = max(2, min(7, int(height / rows * 2.4)))
    if drawing.log:
        return log_axis(first, drawing.values, ticks)
    highest = 1.0 if drawing.relative else max(float(np.nanmax(each, initial=0.0)) for each in drawing.values)
    bottom, top = first.get_ylim()
    first.set_ylim(-0.03 * highest if bottom >= -0.05 * (top or 1.0) else bottom, 1.05 * highest if highest else top)
    rate_axis(first.yaxis, highest, ticks)
    return None


def _label(axes: Any, drawing: Drawing, height: float) -> None:
    """Puts labels only at the left and at the bottom, below the last panel of each column.

    `height` is the height of the picture without its title, in inches.
    """
    rows, columns = axes.shape
    first, count = axes[0, 0], len(drawing.panels)
    width, whole = first.figure.get_size_inches()
    start, stop = drawing.extent
    first.set_xlim(start - 0.02 * (stop - start), stop)  # keeps a short warmup off the axis
    clock_axis(first.xaxis, stop, max(1, min(9, int((width - 0.5) / columns * 2.5))), start=start)
    for row in range(rows):
        for column in range(columns):
            ax, index = axes[row, column], row * columns + column
            ax.tick_params(labelsize=letters(6.5), length=2, labelbottom=index + columns >= count > index)
    label = drawing.panels[0].label
    most = max(1, int(height * LETTERS_AN_INCH / letters(1)))
    parts = [label] if len(label) <= most else label.replace(", ", ",\n").splitlines()
    first.figure.supylabel(
        "\n".join(textwrap.fill(part, most) for part in parts), y=height / whole / 2, fontsize=letters(8)
    )
