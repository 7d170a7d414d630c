"""The quiet words below a picture: where a schedule comes from, and what a reader of the picture has to know."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lrviz.render.picture.log_axis import Scale
from lrviz.render.shown import Expected, Shown
from lrviz.render.style import Palette
from lrviz.render.words import short_rate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = 7
LETTER = 0.55 * SIZE / 72
"""The letters of a caption, in points, and how wide one is, nearly, in inches."""

MOST_FAILING = 4
"""So many expectations that do not hold are named."""


def add_caption(figure: Figure, shown: Sequence[Shown], scale: Scale, palette: Palette) -> None:
    """Writes the caption at the lower left, where the layout keeps room for it; nothing where there is none."""
    width = figure.get_figwidth()
    lines = caption_lines(shown, scale, width)
    if not lines:
        return
    text = figure.supxlabel(
        "\n".join(lines), x=0.08 / width, ha="left", ma="left", fontsize=SIZE, color=palette.quiet, linespacing=1.4
    )
    text.set_parse_math(False)
    source = source_of(shown)
    if source.startswith(("https://", "http://")) and len(lines) == 1:
        text.set_url(source)


def caption_lines(shown: Sequence[Shown], scale: Scale, width: float) -> list[str]:
    """The lines of the caption of a picture so many inches wide: what the axis does, what is expected, the source."""
    letters = int((width - 0.2) / LETTER)
    return [line for words in _caption(shown, scale) for line in textwrap.wrap(words, letters)]


def _caption(shown: Sequence[Shown], scale: Scale) -> Iterator[str]:
    if scale.chosen:
        yield "Logarithmic, because the learning rates span more than three decades" + (
            f"; linear below {short_rate(scale.linear_below)}." if scale.linear_below is not None else "."
        )
    elif scale.linear_below is not None:
        yield f"The axis is linear below {short_rate(scale.linear_below)}."
    if len(shown) == 1 and shown[0].expected:
        yield _expectations(shown[0].expected, shown[0].curve.groups)
    failing = [each.curve.name for each in shown if any(not expected.holds for expected in each.expected)]
    if len(shown) > 1 and failing:
        named = ", ".join(failing[:MOST_FAILING]) + (", ..." if len(failing) > MOST_FAILING else "")
        yield f"✗ not as expected: {named}."
    source = source_of(shown)
    if source:
        yield f"Source: {source}"


def _expectations(expected: Sequence[Expected], groups: Sequence[str]) -> str:
    failing = [each.words(groups) for each in expected if not each.holds]
    held = len(expected) - len(failing)
    if not failing:
        return f"○ expected: {'it holds' if held == 1 else f'all {held} hold'}."
    named = "; ".join(failing[:MOST_FAILING]) + ("; ..." if len(failing) > MOST_FAILING else "")
    return f"✗ expected, and not so: {named}." + (f" ○ {held} of {len(expected)} hold." if held else "")


def source_of(shown: Sequence[Shown]) -> str:
    """Where all that is shown is from; nothing where that is not one place."""
    sources = {each.curve.source for each in shown}
    source = sources.pop() if len(sources) == 1 else None
    return source or ""
