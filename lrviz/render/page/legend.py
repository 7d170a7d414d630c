"""The legend of a chart: the names that the other pictures have, and which lines each of them hides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrviz.render.drawing.names import Key
from lrviz.render.drawing.plan import Drawing
from lrviz.render.page.html import markup
from lrviz.render.page.line_styles import LineStyle

SAMPLE = 14
"""The size of the sample of several lines, in pixels."""


@dataclass(frozen=True, slots=True)
class Legend:
    """The names in a legend; `of` has the number of the key that each column belongs to, by its index."""

    keys: Sequence[Key]
    of: Mapping[int, int]

    def family(self, column: int) -> str:
        """The legend group of all that is hidden together with the line of a column."""
        return str(self.of[column])

    def entry(self, column: int, *, shown: bool) -> dict[str, Any]:
        """The legend's part of the trace of a column's line; if `shown`, the first line of a key has its name."""
        number = self.of[column]
        key = self.keys[number]
        shown = shown and not key.many and key.columns[0] == column
        named = {"name": markup(key.name), "legendrank": number} if shown else {}
        return {"legendgroup": str(number), "showlegend": shown, **named}

    def samples(self, styles: Sequence[LineStyle]) -> Iterator[dict[str, Any]]:
        """A trace that draws nothing for each key of many lines: its sample goes from their first colour to the last.

        `styles` are those of all columns.
        """
        for number, key in enumerate(self.keys):
            if key.many:
                first, last = (styles[key.columns[at]].color for at in (0, -1))
                gradient = {"type": "horizontal", "color": last}
                yield {
                    "type": "scatter",
                    "mode": "markers",
                    "meta": "sample",
                    "name": markup(key.name),
                    "legendgroup": str(number),
                    "legendrank": number,
                    "showlegend": True,
                    "hoverinfo": "skip",
                    "x": [None],
                    "y": [None],
                    "marker": {"symbol": "square", "size": SAMPLE, "color": first, "gradient": gradient},
                }


def legend_of(drawing: Drawing) -> Legend:
    """The legend of a drawing. A column without a name of its own is one of the many of its curve."""
    panel = drawing.panels[0]
    keys = [Key(key.name, tuple(panel.columns[at] for at in key.columns), many=key.many) for key in drawing.keys(panel)]
    of = {column: number for number, key in enumerate(keys) for column in key.columns}
    many = {id(drawing.columns[key.columns[0]].curve): number for number, key in enumerate(keys) if key.many}
    for index in panel.columns:
        of.setdefault(index, many.get(id(drawing.columns[index].curve), 0))
    return Legend(keys, of)
