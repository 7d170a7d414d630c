"""Curves as a picture: learning rates over epochs or steps, with the marks of a single schedule.

It uses matplotlib's `Figure` and canvases, never pyplot. Our own settings keep the user's matplotlibrc from changing a
picture, and nothing in the file changes from one run to the next.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lrviz.curve import Curve
from lrviz.errors import of_argument
from lrviz.render.drawing.names import Key
from lrviz.render.drawing.plan import MOST_OVERLAID, Drawing, drawing_of
from lrviz.render.picture.axes import TICKS, Drawn, draw_panel, second_clock
from lrviz.render.picture.axis import FEWEST
from lrviz.render.picture.below import legend_inside, legend_of, legend_rows, settle, stand_below, wrapped
from lrviz.render.picture.caption import caption_of
from lrviz.render.picture.grid import draw_grid
from lrviz.render.picture.labels import add_names, have_room, place_names
from lrviz.render.picture.lower import HEIGHT, fit_labels, height_ratios, mark_reductions
from lrviz.render.picture.lower import TICKS as LOWER_TICKS
from lrviz.render.picture.marks import leave_room, tell, top_of_lines
from lrviz.render.picture.room import width_of
from lrviz.render.shown import Shown
from lrviz.render.style import (
    FONT_SIZES,
    FULL_LETTERS_FROM,
    PALETTES,
    Look,
    Palette,
    Theme,
    Values,
    check_pixels,
    letters,
    settings,
)
from lrviz.run import Clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZES: dict[Theme, tuple[float, float]] = {"light": (7.2, 4.3), "dark": (7.2, 4.3), "paper": (5.5, 3.5)}
"""The default width and height in inches; the picture for a paper is as wide as its text."""

TITLE_LETTERS = 12.0
"""The font size of a title, in points."""

INCHES_A_TITLE_LINE = 0.9
"""The height that a picture needs for each line of its title, in inches."""

DOTS = " ..."
"""The end of a title that is cut."""

LOWEST_WITH_LEGEND = 1.8
"""Inches; a lower picture has no legend."""

INCHES_A_TICK = (0.8, 0.4)
"""The room that a labelled tick of the axis of time and one of the rates need, in inches."""

SMALLEST_WITH_CAPTION = (4.2, 2.8)
"""Inches; a narrower or lower picture has neither a second clock nor a caption."""

LOWEST_WITH_PANELS = 3.6
"""Inches; a lower picture has a panel below the learning rates only on request."""


def render(curves: Sequence[Curve | Shown], format: str, look: Look | None = None) -> bytes:
    """The picture of some curves as the bytes of a PNG, SVG or PDF file; the same curves give the same bytes.

    Raises `ScheduleError` if a curve does not know the clock in `look`, if a logarithmic axis is requested but no value
    is above 0, or if momentum is requested but no scheduler changes it.
    """
    look = look or Look()
    with settings(look):
        return save(draw(curves, look), format, look.dpi)


def save(figure: Figure, format: str, dpi: int) -> bytes:
    """A figure as the bytes of a file. Raises `ScheduleError` for a PNG of too many pixels."""
    if format == "png":
        check_pixels((figure.get_figwidth(), figure.get_figheight()), dpi)
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
"""The fonts of an SVG with fallbacks for viewers without them, whose letters are as wide or narrower."""

MADE_BY = "lrviz"
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": MADE_BY},
    "svg": {"Date": None, "Creator": MADE_BY},
    "pdf": {"CreationDate": None, "Creator": MADE_BY, "Producer": MADE_BY},
}
"""The metadata of the files: the program that made them, but neither its version nor the date."""


def draw(curves: Sequence[Curve | Shown], look: Look) -> Figure:
    """The figure of some curves, laid out: small multiples, or all on one axes, perhaps with panels below."""
    low = look.size is not None and look.size[1] < LOWEST_WITH_PANELS
    drawing = drawing_of(curves, look, lower=not low)
    return draw_grid(drawing, look) if drawing.multiples else _overlay(drawing, look)


def _overlay(drawing: Drawing, look: Look) -> Figure:
    """All curves on one axes, with momentum and the metric of a plateau on others below it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    palette, panels = PALETTES[look.theme], drawing.panels
    keys = drawing.keys(panels[0])
    size = look.size or SIZES[look.theme]
    if look.size is None:
        size = (size[0], size[1] * (1 + 0.8 * HEIGHT * (len(panels) - 1)))
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    room = _room(figure, drawing)
    names = [key.name for key in keys]
    wide = size[0] >= FULL_LETTERS_FROM[0] and not drawing.crowded
    beside = wide and len(drawing.shown) <= MOST_OVERLAID and have_room(names, figure, room)
    if wide and not beside and look.size is None:
        figure.set_figheight(size[1] + 0.19 * max(0, legend_rows(names, figure) - 2))
    ticks = ticks_on(size[0], TICKS[0], INCHES_A_TICK[0]), ticks_on(room, TICKS[1], INCHES_A_TICK[1])
    axes = list(
        figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=height_ratios(len(panels)))[:, 0]
    )
    drawn = [
        draw_panel(ax, drawing, panel, palette, ticks if panel is panels[0] else (ticks[0], LOWER_TICKS))
        for ax, panel in zip(axes, panels, strict=True)
    ]
    if not is_small(size):
        second_clock(drawn[0], ticks[0])
    for ax in axes[:-1]:
        ax.set_xlabel("")
    cut = fit_labels(drawn[1:], room * HEIGHT)
    add_title(figure, axes[0], drawing.title)
    _lay_out(figure, drawn, palette, keys, room, cut, beside=beside, inside=not wide)
    return figure


