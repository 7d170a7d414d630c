"""The axes, legend and colours of a chart, as plotly.js takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from lrviz.render.drawing.panels import largest_of
from lrviz.render.drawing.plan import Drawing
from lrviz.render.page.axes import ChartAxis
from lrviz.render.page.html import markup
from lrviz.render.page.marks import ChartMarks
from lrviz.render.style import PALETTES, Palette, Theme
from lrviz.words import BY_SIZE, Notation, axis_notation

LOG_TICKS = "~e"
"""The format of `1e-4` in d3's notation."""

LOWER_PART, LOWER_GAP = {2: 0.27, 3: 0.2}, 0.09
"""The fraction of the chart's height for each axis below the learning rates, by the number of axes, and for the gap
above it."""
LABEL_LETTERS = {2: 18, 3: 12}
"""The number of letters in a line of a lower axis's label, by the number of axes."""

PHASE_LETTERS, EVENT_LETTERS = 12, 11
"""The font sizes of the names of phases and of events, in pixels."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif"
FONT_PAPER = "'STIX Two Text', 'Times New Roman', 'DejaVu Serif', serif"


def font_of(theme: Theme) -> str:
    """The font of a theme, as a CSS list of families."""
    return FONT_PAPER if theme == "paper" else FONT


def ticks_of(drawing: Drawing, axis: ChartAxis) -> str:
    """The d3 format of the labels on a linear axis: powers of ten for small values, else plotly's own."""
    largest = largest_of(drawing.heights(axis.panel))
    return LOG_TICKS if 0 < largest < axis_notation(largest).plain_from else ""


def _rewritten(write: Notation) -> dict[str, str]:
    """The labels of d3's notation that are written otherwise here: 0.01 for 1e-2."""
    parts = [f"{half / 2:g}" for half in range(2, 20)]
    exponents = [f"e{exponent:+d}" for exponent in range(-4, 6)]
    numbers = {part + exponent: write(float(part + exponent)) for exponent in exponents for part in parts}
    return {"0e+0": "0"} | {ours: text for ours, text in numbers.items() if ours != text}


def layout_of(
    drawing: Drawing, axes: Sequence[ChartAxis], marks: ChartMarks, extent: Sequence[float | None], theme: Theme
) -> dict[str, Any]:
    """The plotly layout of a chart; `extent` are the ends of its axis of time."""
    palette = PALETTES[theme]
    font = {"family": font_of(theme), "size": 13, "color": palette.ink}
    common = {
        "gridcolor": palette.faint,
        "linecolor": palette.quiet,
        "showline": True,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": palette.quiet,
        "automargin": True,
        "exponentformat": "e",
        "title": {"standoff": 10},
    }
    layout: dict[str, Any] = {
        "font": font,
        "paper_bgcolor": palette.background,
        "plot_bgcolor": palette.background,
        "margin": {"l": 10, "r": 90 if marks.last else 26, "t": 34, "b": 10},
        "hovermode": "x",
        "hoverdistance": -1,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.quiet, "activecolor": palette.ink},
        "showlegend": len(drawing.columns) + len(drawing.logged) > 1,
        "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "maxheight": 0.5},
        "dragmode": "zoom",
        "xaxis": common
        | {
            "range": extent,
            "title": {"text": drawing.clock_label, "standoff": 8},
            "exponentformat": "B",
            "anchor": axes[-1].short_name,
            "showspikes": True,
            "spikemode": "across",
            "spikesnap": "hovered data",
            "spikethickness": 1,
            "spikecolor": palette.quiet,
            "spikedash": "solid",
        },
    }
    for axis in axes:
        layout[axis.name] = common | {
            "range": axis.limits.range,
            "title": {"text": _label_of(axis, axes), "standoff": 10},
            "tickformat": ticks_of(drawing, axis),
            "labelalias": _rewritten(drawing.notation if axis.rates else BY_SIZE),
            "domain": _domain(axes.index(axis), len(axes)),
        }
    layout["shapes"] = marks.shapes
    layout["annotations"] = [_label(words, palette) for words in (*marks.phases, *marks.events)]
    if drawing.log:
        layout["yaxis"] |= {"type": "log", "range": axes[0].limits.log_range, "tickformat": LOG_TICKS}
    return layout


def _domain(index: int, count: int) -> list[float]:
    """The part of the chart's height for an axis, counted from the top."""
    if count == 1:
        return [0, 1]
    part = LOWER_PART[count]
    start = round((count - 1 - index) * (part + LOWER_GAP), 6)
    return [start, 1 if index == 0 else round(start + part, 6)]


def _label_of(axis: ChartAxis, axes: Sequence[ChartAxis]) -> str:
    """The label of one of some axes; on a lower one in at most two lines."""
    if axis is axes[0]:
        return markup(axis.panel.label)
    return "<br>".join(map(markup, _label_lines(axis, axes) or [axis.panel.short_label]))


def _label_lines(axis: ChartAxis, axes: Sequence[ChartAxis]) -> list[str]:
    """The lines of the label of a lower axis; none if they are more than two."""
    lines = wrap(axis.panel.label, LABEL_LETTERS[len(axes)])
    return lines if len(lines) <= 2 else []


def cut_labels(axes: Sequence[ChartAxis]) -> list[str]:
    """The labels that have no room beside their axes."""
    return [axis.panel.whole_label for axis in axes[1:] if not _label_lines(axis, axes)]


def _label(words: Mapping[str, Any], palette: Palette) -> dict[str, Any]:
    """A label at the top of the chart. The page places and shows it once it knows its width."""
    return {
        "text": words["words"],
        "x": words.get("at", words.get("from")),
        "xref": "x",
        "y": 1,
        "yref": "y domain",
        "yanchor": "top",
        "showarrow": False,
        "visible": False,
        "captureevents": False,
        "font": {"size": PHASE_LETTERS if "from" in words else EVENT_LETTERS, "color": palette.quiet},
    }
