"""Curves as a picture: one axes of learning rate over epochs or steps, every curve told apart without colour.

Matplotlib's `Figure` and its canvases, never pyplot; under settings of our own, so that nobody's matplotlibrc
changes a picture; and with nothing in the file that changes from one run to the next.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from lrviz.curve import Curve
from lrviz.render.axis import clock_axis, rate_axis
from lrviz.render.grid import draw_grid
from lrviz.render.log_axis import log_axis
from lrviz.render.outline import drawable, points
from lrviz.render.rows import Column, columns_of, require_clock, steps_per_epoch_of, without_clock
from lrviz.render.style import COLORS, DASHES, Clock, Look, settings

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray

FORMATS = ("png", "svg", "pdf")
SIZE = (7.2, 4.3)


def render(curves: Sequence[Curve], format: str, look: Look | None = None) -> bytes:
    """The picture of some curves as the bytes of a PNG, SVG or PDF file; the same curves give the same bytes.

    Raises `ScheduleError` where a curve does not know the clock that `look` asks for.
    """
    look = look or Look()
    with settings():
        return save(draw(curves, look), format, look.dpi)


def save(figure: Figure, format: str, dpi: int) -> bytes:
    """A figure as the bytes of a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=format, dpi=dpi, metadata=_METADATA[format])
    return buffer.getvalue()


MADE_BY = "lrviz"
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": MADE_BY},
    "svg": {"Date": None, "Creator": MADE_BY},
    "pdf": {"CreationDate": None, "Creator": MADE_BY, "Producer": MADE_BY},
}
"""What the files say of themselves: who made them, and not when or with which version."""


def draw(curves: Sequence[Curve], look: Look) -> Figure:
    """The figure of some curves: their lines, both clocks where there are two, and a legend outside of the axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if look.grid:
        if look.x:
            _check_clock(curves, look.x)
        return draw_grid(curves, look)
    labels = [column.title for column in _columns(curves)]
    width, height = look.size or SIZE
    rows = legend_rows(labels, width)
    if look.size is None:
        height += 0.19 * max(0, rows - 2)
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    lines = draw_on(ax, curves, look)
    title = look.title if look.title is not None else _title(curves)
    if title:
        ax.set_title(textwrap.fill(title, int(width / 0.115)), loc="left", pad=10, parse_math=False)
    if len(lines) > 1:
        legend_below(figure, lines, rows)
    return figure


def plot(curves: Curve | Sequence[Curve], ax: Axes | None = None, *, log: bool = False, x: Clock | None = None) -> Axes:
    """Draws curves on `ax` with a legend, or on a figure of their own, and returns the axes.

    `x` is "epoch", "step" or "percent" (of the run); by default the first of them that all curves know. Raises
    `ScheduleError` where a curve does not know the one asked for.
    """
    curves = [curves] if isinstance(curves, Curve) else list(curves)
    look = Look(log=log, x=x)
    if ax is None:
        with settings():
            return draw(curves, look).axes[0]
    draw_on(ax, curves, look)
    if len(ax.lines) > 1:
        ax.legend()
    return ax


def draw_on(ax: Axes, curves: Sequence[Curve], look: Look) -> list[Line2D]:
    """The lines of some curves with axes that fit them."""
    if not curves:
        raise ValueError("there is no curve to draw")
    x = look.x or _clock(curves)
    _check_clock(curves, x)
    columns = _columns(curves)
    rates = [drawable(column) for column in columns]
    drawn = [points(column.curve, values, x) for column, values in zip(columns, rates, strict=True)]
    first = len(ax.lines)  # on axes that hold curves already, colours and length go on
    lines = [
        _line(ax, column, xs, ys, index, first + len(columns))
        for index, (column, (xs, ys)) in enumerate(zip(columns, drawn, strict=True), first)
    ]
    longest = max([float(xs[-1]) for xs, _ in drawn] + ([ax.get_xlim()[1]] if first else []))
    ax.set_xlim(0, longest)
    ax.set_xlabel({"epoch": "epoch", "step": "optimizer step", "percent": "percent of the run"}[x])
    clock_axis(ax.xaxis, longest)
    _second_clock(ax, curves, x, longest)
    _rates(ax, rates, look.log)
    return lines


def _columns(curves: Sequence[Curve]) -> list[Column]:
    """The lines of a picture; param groups of a single schedule go by their own names, as nothing else is there."""
    columns = columns_of(curves)
    if len(curves) == 1 and len(columns) > 1:
        return [replace(column, title=curves[0].groups[column.group]) for column in columns]
    return columns


# --- lines -------------------------------------------------------------------------------------------------


def _line(ax: Axes, column: Column, xs: NDArray[np.float64], ys: NDArray[np.float64], index: int, count: int) -> Line2D:
    """A column's learning rate, level for as long as the optimizer holds it."""
    (line,) = ax.plot(
        xs,
        ys,
        color=COLORS[index % len(COLORS)],
        linestyle=DASHES[index % len(DASHES)],
        linewidth=2.4 if index % len(DASHES) == 0 and count > 1 else 1.9,
        solid_joinstyle="round",
        label=column.title,
        zorder=2 + index / 100,
    )
    return line


