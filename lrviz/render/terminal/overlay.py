"""Curves as a picture in a terminal: no larger than the window, with readable axes, and a few words below.

If the window is too small for everything, the least important parts are left out first, but never the axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lrviz.ansi import BOLD, DIM, Terminal
from lrviz.render.braille import Canvas
from lrviz.render.drawing.clock import Extent
from lrviz.render.drawing.logged import Points
from lrviz.render.drawing.plan import Drawing, drawing_of
from lrviz.render.drawing.said import metric_words, not_drawn
from lrviz.render.shown import Shown
from lrviz.render.style import Look
from lrviz.render.terminal.axes import (
    NAMES_PART,
    Series,
    Span,
    beside,
    clock_axis,
    draw_on,
    margin_of,
    span_axis,
    tag,
    tag_width,
    value_axis,
    written,
)
from lrviz.render.terminal.logged import logged_words, with_points
from lrviz.render.terminal.painted import Line, Piece, cut, painted, printable, prose, shortened, wrapped
from lrviz.render.terminal.scale import Scale
from lrviz.render.terminal.told import FAILED, Told, expected_words, summary_words
from lrviz.render.terminal.traces import extent_of, scale_of, series_of

WIDTH, HEIGHT = 80, 20
"""The columns and lines of a picture if no window limits it."""

PROMPT = 2
"""The rows of a window that a picture leaves for the prompt."""

SMALLEST_WINDOW = (16, 6)
"""The minimum columns and lines of a picture."""

LOWER_ROWS, UPPER_ROWS = 4, 7
"""The rows of axes below those of learning rates, and the minimum of these, below which they are alone."""

MARKED = {False: "▾", True: "v"}
"""The sign at a place that is marked, by whether the terminal shows only ASCII."""

LOG_HEIGHT = 10
"""In a picture with fewer lines, an axis is logarithmic only on request: its decades would share rows."""


def draw(shown: Sequence[Shown], look: Look, terminal: Terminal, rows: int | None) -> str:
    """The picture of some curves as text: at most `terminal.width` columns wide and `rows - 2` lines high.

    If no window limits it, it is 80 columns wide and 20 lines high. If the window is too small, the result is a
    sentence that says so. Raises `ScheduleError` if a curve does not know the clock in `look`, if momentum is requested
    but no scheduler changes it, or if a logarithmic axis is requested but no learning rate is above 0.
    """
    from lrviz.render.terminal.multiples import draw_multiples

    drawing = drawing_of(shown, look)
    width = WIDTH if terminal.width is None else terminal.width
    height = HEIGHT if rows is None else rows - PROMPT
    if width < SMALLEST_WINDOW[0] or height < SMALLEST_WINDOW[1]:
        needed = f"{SMALLEST_WINDOW[0]} x {SMALLEST_WINDOW[1] + PROMPT}"
        words = f"a window of {width} x {height + PROMPT} is too small for a picture, which needs at least {needed}"
        lines = prose(words, max(width, 1), "")
        lines = lines[: max(height, 1)]
    elif drawing.multiples:
        lines = draw_multiples(drawing, terminal, width, None if rows is None else height)
    else:
        lines = _overlay(drawing if height >= LOG_HEIGHT else drawing.without_choice_of_log(), terminal, width, height)
    return "".join(f"{painted(line, terminal.color)}\n" for line in lines)


# --- parts of a picture ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class TextAxes:
    """One axes of a picture: its title, its lines, what runs logged, and places (time and value) that are marked."""

    title: str
    series: list[Series]
    log: bool = False
    from_zero: bool = True
    logged: Sequence[Points] = ()
    marked: Sequence[tuple[float, float]] = ()

    @property
    def values(self) -> list[NDArray[np.float64]]:
        """All values that the axis of values has to reach, those of logs too."""
        runs = [run.values for run in self.logged if len(run.values)]
        return [*(trace.values for each in self.series for trace in each.traces), *runs]

    def scale(self, rows: int) -> Scale:
        """Its axis of values on at most `rows` rows."""
        return scale_of(self.values, self.log, rows, from_zero=self.from_zero)


# --- the picture -------------------------------------------------------------------------------------------


def _overlay(drawing: Drawing, terminal: Terminal, width: int, height: int) -> list[Line]:
    """All curves on one axes of learning rates, with momentum and a metric, if the drawing has them, below it."""
    parts = [
        TextAxes(
            "   ".join([panel.label, *metric_words([panel], MARKED[terminal.ascii])]),
            series_of(drawing, panel),
            panel.log,
            from_zero=panel.kind == "lr",
            marked=[(reduction.x, reduction.value) for reduction in panel.reductions],
        )
        for panel in drawing.panels
    ]
    phases = [Span(printable(phase.words, terminal.ascii), phase.start, phase.stop) for phase in drawing.phases]
    told = [*logged_words(drawing, terminal), *_told(drawing, parts[0].series)]
    parts[0] = replace(parts[0], logged=drawing.logged)
    return layout(parts, drawing.clock_label, told, terminal, width, height, title=drawing.title, phases=phases)


def _told(drawing: Drawing, series: Sequence[Series]) -> list[Told]:
    """The sentences below a picture, the most important first."""
    told = [
        Told(words, 4)
        for words in (drawing.why_log, drawing.why_percent, drawing.why_no_metric, _left_out(drawing))
        if words
    ]
    if len(series) == 1 and len(series[0].traces) > 1:  # a range of param groups, and no other names
        told.insert(0, Told(series[0].name, 4, ""))
    told += [Told(words, 4) for words in not_drawn(drawing.curves)]
    if drawing.plain:
        return told
    verdict = drawing.verdict
    if len(drawing.shown) == 1 and not drawing.parts.of:
        told.append(Told(summary_words(drawing.curves[0], drawing.notation), 6, ""))
    if words := expected_words(verdict, drawing.notation):
        told.append(Told(words, 5, DIM if verdict.all_hold else FAILED))
    return told


def _left_out(drawing: Drawing) -> str:
    """A sentence that names the lines with negative values, for which a logarithmic axis has no rows."""
    if drawing.rates is None or not drawing.log:
        return ""
    columns = [drawing.columns[index] for index in drawing.rates.columns]
    below = [column.title for column, values in zip(columns, drawing.rates.values, strict=True) if (values < 0).any()]
    return f"left out: values below 0 ({', '.join(below)})" if below else ""


def layout(
    parts: Sequence[TextAxes],
    over: str,
    told: Sequence[Told],
    terminal: Terminal,
    width: int,
    height: int,
    title: str = "",
    phases: Sequence[Span] = (),
) -> list[Line]:
    """The axes, stacked over one axis of time labelled `over`, with a title, and the words that have room below."""
    ascii, named = terminal.ascii, len(parts[0].series) > 1
    words = [Told(printable(each.text, ascii), each.rows, each.code) for each in told]
    parts = [replace(part, series=[each.printable(ascii) for each in part.series]) for part in parts]
    series = parts[0].series
    names = max((tag_width(series, terminal) + 1) if named else 0, 0)
    rows = height - 2  # the axis of time and its labels
    aside = named and names <= NAMES_PART * width and len(series) <= max(3, rows - 3)
    legend = wrapped([tag(each, terminal, width) for each in series], width, "   ") if named and not aside else []
    legend = shortened(legend, max(1, rows - 3), width, ascii)
    rows -= len(legend)
    below: list[Line] = []
    for each in words:
        lines = prose(each.text, width, each.code)
        if rows - len(lines) >= each.rows:
            rows -= len(lines)
            below += lines
    heading, headed, labelled = bool(title) and rows >= 5, rows >= 7, rows >= 8
    rows -= heading + headed + labelled
    spanned = bool(phases) and rows >= 8
    rows -= spanned
    lower = parts[1 : 1 + max(0, rows - UPPER_ROWS) // (LOWER_ROWS + 1)]
    rows -= len(lower) * (LOWER_ROWS + 1)
    scales = [parts[0].scale(max(3, rows)), *(part.scale(LOWER_ROWS) for part in lower)]
    margin = margin_of(scales)
    canvas_width = max(4, width - margin - (names if aside else 1))
    extent = extent_of(each for part in parts for each in part.series)
    lines = [[Piece(cut(printable(title, ascii), width, ascii), BOLD)]] if heading else []
    for index, (part, scale) in enumerate(zip(parts, scales, strict=False)):
        if headed or index:
            title = printable(" " * (margin - 1) + part.title, ascii)
            lines.append([Piece(cut(title, width, ascii), DIM)])
        if spanned and index == 0:
            lines.append([Piece(" " * margin), *span_axis(phases, extent, canvas_width, ascii)])
        rows_of = axes(part, scale, extent, canvas_width, margin, terminal, names=aside and index == 0)
        lines += with_points(rows_of, part.logged, scale, extent, canvas_width, terminal)
    lines += clock_axis(extent, canvas_width, margin, ascii)
    if labelled:
        lines.append([Piece(" " * (margin + max(0, canvas_width - len(over)) // 2) + over, DIM)])
    return [*lines, *legend, *below]


def axes(
    part: TextAxes, scale: Scale, extent: Extent, width: int, margin: int, terminal: Terminal, *, names: bool
) -> list[Line]:
    """One axes without the axis of time: its curves are `width` columns wide, with `names` at their right."""
    series = part.series
    canvas = Canvas(width, scale.rows, coarse=terminal.ascii)
    ends = draw_on(canvas, series, scale, extent)
    edge = value_axis(scale, margin, terminal.ascii)
    rows = written(canvas, series, terminal)
    for x, value in part.marked:
        row = np.rint(scale.positions(np.array([value])))[0]
        if 0 <= row < scale.rows:
            column = min(width - 1, int(extent.part(x) * width))
            rows[int(row)][column] = Piece(MARKED[terminal.ascii], BOLD)
    lines = [[*left, *drawn] for left, drawn in zip(edge, rows, strict=True)]
    if names:
        for each, row in zip(series, beside(ends, scale.rows), strict=True):
            lines[row] += [Piece(" "), *tag(each, terminal, 10_000)]
    return lines
