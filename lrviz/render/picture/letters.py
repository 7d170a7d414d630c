"""A warning about letters of names and titles that the fonts of pictures lack."""

from __future__ import annotations

from collections.abc import Sequence

from lrviz.render.drawing.names import sweep_of, title_of, titled_columns
from lrviz.render.drawing.said import source_of
from lrviz.render.shown import Shown, shown_of
from lrviz.render.style import Look, settings

MOST_LETTERS = 8
"""At most this many letters are listed."""


def not_written(shown: Sequence[Shown], look: Look) -> str:
    """A sentence about the letters that appear as boxes in a picture because its fonts lack them; empty if none does.

    In an SVG they are text, which the viewer shows in fonts of its own.
    """
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties, findfont, get_font

    shown, sweep = sweep_of(shown_of(shown))
    curves = [each.curve for each in shown]
    words = [title_of(curves, look, sweep), source_of(shown), *(column.title for column in titled_columns(curves))]
    letters = [letter for letter in dict.fromkeys("".join(words)) if not letter.isascii()]
    if not letters:
        return ""
    with settings(look):
        families = rcParams["font.family"]
        fonts = [get_font(findfont(FontProperties(family=family))) for family in families]
        missing = [letter for letter in letters if not any(font.get_char_index(ord(letter)) for font in fonts)]
    if not missing:
        return ""
    named = " ".join(missing[:MOST_LETTERS]) + (" ..." if len(missing) > MOST_LETTERS else "")
    return f"the fonts of the picture lack {named}; an SVG or a page shows them in the viewer's own fonts"
