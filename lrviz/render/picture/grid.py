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
from numpy.typing import NDArray

from lrviz.render.drawing.panels import Beneath
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

RESTART_INCHES, RESTARTS_COLUMNS = (2.9, 1.75), 3
"""The size of a panel of restarts, which has many names, and the most columns of them."""

INCHES_A_NAME = 0.11
"""The height of each name of a panel after the first."""

NAME_LETTERS, TITLE_LETTERS = 7.2, 12.0
"""The font sizes of a name and of the title, in points."""

WIDTH, THIN = 1.3, 0.8
"""The widths of a line and of a plan beneath it, in points."""

LEAVES = 1
"""The number of the colour of what leaves its plan; what follows it has the first."""

LETTERS_AN_INCH = 15
"""The number of letters of an axis label that fit in an inch."""


def draw_grid(drawing: Drawing, look: Look) -> Figure:
    """The figure of small multiples: a panel for each curve, in order; param groups are lines in its panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    palette, panels = PALETTES[look.theme], drawing.panels
    restarts = any(panel.beneath is not None for panel in panels)
    rows, columns = shape_of_grid(len(panels), RESTARTS_COLUMNS if restarts else MOST_COLUMNS)
    width, height = RESTART_INCHES if restarts else PANEL_INCHES.get(columns, SMALL_PANEL_INCHES)
    lines = [panel.name.count("\n") for panel in panels]
    names = sum(max(lines[at : at + columns]) for at in range(0, len(lines), columns))
    size = look.size or (columns * width + 0.5, rows * height + names * INCHES_A_NAME + 0.45)
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


def shape_of_grid(count: int, most: int) -> tuple[int, int]:
    """Rows and columns for `count` panels: more columns than rows, but at most so many, and few empty places."""
    columns = min(count, most, math.ceil(math.sqrt(count * 1.6)))
    rows = -(-count // columns)
    return rows, -(-count // rows)


def _panel(ax: Axes, drawing: Drawing, index: int, inches: float, palette: Palette) -> None:
    """Draws a panel: the lines of a curve below its name, which is wrapped into lines of at most `inches`."""
    panel, shown = drawing.panels[index], drawing.shown[index]
    own = [drawing.columns[column] for column in panel.columns]
    shade = LEAVES if panel.beneath is not None and panel.beneath.leaves else 0
    for column, values, color in zip(panel.columns, panel.values, shades(own, shade, palette), strict=True):
        if panel.beneath is not None:
            values = _after(ax, drawing, column, values, panel.beneath, palette)
        ax.plot(*drawing.line(column, values), color=color, linewidth=WIDTH, solid_joinstyle="round")
    verdict = "" if drawing.plain else panel_verdict(shown, expects=drawing.expects)
    caption = ", ".join(filter(None, [*panel.words, verdict]))
    color = palette.fails if verdict.startswith(FAILS) else palette.quiet
    pad = 3.5 + letters(8) * len(caption.splitlines())
    figure: Any = ax.figure
    spacing = 1.0 if panel.beneath is None else 1.2
    name = "\n".join(folded_to(each, inches, letters(NAME_LETTERS), figure, "bold") for each in panel.name.split("\n"))
    ax.set_title(name, loc="left", fontsize=letters(NAME_LETTERS), pad=pad, linespacing=spacing, parse_math=False)
    place: Any = {"xy": (0, 1), "xycoords": "axes fraction", "xytext": (0, 2), "textcoords": "offset points"}
    ax.annotate(
        caption,
        **place,
        fontsize=letters(6.5),
        color=color,
        va="bottom",
    )


def _after(
    ax: Axes, drawing: Drawing, column: int, values: NDArray[np.float64], beneath: Beneath, palette: Palette
) -> NDArray[np.float64]:
    """The values after a restart. What was before it is drawn without colour, and the plan as a thin line."""
    ticks, quiet = np.arange(len(values)), palette.quiet
    first = not ax.lines
    before = np.where(ticks < beneath.tick, values, np.nan)
    ax.plot(*drawing.line(column, before), color=quiet, linewidth=WIDTH, solid_joinstyle="round")
    if first:
        for planned in beneath.values:
            ax.plot(*drawing.line(column, planned), color=palette.ink, linewidth=THIN, zorder=THIN)
        ax.axvline(beneath.seam, color=quiet, linewidth=THIN, linestyle=":", zorder=1)
    return np.where(ticks < beneath.tick, np.nan, values)


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
