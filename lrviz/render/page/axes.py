"""The axes of a chart as plotly names them: each has a panel of the drawing, and limits."""

from __future__ import annotations

from dataclasses import dataclass

from lrviz.render.drawing.panels import Panel, numbers_of
from lrviz.render.drawing.plan import Drawing
from lrviz.render.page.limits import Limits, limits_of_momentum, limits_of_rates


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """The axis of values of a panel; `name` is its key in plotly's layout."""

    name: str
    panel: Panel
    limits: Limits

    @property
    def rates(self) -> bool:
        """Whether this is the axis of learning rates."""
        return self.panel.kind == "lr"

    @property
    def short_name(self) -> str:
        """The axis as traces name it."""
        return self.name.replace("axis", "")

    def numbers(self, drawing: Drawing, at: int) -> memoryview:
        """The numbers themselves of the column that stands at a place of the panel, ticks long."""
        return numbers_of(drawing.columns[self.panel.columns[at]], self.panel.kind)


def axes_of(drawing: Drawing) -> list[ChartAxis]:
    """The axes of a chart, from above. `yaxis` is that of learning rates, which alone may be logarithmic."""
    axes = []
    for panel in drawing.panels:
        if panel.kind == "lr":
            axes.append(ChartAxis("yaxis", panel, limits_of_rates(panel.values)))
        else:
            axes.append(ChartAxis("yaxis2" if axes else "yaxis3", panel, limits_of_momentum(panel.values)))
    return axes
