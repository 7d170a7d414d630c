"""`area`: the area under the learning rate is the expected one."""

from __future__ import annotations

import math

from lrviz.checks.expect.group import Failure, Group
from lrviz.schedule.expect import Area
from lrviz.words import rate


def judge(expected: Area, group: Group) -> Failure | str:
    """Why it does not hold, or the area if it holds."""
    bad = group.first_not_finite()
    if bad is not None:
        return bad
    run, area, wanted = group.curve.run, _area(group), expected.value
    if group.holds(area, wanted):
        return f"the area under the learning rate{group.of} is {rate(area)} (in {run.unit}s)"
    hint = f"the curve has `{group.paste('area', repr(area))}`"
    per_epoch = run.steps_per_epoch
    if run.unit == "epoch" and per_epoch and group.holds(area * per_epoch, wanted):
        hint = f"{hint}; {rate(wanted)} is the area in steps: where a run knows its epochs, it is in epochs"
    return Failure(
        f"the area under the learning rate{group.of} is {rate(area, wanted)} (in {run.unit}s), not "
        f"{rate(wanted, area)}",
        hint,
    )


def value(expected: Area, group: Group) -> str:
    """The actual area, in full."""
    return repr(_area(group))


def _area(group: Group) -> float:
    area = group.curve.area_of(group.index)
    return area if math.isfinite(area) else math.inf
