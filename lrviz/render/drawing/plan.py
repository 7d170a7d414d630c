"""The plan of a drawing: its panels, clock, title, marks and sentences, before anything is drawn.

The three kinds of pictures translate a `Drawing`; a test can read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.render.curves import Column, columns_of, steps_per_epoch_of
from lrviz.render.drawing.beneath import with_plan
from lrviz.render.drawing.clock import CLOCK_LABELS, Extent, check_clock, common_clock
from lrviz.render.drawing.logged import Points, not_in_multiples, points_of
from lrviz.render.drawing.marks import Event, Marks, PhaseBand, marks_of
from lrviz.render.drawing.metric import metric_panel, metrics_of, why_no_metric
from lrviz.render.drawing.names import Key, Sweep, keys_of, sweep_of, title_of, titled_columns
from lrviz.render.drawing.panels import (
    Panel,
    alike_rates,
    kinds_of,
    largest_of,
    momentum_panel,
    no_momentum_in_multiples,
    peak_of,
    rates_panel,
    require_above_zero,
    spans_decades,
    with_log,
)
from lrviz.render.drawing.said import LOG_BY_ITSELF, Verdict, percent_by_itself, short_length, source_of, verdict_of
from lrviz.render.drawing.styles import is_crowded
from lrviz.render.drawing.window import WHOLE, Parts, parts_of
from lrviz.render.outline import points
from lrviz.render.shown import Shown, shown_of
from lrviz.render.style import Look
from lrviz.run import Clock
from lrviz.words import Notation, axis_notation, short_rate

MOST_OVERLAID = 8
"""More schedules than this are drawn as small multiples by default."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything that a picture shows of some curves.

    `columns` are its lines, one per param group if groups differ. `panels` are stacked axes over the same `clock`, or,
    in small multiples (`multiples`), one per curve with the same limits. `relative` means that learning rates are
    fractions of their curve's peak, `plain` that only lines, axes and names are drawn, `expects` that expectations are
    marked and told. `phases`, `events` and `marks` belong to the panel of learning rates; small multiples have none.
    `title_asked` means that the user set the title, instead of the files. `sweep` is the name that all schedules of a
    sweep have in common, which is not in the names of the lines. `why_percent` is the reason that the clock is percent
    of the run although all runs know another one; empty if it is not, or if the user asked for it. `why_no_metric` is
    the reason that the metrics of the schedules have no panel, or empty. `remarks` are sentences for below it. `logged`
    is what real runs logged, over the lines of the panel of learning rates. `parts` of the runs are drawn, or all of
    them.
    """

    shown: tuple[Shown, ...]
    title: str
    clock: Clock
    columns: tuple[Column, ...]
    panels: tuple[Panel, ...]
    multiples: bool = False
    relative: bool = False
    plain: bool = False
    expects: bool = True
    phases: tuple[PhaseBand, ...] = ()
    events: tuple[Event, ...] = ()
    marks: Marks = ()
    title_asked: bool = False
    sweep: str = ""
    why_percent: str = ""
    why_no_metric: str = ""
    remarks: tuple[str, ...] = ()
    logged: tuple[Points, ...] = ()
    parts: Parts = WHOLE

    @property
    def curves(self) -> list[Curve]:
        """The curves that are drawn, in the order of the files."""
        return [each.curve for each in self.shown]

    @property
    def clock_label(self) -> str:
        """The label below the axis of time."""
        return CLOCK_LABELS[self.clock]

    @cached_property
    def extent(self) -> Extent:
        """The axis of time: up to where the longest run ends, or the part that is drawn."""
        return self.parts.extent(self.curves, self.clock)

    def line(self, index: int, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The line of a column for its `values` (ticks long) in a panel, as positions on the clock and values."""
        curve = self.columns[index].curve
        return points(curve, values, self.clock, self.parts.ticks(curve))

    @property
    def steps_per_epoch(self) -> int | None:
        """The steps per epoch that all curves share; None if one does not know them or if they differ."""
        return steps_per_epoch_of(self.curves)

    @property
    def rates(self) -> Panel | None:
        """The (first) panel of learning rates; None if only momentum is drawn."""
        return next((panel for panel in self.panels if panel.kind == "lr"), None)

    @property
    def crowded(self) -> bool:
        """True if a curve has too many lines for a name each."""
        return is_crowded(self.columns)

    def keys(self, panel: Panel) -> list[Key]:
        """The names of the lines of a panel, as a legend shows them."""
        return keys_of([self.columns[index] for index in panel.columns])

    @property
    def values(self) -> list[NDArray[np.float64]]:
        """The values of all panels, each ticks long."""
        return [values for panel in self.panels for values in panel.heights]

    def heights(self, panel: Panel) -> list[NDArray[np.float64]]:
        """The values that the axis of a panel has to include: those of its lines, and what was logged."""
        return [*panel.values, *(each.values for each in self.logged if panel.kind == "lr" and len(each.values))]

    @cached_property
    def notation(self) -> Notation:
        """How its learning rates are written: those at the ticks, in words, and in the sentences below."""
        values = [] if self.rates is None else self.heights(self.rates)
        return axis_notation(largest_of(values), log=self.log)

    @property
    def log(self) -> bool:
        """True if the axis of learning rates is logarithmic."""
        return self.rates is not None and self.rates.log

    @property
    def log_by_itself(self) -> bool:
        """True if it is logarithmic although nobody asked for it."""
        return self.rates is not None and self.rates.log_by_itself

    @property
    def why_log(self) -> str:
        """The reason that the axis of learning rates is logarithmic by itself; empty if it is not."""
        return LOG_BY_ITSELF if self.log_by_itself else ""

    @cached_property
    def verdict(self) -> Verdict:
        """The expectations of all schedules: which hold, and which fail; empty if they are not shown."""
        if self.expects:
            return verdict_of(self.shown)
        return replace(verdict_of([replace(each, expected=()) for each in self.shown]), unchecked=0)

    @property
    def source(self) -> str:
        """The source that all schedules have in common, or an empty text."""
        return source_of(self.shown)

    def without_choice_of_log(self) -> Drawing:
        """The same on a linear axis, unless the user asked for a logarithmic one, which needs more room."""
        if not self.log_by_itself:
            return self
        panels = tuple(replace(panel, log=False, log_by_itself=False) for panel in self.panels)
        return replace(self, panels=panels)


