"""The axes of a chart, by their names in plotly: each shows a panel of the drawing and has limits."""

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
        """True for the axis of learning rates."""
        return self.panel.kind == "lr"

    @property
    def short_name(self) -> str:
        """The name by which traces refer to the axis: `y`, `y2`."""
        return self.name.replace("axis", "")

    def numbers(self, drawing: Drawing, at: int) -> memoryview:
        """The unscaled numbers of the panel's column number `at`, ticks long."""
        return numbers_of(drawing.columns[self.panel.columns[at]], self.panel.kind)


def axes_of(drawing: Drawing) -> list[ChartAxis]:
    """The axes of a chart, from the top. `yaxis` is that of learning rates, the only one that may be logarithmic."""
    axes = []
    for panel in drawing.panels:
        if panel.kind == "lr":
            axes.append(ChartAxis("yaxis", panel, limits_of_rates(drawing.heights(panel))))
        else:
            axes.append(ChartAxis("yaxis2" if axes else "yaxis3", panel, limits_of_momentum(panel.values)))
    return axes
