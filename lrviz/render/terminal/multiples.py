"""Small multiples in a terminal: a panel for each curve, as many beside each other as the window has room for.

Panels that are large enough have axes. Others have words: what the shared axes are, or what each one's own are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrviz.ansi import Terminal
from lrviz.curve import Curve
from lrviz.render.braille import Canvas
from lrviz.render.choice import ALIKE_RATES, alike, no_momentum_in_panels, panels_clock, peak_of, spans_decades
from lrviz.render.outline import drawable
from lrviz.render.rows import columns_of
from lrviz.render.shown import Shown
from lrviz.render.style import Look
from lrviz.render.terminal.painted import BOLD, DIM, Line, Piece, cut, printable, prose, width_of
from lrviz.render.terminal.panel import Series, clock_axis, draw_on, margin_of, value_axis, written
from lrviz.render.terminal.scale import Scale
from lrviz.render.terminal.told import expected_words, fails, length_words
from lrviz.render.terminal.traces import CHOSEN, scale_of, trace_of
from lrviz.run import Clock
from lrviz.words import short_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GAP = 2
"""Blanks between panels."""

NARROWEST, USUAL = 16, 24
"""Columns of a panel: the least, and those that one has where there is room for more than one."""

AXES = (30, 8)
"""Columns and lines that a panel with axes of its own needs."""

TITLED = 9
"""Lines of a window, less those of the prompt, below which there are no words but the names."""

LOWEST, FREE = 5, (7, 11)
"""Lines of a panel: the least, and those without and with axes where no window limits them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How panels are laid out: so many in a row, each of so many columns and lines; `count` of them have room."""

    across: int
    width: int
    height: int
    count: int

    @property
    def axes(self) -> bool:
        """Whether a panel is large enough for axes of its own."""
        return self.width >= AXES[0] and self.height >= AXES[1]

    def rows(self, panels: Sequence[Panel]) -> int:
        """The rows that a panel has for its curve."""
        free = self.height - 1 - 2 * self.axes - any(panel.words for panel in panels)
        return free - (free > 4 and self.across < len(panels))  # a blank line below the panel


def grid_of(count: int, width: int, height: int | None, lowest: int = LOWEST) -> Grid:
    """The layout of so many panels that wastes least; where not all have room, of as many as have, at their least."""
    most = max(1, (width + GAP) // (NARROWEST + GAP))
    if height is None:
        across = min(count, 2 if count <= 4 and width >= 2 * AXES[0] + GAP else max(1, (width + GAP) // (USUAL + GAP)))
        wide = (width + GAP) // across - GAP
        return Grid(across, wide, FREE[1] if wide >= AXES[0] else FREE[0], count)
    choices = []
    for across in range(1, min(count, most) + 1):
        wide, high = (width + GAP) // across - GAP, height // -(-count // across)
        if high >= lowest:
            choices.append(Grid(across, wide, min(high, wide // 2), count))
    if choices:
        return max(choices, key=lambda grid: (min(grid.width / 3, grid.height), grid.across))
    return Grid(most, (width + GAP) // most - GAP, lowest, min(count, most * max(1, height // lowest)))


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One curve as a panel draws it; `words` say what is its own."""

    name: str
    words: str
    series: list[Series]


def draw_multiples(
    shown: Sequence[Shown], look: Look, terminal: Terminal, width: int, height: int | None
) -> list[Line]:
    """A panel for each curve, in their order; where a window has no room for all, what is missing is said.

    Raises `ScheduleError` where momentum is asked for, or where a logarithmic axis has nothing above 0 to show.
    """
    if look.y in ("momentum", "both"):
        raise no_momentum_in_panels()
    curves = [each.curve for each in shown]
    clock = look.x or panels_clock(curves)
    relative = look.y == "relative" or (look.y is None and not alike(list(map(peak_of, curves)), ALIKE_RATES))
    bare = height is not None and height < TITLED
    panels = [_panel_of(curve, clock, relative, terminal, bare) for curve in curves]
    values = [trace.values for panel in panels for each in panel.series for trace in each.traces]
    above = (
        [[Piece(cut(printable(look.title, terminal.ascii), width, terminal.ascii), BOLD)]]
        if look.title and not bare
        else []
    )
    longest = max(trace.length for panel in panels for each in panel.series for trace in each.traces)
    lowest = LOWEST + bool(look.log) - bare  # a logarithmic axis has a row for 0
    grid, room = _fitting(len(panels), width, None if height is None else height - len(above), lowest)
    # an axis that nobody sees is not chosen to be logarithmic
    log = look.log if look.log is not None else grid.axes and not look.plain and spans_decades(values)
    if grid.count < len(panels):
        told = [_missing(len(panels), grid.count, width)]
    elif look.plain:
        told = []
    else:
        expected = expected_words(shown)
        told = [_axes_words(values, log, relative, clock, longest, grid.axes)]
        told.insert(0 if fails(shown) else 1, expected)
        if log and look.log is None:
            told.append(CHOSEN)
    below: list[Line] = []
    for words in told:
        lines = prose(printable(words, terminal.ascii), width)
        if room is None or len(below) + len(lines) <= room:
            below += lines
    scale = scale_of(values, bool(log), grid.rows(panels))
    drawn: list[Line] = []
    for start in range(0, grid.count, grid.across):
        members = panels[start : min(start + grid.across, grid.count)]
        drawn += _side_by_side([_lines(panel, scale, longest, grid, terminal) for panel in members], grid.width)
    return [*above, *drawn, *below]


