"""The panels of a drawing: learning rates, linear or logarithmic, perhaps as fractions of a peak, and momentum.

The panel of a metric is made in `metric.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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

PanelKind: TypeAlias = Literal["lr", "momentum", "metric"]

RATES_APART = 4
"""Small multiples share an axis of learning rates if the highest peak is at most this many times the lowest. A curve
below a quarter of the axis would look flat."""

DECADES_BY_ITSELF = 3
"""An axis of learning rates becomes logarithmic by itself if they span more decades than this."""

LOW_PART = 0.05
"""The fraction of a run that has to be that far below the peak: the first or last step alone is not enough."""

TAIL = 0.005
"""The fraction of a run that may lie below the decades of the axis: the last steps of a cosine would take ten."""

MOST_DECADES = 100
"""No logarithmic axis has more decades; what is further below the largest value is drawn near 0. Doubles have six
hundred, and arithmetic on an axis of that many overflows."""


class Reduction(NamedTuple):
    """A reading of a metric after which the learning rate of a column is reduced: its place on the clock, its value."""

    column: int
    x: float
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One axis of values with its lines.

    `columns` are the lines, as indices of the drawing's columns. Each of `values` is ticks long, divided by one of
    `scales`, with NaN for values that cannot be drawn. `log_by_itself` is true if the axis is logarithmic although
    nobody asked for it. In small multiples, `name` is the name of the panel's curve; `words` add what the axes do not
    show. In a panel of a metric, `common` is true for a line that belongs to several columns, `reductions` are marked.
    `beneath` is given in a panel of a restarted training.
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
    common: tuple[bool, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    beneath: Beneath | None = None

    @property
    def heights(self) -> tuple[NDArray[np.float64], ...]:
        """The values that its axis has to include, each ticks long."""
        return self.values if self.beneath is None else (*self.values, *self.beneath.values)

    @property
    def short_label(self) -> str:
        """What stands beside the axis if the label has no room there."""
        return "metric" if self.kind == "metric" else self.label

    @property
    def whole_label(self) -> str:
        """The label as a phrase below the axes if it has no room beside them."""
        return self.label if self.label.startswith(self.short_label) else f"{self.short_label}: {self.label}"


class Beneath(NamedTuple):
    """The plan beneath the lines of a restarted training: a line for each of `values` (ticks long), the place of the
    restart on the clock and its tick, and whether the lines leave the plan."""

    values: tuple[NDArray[np.float64], ...]
    seam: float
    tick: int
    leaves: bool


class Decades(NamedTuple):
    """The learning rates that a logarithmic axis has to show, both above 0. `lowest` may be above some values."""

    lowest: float
    highest: float


def kinds_of(shown: Sequence[Shown], look: Look, *, lower: bool) -> list[PanelKind]:
    """The kinds of the panels, from the top. Raises `ScheduleError` if it is to be momentum, and none changes."""
    moves = any(each.curve.momentum_columns is not None for each in shown)
    if look.y in ("momentum", "both") and not moves:
        raise nothing_moves_momentum(look)
    if look.y == "momentum":
        return ["momentum"]
    if look.y == "both" or (look.y is None and moves and len(shown) == 1 and not look.plain and lower):
        return ["lr", "momentum"]
    return ["lr"]


# --- values --------------------------------------------------------------------------------------------------


def rates_panel(columns: Sequence[Column], indices: Sequence[int], *, relative: bool) -> Panel:
    """The learning rates of the columns at `indices`, on a linear axis; with `relative`, as fractions of their curve's
    peak."""
    chosen = [columns[index] for index in indices]
    peaks = {id(column.curve): peak_of(column.curve) or 1.0 if relative else 1.0 for column in chosen}
    scales = tuple(peaks[id(column.curve)] for column in chosen)
    with np.errstate(over="ignore"):
        values = tuple(gapped(drawable(column) / scale) for column, scale in zip(chosen, scales, strict=True))
    label = "learning rate, as a fraction of its peak" if relative else "learning rate"
    return Panel("lr", label, tuple(indices), values, scales)


def momentum_panel(shown: Sequence[Shown], columns: Sequence[Column]) -> Panel:
    """The momentum (or beta1) of the columns whose scheduler changes it."""
    moving = tuple(index for index, column in enumerate(columns) if column.curve.momentum_columns is not None)
    values = tuple(gapped(numbers_of(columns[index], "momentum")) for index in moving)
    return Panel("momentum", momentum_name(shown), moving, values, (1.0,) * len(moving))


def numbers_of(column: Column, kind: PanelKind) -> memoryview:
    """The unscaled learning rates or momentum of a column, ticks long."""
    if kind == "lr":
        return column.curve.columns[column.group]
    assert column.curve.momentum_columns is not None
    return column.curve.momentum_columns[column.group]


def peak_of(curve: Curve) -> float:
    """The largest drawable learning rate of any group; 0 if none is above 0."""
    return max(float(np.nanmax(drawable(column), initial=0.0)) for column in columns_of([curve]))


def alike_rates(curves: Sequence[Curve]) -> bool:
    """True if the peaks of some curves are similar enough for one axis."""
    return within([peak_of(curve) for curve in curves], RATES_APART)


def largest_of(rates: Sequence[NDArray[np.float64]]) -> float:
    """The largest finite size of `rates`, each ticks long; 0 if there is none."""
    return max((float(np.abs(each[np.isfinite(each)]).max(initial=0.0)) for each in rates), default=0.0)


# --- decades -------------------------------------------------------------------------------------------------


def spans_decades(rates: Sequence[NDArray[np.float64]]) -> bool:
    """True if `rates` (each ticks long) span more than three decades, for more than a twentieth of a run.

    Always False if one of them is below 0. Zeros are ignored.
    """
    above = _above_zero(rates)
    if not above or any((values < 0).any() for values in rates):
        return False
    lowest = min(float(np.quantile(values, LOW_PART, method="lower")) for values in above)
    return bool(max(float(values.max()) for values in above) > 10**DECADES_BY_ITSELF * lowest)


def decades_of(rates: Sequence[NDArray[np.float64]]) -> Decades | None:
    """The decades that `rates` (each ticks long) need, at most `MOST_DECADES`; None if no value is above 0."""
    above = _above_zero(rates)
    if not above:
        return None
    highest = max(float(values.max()) for values in above)
    largest = max(highest, *(float(-np.nanmin(values, initial=0.0)) for values in rates))
    lowest = max(min(map(_lowest_shown, above)), largest / 10.0**MOST_DECADES)
    return Decades(lowest, max(highest, lowest))


def _above_zero(rates: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """For each of `rates` that has any, its finite values above 0."""
    above = [values[np.isfinite(values) & (values > 0)] for values in rates]
    return [values for values in above if values.size]


def _lowest_shown(positive: NDArray[np.float64]) -> float:
    """The lowest learning rate that the decades must include: all but the last steps of a fall towards 0.

    The first value of a run, and any level that it holds, are always included.
    """
    held = positive[:-1][positive[:-1] == positive[1:]]
    lowest = [float(np.quantile(positive, TAIL, method="lower")), float(positive[0])]
    return min([*lowest, float(held.min())] if held.size else lowest)


def with_log(panel: Panel, look: Look) -> Panel:
    """A panel of learning rates, with a logarithmic axis if `look` asks for it or its values need it."""
    by_itself = look.log is None and not look.plain and spans_decades(panel.values)
    if look.log:
        require_above_zero(panel.values)
    return replace(panel, log=bool(look.log) or by_itself, log_by_itself=by_itself)


def require_above_zero(rates: Sequence[NDArray[np.float64]]) -> None:
    """Raises `ScheduleError` if no value of `rates` (each ticks long) is above 0."""
    if not _above_zero(rates):
        raise ScheduleError.at(
            Position("lrviz"),
            "no learning rate is above 0, so a logarithmic axis can show none",
            "leave out --log",
        )


# --- momentum that cannot be drawn -----------------------------------------------------------------------------


def nothing_moves_momentum(look: Look) -> ScheduleError:
    """The error that momentum was requested, but no scheduler changes it."""
    return ScheduleError.at(
        Position("lrviz"), f"--y {look.y} needs a schedule that changes momentum, and none does", "leave out --y"
    )


def no_momentum_in_multiples() -> ScheduleError:
    """The error that momentum was requested for small multiples."""
    return ScheduleError.at(
        Position("lrviz"),
        "small multiples show only learning rates, not momentum",
        "choose fewer schedules with --only",
    )
