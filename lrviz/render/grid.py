"""Small multiples: a panel for each curve, so that shapes can be compared where lines in one picture cannot.

The panels share their axes, linear or logarithmic. Learning rates of one size are drawn as they are; else each panel
shows parts of its own peak, and says what that is. In the same way a run is drawn in epochs or steps, or in percent of
its own length. No panel leaves out a param group: one with a peak far above the others is seen with them below it.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from lrviz.curve import Curve
from lrviz.render.axis import clock_axis, power_of_ten, rate_axis
from lrviz.render.log_axis import log_axis
from lrviz.render.outline import drawable, points
from lrviz.render.rows import columns_of, without_clock
from lrviz.render.style import COLORS, Clock, Look

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

PANELS = {1: (5.2, 3.2), 2: (3.2, 2.3), 3: (2.2, 1.65)}
"""Inches of a panel with its words, by the number of columns: few are larger, so that they fill a picture."""

PANEL = (1.65, 1.3)
"""The same where columns are many."""

ALIKE_RATES = 4
"""Peaks share an axis where the largest is at most so many times the smallest: below a quarter, shapes are flat."""

ALIKE_LENGTHS = 8
"""The same of lengths; a short run is narrow, and its shape still seen."""

MOST_COLUMNS = 6

NAME_LETTERS = 15.5
"""Letters of a name that fit in an inch."""

LABEL_LETTERS = 15
"""Letters of an axis' label that fit in an inch."""

TITLE_LETTERS = 8.5
"""Letters of the title that fit in an inch."""


def draw_grid(curves: Sequence[Curve], look: Look) -> Figure:
    """The figure of some curves, a panel each, in their order; param groups are lines of one panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = _shape(len(curves))
    width, height = PANELS.get(columns, PANEL)
    size = look.size or (columns * width + 0.5, rows * height + 0.45)
    title = textwrap.fill(look.title or "", max(1, int(size[0] * TITLE_LETTERS)))
    above = 0.15 + 0.2 * len(title.splitlines()) if title else 0.0
    if look.size is None:
        size = (size[0], size[1] + above)
    figure = Figure(figsize=size)
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.02)
    FigureCanvasAgg(figure)
    x, relative = look.x or _clock(curves), not _alike([_peak(curve) for curve in curves], ALIKE_RATES)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for index, ax in enumerate(axes.flat):
        if index < len(curves):
            _panel(ax, curves[index], x, relative, look.log, max(1, int((size[0] - 0.5) / columns * NAME_LETTERS)))
        else:
            ax.set_axis_off()
    _label(axes, curves, x, relative, look.log, max(0.1, size[1] - above))
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", parse_math=False)
    return figure


def _shape(count: int) -> tuple[int, int]:
    """Rows and columns for so many panels: wider than high, and as few places left empty as the rows allow."""
    columns = min(count, MOST_COLUMNS, math.ceil(math.sqrt(count * 1.6)))
    rows = -(-count // columns)
    return rows, -(-count // rows)


def _clock(curves: Sequence[Curve]) -> Clock:
    """Epochs or steps where all know them and are of one length, or nearly; else percent of the run."""
    clocks: tuple[Literal["epoch", "step"], ...] = ("epoch", "step")
    for clock in clocks:
        lengths = [curve.epoch_count if clock == "epoch" else curve.step_count for curve in curves]
        if not without_clock(curves, clock) and _alike([float(length or 0) for length in lengths], ALIKE_LENGTHS):
            return clock
    return "percent"


def _peak(curve: Curve) -> float:
    """The largest learning rate of any group; 0 where none is above it."""
    import numpy as np

    return max(float(np.nanmax(drawable(column), initial=0.0)) for column in columns_of([curve]))


def _alike(values: Sequence[float], times: float) -> bool:
    return max(values, default=0.0) <= times * min(values, default=0.0)


def _rates(curve: Curve, relative: bool) -> list[NDArray[np.float64]]:
    """What a panel shows of each param group, ticks long."""
    scale = _peak(curve) if relative else 1.0
    return [drawable(column) / (scale or 1.0) for column in columns_of([curve])]


def _panel(ax: Axes, curve: Curve, x: Clock, relative: bool, log: bool, widest: int) -> None:
    """The lines of a curve below its name, which has lines of `widest` letters."""
    rates = _rates(curve, relative)
    for index, values in enumerate(rates):
        share = index / max(1, len(rates) - 1)
        ax.plot(
            *points(curve, values, x),
            color=COLORS[0],
            alpha=1.0 if len(rates) == 1 else 0.5 + 0.5 * share,
            linewidth=1.3,
            solid_joinstyle="round",
        )
    caption = _caption(curve, x, relative)
    if log:
        caption = "\n".join(filter(None, [caption, _not_on_log(rates)]))
    pad = 3.5 + 8 * len(caption.splitlines())
    ax.set_title(_wrapped(curve.name, widest), loc="left", fontsize=7.2, pad=pad, linespacing=1.0, parse_math=False)
    place: Any = {"xy": (0, 1), "xycoords": "axes fraction", "xytext": (0, 2), "textcoords": "offset points"}
    ax.annotate(caption, **place, fontsize=6.5, color="0.35", va="bottom")


def _wrapped(name: str, widest: int) -> str:
    """A name in lines of a panel's width, broken behind what separates its parts."""
    lines = [""]
    for part in re.findall(r"[^_\-/:. ]*[_\-/:. ]?", name):
        for piece in textwrap.wrap(part, widest) if len(part) > widest else [part]:
            if len(lines[-1]) + len(piece.rstrip()) > widest:
                lines.append("")
            lines[-1] += piece
    return "\n".join(lines)


