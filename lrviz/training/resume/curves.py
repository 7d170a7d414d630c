"""Recorded values as the curve of a whole run: what was before a restart, what follows it, and NaN after a refusal."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from math import nan

from lrviz.curve import Curve
from lrviz.engine.recorder import Recorder, double_of, momentum
from lrviz.schedule.model import Schedule


def curve_of(schedule: Schedule, recorder: Recorder, name: str, before: Curve | None = None, start: int = 0) -> Curve:
    """What was recorded from tick `start` on, behind what was before, as the curve of the whole run.

    It always has momentum, because a restart may move it where the plan does not. What a refusal cut off is NaN.
    """
    ticks, groups = schedule.run.ticks, recorder.groups
    cut = start + len(recorder.lr[0]) < ticks
    earlier = ((), ()) if before is None else (before.columns, before.momentum_columns or ())
    lr, moving = (
        tuple(_column(start, own[index] if own else None, values, ticks) for index, values in enumerate(recorded))
        for own, recorded in zip(earlier, (recorder.lr, recorder.momentum), strict=True)
    )
    return Curve(
        name=name,
        groups=tuple(group.name for group in schedule.optimizer.groups),
        run=schedule.run,
        columns=lr,
        end_lr=tuple(nan if cut else double_of(group) for group in groups),
        momentum_columns=moving,
        end_momentum=tuple(nan if cut else float(momentum(group) or 0.0) for group in groups),
    )


def _column(start: int, before: memoryview | None, values: array[float], ticks: int) -> memoryview:
    column = array("d", before[:start] if before is not None else ())
    column.extend(values)
    column.extend(repeat(nan, ticks - len(column)))
    return memoryview(column).toreadonly()


def stretched_to(old: Curve, old_tick: int, plan: Curve, tick: int) -> Curve:
    """The curve of the old file up to a restart, on the clock and the param groups of the new one."""
    ticks = [at * old_tick // tick for at in range(tick)]
    most = len(old.groups) - 1

    def stretched(columns: Sequence[memoryview] | None) -> tuple[memoryview, ...]:
        assert columns is not None
        picked = [columns[min(index, most)] for index in range(len(plan.groups))]
        return tuple(
            each if old_tick == tick else memoryview(array("d", map(each.__getitem__, ticks))) for each in picked
        )

    return replace(
        old,
        groups=plan.groups,
        columns=stretched(old.columns),
        momentum_columns=stretched(old.momentum_columns),
    )
