"""Curves on one axes: their lines, told apart without colour, and axes that say what runs over what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrviz.curve import Curve
from lrviz.render.choice import common_clock, peak_of, spans_decades, titled_columns
from lrviz.render.outline import LARGEST, drawable, points
from lrviz.render.picture.axis import clock_axis, rate_axis
from lrviz.render.picture.log_axis import Scale, log_axis
from lrviz.render.rows import Column, steps_per_epoch_of
from lrviz.render.style import DASHES, Look, Palette, letters
from lrviz.run import Clock

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray


LINEAR = Scale()

TICKS = (9, 7)
"""How many ticks of the clock and of the rates have a label where there is room."""

FEW_GROUPS = 4
"""Up to so many param groups have a line style each; more are told apart by their shades and the order of names."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn on an axes: a line for each column, over `clock`.

    `scales` is what the values of each were divided by; `rates` says that they are learning rates.
    """

    ax: Axes
    clock: Clock
    columns: list[Column]
    lines: list[Line2D]
    scales: list[float]
    rates: bool = True
    scale: Scale = LINEAR


def draw_rates(
    ax: Axes, curves: Sequence[Curve], look: Look, palette: Palette, ticks: tuple[int, int] = TICKS
) -> Drawn:
    """The learning rates of some curves, or the fractions of each curve's peak, with axes that fit them.

    About so many `ticks` of each axis, the clock's and that of the rates, have a label.
    """
    columns = titled_columns(curves)
    scales = [peak_of(column.curve) or 1.0 if look.y == "relative" else 1.0 for column in columns]
    rates = [drawable(column) / scale for column, scale in zip(columns, scales, strict=True)]
    clock = look.x or common_clock(curves)
    lines = _lines(ax, columns, rates, clock, palette, ticks[0])
    ax.set_ylabel("learning rate, as a fraction of its peak" if look.y == "relative" else "learning rate")
    log = look.log if look.log is not None else not look.plain and spans_decades(rates)
    scale = Scale()
    if log:
        scale = Scale(True, look.log is None, log_axis(ax, rates, ticks[1]))
    else:
        _linear(ax, rates, ticks[1])
    return Drawn(ax, clock, columns, lines, scales, scale=scale)


def draw_momentum(
    ax: Axes, curves: Sequence[Curve], look: Look, palette: Palette, name: str, ticks: tuple[int, int]
) -> Drawn:
    """The momentum (or beta1: `name`) of those curves that move it; each in the colour of its learning rate.

    About so many `ticks` of each axis have a label.
    """
    import numpy as np

    columns = titled_columns(curves)
    moving = [column for column in columns if column.curve.momentum_columns is not None]
    values = []
    for column in moving:
        assert column.curve.momentum_columns is not None
        momentum = np.frombuffer(column.curve.momentum_columns[column.group])
        values.append(np.where(np.abs(momentum) <= LARGEST, momentum, np.nan))
    clock = look.x or common_clock(curves)
    lines = _lines(ax, columns, values, clock, palette, ticks[0], only=moving)
    ax.set_ylabel(name)
    rate_axis(ax.yaxis, max(float(np.nanmax(np.abs(each), initial=0.0)) for each in values), ticks[1])
    ax.margins(y=0.12)
    return Drawn(ax, clock, moving, lines, [1.0] * len(moving), rates=False)


# --- lines -------------------------------------------------------------------------------------------------


def _lines(
    ax: Axes,
    columns: Sequence[Column],
    values: Sequence[NDArray[np.float64]],
    clock: Clock,
    palette: Palette,
    ticks: int,
    only: Sequence[Column] | None = None,
) -> list[Line2D]:
    """A line for each of the columns (those of `only`, which have the `values`), and the axis that they run over."""
    shown = columns if only is None else only
    before = list(ax.lines)  # on axes that hold curves already, colours and length go on
    styles = dict(zip(map(id, columns), styles_of(columns, palette, len(before)), strict=True))
    many = len(before) + len(columns) > 1
    lines: list[Line2D] = []
    longest = ax.get_xlim()[1] if before else 0.0
    for column, each in zip(shown, values, strict=True):
        xs, ys = points(column.curve, each, clock)
        color, dashes = styles[id(column)]
        (line,) = ax.plot(
            xs,
            ys,
            color=color,
            linestyle=dashes,
            linewidth=letters(palette.width) * (1.25 if dashes == DASHES[0] and many else 1),
            solid_joinstyle="round",
            label=column.title,
            zorder=2 + len(lines) / 100,
        )
        lines.append(line)
        longest = max(longest, float(xs[-1]))
    ax.set_xlim(0, longest)
    ax.set_xlabel({"epoch": "epoch", "step": "optimizer step", "percent": "percent of the run"}[clock])
    clock_axis(ax.xaxis, longest, ticks)
    return lines


def second_clock(drawn: Drawn, ticks: int) -> None:
    """The other clock on top, where all curves agree how many steps an epoch has."""
    ax, x, longest = drawn.ax, drawn.clock, drawn.ax.get_xlim()[1]
    steps_per_epoch = steps_per_epoch_of([column.curve for column in drawn.columns])
    if not steps_per_epoch or x == "percent" or ax.child_axes:
        return
    scale = float(steps_per_epoch) if x == "epoch" else 1 / steps_per_epoch

    def to_other(at: Any) -> Any:
        return at * scale

    def back(at: Any) -> Any:
        return at / scale

    top = ax.secondary_xaxis("top", functions=(to_other, back))
    top.set_xlabel("optimizer step" if x == "epoch" else "epoch")
    clock_axis(top.xaxis, longest * scale, ticks, whole=x == "epoch")


def shades(groups: Sequence[Column], place: int, palette: Palette) -> list[str]:
    """The colours of the param groups of curve number `place`: the higher a peak, the stronger."""
    import numpy as np

    peaks = [float(np.nanmax(drawable(group), initial=0.0)) for group in groups]
    order = sorted(range(len(groups)), key=lambda index: (-peaks[index], index))
    family = palette.family(place, len(groups))
    return [family[order.index(index)] for index in range(len(groups))]


def styles_of(columns: Sequence[Column], palette: Palette, first: int) -> list[tuple[str, Any]]:
    """Colour and line style of each column: param groups are a family of one colour, and many have one style."""
    curves = list(dict.fromkeys(id(column.curve) for column in columns))
    styles: list[tuple[str, Any]] = []
    for place, of in enumerate(curves, first):
        groups = [column for column in columns if id(column.curve) == of]
        for index, color in enumerate(shades(groups, place, palette)):
            dashes = index if len(groups) <= FEW_GROUPS else 0
            styles.append((color, DASHES[(place + dashes) % len(DASHES)]))
    return styles


# --- axes --------------------------------------------------------------------------------------------------


def _linear(ax: Axes, rates: Sequence[NDArray[np.float64]], ticks: int) -> None:
    """The axis of learning rates, from 0 where none is below it."""
    import numpy as np

    finite = [values[np.isfinite(values)] for values in rates]
    largest = max((float(np.abs(values).max(initial=0.0)) for values in finite), default=0.0)
    rate_axis(ax.yaxis, largest, ticks)
    if min(float(values.min(initial=0.0)) for values in finite) >= 0:
        ax.set_ylim(bottom=-0.015 * ax.get_ylim()[1])  # so that a line at 0 is seen whole
