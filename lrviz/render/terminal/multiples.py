"""Small multiples in a terminal: a panel for each curve, as many in a row as the window has room for.

Panels that are large enough have axes. For smaller ones, a sentence below states the limits of the shared axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lrviz.ansi import BOLD, DIM, Terminal, width_of
from lrviz.render.braille import Canvas
from lrviz.render.curves import plural
from lrviz.render.drawing.clock import Extent
from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import FAILS, panel_verdict
from lrviz.render.terminal.axes import Series, clock_axis, draw_on, margin_of, value_axis, written
from lrviz.render.terminal.painted import Line, Piece, cut, printable, prose
from lrviz.render.terminal.scale import Scale
from lrviz.render.terminal.told import FAILED, expected_words
from lrviz.render.terminal.traces import extent_of, scale_of, trace_of

GAP = 2
"""Blanks between panels."""

ASCII_FAILS = "x "
"""The mark of words about what fails, where there is only ASCII."""

NARROWEST_PANEL, USUAL_PANEL = 16, 24
"""The width of a panel in columns: the minimum, and the width at which panels are put side by side."""

ROOM_FOR_AXES = (30, 8)
"""The columns and lines that a panel with axes of its own needs."""

LOWEST_WITH_WORDS = 9
"""With fewer lines in the window than this, not counting the prompt, names are the only words."""

LOWEST_PANEL, PANEL_HEIGHTS = 5, (7, 11)
"""The height of a panel in lines: the minimum, and the heights without and with axes if no window limits them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The layout of panels: `across` in a row, each `width` columns and `height` lines large; `count` have room."""

    across: int
    width: int
    height: int
    count: int

    @property
    def axes(self) -> bool:
        """True if a panel is large enough for axes of its own."""
        return self.width >= ROOM_FOR_AXES[0] and self.height >= ROOM_FOR_AXES[1]

    def rows(self, tiles: Sequence[Tile]) -> int:
        """The number of rows that a panel has for its curve."""
        free = self.height - 1 - 2 * self.axes - any(tile.words for tile in tiles)
        return free - (free > 4 and self.across < len(tiles))  # a blank line below the panel


def grid_of(count: int, width: int, height: int | None, lowest: int = LOWEST_PANEL) -> Grid:
    """The best layout for `count` panels; if not all have room, the one with the most panels of minimum size."""
    most = max(1, (width + GAP) // (NARROWEST_PANEL + GAP))
    if height is None:
        across = min(
            count,
            2 if count <= 4 and width >= 2 * ROOM_FOR_AXES[0] + GAP else max(1, (width + GAP) // (USUAL_PANEL + GAP)),
        )
        wide = (width + GAP) // across - GAP
        return Grid(across, wide, PANEL_HEIGHTS[1] if wide >= ROOM_FOR_AXES[0] else PANEL_HEIGHTS[0], count)
    choices = []
    for across in range(1, min(count, most) + 1):
        wide, high = (width + GAP) // across - GAP, height // -(-count // across)
        if high >= lowest:
            choices.append(Grid(across, wide, min(high, wide // 2), count))
    if choices:
        return max(choices, key=lambda grid: (min(grid.width / 3, grid.height), grid.across))
    return Grid(most, (width + GAP) // most - GAP, lowest, min(count, most * max(1, height // lowest)))


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One panel as it is written; `words`, painted with `code`, add what the shared axes do not show."""

    name: str
    words: str
    code: str
    series: list[Series]


def draw_multiples(drawing: Drawing, terminal: Terminal, width: int, height: int | None) -> list[Line]:
    """A panel for each curve, in order; if the window has no room for all, a sentence says how many are missing."""
    bare = height is not None and height < LOWEST_WITH_WORDS
    tiles = [_tile(drawing, index, terminal, bare) for index in range(len(drawing.panels))]
    if any(tile.words for tile in tiles):  # a line of each panel, so that their axes are beside one another
        tiles = [replace(tile, words=tile.words or " ") for tile in tiles]
    above = []
    if drawing.title and (drawing.title_asked or drawing.sweep) and not bare:
        above = [[Piece(cut(printable(drawing.title, terminal.ascii), width, terminal.ascii), BOLD)]]
    extent = extent_of(each for tile in tiles for each in tile.series)
    asked_for_log = drawing.log and not drawing.log_by_itself
    lowest = LOWEST_PANEL + asked_for_log - bare  # a logarithmic axis has a row for 0
    grid, room = _fitting(len(tiles), width, None if height is None else height - len(above), lowest)
    if not grid.axes:  # an axis without labels is logarithmic only on request
        drawing = drawing.without_choice_of_log()
    if grid.count < len(tiles):
        told = [_missing(len(tiles), grid.count, width)]
    elif drawing.plain:
        told = []
    else:
        told = [_axes_words(drawing, extent, grid.axes)]
        told.insert(1 if drawing.verdict.all_hold else 0, expected_words(drawing.verdict, drawing.notation))
        if drawing.why_log:
            told.append(drawing.why_log)
    below: list[Line] = []
    for words in told:
        lines = prose(printable(words, terminal.ascii), width)
        if room is None or len(below) + len(lines) <= room:
            below += lines
    scale = scale_of(drawing.values, drawing.log, grid.rows(tiles))
    drawn: list[Line] = []
    for start in range(0, grid.count, grid.across):
        members = tiles[start : min(start + grid.across, grid.count)]
        drawn += _side_by_side([_lines(tile, scale, extent, grid, terminal) for tile in members], grid.width)
    return [*above, *drawn, *below]


