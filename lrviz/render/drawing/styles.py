"""The colours and dashes of lines in every picture that has colours; lines can be told apart without colour too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lrviz.render.curves import Column
from lrviz.render.drawing.panels import Panel
from lrviz.render.outline import drawable
from lrviz.render.style import DASHES, Palette

DASHED_GROUPS = 4
"""Up to this many param groups have a line style each; more are told apart by their shades and the order of names."""


def shades(groups: Sequence[Column], place: int, palette: Palette) -> list[str]:
    """The colours of the param groups of curve number `place`: the higher the peak, the stronger the shade."""
    peaks = [float(np.nanmax(drawable(group), initial=0.0)) for group in groups]
    order = sorted(range(len(groups)), key=lambda index: (-peaks[index], index))
    family = palette.family(place, len(groups))
    return [family[order.index(index)] for index in range(len(groups))]


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
    they share a line style. `first` is the number of the first curve."""
    curves = list(dict.fromkeys(id(column.curve) for column in columns))
    styles: list[tuple[str, Any]] = []
    for place, of in enumerate(curves, first):
        groups = [column for column in columns if id(column.curve) == of]
        for index, color in enumerate(shades(groups, place, palette)):
            dashes = index if len(groups) <= DASHED_GROUPS else 0
            styles.append((color, DASHES[(place + dashes) % len(DASHES)]))
    return styles
