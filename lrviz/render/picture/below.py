"""The parts below the axes, from the top: the shared label of all panels, the legend, the caption."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrviz.render.drawing.names import Key
from lrviz.render.picture.room import Room, fitted, width_of
from lrviz.render.style import Palette, letters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

CAPTION_LETTERS, LABEL_LETTERS, LEGEND_LETTERS = 7.0, 8.0, 9.0
"""The font sizes of a caption, of the shared label and of a legend, in points."""

INSIDE_LETTERS = 8.5
"""The same of a legend on the axes."""

CELL_HEIGHT = 5.0
"""The height of a row of colours in a legend, in points."""

CORNERS = (
    "upper right", "lower left", "lower center", "upper center", "center right", "center", "center left",
    "lower right", "upper left",
)  # fmt: skip
"""The places on the axes that are tried for a legend, the best first."""

PAD = 4.0
"""The space around them, in points."""

SAMPLE_INCHES = 0.75
"""The width of a sample of a line in a legend with the space around it, in inches."""


def legend_of(keys: Sequence[Key], lines: Sequence[Line2D], figure: Figure) -> Legend:
    """A legend below the axes that reads row by row in the order of the keys; `stand_below` puts it in its place."""
    columns = -(-len(keys) // legend_rows([key.name for key in keys], figure))
    by_column = [key for first in range(columns) for key in keys[first::columns]]  # matplotlib fills columns
    legend = figure.legend(
        **_entries(by_column, lines), loc="lower center", ncols=columns, fontsize=letters(LEGEND_LETTERS),
        borderaxespad=0,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)
        text.set_text(wrapped(text.get_text(), figure, LEGEND_LETTERS, figure.get_figwidth() - 1))
    return legend


def legend_inside(ax: Axes, keys: Sequence[Key], lines: Sequence[Line2D], top: float) -> Legend | None:
    """A legend in free space on axes whose layout is done, below the fraction `top` of their height, or None."""
    room = Room(ax, lines)
    for corner in CORNERS:
        place: Any = {"loc": corner, "bbox_to_anchor": (0, 0, 1, top)}
        legend: Legend = ax.legend(**_entries(keys, lines), **place, fontsize=letters(INSIDE_LETTERS), labelspacing=0.3)
        for text in legend.get_texts():
            text.set_parse_math(False)
        if room.free(legend.get_window_extent()):
            legend.set_in_layout(False)
            return legend
        legend.remove()
    return None


def _entries(keys: Sequence[Key], lines: Sequence[Line2D]) -> dict[str, Any]:
    """The names of a legend with a sample each: of a line, or of several lines as a row of their colours."""
    from matplotlib.legend_handler import HandlerTuple
    from matplotlib.lines import Line2D

    def cell(line: Line2D) -> Line2D:
        return Line2D([], [], color=line.get_color(), linewidth=letters(CELL_HEIGHT), solid_capstyle="butt")

    samples = [
        tuple(cell(lines[index]) for index in key.columns) if key.many else lines[key.columns[0]] for key in keys
    ]
    return {
        "handles": samples,
        "labels": [key.name for key in keys],
        "handler_map": {tuple: HandlerTuple(ndivide=None, pad=0)},
    }


def legend_rows(names: Sequence[str], figure: Figure) -> int:
    """The number of rows of a legend whose columns are as wide as its longest name."""
    width = figure.get_figwidth()
    longest = max((min(width_of(name, letters(LEGEND_LETTERS), figure), width - 1) for name in names), default=0.0)
    return -(-len(names) // max(1, int(width / (letters(SAMPLE_INCHES) + longest))))


def stand_below(
    figure: Figure,
    palette: Palette,
    *,
    label: str = "",
    legend: Legend | None = None,
    caption: Sequence[str] = (),
    start: float = PAD / 72,
) -> float:
    """Puts these below the axes, in this order from the top, and leaves the rest of the figure to the axes.

    It begins at `start`, in inches from the lower edge, and returns the height that the axes stand on, where more may
    be put below them. A source in the caption that is a URL becomes a link.
    """
    width, height = figure.get_size_inches()
    lines = [
        (line, part) for line in caption for part in wrapped(line, figure, CAPTION_LETTERS, width - 0.2).splitlines()
    ]
    used = start
    for line, part in reversed(lines):
        text = _text(figure, 0.08 / width, used / height, part, CAPTION_LETTERS, "left")
        text.set_color(palette.quiet)
        address = line.removeprefix("Source: ")
        if address.startswith(("https://", "http://")) and " " not in address:
            text.set_url(address)
        used += letters(1.4 * CAPTION_LETTERS) / 72
    if legend is not None:
        legend.set_in_layout(False)
        legend.set_bbox_to_anchor((0.5, used / height), transform=figure.transSubfigure)
        used += legend.get_window_extent().height / figure.dpi
    if label:
        _text(figure, 0.5, used / height, label, LABEL_LETTERS, "center")
        used += letters(1.4 * LABEL_LETTERS) / 72
    engine: Any = figure.get_layout_engine()
    edge = PAD / 72
    engine.set(rect=(0.0, used / height, 1.0 - edge / width, 1.0 - (used + edge) / height))
    return used


def _text(figure: Figure, x: float, y: float, words: str, points: float, side: str) -> Text:
    text = figure.text(x, y, words, ha=side, va="bottom", fontsize=letters(points), parse_math=False)
    text.set_in_layout(False)
    return text


def wrapped(words: str, figure: Figure, points: float, inches: float, weight: str = "normal") -> str:
    """Words wrapped into lines at most `inches` wide."""
    return fitted(
        words,
        inches,
        lambda widest: textwrap.fill(words, widest),
        lambda line: width_of(line, letters(points), figure, weight),
    )


def settle(figure: Figure) -> None:
    """Does the layout once, and rounds it to a millionth of the picture.

    The solver sums in the order of memory addresses, so the last bits of a position vary from run to run, and a few
    pixels with them.
    """
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")
    for ax in figure.axes:
        ax.set_position(tuple(round(float(part), 6) for part in ax.get_position().bounds))  # type: ignore[arg-type]
    for text in (figure._suptitle, figure._supylabel):  # type: ignore[attr-defined]
        if text is not None:
            text.set_position(tuple(round(float(part), 6) for part in text.get_position()))
