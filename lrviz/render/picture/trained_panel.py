"""The lines of trainings on matplotlib axes, and the axes of their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lrviz.render.drawing.panels import largest_of
from lrviz.render.drawing.styles import DASHED_GROUPS
from lrviz.render.drawing.trained import MOST_WITH_BATCHES, Stop, TrainedDrawing, TrainedPanel
from lrviz.render.drawing.trained_lines import LineRole, TrainedLine
from lrviz.render.picture.axes import TICKS
from lrviz.render.picture.axis import log_rate_axis, rate_axis
from lrviz.render.picture.log_axis import log_axis
from lrviz.render.picture.room import width_of
from lrviz.render.style import DASHES, LETTERS, Palette, letters
from lrviz.words import axis_notation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

WIDTHS: dict[LineRole, float] = {"mean": 1.0, "seed": 0.55, "batches": 0.45, "exact": 0.5}
OPACITIES: dict[LineRole, float] = {"mean": 1.0, "seed": 0.85, "batches": 0.55, "exact": 1.0}
"""The width of each kind of line as a fraction of the usual one, and its opacity."""

BANDS = (0.18, 0.09)
"""The opacity of the band of the seeds: of a few schedules, and of more than `MOST_WITH_BATCHES`."""

BENEATH, FINER = 0.3, 0.75
"""In the panel of only one schedule, the opacity of the losses of others, and the width of its own lines as a fraction
of the usual one."""

FEWEST_TICKS, INCHES_A_TICK = 2, 0.32
"""The least number of labelled ticks of an axis of values, and the height that each needs, in inches."""


def trained_style(palette: Palette, index: int, line: int = 0, lines: int = 1) -> tuple[str, Any]:
    """The colour and dashes of a schedule, or of one of its different learning rates."""
    colors = palette.family(index, lines)
    return colors[line], DASHES[(index + (line if lines <= DASHED_GROUPS else 0)) % len(DASHES)]


def draw_trained(
    ax: Axes, drawing: TrainedDrawing, panel: TrainedPanel, palette: Palette, inches: float, only: int | None = None
) -> list[Line2D]:
    """Draws the lines of a panel that is about so high, with its axis of values.

    If it is the panel of `only` one schedule of many, the losses of the others are pale beneath its own.
    """
    if only is None:
        lines = [_line(ax, line, palette, len(drawing.trained)) for line in panel.lines]
    else:
        if panel.kind == "loss":
            _beneath(ax, [line for line in panel.lines if line.schedule != only and line.role == "mean"], palette)
        own = [line for line in panel.lines if line.schedule == only]
        lines = [_line(ax, replace(line, schedule=0), palette, 1, FINER) for line in own]
    ticks = max(FEWEST_TICKS, min(TICKS[1], int(inches / letters(INCHES_A_TICK))))
    _label(ax, panel.label, inches)
    if panel.kind == "lr" and panel.log:
        log_axis(ax, panel.values, ticks)
    elif panel.log and panel.limits is not None:
        ax.set_yscale("log")
        log_rate_axis(ax.yaxis, *panel.limits, ticks, axis_notation(panel.limits[1], log=True))
    else:
        rate_axis(ax.yaxis, largest_of(panel.values) if panel.limits is None else panel.limits[1], ticks)
    if panel.limits is not None:
        ax.set_ylim(*panel.limits)
    elif not panel.log:
        _from_zero(ax, panel)
    if panel.kind == "loss":
        for stop in drawing.stops:
            if only in (None, stop.schedule):
                _mark_stop(ax, stop, palette, small=only is not None)
    return lines


def _label(ax: Axes, label: str, inches: float) -> None:
    """The label of an axis that is about so high: on two lines, or in smaller letters, where it has to be."""
    figure: Any = ax.figure
    if width_of(label, letters(LETTERS), figure) > inches:
        label = label.replace("learning ", "learning\n")
    widest = max(width_of(line, letters(LETTERS), figure) for line in label.splitlines())
    ax.set_ylabel(label, fontsize=letters(LETTERS) * min(1.0, inches / widest), parse_math=False)


def _beneath(ax: Axes, lines: Sequence[TrainedLine], palette: Palette) -> None:
    from matplotlib.collections import LineCollection

    ax.add_collection(  # one artist, since every one of many panels has the lines of all others
        LineCollection(
            [np.column_stack([line.x, line.y]) for line in lines],
            colors=palette.quiet, alpha=BENEATH, linewidths=letters(0.7), capstyle="projecting", zorder=1.5,
            label="_other",
        ),
        autolim=False,
    )  # fmt: skip


def _line(ax: Axes, line: TrainedLine, palette: Palette, count: int, width: float = 1.0) -> Line2D:
    """A line of one of `count` schedules, with its band; `width` is a fraction of the usual one."""
    color, dashes = trained_style(palette, line.schedule, line.group, line.groups)
    if line.role in ("batches", "exact"):
        dashes = DASHES[0]
    width *= WIDTHS[line.role] * (1.25 if dashes == DASHES[0] and count > 1 and line.role == "mean" else 1)
    order = 2 + line.schedule / 100
    (drawn,) = ax.plot(
        line.x,
        line.y,
        color=color,
        linestyle=dashes,
        linewidth=letters(palette.width) * width,
        alpha=OPACITIES[line.role],
        solid_joinstyle="round",
        zorder=order - (line.role == "batches") / 2,
    )
    if line.low is not None and line.high is not None:
        opacity = BANDS[count > MOST_WITH_BATCHES]
        ax.fill_between(line.x, line.low, line.high, color=color, alpha=opacity, linewidth=0, zorder=order - 0.7)
    return drawn


def _from_zero(ax: Axes, panel: TrainedPanel) -> None:
    """A linear axis: of learning rates from 0 if none is negative, of momentum with a little margin."""
    if panel.kind != "lr":
        ax.margins(y=0.12)
    elif all((values >= 0).all() for values in panel.values):
        highest = largest_of(panel.values) or 1.0
        ax.set_ylim(-0.03 * highest, 1.06 * highest)


def _mark_stop(ax: Axes, stop: Stop, palette: Palette, *, small: bool) -> None:
    """A cross at the upper edge; a `small` one of a panel of its own is below it, off the words there."""
    ax.plot(
        stop.x,
        0.95 if small else 1.0,
        "x",
        transform=ax.get_xaxis_transform(),
        color=trained_style(palette, 0 if small else stop.schedule)[0],
        markersize=letters(5 if small else 7),
        markeredgewidth=letters(1.5 if small else 2),
        zorder=5,
        clip_on=False,
        label="_diverged",
    )
