"""The line styles of a chart: the colours and dashes of the other pictures, in a browser's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lrviz.render.curves import Column
from lrviz.render.drawing.panels import Panel
from lrviz.render.drawing.styles import FINE, is_crowded, styles_of, styles_on
from lrviz.render.style import DASHES, Palette

WIDTH, WIDER = 2.0, 2.6
"""Pixels; a solid line is wider if there are others, since these may cover it."""


class LineStyle(NamedTuple):
    """The style of one line; `dash` as in SVG, `width` in pixels."""

    color: str
    dash: str
    width: float


def line_styles(columns: Sequence[Column], palette: Palette, panel: Panel | None = None) -> list[LineStyle]:
    """The style of each column's line, or of each line of a panel."""
    fine, wide = is_crowded(columns), len(columns) > 1
    styles = styles_of(columns, palette, 0) if panel is None else styles_on(panel, columns, palette, 0)
    return [
        LineStyle(color, _dash(style), FINE * WIDTH if fine else WIDER if wide and style == DASHES[0] else WIDTH)
        for color, style in styles
    ]


def _dash(style: Any) -> str:
    """A matplotlib line style, whose dashes are in line widths, as plotly takes it."""
    return "solid" if style == "-" else ",".join(f"{length * WIDTH:g}px" for length in style[1])
