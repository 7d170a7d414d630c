"""Curves as a picture: learning rates over epochs or steps, with what one schedule tells of itself.

Matplotlib's `Figure` and its canvases, never pyplot; under settings of our own, so that nobody's matplotlibrc
changes a picture; and with nothing in the file that changes from one run to the next.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from lrviz.curve import Curve
from lrviz.render.choice import check_clock, course_of_all, nothing_moves_momentum, title_of, titled_columns
from lrviz.render.outline import drawable
from lrviz.render.picture.axes import LINEAR, TICKS, Drawn, draw_momentum, draw_rates, second_clock
from lrviz.render.picture.below import legend_of, legend_rows, settle, stand_below, wrapped
from lrviz.render.picture.caption import caption_of
from lrviz.render.picture.grid import draw_grid
from lrviz.render.picture.labels import add_names, have_room, place_names
from lrviz.render.picture.marks import last_words, leave_room, tell, tell_failures
from lrviz.render.rows import columns_of
from lrviz.render.shown import Shown, momentum_name, shown_of
from lrviz.render.style import PALETTES, Look, Theme, Values, letters, settings
from lrviz.run import Clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

FORMATS = ("png", "svg", "pdf")

SIZES: dict[Theme, tuple[float, float]] = {"light": (7.2, 4.3), "dark": (7.2, 4.3), "paper": (5.5, 3.5)}
"""Width and height in inches, where nobody says otherwise; a paper's picture is as wide as its text."""

TITLE = 12.0
"""The letters of a title, in points."""

TITLED = 0.9
"""Inches that a picture has to be high for each line of its title."""

LEAST = 1.8
"""A picture that is lower has no legend."""

FULL = (4.2, 2.8)
"""A picture that is narrower or lower has no second clock and no caption."""

TWO_PANELS = 3.6
"""Inches; a picture that is lower has a panel of momentum only where somebody asks for it."""

PANEL = 0.32
"""The height of the panel of momentum, in parts of that of learning rates."""

MOST_OVERLAID = 8
"""More schedules than this are drawn as small multiples, unless somebody says otherwise."""


def render(curves: Sequence[Curve | Shown], format: str, look: Look | None = None) -> bytes:
    """The picture of some curves as the bytes of a PNG, SVG or PDF file; the same curves give the same bytes.

    Raises `ScheduleError` where a curve does not know the clock that `look` asks for, where nothing is above 0 on an
    axis that is to be logarithmic, or where the momentum that is asked for does not move.
    """
    look = look or Look()
    with settings(look):
        return save(draw(curves, look), format, look.dpi)


def save(figure: Figure, format: str, dpi: int) -> bytes:
    """A figure as the bytes of a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=format, dpi=dpi, metadata=_METADATA[format])
    data = buffer.getvalue()
    if format == "svg":
        for font, others in ELSEWHERE.items():
            data = data.replace(font, others)
    return data


ELSEWHERE = {
    b"'STIXGeneral', 'DejaVu Sans'": b"'STIXGeneral', 'STIX Two Text', 'Times New Roman', 'Liberation Serif', serif",
    b"'DejaVu Sans'": b"'DejaVu Sans', Verdana, sans-serif",
}
"""The fonts of an SVG, and those that stand in for them where a viewer has them not: letters as wide, or narrower."""

MADE_BY = "lrviz"
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": MADE_BY},
    "svg": {"Date": None, "Creator": MADE_BY},
    "pdf": {"CreationDate": None, "Creator": MADE_BY, "Producer": MADE_BY},
}
"""What the files say of themselves: who made them, and not when or with which version."""


def draw(curves: Sequence[Curve | Shown], look: Look) -> Figure:
    """The figure of some curves, laid out: small multiples, or one axes and perhaps one of momentum."""
    shown = shown_of(curves)
    bare = [each.curve for each in shown]
    if not bare:
        raise ValueError("there is no curve to draw")
    if look.x:
        check_clock(bare, look.x)
    if look.grid or (look.grid is None and len(shown) > MOST_OVERLAID):
        return draw_grid(shown, look)
    return _overlay(shown, look)


def _overlay(shown: Sequence[Shown], look: Look) -> Figure:
    """All curves on one axes, and those that move momentum on a second one below it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves, palette = [each.curve for each in shown], PALETTES[look.theme]
    names = [column.title for column in titled_columns(curves)]
    panels = _panels(shown, look)
    size = look.size or SIZES[look.theme]
    if look.size is None and len(panels) == 2:
        size = (size[0], size[1] * (1 + 0.8 * PANEL))
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    room = _room(figure, curves, len(panels))
    beside = len(shown) <= MOST_OVERLAID and have_room(names, figure, room)
    if not beside and look.size is None:
        figure.set_figheight(size[1] + 0.19 * max(0, legend_rows(names, figure) - 2))
    ticks = (max(3, min(TICKS[0], int(size[0] / letters(0.8)))), max(3, min(TICKS[1], int(room / letters(0.4)))))
    axes = list(
        figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=[1, PANEL][: len(panels)])[:, 0]
    )
    drawn = [
        draw_rates(ax, curves, look, palette, ticks)
        if panel == "lr"
        else draw_momentum(
            ax, curves, look, palette, momentum_name(shown), ticks if len(panels) == 1 else (ticks[0], 3)
        )
        for ax, panel in zip(axes, panels, strict=True)
    ]
    if not _small(size):
        second_clock(drawn[0], ticks[0])
    for ax in axes[:-1]:
        ax.set_xlabel("")
    _add_title(figure, axes[0], curves, look)
    _lay_out(figure, shown, drawn, look, beside, room)
    return figure