def ticks_on(inches: float, most: int, each: float) -> int:
    """The number of labelled ticks for an axis of this length, on which each needs so much."""
    return max(FEWEST, min(most, int(inches / letters(each))))


def is_small(size: tuple[float, float]) -> bool:
    """True if a picture of this size (in inches) has no room for a second clock and a caption."""
    return size[0] < SMALLEST_WITH_CAPTION[0] or size[1] < SMALLEST_WITH_CAPTION[1]


def _room(figure: Figure, drawing: Drawing) -> float:
    """The approximate height of the upper axes, in inches."""
    clocks = any(curve.run.steps_per_epoch for curve in drawing.curves) and not is_small(
        tuple(figure.get_size_inches())
    )
    words = letters(1.25 + 0.3 * clocks)
    return max(0.5, (figure.get_figheight() - words) / sum(height_ratios(len(drawing.panels))))


def _lay_out(
    figure: Figure, drawn: Sequence[Drawn], palette: Palette, keys: Sequence[Key], room: float,
    cut: Sequence[str], *, beside: bool, inside: bool,
) -> None:  # fmt: skip
    """Draws everything around the lines and does the layout; then draws the marks, which need the finished layout.

    Names stand `beside` the lines, or else in a legend: `inside` the axes where there is free space, or below.
    """
    first, drawing = drawn[0], drawn[0].drawing
    last = next((mark.words for mark in drawing.marks if mark.kind == "last"), None)
    if len(drawing.shown) == 1 and _marked(first):
        leave_room(first, room)
    several = len(first.lines) > 1
    beside = beside and not first.logged
    named = (several or bool(first.logged)) and (beside or figure.get_figheight() > LOWEST_WITH_LEGEND)
    names = []
    if beside and several:
        names = add_names(first.ax, [key.name for key in keys])
    elif last is not None and not named:
        names = add_names(first.ax, [last.replace(", ", "\n")])
    bare = drawing.plain or is_small(tuple(figure.get_size_inches()))
    caption = [] if bare else list(caption_of(drawing, first.linear_below, first.ax.get_ylim(), cut))
    below = stand_below(figure, palette, caption=caption)
    if named and not beside:
        _add_legend(figure, first, palette, keys, below, inside=inside)
    settle(figure)
    place_names(first.ax, first.lines, names, palette)
    if _marked(first):
        tell(first, [each.ax for each in drawn], palette)
    for each in drawn:
        mark_reductions(each, palette)


def _add_legend(
    figure: Figure, drawn: Drawn, palette: Palette, keys: Sequence[Key], below: float, *, inside: bool
) -> None:
    """Adds a legend `inside` the axes if it has free space there, else `below` inches above the lower edge."""
    engine, lines = figure.get_layout_engine(), [*drawn.lines, *drawn.logged]
    logged = [Key(str(line.get_label()), (at,)) for at, line in enumerate(drawn.logged, len(drawn.lines))]
    keys = [*keys, *logged]
    if inside and engine is not None:
        engine.execute(figure)
        if legend_inside(drawn.ax, keys, lines, top_of_lines(drawn)) is not None:
            return
    stand_below(figure, palette, legend=legend_of(keys, lines, figure), start=below)