def _fitting(count: int, width: int, height: int | None, lowest: int) -> tuple[Grid, int | None]:
    """The layout of so many panels of at least `lowest` lines, and how many it leaves to words; None is any number."""
    if height is None:
        return grid_of(count, width, None), None
    for room in (3, 1, 0):
        grid = grid_of(count, width, height - room, lowest)
        if grid.count == count:
            return grid, height - -(-count // grid.across) * grid.height
    return grid_of(count, width, height - 1, lowest), 1


def _missing(count: int, drawn: int, width: int) -> str:
    """How many panels a window has no room for, in as many words as it has room for."""
    texts = (f"{count - drawn} of {count} have no room here: choose with --only, or save with -o",
             f"{count - drawn} of {count} have no room here", f"and {count - drawn} more")  # fmt: skip
    return next((text for text in texts if len(text) <= width), texts[-1])


def _panel_of(curve: Curve, clock: Clock, relative: bool, terminal: Terminal, bare: bool) -> Panel:
    peak = peak_of(curve)
    columns = columns_of([curve])
    traces = [trace_of(curve, drawable(column) / ((relative and peak) or 1.0), clock) for column in columns]
    words = [f"peak {short_rate(peak)}"] if relative else []
    if clock == "percent":
        words.append(length_words(curve))
    return Panel(
        printable(curve.name, terminal.ascii), "" if bare else ", ".join(words), [Series(curve.name, traces, 0)]
    )


def _axes_words(
    values: Sequence[NDArray[np.float64]], log: bool | None, relative: bool, clock: Clock, longest: float, large: bool
) -> str:
    """What the axes of all panels are; with no more than that where they have labels."""
    shares = "learning rates as parts of each one's peak" if relative else "learning rates"
    if large:
        return f"{shares}, on the same axes"
    scale = scale_of(values, bool(log), 4)
    low, high = scale.ends
    kind = "on logarithmic axes" if log else "on axes"
    over = "the whole of each run" if clock == "percent" else f"{longest:,.10g} {clock}s"
    return f"{shares} {kind} from {short_rate(low)} to {short_rate(high)}, over {over}"


def _lines(panel: Panel, scale: Scale, longest: float, grid: Grid, terminal: Terminal) -> list[Line]:
    """A panel as it is written: its name, its curve, and axes where it is large enough."""
    ascii = terminal.ascii
    margin = margin_of([scale]) if grid.axes else 1
    canvas = Canvas(grid.width - margin - grid.axes, scale.rows, coarse=ascii)
    draw_on(canvas, panel.series, scale, longest)
    edge = value_axis(scale, margin, ascii) if grid.axes else [[Piece("|" if ascii else "│", DIM)]] * scale.rows
    lines: list[Line] = [[Piece(cut(panel.name, grid.width, ascii), BOLD)]]
    if panel.words:
        words = panel.words if len(panel.words) <= grid.width else panel.words.removeprefix("peak ")
        lines.append([Piece(cut(words, grid.width, ascii), DIM)])
    lines += [[*left, *row] for left, row in zip(edge, written(canvas, panel.series, terminal), strict=True)]
    if grid.axes:
        lines += clock_axis(longest, canvas.width, margin, ascii)
    return [*lines, *[[]] * (grid.height - len(lines))]


def _side_by_side(panels: Sequence[list[Line]], width: int) -> list[Line]:
    lines = []
    for row in zip(*panels, strict=True):
        line: Line = []
        for pieces in row:
            taken = sum(width_of(text) for text, _ in pieces)
            line += [*pieces, Piece(" " * (width - taken + GAP))]
        lines.append(line)
    return lines
