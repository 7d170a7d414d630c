"""A learning-rate range test as a picture: loss over learning rate, with the two values that may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrviz.lessons.find import RangeTest
from lrviz.render.drawing.names import Key
from lrviz.render.picture.axis import log_rate_axis, rate_axis
from lrviz.render.picture.below import legend_of, legend_rows, settle, stand_below
from lrviz.render.picture.figure import SIZES, save
from lrviz.render.style import DASHES, PALETTES, Look, Palette, letters, settings
from lrviz.words import axis_notation, short_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

WORST_SHOWN = 1.25
"""The axis ends at so many times the loss that a test began with; beyond, the loss only goes up."""

LOG_FROM = 30.0
"""The axis of losses is logarithmic if the largest is so many times the smallest."""

MOST_NAMES = 4
"""The line of so many schedules is named by all of them; that of more by the first, and how many more there are."""

MOST_PEAKS = 4
"""The peaks of more schedules than this are only in the table."""

INCHES_A_ROW = 0.2
"""By how much a row of the legend of several tests makes the picture higher."""


def render(tests: Sequence[RangeTest], format: str) -> bytes:
    """The picture as the bytes of a PNG, SVG or PDF file; the same tests give the same bytes."""
    with settings():
        return save(draw(tests), format, Look().dpi)


def draw(tests: Sequence[RangeTest]) -> Figure:
    """The figure: the smoothed losses of each test as a line, its losses as points, and what may be chosen as marks."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    look = Look()
    palette = PALETTES[look.theme]
    figure = Figure(figsize=SIZES[look.theme], layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    _axes(ax, tests)
    alone = len(tests) == 1
    lines = [_draw_test(ax, test, palette, index, alone=alone) for index, test in enumerate(tests)]
    ax.set_title(f"learning-rate range test on {tests[0].problem.name}", loc="left", parse_math=False)
    _tell_marks(ax, tests, palette)
    if not alone:
        keys = [Key(_name(test), (index,)) for index, test in enumerate(tests)]
        rows = legend_rows([key.name for key in keys], figure)
        figure.set_figheight(figure.get_figheight() + rows * letters(INCHES_A_ROW))
        stand_below(figure, palette, legend=legend_of(keys, lines, figure))
    settle(figure)
    return figure


def _name(test: RangeTest) -> str:
    """What the line of a test is called: its schedules, and the learning rate that it suggests."""
    first, *others = test.names
    names = f"{first} and {len(others)} more" if len(test.names) > MOST_NAMES else ", ".join(test.names)
    return names if test.suggested is None else f"{names}: {short_rate(test.suggested)}"


def _axes(ax: Axes, tests: Sequence[RangeTest]) -> None:
    low, high = min(float(test.lr[0]) for test in tests), max(float(test.lr[-1]) for test in tests)
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    log_rate_axis(ax.xaxis, low, high, 9, axis_notation(high, log=True))
    ax.set_xlabel("learning rate")
    ax.set_ylabel("loss")
    least = min(float(test.smoothed.min()) for test in tests)
    first = max(float(test.smoothed[0]) for test in tests)
    top = WORST_SHOWN * first
    if least > 0 and top > LOG_FROM * least:
        ax.set_yscale("log")
        ax.set_ylim(0.7 * least, 1.4 * top)
        log_rate_axis(ax.yaxis, 0.7 * least, 1.4 * top, 7)
    else:
        ax.set_ylim(min(0.0, 1.1 * least), top)
        rate_axis(ax.yaxis, top)


def _draw_test(ax: Axes, test: RangeTest, palette: Palette, index: int, *, alone: bool) -> Line2D:
    """Draws a test and its marks; that of only one has its losses as points, and the peaks of its schedules."""
    color = palette.lines[index % len(palette.lines)]
    if alone:
        ax.plot(test.lr, test.losses, ".", color=color, alpha=0.25, markersize=letters(4), markeredgewidth=0, zorder=2)
    (line,) = ax.plot(
        test.lr, test.smoothed, color=color, linestyle=DASHES[index % len(DASHES)], linewidth=palette.width, zorder=3
    )
    for lr, marker in _choices(test):
        filled = lr == test.suggested
        height = float(np.interp(np.log(lr), np.log(test.lr), test.smoothed))
        ax.plot(
            [lr], [height], marker, color=color, markersize=letters(8), zorder=5,
            markerfacecolor=color if filled else palette.background, markeredgewidth=1.6,
        )  # fmt: skip
    peaks = [peak for peak in dict.fromkeys(test.peaks) if test.lr[0] <= peak <= test.lr[-1]]
    for peak in peaks if alone and len(peaks) <= MOST_PEAKS else ():
        ax.axvline(peak, color=palette.quiet, linewidth=1, linestyle=(0, (1, 2)), zorder=1.5)
        ax.annotate(
            f"file's peak {short_rate(peak)}", (peak, 0), (-3, 4), textcoords="offset points", rotation=90,
            xycoords=ax.get_xaxis_transform(), ha="right", va="bottom", color=palette.quiet, fontsize=letters(8),
        )  # fmt: skip
    return line


STEEPEST, TENTH = "o", "^"
NAMES = {STEEPEST: "steepest descent", TENTH: "minimum over ten"}


def _choices(test: RangeTest) -> list[tuple[float, str]]:
    found = ((test.steepest, STEEPEST), (test.suggested, TENTH))
    return [(lr, marker) for lr, marker in found if lr is not None]


def _tell_marks(ax: Axes, tests: Sequence[RangeTest], palette: Palette) -> None:
    """Says on the axes what the marks are; those of a single test with its values. A filled one is suggested."""
    from matplotlib.lines import Line2D

    alone, handles = len(tests) == 1, {}
    for test in tests:
        for lr, marker in _choices(test):
            chosen = lr == test.suggested
            color = palette.lines[0] if alone else palette.quiet
            value = f": {short_rate(lr)}" if alone else ""
            handles[marker] = Line2D(
                [], [], color=color, linestyle="none", marker=marker, markersize=letters(8), markeredgewidth=1.6,
                markerfacecolor=color if chosen else palette.background,
                label=f"{NAMES[marker]}{value}" + (", suggested" if chosen else ""),
            )  # fmt: skip
    if handles:
        ax.legend(handles=list(handles.values()), loc="lower left", handlelength=2.2)