def _marked(drawn: Drawn) -> bool:
    """True if these axes have marks."""
    return drawn.panel.kind == "lr" and not drawn.drawing.plain


def add_title(figure: Figure, ax: Axes, title: str) -> None:
    """A title above the uppermost axes, in as many lines as the height of the picture allows."""
    if title:
        room = figure.get_figwidth() - letters(0.9)  # right of the labels of the axis
        lines = wrapped(title, figure, TITLE_LETTERS, room, "bold").splitlines()
        most = max(1, int(figure.get_figheight() / INCHES_A_TITLE_LINE))
        if len(lines) > most:
            room -= width_of(DOTS, letters(TITLE_LETTERS), figure, "bold")
            lines = wrapped(title, figure, TITLE_LETTERS, room, "bold").splitlines()[:most]
            lines[-1] += DOTS
        words = "\n".join(lines)
        ax.set_title(words, loc="left", pad=letters(10), parse_math=False)


# --- on the caller's axes ----------------------------------------------------------------------------------


def plot(
    curves: Curve | Sequence[Curve],
    ax: Axes | None = None,
    *,
    log: bool | None = None,
    x: Clock | None = None,
    y: Values | None = None,
    theme: Theme = "light",
    plain: bool = False,
    window: str | None = None,
    font_size: float | None = None,
) -> Axes:
    """Draws curves and returns the axes: `ax` with lines and a legend, or those of a new figure like `lrviz plot`'s.

    On `ax` the ticks stay as they are, and lines of a later call continue its colours. `x` is "epoch", "step" or
    "percent" (of the run); by default the first of these that all curves know; on a new figure, percent too if one of
    them is so short beside another that nobody could see its shape. `log` makes
    the axis of learning rates logarithmic; on a new figure, None chooses what suits the curves. `y` is "lr", "relative"
    (to each curve's peak), or, on a new figure, "momentum" or "both". `window` is the part of each run that is drawn:
    "0..10 epochs", "50%..last". `font_size` is that of the letters of a new figure, from 4 to 40 points. Raises
    `ScheduleError` if a curve does not know the clock `x`, or for a window outside of a run.

    >>> ax = lrviz.plot(lrviz.load("schedules/basics/step-decay.yaml").only.simulate(), x="epoch")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('epoch', 'learning rate')
    """
    curves = [curves] if isinstance(curves, Curve) else list(curves)
    wrong = next((each for each in curves if not isinstance(each, Curve)), None)
    if wrong is not None:
        raise TypeError(f"a curve is the result of a schedule's `simulate()` (got {wrong!r})")
    if isinstance(ax, Curve):
        raise TypeError("several curves have to be in a list: lrviz.plot([one, other])")
    if theme not in PALETTES:
        raise ValueError(f"theme is one of {', '.join(PALETTES)} (got {theme!r})")
    if font_size is not None and not FONT_SIZES[0] <= font_size <= FONT_SIZES[1]:
        raise ValueError(f"font_size is from {FONT_SIZES[0]} to {FONT_SIZES[1]} points (got {font_size!r})")
    if font_size is not None and ax is not None:
        raise ValueError("font_size is for a new figure; the letters of your own ax have matplotlib's sizes")
    look = Look(log=log, x=x, y=y, theme=theme, plain=plain, window=window, font_size=font_size)
    with of_argument("curves"):
        if ax is None:
            with settings(look):
                return draw(curves, look).axes[0]
        draw_on(ax, curves, replace(look, log=bool(log)), ticks=None)
    if len(ax.lines) > 1:
        for text in ax.legend().get_texts():
            text.set_parse_math(False)
    return ax


def draw_on(ax: Axes, curves: Sequence[Curve], look: Look, ticks: tuple[int, int] | None = TICKS) -> Drawn:
    """Draws only the lines of some curves, with axes that fit them; `ticks` as `draw_panel` takes them."""
    if look.y in ("momentum", "both"):
        raise ValueError(f"y is lr or relative if ax is given (got {look.y!r})")
    drawing = drawing_of(curves, look, on_axes=True)
    return draw_panel(ax, drawing, drawing.panels[0], PALETTES[look.theme], ticks)
