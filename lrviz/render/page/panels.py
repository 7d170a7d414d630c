"""What the axes of a chart show: learning rates, momentum below them where it moves, or what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrviz.render.choice import nothing_moves_momentum, peak_of
from lrviz.render.outline import LARGEST, drawable
from lrviz.render.page.scale import Scale, scale_of_momentum, scale_of_rates
from lrviz.render.rows import Column
from lrviz.render.shown import Shown, momentum_name
from lrviz.render.style import Look

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Panel:
    """Values of those columns that have them (by index; each ticks long) on one axis of a chart, with a gap where one
    cannot be drawn. `scales` is what the learning rates of each column are divided by."""

    axis: str
    label: str
    columns: list[int]
    values: list[NDArray[np.float64]]
    scales: list[float]
    scale: Scale

    @property
    def rates(self) -> bool:
        """Whether this is the panel of learning rates."""
        return self.axis == "yaxis"

    @property
    def short_axis(self) -> str:
        """The axis as traces name it."""
        return self.axis.replace("axis", "")

    def column(self, columns: Sequence[Column], at: int) -> memoryview:
        """The numbers themselves of the column that stands at a place of the panel."""
        column = columns[self.columns[at]]
        return column.curve.columns[column.group] if self.rates else momentum_of(column)


def panels_of(shown: Sequence[Shown], columns: Sequence[Column], look: Look) -> list[Panel]:
    """The panels of a chart, from above. Raises `ScheduleError` where a momentum is asked for that does not move."""
    moving = [index for index, column in enumerate(columns) if column.curve.momentum_columns is not None]
    if look.y in ("momentum", "both") and not moving:
        raise nothing_moves_momentum(look)
    panels = []
    if look.y != "momentum":
        panels.append(_rates(columns, look))
    if look.y in ("momentum", "both") or (look.y is None and moving and len(shown) == 1 and not look.plain):
        axis = "yaxis2" if panels else "yaxis3"
        panels.append(_momentum(shown, columns, moving, axis))
    return panels


def _rates(columns: Sequence[Column], look: Look) -> Panel:
    relative = look.y == "relative"
    scales = [peak_of(column.curve) or 1.0 if relative else 1.0 for column in columns]
    values = [drawable(column) / scale for column, scale in zip(columns, scales, strict=True)]
    label = "learning rate, as a fraction of its peak" if relative else "learning rate"
    axis = scale_of_rates(values, required=bool(look.log))
    return Panel("yaxis", label, list(range(len(columns))), values, scales, axis)


def _momentum(shown: Sequence[Shown], columns: Sequence[Column], moving: list[int], axis: str) -> Panel:
    import numpy as np

    values = []
    for index in moving:
        momentum = np.frombuffer(momentum_of(columns[index]))
        values.append(np.where(np.abs(momentum) <= LARGEST, momentum, np.nan))
    return Panel(axis, momentum_name(shown), moving, values, [1.0] * len(moving), scale_of_momentum(values))


def momentum_of(column: Column) -> memoryview:
    """The momentum (or beta1) of a column, ticks long."""
    assert column.curve.momentum_columns is not None
    return column.curve.momentum_columns[column.group]