def drawing_of(
    curves: Sequence[Curve | Shown],
    look: Look,
    *,
    multiples: bool = True,
    lower: bool = True,
    on_axes: bool = False,
) -> Drawing:
    """The drawing of some curves with the options of `look`; options that are None are chosen to suit the curves.

    Without `multiples`, all curves share their axes whatever `look` says. Without `lower`, there are panels below the
    learning rates only if `look` asks for them. `on_axes` means the axes of a caller, who may draw more on them: the
    drawing has neither, whole names, and the first clock that all curves know.

    Raises `ScheduleError` for a clock that a curve does not know, for momentum that no scheduler changes or that small
    multiples cannot show, and for a logarithmic axis if no value is above 0; `ValueError` if there is no curve.
    """
    shown = shown_of(curves)
    if not shown:
        raise ValueError("there is no curve to draw")
    if look.x:
        check_clock([each.curve for each in shown], look.x)
    if on_axes:
        look = replace(look, x=look.x or common_clock([each.curve for each in shown]))
        return _overlay(Sweep(shown, ""), look, lower=False)
    sweep = sweep_of(shown)
    if multiples and (look.grid or (look.grid is None and _need_panels(sweep.shown, look))):
        return _multiples(sweep, look)
    return _overlay(sweep, look, lower=lower)


def _need_panels(shown: Sequence[Shown], look: Look) -> bool:
    """True for too many curves for one axes, also if one of several has too many lines of its own."""
    rates = look.y in (None, "lr", "relative")
    crowded = len(shown) > 1 and rates and is_crowded(columns_of([each.curve for each in shown]))
    return crowded or len(shown) > MOST_OVERLAID


