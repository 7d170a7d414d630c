"""The ways to restart a training as a picture: a panel for each curve that follows, over the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrviz.render.drawing.restarts import drawing_of_restarts
from lrviz.render.picture.figure import save
from lrviz.render.picture.grid import draw_grid
from lrviz.render.style import Look, settings
from lrviz.training.resume.results import Resumed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def render(found: Sequence[Resumed], format: str) -> bytes:
    """The picture of one schedule's restarts as the bytes of a PNG, SVG or PDF file; the same curves give the same
    bytes."""
    with settings():
        return save(draw(found), format, Look().dpi)


def draw(found: Sequence[Resumed]) -> Figure:
    """The figure: small multiples on shared axes. Ways that are followed by the same curve share a panel."""
    return draw_grid(drawing_of_restarts(found), Look())
