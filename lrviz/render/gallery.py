"""The list of the gallery: each recipe with its curve, by field."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import IO

from lrviz.gallery.recipes import Recipe
from lrviz.render.braille import to_ascii
from lrviz.render.table import Terminal
from lrviz.render.terminal.painted import COLORS

THUMBNAIL = (14, 2)
"""Width and height in characters."""

WIDTH = 80


def write_list(recipes: Sequence[Recipe], stream: IO[str], terminal: Terminal) -> None:
    """Every recipe with its thumbnail, name and title, under the name of its field."""
    room = max(24, min(terminal.width or WIDTH, 100) - THUMBNAIL[0] - 4)
    field = None
    for recipe in recipes:
        if recipe.field != field:
            field = recipe.field
            stream.write(f"{_code(field, '1;4', terminal)}\n\n")
        picture = [to_ascii(line) if terminal.ascii else line for line in recipe.thumbnail]
        text = [_code(recipe.name, "1", terminal), *textwrap.wrap(recipe.title, room)]
        lines = max(len(picture), len(text))
        picture += [" " * THUMBNAIL[0]] * (lines - len(picture))
        text += [""] * (lines - len(text))
        for left, right in zip(picture, text, strict=True):
            stream.write(f"  {_code(left, COLORS[0], terminal)}  {right}".rstrip() + "\n")
        stream.write("\n")
    stream.write(_code("`lrviz init NAME` writes one beside your work", "2", terminal) + "\n")


def _code(text: str, code: str, terminal: Terminal) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if terminal.color and text.strip() else text
