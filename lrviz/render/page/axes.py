"""The axes of a chart, by their names in plotly: each shows a panel of the drawing and has limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrviz.render.drawing.panels import Panel, numbers_of
from lrviz.render.drawing.plan import Drawing
from lrviz.render.page.legend import Legend
from lrviz.render.page.limits import Limits, limits_below, limits_of_rates


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

    def numbers(self, drawing: Drawing, at: int) -> Sequence[float]:
        """The unscaled numbers of the panel's line number `at`, ticks long."""
        if self.panel.kind == "metric":
            return self.panel.values[at].data
        return numbers_of(drawing.columns[self.panel.columns[at]], self.panel.kind)

    def common(self, at: int) -> bool:
        """True if the panel's line number `at` belongs to several columns."""
        return bool(self.panel.common) and self.panel.common[at]

    def family(self, at: int, legend: Legend) -> str:
        """The legend group of all that is hidden together with the panel's line number `at`."""
        return self.panel.label if self.common(at) else legend.family(self.panel.columns[at])


def axes_of(drawing: Drawing) -> list[ChartAxis]:
    """The axes of a chart, from the top. `yaxis` is that of learning rates, the only one that may be logarithmic."""
    return [
        ChartAxis("yaxis", panel, limits_of_rates(drawing.heights(panel)))
        if panel.kind == "lr"
        else ChartAxis(f"yaxis{1 + below if below else 3}", panel, limits_below(panel.values))
        for below, panel in enumerate(drawing.panels)
    ]
