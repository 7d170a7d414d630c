"""Small multiples: a panel for each curve, so that shapes can be compared where lines in one picture cannot.

The panels share their axes, linear or logarithmic. Learning rates of one size are drawn as they are; else each panel
shows parts of its own peak, and says what that is. In the same way a run is drawn in epochs or steps, or in percent of
its own length. No panel leaves out a param group: one with a peak far above the others is seen with them below it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrviz.curve import Curve
from lrviz.render.choice import (
    ALIKE_RATES,
    alike,
    no_momentum_in_panels,
    panels_clock,
    peak_of,
    spans_decades,
    title_of,
)
from lrviz.render.outline import drawable, points
from lrviz.render.picture.axes import shades
from lrviz.render.picture.axis import clock_axis, rate_axis
from lrviz.render.picture.below import settle, stand_below, wrapped
from lrviz.render.picture.caption import caption_of
from lrviz.render.picture.log_axis import Scale, log_axis
from lrviz.render.picture.room import folded_to
from lrviz.render.rows import columns_of
from lrviz.render.shown import Shown
from lrviz.render.style import PALETTES, Look, Palette, letters
from lrviz.run import Clock
from lrviz.words import short_rate

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

PANELS = {1: (5.2, 3.2), 2: (3.2, 2.3), 3: (2.2, 1.65)}
"""Inches of a panel with its words, by the number of columns: few are larger, so that they fill a picture."""

PANEL = (1.65, 1.3)
"""The same where columns are many."""

MOST_COLUMNS = 6

NAME, TITLE = 7.2, 12.0
"""The letters of a name and of the title, in points."""

LABEL_LETTERS = 15
"""Letters of an axis' label that fit in an inch."""


