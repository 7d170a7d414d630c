"""How the lines of a chart look: the colours and dashes of the other pictures, in the units of a browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lrviz.render.curves import Column
from lrviz.render.drawing.styles import styles_of
from lrviz.render.style import DASHES, Palette

WIDTH, WIDER = 2.0, 2.6
"""Pixels; a solid line among others is wider, as it may lie under them."""


class LineStyle(NamedTuple):
    """The look of one line; `dash` as SVG has it, `width` in pixels."""

    color: str
    dash: str
    width: float


def line_styles(columns: Sequence[Column], palette: Palette) -> list[LineStyle]:
    """The look of each column's line."""
    wide = len(columns) > 1
    return [
        LineStyle(color, _dash(style), WIDER if wide and style == DASHES[0] else WIDTH)
        for color, style in styles_of(columns, palette, 0)
    ]


def _dash(style: Any) -> str:
    """Matplotlib's dashes are in widths of the line."""
    return "solid" if style == "-" else ",".join(f"{length * WIDTH:g}px" for length in style[1])
