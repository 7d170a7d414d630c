"""The lines of a panel on matplotlib axes, and the limits, ticks and labels of these axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lrviz.render.drawing.clock import CLOCK_LABELS
from lrviz.render.drawing.names import Key
from lrviz.render.drawing.panels import Panel, largest_of
from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.styles import FINE, styles_on
from lrviz.render.picture.axis import clock_axis, rate_axis
from lrviz.render.picture.log_axis import log_axis
from lrviz.render.picture.logged import draw_logged
from lrviz.render.style import DASHES, Palette, letters
from lrviz.run import Clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

TICKS = (9, 7)
"""The number of labelled ticks of the clock and of the rates if there is room."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel on its axes, with a line for each of its columns.

    `linear_below` is the learning rate below which a logarithmic axis is linear; None if it is fully logarithmic.
    `logged` are the points of what real runs logged.
    """

    ax: Axes
    drawing: Drawing
    panel: Panel
    lines: list[Line2D]
    linear_below: float | None = None
    logged: Sequence[Line2D] = ()

    @property
    def keys(self) -> list[Key]:
        """The names of the lines."""
        return self.drawing.keys(self.panel)


def draw_panel(
    ax: Axes, drawing: Drawing, panel: Panel, palette: Palette, ticks: tuple[int, int] | None = TICKS
) -> Drawn:
    """Draws the lines of a panel, with axes that fit them.

    `ticks` are the approximate numbers of labelled ticks on the axis of time and on the axis of values; None leaves
    the ticks of both as they are.
    """
    lines = _lines(ax, drawing, panel, palette)
    logged = draw_logged(ax, drawing, palette) if panel.kind == "lr" else []
    if ticks is not None:
        start, stop = ax.get_xlim()
        clock_axis(ax.xaxis, stop, ticks[0], start=start)
    ax.set_ylabel(panel.label)
    linear_below, rows = None, None if ticks is None else ticks[1]
    if panel.log:
        linear_below = log_axis(ax, drawing.heights(panel), rows)
    else:
        _linear(ax, drawing.heights(panel), rows, rates=panel.kind == "lr")
    return Drawn(ax, drawing, panel, lines, linear_below, logged)


# --- lines -------------------------------------------------------------------------------------------------


def _lines(ax: Axes, drawing: Drawing, panel: Panel, palette: Palette) -> list[Line2D]:
    """Draws a line for each column of a panel, and the axis of time."""
    before = list(ax.lines)  # on axes with curves already, colours and length continue from theirs
    styles = styles_on(panel, drawing.columns, palette, len(before))
    many = len(before) + len(drawing.columns) > 1 and panel.kind != "metric"
    crowded = drawing.crowded
    lines: list[Line2D] = []
    start, stop = drawing.extent
    if before:
        start, stop = min(start, max(0.0, ax.get_xlim()[0])), max(stop, ax.get_xlim()[1])
    for index, values, (color, dashes) in zip(panel.columns, panel.values, styles, strict=True):
        column = drawing.columns[index]
        xs, ys = drawing.line(index, values)
        (line,) = ax.plot(
            xs,
            ys,
            color=color,
            linestyle=dashes,
            linewidth=letters(palette.width) * (FINE if crowded else 1.25 if dashes == DASHES[0] and many else 1),
            solid_joinstyle="round",
            label=column.title,
            zorder=2 + len(lines) / 100,
        )
        lines.append(line)
    if not drawing.parts.of:  # where its line ends, to the last bit: rounding decides on the ticks
        stop = max([stop, *(float(np.asarray(line.get_xdata())[-1]) for line in lines)])
    ax.set_xlim(start, stop)
    ax.set_xlabel(drawing.clock_label)
    return lines


def second_clock(drawn: Drawn, ticks: int) -> None:
    """Adds the other clock on top if all curves have the same number of steps per epoch."""
    clock, steps_per_epoch = drawn.drawing.clock, drawn.drawing.steps_per_epoch
    if steps_per_epoch and clock in ("epoch", "step") and not drawn.ax.child_axes:
        add_clock(drawn.ax, clock, steps_per_epoch, ticks)


def add_clock(ax: Axes, clock: Clock, steps_per_epoch: int, ticks: int) -> None:
    """Adds steps on top of an axis of epochs, or epochs on top of one of steps."""
    (start, stop), scale = ax.get_xlim(), float(steps_per_epoch) if clock == "epoch" else 1 / steps_per_epoch

    def to_other(at: Any) -> Any:
        return at * scale

    def back(at: Any) -> Any:
        return at / scale

    top = ax.secondary_xaxis("top", functions=(to_other, back))
    top.set_xlabel(CLOCK_LABELS["step" if clock == "epoch" else "epoch"])
    clock_axis(top.xaxis, stop * scale, ticks, whole=clock == "epoch", start=start * scale)


# --- axes --------------------------------------------------------------------------------------------------


def _linear(ax: Axes, values: Sequence[NDArray[np.float64]], ticks: int | None, *, rates: bool) -> None:
    """Sets a linear axis: of learning rates from 0 if none is negative, of other values with a little margin."""
    if ticks is not None:
        rate_axis(ax.yaxis, largest_of(values), ticks)
    if not rates:
        ax.margins(y=0.12)
    elif ax.get_yscale() == "linear" and min(float(each[np.isfinite(each)].min(initial=0.0)) for each in values) >= 0:
        ax.set_ylim(bottom=-0.015 * ax.get_ylim()[1])  # so that a line at 0 has its full width