def _overlay(sweep: Sweep, look: Look, *, lower: bool) -> Drawing:
    """All curves on one axis of learning rates, and momentum and the metric of a plateau on others below it."""
    shown = sweep.shown
    curves = [each.curve for each in shown]
    parts = parts_of(curves, look.window)
    clock, known = look.x or parts.clock(curves, multiples=False), common_clock(curves)
    surprising = not look.x and known != clock == "percent"
    columns, relative = titled_columns(curves), look.y == "relative"
    panels = tuple(
        with_log(parts.cut(rates_panel(columns, range(len(columns)), relative=relative), columns), look)
        if kind == "lr"
        else parts.cut(momentum_panel(shown, columns), columns)
        for kind in kinds_of(shown, look, lower=lower)
    )
    metrics = metrics_of(shown, parts) if look.y is None and not look.plain and lower else []
    if metric := metric_panel(metrics, columns, clock):
        panels += (parts.cut(metric, columns),)
    drawing = Drawing(
        tuple(shown),
        title_of(curves, look, sweep.name),
        clock,
        tuple(columns),
        panels,
        relative=relative,
        plain=look.plain,
        expects=look.shows_expectations,
        title_asked=look.title is not None,
        sweep=sweep.name,
        why_percent=percent_by_itself(curves, windowed=bool(parts.of)) if surprising else "",
        why_no_metric=why_no_metric(metrics),
        parts=parts,
    )
    rates = drawing.rates
    if rates is None:
        if any(each.logged for each in shown):
            raise not_in_multiples()
        return drawing
    logged = points_of(shown, columns, rates.scales, clock)
    drawing = replace(drawing, logged=tuple(parts.points(each, columns, clock) for each in logged))
    if look.plain:
        return drawing
    phases, events = parts.course(shown[0], columns, clock) if len(shown) == 1 else ((), ())
    marks = parts.marks(
        marks_of(shown, columns, rates, clock, drawing.notation, expects=drawing.expects), columns, clock
    )
    return replace(drawing, phases=phases, events=events, marks=marks)


def _multiples(sweep: Sweep, look: Look) -> Drawing:
    """A panel of learning rates for each curve, all with the same axes.

    These become logarithmic by themselves if more than half of the panels would.
    """
    if look.y in ("momentum", "both"):
        raise no_momentum_in_multiples()
    if any(each.logged for each in sweep.shown):
        raise not_in_multiples()
    curves = [each.curve for each in sweep.shown]
    parts = parts_of(curves, look.window)
    clock = look.x or parts.clock(curves, multiples=True)
    relative = look.y == "relative" or (look.y is None and not alike_rates(curves))
    columns: list[Column] = []
    panels: list[Panel] = []
    for curve in curves:
        own = columns_of([curve])
        columns += own
        words = [f"peak {short_rate(peak_of(curve))}"] if relative else []
        words += [short_length(curve)] if clock == "percent" else []
        indices = range(len(columns) - len(own), len(columns))
        panel = parts.cut(rates_panel(columns, indices, relative=relative), columns)
        panels.append(replace(panel, name=curve.name, words=tuple(words)))
    panels = [
        panel if shown.restarted is None else with_plan(panel, shown.restarted, clock)
        for panel, shown in zip(panels, sweep.shown, strict=True)
    ]
    if look.log:
        require_above_zero([values for panel in panels for values in panel.heights])
    wide = sum(spans_decades(panel.heights) for panel in panels)
    by_itself = look.log is None and not look.plain and 2 * wide > len(panels)
    panels = [replace(panel, log=bool(look.log) or by_itself, log_by_itself=by_itself) for panel in panels]
    title = title_of(curves, look, sweep.name) if len(curves) > 1 else look.title or ""
    return Drawing(
        tuple(sweep.shown),
        title,
        clock,
        tuple(columns),
        tuple(panels),
        multiples=True,
        relative=relative,
        plain=look.plain,
        expects=look.shows_expectations,
        title_asked=look.title is not None,
        sweep=sweep.name,
        parts=parts,
    )