def _caption(curve: Curve, x: Clock, relative: bool) -> str:
    """What the shared axes do not say: the peak, and the length."""
    parts = [f"peak {_short(_peak(curve))}"] if relative else []
    if x == "percent":
        steps = curve.step_count if curve.interval == "step" or curve.epoch_count is None else None
        parts.append(f"{_count(steps)} steps" if steps is not None else f"{_count(curve.epoch_count or 0)} epochs")
    return ", ".join(parts)


def _not_on_log(rates: Sequence[NDArray[np.float64]]) -> str:
    """Which of a panel's lines a logarithmic axis cannot show anything of."""
    count = sum(not (values > 0).any() for values in rates)
    if count == len(rates):
        return "nothing above 0"
    return f"{count} of {len(rates)} groups not above 0" if count else ""


def _short(rate: float) -> str:
    """A learning rate in few letters: 0.1, 6e-4."""
    return f"{rate:.3g}" if rate >= 1e-3 or rate == 0 else power_of_ten(float(f"{rate:.3g}"))


def _count(number: int) -> str:
    """A length in few letters: 90, 95.4k, 1.91M."""
    for size, letter in ((1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{number:,}"


def _label(axes: Any, curves: Sequence[Curve], x: Clock, relative: bool, log: bool, height: float) -> None:
    """Ticks and words at the left and at the bottom only; the last panel of a column has nothing below it.

    `height` is that of the picture without its title.
    """
    rows, columns = axes.shape
    first = axes[0, 0]
    width, whole = first.figure.get_size_inches()
    lengths = {"epoch": [curve.epoch_count for curve in curves], "step": [curve.step_count for curve in curves]}
    longest = float(max(length or 0 for length in lengths.get(x, [100])))
    first.set_xlim(-0.02 * longest, longest)  # so that a short warmup is seen beside the axis
    clock_axis(first.xaxis, longest)
    first.xaxis.get_major_locator().set_params(nbins=max(1, min(9, int((width - 0.5) / columns * 2.5))))
    ticks = max(2, min(7, int(height / rows * 2.4)))
    if log:
        _logarithmic(first, [values for curve in curves for values in _rates(curve, relative)], ticks)
    else:
        _linear(first, 1.0 if relative else max(map(_peak, curves)), ticks)
    for row in range(rows):
        for column in range(columns):
            ax, index = axes[row, column], row * columns + column
            ax.tick_params(labelsize=6.5, length=2, labelbottom=index + columns >= len(curves) > index)
    words = {"epoch": "epoch", "step": "optimizer step", "percent": "percent of the run"}[x]
    first.figure.supxlabel(words, fontsize=8, color="0.15")
    parts = ["learning rate,", "as a part of its peak"] if relative else ["learning rate"]
    letters = max(1, int(height * LABEL_LETTERS))
    if len(" ".join(parts)) <= letters:
        parts = [" ".join(parts)]
    label = "\n".join(textwrap.fill(part, letters) for part in parts)
    first.figure.supylabel(label, y=height / whole / 2, fontsize=8, color="0.15")


def _linear(first: Any, largest: float, ticks: int) -> None:
    """The axis of learning rates, from 0 where none is below it."""
    bottom, top = first.get_ylim()
    first.set_ylim(-0.03 * largest if bottom >= -0.05 * (top or 1.0) else bottom, 1.05 * largest if largest else top)
    rate_axis(first.yaxis, largest)
    first.yaxis.get_major_locator().set_params(nbins=ticks)


def _logarithmic(first: Axes, rates: Sequence[NDArray[np.float64]], ticks: int) -> None:
    """The same axis where it is logarithmic, with a label for every decade, or for every so many."""
    from matplotlib.ticker import LogLocator

    log_axis(first, rates)
    low, high = first.get_ylim()
    every = math.ceil(math.log10(high / low) / (ticks + 1))
    if every > 1:
        first.yaxis.set_major_locator(LogLocator(10.0**every, numticks=20))
        first.yaxis.set_minor_locator(LogLocator(numticks=200))
