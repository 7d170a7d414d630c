"""The colours and dashes of lines in every picture that has colours; lines can be told apart without colour too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lrviz.render.curves import Column
from lrviz.render.drawing.names import MOST_NAMED, highest_first, lines_of
from lrviz.render.drawing.panels import Panel
from lrviz.render.style import DASHES, Palette

DASHED_GROUPS = 4
"""Up to this many param groups have a line style each; more are told apart by their shades and the order of names."""

FINE = 0.65
"""The width of the lines of a curve with many param groups, as a fraction of the usual one: they leave gaps."""


def is_crowded(columns: Sequence[Column]) -> bool:
    """True if a curve has so many lines that not each has a name."""
    return any(len(lines_of(groups)) > MOST_NAMED for groups in _by_curve(columns))


def shades(groups: Sequence[Column], place: int, palette: Palette) -> list[str]:
    """The colours of the param groups of curve number `place`: shades of one colour, stronger the higher the peak.

    Those of many lines change from one colour to another, strong and pale in turn, so that neighbours are told apart.
    Groups that share a line share a colour.
    """
    lines = lines_of(groups)
    crowded = len(lines) > MOST_NAMED
    family = palette.stripes(place, len(lines)) if crowded else palette.family(place, len(lines))
    colors = [""] * len(groups)
    for color, line in zip(family, highest_first(groups, lines), strict=True):
        for index in lines[line]:
            colors[index] = color
    return colors


def styles_on(panel: Panel, columns: Sequence[Column], palette: Palette, first: int) -> list[tuple[str, Any]]:
    """The colour and line style of each line of a panel: those of its column, or ink for what several columns share."""
    styles = styles_of(columns, palette, first)
    common = panel.common or (False,) * len(panel.columns)
    return [
        (palette.ink, DASHES[0]) if shared else styles[index]
        for index, shared in zip(panel.columns, common, strict=True)
    ]


def styles_of(columns: Sequence[Column], palette: Palette, first: int) -> list[tuple[str, Any]]:
    """The colour and line style of each column. The param groups of a curve are shades of one colour; if they are many,
    they share a line style, and if they are too many for names, it is solid. `first` is the number of the first curve.
    """
    styles: list[tuple[str, Any]] = []
    for place, groups in enumerate(_by_curve(columns), first):
        lines = lines_of(groups)
        line_of = {index: line for line, own in enumerate(lines) for index in own}
        for index, color in enumerate(shades(groups, place, palette)):
            dashes = line_of[index] if len(lines) <= DASHED_GROUPS else 0
            solid = len(lines) > MOST_NAMED  # dashes of lines side by side would shimmer
            styles.append((color, DASHES[0 if solid else (place + dashes) % len(DASHES)]))
    return styles


def _by_curve(columns: Sequence[Column]) -> list[list[Column]]:
    """The columns of each curve, in order."""
    curves = dict.fromkeys(id(column.curve) for column in columns)
    return [[column for column in columns if id(column.curve) == curve] for curve in curves]
