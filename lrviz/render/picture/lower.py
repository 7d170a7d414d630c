"""The panels below the learning rates, momentum and the metric of a plateau: their size, labels and marks."""

from __future__ import annotations

from collections.abc import Sequence

from lrviz.render.drawing.styles import styles_of
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.below import wrapped
from lrviz.render.style import LETTERS, Palette, letters

HEIGHT = 0.32
"""The height of a lower panel, as a fraction of the height of the panel of learning rates."""

TICKS = 3
"""The number of labelled ticks on the axis of a lower panel."""

LABEL_LINES = 2
"""A label that is longer than this many lines stands in the caption."""


def height_ratios(count: int) -> list[float]:
    """The heights of `count` panels, the first of which is the upper one, as fractions of its height."""
    return [1.0, *[HEIGHT] * (count - 1)]


def fit_labels(drawn: Sequence[Drawn], inches: float) -> list[str]:
    """Folds the labels of panels that are about `inches` high, and returns those that are longer than two lines."""
    cut = []
    for each in drawn:
        label, panel, figure = each.ax.yaxis.label, each.panel, each.ax.figure
        label.set_parse_math(False)
        words = wrapped(panel.label, figure, LETTERS, inches)  # type: ignore[arg-type]
        if len(words.splitlines()) > LABEL_LINES and panel.label != panel.short_label:
            cut.append(panel.whole_label)
            words = wrapped(panel.short_label, figure, LETTERS, inches)  # type: ignore[arg-type]
        label.set_text(words)
    return cut


def mark_reductions(drawn: Drawn, palette: Palette) -> None:
    """Draws a hairline and a triangle at each reading after which the learning rate is reduced."""
    styles = styles_of(drawn.drawing.columns, palette, 0)
    own = len(drawn.drawing.shown) == 1
    for column, x, value in drawn.panel.reductions:
        color = drawn.lines[0].get_color() if own else styles[column][0]
        drawn.ax.axvline(x, color=palette.quiet, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1.5, label="_event")
        drawn.ax.plot(
            x, value, "v", color=color, markeredgecolor=palette.background, markersize=letters(6.5), zorder=4,
            clip_on=False, label="_reduction",
        )  # fmt: skip
