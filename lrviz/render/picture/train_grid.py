"""Trainings of many schedules as small multiples: each has its losses over those of the others, and its learning rates.

All pairs of panels share their axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrviz.render.drawing.trained import TrainedDrawing
from lrviz.render.picture.axis import clock_axis
from lrviz.render.picture.below import settle, stand_below, wrapped
from lrviz.render.picture.figure import is_small
from lrviz.render.picture.grid import NAME_LETTERS, TITLE_LETTERS, shape_of_grid
from lrviz.render.picture.room import folded_to
from lrviz.render.picture.trained_panel import draw_trained
from lrviz.render.style import PALETTES, Look, Palette, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIR_INCHES = (2.2, 2.3)
"""The size of a pair of panels with its words, in inches."""

MOST_COLUMNS = 5

PARTS = (2.0, 1.0)
"""The heights of the panel of losses and of that of learning rates, relative to one another."""


def draw_train_grid(drawing: TrainedDrawing, look: Look) -> Figure:
    """The figure: a pair of panels for each schedule, in order."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    palette, count = PALETTES[look.theme], len(drawing.trained)
    rows, columns = shape_of_grid(count, MOST_COLUMNS)
    size = look.size or (columns * PAIR_INCHES[0] + 0.4, rows * PAIR_INCHES[1] + 0.8)
    figure = Figure(figsize=size)
    figure.set_layout_engine("constrained", w_pad=0.03, h_pad=0.035, wspace=0.02, hspace=0.01)
    FigureCanvasAgg(figure)
    heights = list(PARTS) * rows
    axes = figure.subplots(2 * rows, columns, sharex=True, squeeze=False, height_ratios=heights)
    inches = size[1] / rows / sum(PARTS) * 0.8
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        pair = axes[2 * row, column], axes[2 * row + 1, column]
        if index < count:
            _pair(pair, drawing, index, palette, inches, (size[0] - 0.4) / columns - 0.1)
            _label(pair, first=column == 0, last=index + columns >= count)
        else:
            for ax in pair:
                ax.set_axis_off()
    axes[0, 0].set_xlim(0, drawing.extent)
    clock_axis(axes[0, 0].xaxis, drawing.extent, max(1, min(9, int((size[0] - 0.5) / columns * 2.5))))
    stand_below(figure, palette, label="epoch", caption=[] if is_small(size) else drawing.captions)
    if drawing.title:
        title = wrapped(drawing.title, figure, TITLE_LETTERS, size[0] - 0.2, "bold")
        figure.suptitle(title, x=0.01, ha="left", fontsize=letters(TITLE_LETTERS), fontweight="bold", parse_math=False)
    settle(figure)
    return figure


def _pair(
    pair: tuple[Axes, Axes], drawing: TrainedDrawing, index: int, palette: Palette, inches: float, width: float
) -> None:
    """Draws a schedule on its two panels below its name, which is at most `width` inches wide, and how it ended."""
    for ax, kind, part in zip(pair, ("loss", "lr"), PARTS, strict=True):
        panel = drawing.panel(kind)  # type: ignore[arg-type]
        assert panel is not None
        draw_trained(ax, drawing, panel, palette, inches * part, index)
    name, _, ended = drawing.names[index].partition("\n")
    figure: Any = pair[0].figure
    words = folded_to(name, width, letters(NAME_LETTERS), figure, "bold")
    pair[0].set_title(words, loc="left", fontsize=letters(NAME_LETTERS), pad=3.5 + letters(8), parse_math=False)
    pair[0].annotate(
        ", ".join(filter(None, [drawing.results[index], ended])),
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 2),
        textcoords="offset points",
        fontsize=letters(6.5),
        color=palette.fails if drawing.trained[index].diverged else palette.quiet,
        va="bottom",
    )


def _label(pair: tuple[Axes, Axes], *, first: bool, last: bool) -> None:
    """Puts labels only at the left, and at the bottom of the last panel of each column."""
    for ax in pair:
        ax.yaxis.label.set_fontsize(letters(7))
        if not first:
            ax.set_ylabel("")
        ax.tick_params(labelsize=letters(6.5), length=2, labelleft=first, labelbottom=last and ax is pair[1])
