"""The list of the gallery: each recipe with a picture of its curve, grouped by field."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import IO

from lrviz.ansi import BOLD, DIM, UNDERLINED, Terminal, paint
from lrviz.gallery.recipes import Recipe
from lrviz.render.braille import to_ascii
from lrviz.render.tables.columns import beside
from lrviz.render.terminal.painted import COLORS

THUMBNAIL = (14, 2)
"""The width and height of a thumbnail, in characters."""

WIDTH = 80

HEADING = f"{BOLD};{UNDERLINED}"


def write_list(recipes: Sequence[Recipe], stream: IO[str], terminal: Terminal) -> None:
    """Writes every recipe with its thumbnail, name and title, under the name of its field."""
    room = max(24, min(terminal.width or WIDTH, 100) - THUMBNAIL[0] - 4)
    field = None
    for recipe in recipes:
        if recipe.field != field:
            field = recipe.field
            stream.write(f"{paint(field, HEADING, terminal.color)}\n\n")
        picture = [to_ascii(line) if terminal.ascii else line for line in recipe.thumbnail]
        text = [recipe.name, *textwrap.wrap(recipe.title, room)]
        for line in beside(picture, text, COLORS[0], terminal):
            stream.write(f"  {line}".rstrip() + "\n")
        stream.write("\n")
    stream.write(paint("`lrviz init NAME` writes one into the current folder", DIM, terminal.color) + "\n")