def _fitting(count: int, width: int, height: int | None, lowest: int) -> tuple[Grid, int | None]:
    """The layout of `count` panels of at least `lowest` lines, and the lines left for words; None means unlimited."""
    if height is None:
        return grid_of(count, width, None), None
    for room in (3, 1, 0):
        grid = grid_of(count, width, height - room, lowest)
        if grid.count == count:
            return grid, height - -(-count // grid.across) * grid.height
    return grid_of(count, width, height - 1, lowest), 1


def _missing(count: int, drawn: int, width: int) -> str:
    """A sentence about the number of panels that do not fit, as long as the width allows."""
    texts = (f"{count - drawn} of {count} do not fit here: choose with --only, or save with -o",
             f"{count - drawn} of {count} do not fit here", f"and {count - drawn} more")  # fmt: skip
    return next((text for text in texts if len(text) <= width), texts[-1])


def _tile(drawing: Drawing, index: int, terminal: Terminal, bare: bool) -> Tile:
    panel, curve = drawing.panels[index], drawing.shown[index].curve
    traces = [trace_of(drawing, curve, values) for values in panel.values]
    verdict = "" if bare or drawing.plain else panel_verdict(drawing.shown[index], expects=drawing.expects)
    if terminal.ascii:
        verdict = verdict.replace(FAILS, ASCII_FAILS)
    words = "" if bare else ", ".join(filter(None, [verdict, *panel.words]))
    code = FAILED if verdict.startswith((FAILS, ASCII_FAILS)) else DIM
    return Tile(printable(panel.name, terminal.ascii), words, code, [Series(panel.name, traces, 0)])


def _axes_words(drawing: Drawing, extent: Extent, large: bool) -> str:
    """A sentence about the axes that all panels share, with their limits if they have no labels (not `large`)."""
    shares = "learning rates as fractions of each peak" if drawing.relative else "learning rates"
    if large:
        return f"{shares}, on the same axes"
    low, high = scale_of(drawing.values, drawing.log, 4).ends
    kind = "on logarithmic axes" if drawing.log else "on axes"
    over = "the whole of each run" if drawing.clock == "percent" else f"{extent.stop:,.10g} {plural(drawing.clock)}"
    if drawing.parts.of:
        over = f"{drawing.clock_label} {extent.start:,.10g} to {extent.stop:,.10g}"
    return f"{shares} {kind} from {drawing.notation(low)} to {drawing.notation(high)}, over {over}"


def _lines(tile: Tile, scale: Scale, extent: Extent, grid: Grid, terminal: Terminal) -> list[Line]:
    """A panel as it is written: its name, its curve, and axes if it is large enough."""
    ascii = terminal.ascii
    margin = margin_of([scale]) if grid.axes else 1
    canvas = Canvas(grid.width - margin - grid.axes, scale.rows, coarse=ascii)
    draw_on(canvas, tile.series, scale, extent)
    edge = value_axis(scale, margin, ascii) if grid.axes else [[Piece("|" if ascii else "│", DIM)]] * scale.rows
    lines: list[Line] = [[Piece(cut(tile.name, grid.width, ascii), BOLD)]]
    if tile.words:
        words = tile.words if len(tile.words) <= grid.width else tile.words.removeprefix("peak ")
        lines.append([Piece(cut(words, grid.width, ascii), tile.code)])
    lines += [[*left, *row] for left, row in zip(edge, written(canvas, tile.series, terminal), strict=True)]
    if grid.axes:
        lines += clock_axis(extent, canvas.width, margin, ascii)
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