def draw_grid(shown: Sequence[Shown], look: Look) -> Figure:
    """The figure of some curves, a panel each, in their order; param groups are lines of one panel.

    Raises `ScheduleError` where momentum is asked for, or where a logarithmic axis has nothing above 0 to show.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if look.y in ("momentum", "both"):
        raise no_momentum_in_panels()
    curves, palette = [each.curve for each in shown], PALETTES[look.theme]
    rows, columns = _shape(len(curves))
    width, height = PANELS.get(columns, PANEL)
    size = look.size or (columns * width + 0.5, rows * height + 0.45)
    figure = Figure(figsize=size)
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.02)
    FigureCanvasAgg(figure)
    title = title_of(curves, look) if len(curves) > 1 else look.title or ""
    title = wrapped(title, figure, TITLE, size[0] - 0.2, "bold") if title else ""
    above = 0.15 + 0.2 * len(title.splitlines()) if title else 0.0
    if look.size is None:
        size = (size[0], size[1] + above)
        figure.set_size_inches(*size)
    x = look.x or panels_clock(curves)
    relative = look.y == "relative" or (look.y is None and not alike([peak_of(curve) for curve in curves], ALIKE_RATES))
    each_rates = [_rates(curve, relative) for curve in curves]
    rates = [values for own in each_rates for values in own]
    chosen = look.log is None and not look.plain and 2 * sum(map(spans_decades, each_rates)) > len(curves)
    log = bool(look.log) or chosen
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for index, ax in enumerate(axes.flat):
        if index < len(curves):
            _panel(ax, shown[index], x, relative, (size[0] - 0.5) / columns - 0.1, palette)
        else:
            ax.set_axis_off()
    scale = _scale(axes[0, 0], rates, log, chosen, 1.0 if relative else max(map(peak_of, curves)), size[1] - above)
    _label(axes, curves, x, relative, max(0.1, size[1] - above))
    caption = [] if look.plain else list(caption_of(shown, scale))
    clock = {"epoch": "epoch", "step": "optimizer step", "percent": "percent of the run"}[x]
    stand_below(figure, palette, label=clock, caption=caption)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=letters(TITLE), fontweight="bold", parse_math=False)
    settle(figure)
    return figure


def _shape(count: int) -> tuple[int, int]:
    """Rows and columns for so many panels: wider than high, and as few places left empty as the rows allow."""
    columns = min(count, MOST_COLUMNS, math.ceil(math.sqrt(count * 1.6)))
    rows = -(-count // columns)
    return rows, -(-count // rows)


def _rates(curve: Curve, relative: bool) -> list[NDArray[np.float64]]:
    """What a panel shows of each param group, ticks long."""
    scale = peak_of(curve) if relative else 1.0
    return [drawable(column) / (scale or 1.0) for column in columns_of([curve])]


def _panel(ax: Axes, shown: Shown, x: Clock, relative: bool, inches: float, palette: Palette) -> None:
    """The lines of a curve below its name, which has lines of so many inches."""
    curve = shown.curve
    rates = _rates(curve, relative)
    for values, color in zip(rates, shades(columns_of([curve]), 0, palette), strict=True):
        ax.plot(*points(curve, values, x), color=color, linewidth=1.3, solid_joinstyle="round")
    failing = [each for each in shown.expected if not each.holds]
    caption = ", ".join(filter(None, [_caption(curve, x, relative), "✗ not as expected" if failing else ""]))
    pad = 3.5 + 8 * len(caption.splitlines())
    figure: Any = ax.figure
    name = folded_to(curve.name, inches, NAME, figure, "bold")
    ax.set_title(name, loc="left", fontsize=NAME, pad=pad, linespacing=1.0, parse_math=False)
    place: Any = {"xy": (0, 1), "xycoords": "axes fraction", "xytext": (0, 2), "textcoords": "offset points"}
    ax.annotate(caption, **place, fontsize=6.5, color=palette.fails if failing else palette.quiet, va="bottom")


def _caption(curve: Curve, x: Clock, relative: bool) -> str:
    """What the shared axes do not say: the peak, and the length."""
    parts = [f"peak {short_rate(peak_of(curve))}"] if relative else []
    if x == "percent":
        steps = curve.run.total_steps if curve.run.interval == "step" or curve.run.total_epochs is None else None
        parts.append(f"{_count(steps)} steps" if steps is not None else f"{_count(curve.run.total_epochs or 0)} epochs")
    return ", ".join(parts)


def _count(number: int) -> str:
    """A length in few letters: 90, 95.4k, 1.91M."""
    for size, letter in ((1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{number:,}"


def _scale(
    first: Axes, rates: Sequence[NDArray[np.float64]], log: bool, chosen: bool, largest: float, height: float
) -> Scale:
    """The axis of learning rates that all panels share, with as many ticks as their height has room for."""
    rows = first.get_subplotspec().get_gridspec().nrows  # type: ignore[union-attr]
    ticks = max(2, min(7, int(height / rows * 2.4)))
    if log:
        return Scale(True, chosen, log_axis(first, rates, ticks))
    bottom, top = first.get_ylim()
    first.set_ylim(-0.03 * largest if bottom >= -0.05 * (top or 1.0) else bottom, 1.05 * largest if largest else top)
    rate_axis(first.yaxis, largest, ticks)
    return Scale()


def _label(axes: Any, curves: Sequence[Curve], x: Clock, relative: bool, height: float) -> None:
    """Ticks and words at the left and at the bottom only; the last panel of a column has nothing below it.

    `height` is that of the picture without its title.
    """
    rows, columns = axes.shape
    first = axes[0, 0]
    width, whole = first.figure.get_size_inches()
    lengths = {
        "epoch": [curve.run.total_epochs for curve in curves],
        "step": [curve.run.total_steps for curve in curves],
    }
    longest = float(max(length or 0 for length in lengths.get(x, [100])))
    first.set_xlim(-0.02 * longest, longest)  # so that a short warmup is seen beside the axis
    clock_axis(first.xaxis, longest, max(1, min(9, int((width - 0.5) / columns * 2.5))))
    for row in range(rows):
        for column in range(columns):
            ax, index = axes[row, column], row * columns + column
            ax.tick_params(labelsize=6.5, length=2, labelbottom=index + columns >= len(curves) > index)
    parts = ["learning rate,", "as a fraction of its peak"] if relative else ["learning rate"]
    letters = max(1, int(height * LABEL_LETTERS))
    if len(" ".join(parts)) <= letters:
        parts = [" ".join(parts)]
    label = "\n".join(textwrap.fill(part, letters) for part in parts)
    first.figure.supylabel(label, y=height / whole / 2, fontsize=8)