def not_drawn(curves: Sequence[Curve]) -> list[str]:
    """Which learning rates no picture can show, in words: the curve and the tick of the first."""
    import numpy as np

    words = []
    for column in columns_of(curves):
        (gaps,) = np.nonzero(np.isnan(drawable(column)))
        if gaps.size:
            first = int(gaps[0])
            value = column.curve.columns[column.group][first]
            words.append(f"{column.title} is {value:g} at {column.curve.interval} {first}, which cannot be drawn")
    return words


# --- axes and legend ---------------------------------------------------------------------------------------


def _clock(curves: Sequence[Curve]) -> Clock:
    """Epochs where all curves know them, else steps, else parts of the run."""
    if not without_clock(curves, "epoch"):
        return "epoch"
    return "percent" if without_clock(curves, "step") else "step"


def _check_clock(curves: Sequence[Curve], x: Clock) -> None:
    if x not in get_args(Clock):
        raise ValueError(f"x is one of {', '.join(get_args(Clock))} (got {x!r})")
    if x != "percent":
        require_clock(curves, x, f"a picture over {x}s", "use --x percent")


def _rates(ax: Axes, rates: Sequence[NDArray[np.float64]], log: bool) -> None:
    """The axis of learning rates, from 0 where none is below it."""
    import numpy as np

    ax.set_ylabel("learning rate")
    if log:
        log_axis(ax, rates)
        return
    finite = [values[np.isfinite(values)] for values in rates]
    rate_axis(ax.yaxis, max((float(np.abs(values).max(initial=0.0)) for values in finite), default=0.0))
    if min(float(values.min(initial=0.0)) for values in finite) >= 0:
        ax.set_ylim(bottom=-0.015 * ax.get_ylim()[1])  # so that a line at 0 is seen whole


def _second_clock(ax: Axes, curves: Sequence[Curve], x: Clock, longest: float) -> None:
    """The other clock on top, where all curves agree how many steps an epoch has."""
    steps_per_epoch = steps_per_epoch_of(curves)
    if not steps_per_epoch or x == "percent" or ax.child_axes:
        return
    scale = float(steps_per_epoch) if x == "epoch" else 1 / steps_per_epoch

    def to_other(at: Any) -> Any:
        return at * scale

    def back(at: Any) -> Any:
        return at / scale

    top = ax.secondary_xaxis("top", functions=(to_other, back))
    top.set_xlabel("optimizer step" if x == "epoch" else "epoch")
    clock_axis(top.xaxis, longest * scale, whole=x == "epoch")


def _title(curves: Sequence[Curve]) -> str:
    titles = {curve.title for curve in curves}
    title = titles.pop() if len(titles) == 1 else None
    return title or (curves[0].name if len(curves) == 1 else "")


def legend_rows(labels: Sequence[str], width: float) -> int:
    """How many rows a legend takes whose columns are as wide as its longest label."""
    longest = min(max(map(len, labels), default=0), int((width - 1) / 0.075))
    columns = max(1, int(width / (0.75 + 0.075 * longest)))
    return -(-len(labels) // columns)


def legend_below(figure: Figure, lines: Sequence[Line2D], rows: int) -> None:
    """Below the axes, so that it hides nothing; it reads row by row in the order of the files."""
    columns = -(-len(lines) // rows)
    by_column = [line for first in range(columns) for line in lines[first::columns]]  # matplotlib fills columns
    legend = figure.legend(handles=by_column, loc="outside lower center", ncols=columns, fontsize=9)
    for text in legend.get_texts():
        text.set_parse_math(False)
        text.set_text(textwrap.fill(text.get_text(), int((figure.get_figwidth() - 1) / 0.075)))
