"""A learning-rate range test as a picture: loss over learning rate, with the two values that may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrviz.lessons.find import RangeTest
from lrviz.render.picture.axis import log_rate_axis, rate_axis
from lrviz.render.picture.figure import SIZES, save
from lrviz.render.style import DASHES, PALETTES, Look, Palette, letters, settings
from lrviz.words import axis_notation, short_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORST_SHOWN = 1.25
"""The axis ends at so many times the loss that a test began with; beyond, the loss only goes up."""

LOG_FROM = 30.0
"""The axis of losses is logarithmic if the largest is so many times the smallest."""


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
    for index, test in enumerate(tests):
        _draw_test(ax, test, palette, index, alone=len(tests) == 1)
    ax.set_title(f"learning-rate range test on {tests[0].problem.name}", loc="left", parse_math=False)
    _legend(ax, tests, palette)
    return figure


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


def _draw_test(ax: Axes, test: RangeTest, palette: Palette, index: int, *, alone: bool) -> None:
    color = palette.lines[index % len(palette.lines)]
    if alone:
        ax.plot(test.lr, test.losses, ".", color=color, alpha=0.25, markersize=letters(4), markeredgewidth=0, zorder=2)
    ax.plot(
        test.lr, test.smoothed, color=color, linestyle=DASHES[index % len(DASHES)], linewidth=palette.width, zorder=3
    )
    for lr, marker in _choices(test):
        filled = lr == test.suggested
        height = float(np.interp(np.log(lr), np.log(test.lr), test.smoothed))
        ax.plot(
            [lr], [height], marker, color=color, markersize=letters(8), zorder=5,
            markerfacecolor=color if filled else palette.background, markeredgewidth=1.6,
        )  # fmt: skip
    for peak in dict.fromkeys(test.peaks) if alone else ():
        if test.lr[0] <= peak <= test.lr[-1]:
            ax.axvline(peak, color=palette.quiet, linewidth=1, linestyle=(0, (1, 2)), zorder=1.5)
            ax.annotate(
                f"file's peak {short_rate(peak)}", (peak, 0), (-3, 4), textcoords="offset points", rotation=90,
                xycoords=ax.get_xaxis_transform(), ha="right", va="bottom", color=palette.quiet, fontsize=letters(8),
            )  # fmt: skip


STEEPEST, TENTH = "o", "^"
NAMES = {STEEPEST: "steepest descent", TENTH: "minimum over ten"}


def _choices(test: RangeTest) -> list[tuple[float, str]]:
    found = ((test.steepest, STEEPEST), (test.suggested, TENTH))
    return [(lr, marker) for lr, marker in found if lr is not None]


def _legend(ax: Axes, tests: Sequence[RangeTest], palette: Palette) -> None:
    """Names of the lines and of the marks; a filled mark is the one that is suggested."""
    from matplotlib.lines import Line2D

    handles = []
    for index, test in enumerate(tests):
        color = palette.lines[index % len(palette.lines)]
        line = {"color": color, "linestyle": DASHES[index % len(DASHES)], "linewidth": palette.width}
        if len(tests) > 1:
            handles.append(Line2D([], [], **line, label=", ".join(test.names)))
        for lr, marker in _choices(test):
            chosen = lr == test.suggested
            handles.append(
                Line2D(
                    [],
                    [],
                    color=color,
                    linestyle="none",
                    marker=marker,
                    markersize=letters(8),
                    markeredgewidth=1.6,
                    markerfacecolor=color if chosen else palette.background,
                    label=f"{NAMES[marker]}: {short_rate(lr)}" + (", suggested" if chosen else ""),
                )
            )
    if handles:
        legend = ax.legend(handles=handles, loc="lower left", handlelength=2.2)
        for text in legend.get_texts():
            text.set_parse_math(False)
