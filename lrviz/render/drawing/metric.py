"""The panel of the metric of a ReduceLROnPlateau, with the readings after which the learning rate is reduced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrviz.foreign import visible
from lrviz.render.curves import Column
from lrviz.render.drawing.clock import position
from lrviz.render.drawing.panels import Panel, Reduction
from lrviz.render.drawing.window import Parts
from lrviz.render.outline import gapped
from lrviz.render.shown import Shown
from lrviz.run import Clock
from lrviz.schedule.model import ComputedMetric
from lrviz.schedule.reading.metric import calls_with_metric
from lrviz.words import listed, several

MOST_READINGS = 20_000
"""Of a metric that is an expression, at most about this many readings are computed, at equal distances. A picture is a
tenth as many pixels wide."""

EXPRESSION = "metric: "
"""The label of a metric that is an expression begins with this."""

MOST_REDUCTIONS = 40
"""With more reductions than this, none of them is marked."""


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """The metric of one schedule.

    `values` (ticks long) is at each tick the reading that the next call with a metric makes; NaN if there is none. Only
    every `every`-th is computed, and stands for those before it. `reduced` are the ticks of the readings after which
    the learning rate of a param group falls.
    """

    shown: Shown
    label: str
    values: NDArray[np.float64]
    every: int
    reduced: tuple[int, ...]


def metrics_of(shown: Sequence[Shown], parts: Parts) -> list[Metric]:
    """The metrics of the schedules that have one, without reductions outside of the parts that are drawn."""
    return [metric for each in shown if (metric := _metric_of(each, parts.ticks(each.curve))) is not None]


def why_no_metric(metrics: Sequence[Metric]) -> str:
    """Why no metric is drawn although there are some: they have several names, and one axis. Else empty."""
    labels = list(dict.fromkeys(metric.label.removeprefix(EXPRESSION) for metric in metrics))
    return f"no metric is drawn, because the schedules have different ones: {listed(labels)}" if labels[1:] else ""


def metric_panel(metrics: Sequence[Metric], columns: Sequence[Column], clock: Clock) -> Panel | None:
    """The panel of some metrics, the same one drawn once; None if there is none, or if they have several names."""
    if len({metric.label for metric in metrics}) != 1:
        return None
    lines: dict[int, Metric] = {}
    own: dict[int, list[int]] = {}  # the columns of each line, by its first
    reductions: list[Reduction] = []
    for metric in metrics:
        curve = metric.shown.curve
        members = [index for index, column in enumerate(columns) if column.curve is curve]
        first = next((index for index, other in lines.items() if _alike(metric, other, clock)), members[0])
        lines.setdefault(first, metric)
        own.setdefault(first, []).extend(members)
        for tick in metric.reduced:
            reductions.append(Reduction(members[0], position(curve, clock, tick + 1), float(metric.values[tick])))
    every = max(metric.every for metric in lines.values())
    return Panel(
        "metric",
        metrics[0].label,
        tuple(lines),
        tuple(gapped(metric.values) for metric in lines.values()),
        (1.0,) * len(lines),
        words=(f"one of {several(every, 'reading')} is drawn",) if every > 1 else (),
        common=tuple(len(own[index]) > 1 for index in lines),
        reductions=tuple(reductions) if len(reductions) <= MOST_REDUCTIONS else (),
    )


def _alike(metric: Metric, other: Metric, clock: Clock) -> bool:
    """True if two metrics are one line."""
    runs = [each.shown.curve.run for each in (metric, other)]
    return runs[0].time(1, clock) == runs[1].time(1, clock) and np.array_equal(
        metric.values, other.values, equal_nan=True
    )


def _metric_of(shown: Shown, ticks: range) -> Metric | None:
    """The metric of a schedule, with reductions in some of its ticks; None if it has none, or no scheduler reads it."""
    schedule, curve = shown.schedule, shown.curve
    if schedule is None or schedule.metric is None:
        return None
    calls = min(len(curve), len(schedule.metric))
    reads = [
        range(stretch.start, min(stretch.stop, calls), stretch.step)
        for stretch in calls_with_metric(schedule.scheduler, schedule.run)
        if stretch.start < min(stretch.stop, calls)
    ]
    if not reads:
        return None
    computed = isinstance(schedule.metric, ComputedMetric)
    every = -(-sum(map(len, reads)) // MOST_READINGS) if computed else 1
    values = np.full(len(curve), np.nan)
    for stretch in reads:
        after = stretch.start - stretch.step
        for call in (*stretch[every - 1 :: every], stretch[-1]):
            values[max(0, after + 1) : call + 1] = schedule.metric[call]
            after = call
    reduced = tuple(call for call in _reduced(shown, reads) if call in ticks)
    for call in reduced[: MOST_REDUCTIONS + 1]:
        values[call] = schedule.metric[call]
    return Metric(shown, _label(shown), values, every, reduced)


def _reduced(shown: Shown, reads: Sequence[range]) -> Iterator[int]:
    """The calls of `reads` after which the learning rate of a group is lower than before, in order.

    The last call of a run is none of them: no step uses the value after it.
    """
    falls = np.zeros(len(shown.curve), dtype=bool)
    for group in shown.curve.columns:
        rates = np.frombuffer(group)
        falls[:-1] |= rates[1:] < rates[:-1]
    for stretch in reads:
        yield from (stretch[index] for index in np.flatnonzero(falls[stretch.start : stretch.stop : stretch.step]))


def _label(shown: Shown) -> str:
    """What a metric is called: the column of its file, or its expression."""
    schedule = shown.schedule
    assert schedule is not None
    if isinstance(schedule.metric, ComputedMetric):
        return visible(f"{EXPRESSION}{' '.join(str(schedule.metric.function).split())}")
    written = schedule.written.get("metric") if schedule.written is not None else None
    column = written.get("column") if written is not None and written.is_mapping else None
    return "metric" if column is None else visible(str(column.value).strip())
