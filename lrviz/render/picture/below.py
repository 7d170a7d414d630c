"""The parts below the axes, from the top: the shared label of all panels, the legend, the caption."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrviz.render.picture.room import fitted, width_of
from lrviz.render.style import Palette, letters

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

CAPTION_LETTERS, LABEL_LETTERS, LEGEND_LETTERS = 7.0, 8.0, 9.0
"""The font sizes of a caption, of the shared label and of a legend, in points."""

PAD = 4.0
"""The space around them, in points."""

SAMPLE_INCHES = 0.75
"""The width of a sample of a line in a legend with the space around it, in inches."""


def legend_of(lines: Sequence[Line2D], figure: Figure) -> Legend:
    """A legend that reads row by row in the order of the lines; `stand_below` puts it in its place."""
    names = [str(line.get_label()) for line in lines]
    columns = -(-len(lines) // legend_rows(names, figure))
    by_column = [line for first in range(columns) for line in lines[first::columns]]  # matplotlib fills columns
    legend = figure.legend(
        handles=by_column, loc="lower center", ncols=columns, fontsize=letters(LEGEND_LETTERS), borderaxespad=0
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
        text.set_text(wrapped(text.get_text(), figure, LEGEND_LETTERS, figure.get_figwidth() - 1))
    return legend


def legend_rows(names: Sequence[str], figure: Figure) -> int:
    """The number of rows of a legend whose columns are as wide as its longest name."""
    width = figure.get_figwidth()
    longest = max((min(width_of(name, letters(LEGEND_LETTERS), figure), width - 1) for name in names), default=0.0)
    return -(-len(names) // max(1, int(width / (letters(SAMPLE_INCHES) + longest))))


def stand_below(
    figure: Figure, palette: Palette, *, label: str = "", legend: Legend | None = None, caption: Sequence[str] = ()
) -> None:
    """Puts these below the axes, in this order from the top, and leaves the rest of the figure to the axes.

    A source in the caption that is a URL becomes a link.
    """
    width, height = figure.get_size_inches()
    lines = [
        (line, part) for line in caption for part in wrapped(line, figure, CAPTION_LETTERS, width - 0.2).splitlines()
    ]
    used = PAD / 72
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
