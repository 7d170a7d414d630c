"""What real runs logged, as signs over the line of the plan: one for a run, and another where it leaves the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lrviz.ansi import Terminal
from lrviz.render.drawing.clock import Extent
from lrviz.render.drawing.logged import Points
from lrviz.render.drawing.plan import Drawing
from lrviz.render.terminal.painted import COLORS, Line, Piece
from lrviz.render.terminal.scale import Scale
from lrviz.render.terminal.told import FAILED, Told

SIGNS, ASCII_SIGNS = "•▲■◆", "x*#@"
"""The signs of one run after the other."""

LEAVES, ASCII_LEAVES = "✕", "!"
"""The sign of the first record that leaves the plan."""

COLUMNS = 3
"""A run has at most one sign in so many columns, so that the line stays visible between them."""


def _sign(run: Points, ascii: bool) -> str:
    signs = ASCII_SIGNS if ascii else SIGNS
    return signs[run.place % len(signs)]


def _color(run: Points) -> str:
    return COLORS[(1 + run.place) % len(COLORS)]


def logged_words(drawing: Drawing, terminal: Terminal) -> Iterator[Told]:
    """A sentence about each run, after its sign."""
    for run in drawing.logged:
        yield Told(f"{_sign(run, terminal.ascii)} {run.words}", 4, FAILED if run.deviates else "")


def with_points(
    lines: Sequence[Line], logged: Sequence[Points], scale: Scale, extent: Extent, width: int, terminal: Terminal
) -> list[Line]:
    """The rows of an axes, whose second piece is the axis and the next `width` its columns, with the signs of runs."""
    rows = [list(line) for line in lines]
    for run in logged:
        kept = [int(index) for index in run.thinned(max(1, width // COLUMNS))]
        first = [] if run.first is None else [run.first]
        for index in [*kept, *first]:  # the first that deviates last, over all others
            x, value = float(run.x[index]), float(run.values[index])
            row = float(scale.positions(run.values[index : index + 1])[0]) + 0.5
            if not (math.isfinite(value) and 0 <= row < len(rows)):
                continue
            leaves = index == run.first
            sign = (ASCII_LEAVES if terminal.ascii else LEAVES) if leaves else _sign(run, terminal.ascii)
            column = min(width - 1, int(extent.part(x) * width))
            rows[int(row)][2 + column] = Piece(sign, FAILED if leaves else _color(run))
    return rows