def _panels(shown: Sequence[Shown], look: Look) -> list[Literal["lr", "momentum"]]:
    """What the axes are of, from above. Raises `ScheduleError` where a momentum is asked for that does not move."""
    moves = any(each.curve.momentum_columns is not None for each in shown)
    if look.y in ("momentum", "both") and not moves:
        raise nothing_moves_momentum(look)
    if look.y == "momentum":
        return ["momentum"]
    low = look.size is not None and look.size[1] < TWO_PANELS
    if look.y == "both" or (look.y is None and moves and len(shown) == 1 and not look.plain and not low):
        return ["lr", "momentum"]
    return ["lr"]


def _small(size: tuple[float, float]) -> bool:
    """Whether a picture of so many inches has no room for a second clock and a caption."""
    return size[0] < FULL[0] or size[1] < FULL[1]


def _room(figure: Figure, curves: Sequence[Curve], panels: int) -> float:
    """About how many inches high the upper axes will be."""
    clocks = any(curve.run.steps_per_epoch for curve in curves) and not _small(tuple(figure.get_size_inches()))
    words = letters(1.25 + 0.3 * clocks)
    return max(0.5, (figure.get_figheight() - words) / (1 + PANEL if panels == 2 else 1))


def _lay_out(
    figure: Figure, shown: Sequence[Shown], drawn: Sequence[Drawn], look: Look, beside: bool, room: float
) -> None:
    """What stands around the lines, which the layout keeps room for; then, that being done, what is between them."""
    first, palette = drawn[0], PALETTES[look.theme]
    rates = first if first.rates else None
    alone = shown[0] if len(shown) == 1 and rates and not look.plain else None
    if alone is not None:
        course = course_of_all(alone, [column.group for column in first.columns])
        leave_room(first, alone, course, room)
    several = len(first.columns) > 1
    names, legend = [], None
    if beside and several:
        names = add_names(first, [column.title for column in first.columns])
    elif several and figure.get_figheight() > LEAST:
        legend = legend_of(first.lines, figure)
    elif alone is not None:
        names = add_names(first, [last_words(first)])
    bare = look.plain or _small(tuple(figure.get_size_inches()))
    caption = [] if bare else list(caption_of(shown, rates.scale if rates else LINEAR))
    stand_below(figure, palette, legend=legend, caption=caption)
    settle(figure)
    place_names(first, names)
    if alone is not None:
        tell(alone, course, first, [each.ax for each in drawn], palette)
    elif rates is not None and not look.plain:
        tell_failures(shown, rates, palette)


def _add_title(figure: Figure, ax: Axes, curves: Sequence[Curve], look: Look) -> None:
    title = title_of(curves, look)
    if title:
        room = figure.get_figwidth() - letters(0.9)  # right of the labels of the axis
        lines = wrapped(title, figure, TITLE, room, "bold").splitlines()
        most = max(1, int(figure.get_figheight() / TITLED))
        words = "\n".join(lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} ..."])
        ax.set_title(words, loc="left", pad=letters(10), parse_math=False)


# --- on axes of others ---------------------------------------------------------------------------------------


def plot(
    curves: Curve | Sequence[Curve],
    ax: Axes | None = None,
    *,
    log: bool | None = None,
    x: Clock | None = None,
    y: Values | None = None,
    theme: Theme = "light",
    plain: bool = False,
) -> Axes:
    """Draws curves and returns the axes: `ax` with lines and a legend, else those of a figure like `lrviz plot`'s.

    `x` is "epoch", "step" or "percent" (of the run); by default the first of them that all curves know. `log` is
    chosen by the curves where it is None, on a figure of their own. `y` is "lr", "relative" (to each curve's peak),
    and on a figure of their own "momentum" or "both". Raises `ScheduleError` where a curve does not know the clock
    asked for.
    """
    curves = [curves] if isinstance(curves, Curve) else list(curves)
    wrong = next((each for each in curves if not isinstance(each, Curve)), None)
    if wrong is not None:
        raise TypeError(f"a curve is what `simulate()` of a schedule gives (got {wrong!r})")
    if isinstance(ax, Curve):
        raise TypeError("several curves are a list: lrviz.plot([one, other])")
    if theme not in PALETTES:
        raise ValueError(f"theme is one of {', '.join(PALETTES)} (got {theme!r})")
    look = Look(log=log, x=x, y=y, theme=theme, plain=plain)
    if ax is None:
        with settings(look):
            return draw(curves, look).axes[0]
    draw_on(ax, curves, replace(look, log=bool(log)))
    if len(ax.lines) > 1:
        ax.legend()
    return ax


def draw_on(ax: Axes, curves: Sequence[Curve], look: Look) -> list[Line2D]:
    """The lines of some curves with axes that fit them, and nothing else."""
    if not curves:
        raise ValueError("there is no curve to draw")
    if look.y in ("momentum", "both"):
        raise ValueError(f"y is lr or relative on axes that are given (got {look.y!r})")
    if look.x:
        check_clock(curves, look.x)
    return draw_rates(ax, curves, look, PALETTES[look.theme]).lines


def not_drawn(curves: Sequence[Curve]) -> list[str]:
    """Which learning rates no picture can show, in words: the curve and the tick of the first."""
    import numpy as np

    words = []
    for column in columns_of(curves):
        (gaps,) = np.nonzero(np.isnan(drawable(column)))
        if gaps.size:
            first = int(gaps[0])
            value = column.curve.columns[column.group][first]
            words.append(f"{column.title} is {value:g} at {column.curve.run.interval} {first}, which cannot be drawn")
    return words
