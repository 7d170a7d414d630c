"""The axes of values: what each shows, fractions of a peak, momentum, and whether its learning rates lie in decades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.render.curves import Column, columns_of
from lrviz.render.drawing.clock import within
from lrviz.render.outline import drawable, gapped
from lrviz.render.shown import Shown, momentum_name
from lrviz.render.style import Look

PanelKind: TypeAlias = Literal["lr", "momentum"]

RATES_APART = 4
"""Small multiples share their learning rates where the highest peak is at most this many times the lowest. Below a
quarter of an axis a shape is flat."""

DECADES_BY_ITSELF = 3
"""An axis of learning rates is logarithmic by itself where they span more decades than this."""

LOW_PART = 0.05
"""The part of a run that has to lie that far below the peak: a first or a last step alone is no reason."""

TAIL = 0.005
"""The part of a run that need not lie in a decade of its own: the last steps of a cosine would take ten."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What one axis of values shows.

    `columns` are the lines, as indices of the drawing's columns. Each of `values` is ticks long, divided by one of
    `scales`, with NaN where a value cannot be drawn. `log_by_itself` says that nobody asked for the logarithmic axis.
    In small multiples `name` is that of the panel's curve, and `words` say what the shared axes do not.
    """

    kind: PanelKind
    label: str
    columns: tuple[int, ...]
    values: tuple[NDArray[np.float64], ...]
    scales: tuple[float, ...]
    log: bool = False
    log_by_itself: bool = False
    name: str = ""
    words: tuple[str, ...] = ()


class Decades(NamedTuple):
    """The learning rates that a logarithmic axis has to show, both above 0."""

    lowest: float
    highest: float


# --- values --------------------------------------------------------------------------------------------------


def rates_panel(columns: Sequence[Column], indices: Sequence[int], *, relative: bool) -> Panel:
    """The learning rates of the columns at `indices`, on a linear axis; as fractions of their curve's peak if
    `relative`."""
    chosen = [columns[index] for index in indices]
    peaks = {id(column.curve): peak_of(column.curve) or 1.0 if relative else 1.0 for column in chosen}
    scales = tuple(peaks[id(column.curve)] for column in chosen)
    values = tuple(drawable(column) / scale for column, scale in zip(chosen, scales, strict=True))
    label = "learning rate, as a fraction of its peak" if relative else "learning rate"
    return Panel("lr", label, tuple(indices), values, scales)


def momentum_panel(shown: Sequence[Shown], columns: Sequence[Column]) -> Panel:
    """The momentum (or beta1) of those columns whose curve moves it."""
    moving = tuple(index for index, column in enumerate(columns) if column.curve.momentum_columns is not None)
    values = tuple(gapped(numbers_of(columns[index], "momentum")) for index in moving)
    return Panel("momentum", momentum_name(shown), moving, values, (1.0,) * len(moving))


def numbers_of(column: Column, kind: PanelKind) -> memoryview:
    """The learning rates or the momentum of a column as the curve has them, ticks long."""
    if kind == "lr":
        return column.curve.columns[column.group]
    assert column.curve.momentum_columns is not None
    return column.curve.momentum_columns[column.group]


def peak_of(curve: Curve) -> float:
    """The largest learning rate of any group that can be drawn; 0 where none is above it."""
    return max(float(np.nanmax(drawable(column), initial=0.0)) for column in columns_of([curve]))


def alike_rates(curves: Sequence[Curve]) -> bool:
    """Whether the peaks of some curves are near enough to one another for one axis."""
    return within([peak_of(curve) for curve in curves], RATES_APART)


# --- decades -------------------------------------------------------------------------------------------------


def spans_decades(rates: Sequence[NDArray[np.float64]]) -> bool:
    """Whether `rates` (each ticks long) span more than three decades, for more than a twentieth of a run.

    Never where one of them is below 0. Zeros are not looked at.
    """
    above = _above_zero(rates)
    if not above or any((values < 0).any() for values in rates):
        return False
    lowest = min(float(np.quantile(values, LOW_PART, method="lower")) for values in above)
    return bool(max(float(values.max()) for values in above) > 10**DECADES_BY_ITSELF * lowest)


def decades_of(rates: Sequence[NDArray[np.float64]]) -> Decades | None:
    """The decades that `rates` (each ticks long) need; None where nothing is above 0."""
    above = _above_zero(rates)
    if not above:
        return None
    return Decades(min(map(_lowest_shown, above)), max(float(values.max()) for values in above))


def _above_zero(rates: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """The finite values above 0 of each that has any."""
    above = [values[np.isfinite(values) & (values > 0)] for values in rates]
    return [values for values in above if values.size]


def _lowest_shown(positive: NDArray[np.float64]) -> float:
    """The lowest learning rate that has to lie in a decade: all but the last steps of a fall towards 0.

    Where a run begins, and any level that it holds, always has to.
    """
    held = positive[:-1][positive[:-1] == positive[1:]]
    lowest = [float(np.quantile(positive, TAIL, method="lower")), float(positive[0])]
    return min([*lowest, float(held.min())] if held.size else lowest)


def require_above_zero(rates: Sequence[NDArray[np.float64]]) -> None:
    """Raises `ScheduleError` where a logarithmic axis has nothing to show of `rates` (each ticks long)."""
    if not _above_zero(rates):
        raise ScheduleError.at(
            Position("lrviz"), "no learning rate is above 0, so a logarithmic axis can show none", "leave --log out"
        )


# --- momentum that cannot be drawn -----------------------------------------------------------------------------


def nothing_moves_momentum(look: Look) -> ScheduleError:
    """That the momentum which is asked for is not there."""
    return ScheduleError.at(
        Position("lrviz"), f"no schedule here moves momentum, which --y {look.y} draws", "leave --y out"
    )


def no_momentum_in_multiples() -> ScheduleError:
    """That small multiples do not show the momentum which is asked for."""
    return ScheduleError.at(
        Position("lrviz"), "small multiples show learning rates, and no momentum", "choose fewer with --only"
    )
