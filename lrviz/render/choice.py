"""What is chosen by what is drawn, in every kind of picture: the clock, the scale, what panels share, the names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.render.outline import drawable
from lrviz.render.rows import Column, columns_of, require_clock, without_clock
from lrviz.render.shown import Shown
from lrviz.render.style import Look
from lrviz.run import Clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrviz.shape.phases import Course

LOG_TAIL = 0.005
"""The part of a run that need not lie in a decade of its own: the last steps of a cosine would take ten."""

DECADES = 3
"""An axis that is to show more than so many is chosen to be logarithmic."""

LOW_PART = 0.05
"""The part of a run that has to lie so far below the peak: an axis is not chosen for a first or a last step."""

ALIKE_RATES = 4
"""Peaks share an axis where the largest is at most so many times the smallest: below a quarter, shapes are flat."""

ALIKE_LENGTHS = 8
"""The same of lengths; a short run is narrow, and its shape still seen."""


# --- names and places ------------------------------------------------------------------------------------


def titled_columns(curves: Sequence[Curve]) -> list[Column]:
    """The lines of a picture; param groups of a single schedule go by their own names, as nothing else is there."""
    columns = columns_of(curves)
    if len(curves) == 1 and len(columns) > 1:
        return [replace(column, title=curves[0].groups[column.group]) for column in columns]
    return columns


def title_of(curves: Sequence[Curve], look: Look) -> str:
    """What was asked for, else what all curves are called, else the name of the only one."""
    if look.title is not None:
        return look.title
    titles = {curve.title for curve in curves}
    title = titles.pop() if len(titles) == 1 else None
    return title or (curves[0].name if len(curves) == 1 else "")


def position(curve: Curve, clock: Clock, tick: float) -> float:
    """Where a tick, or a moment between two, stands on the axis of a clock; what is after the run, at its end."""
    if clock == "percent":
        return curve.run.time(tick, clock)
    return min(curve.run.time(tick, clock), curve.run.time(curve.run.duration, clock))


# --- the clock -------------------------------------------------------------------------------------------


def common_clock(curves: Sequence[Curve]) -> Clock:
    """Epochs where all curves know them, else steps, else parts of the run."""
    if not without_clock(curves, "epoch"):
        return "epoch"
    return "percent" if without_clock(curves, "step") else "step"


def check_clock(curves: Sequence[Curve], x: Clock) -> None:
    """Raises `ScheduleError` where a curve does not know the clock that is asked for."""
    if x not in get_args(Clock):
        raise ValueError(f"x is one of {', '.join(get_args(Clock))} (got {x!r})")
    if x != "percent":
        require_clock(curves, x, f"a picture over {x}s", "use --x percent")


def panels_clock(curves: Sequence[Curve]) -> Clock:
    """Epochs or steps where all know them and are of one length, or nearly; else percent of the run."""
    clocks: tuple[Literal["epoch", "step"], ...] = ("epoch", "step")
    for clock in clocks:
        lengths = [curve.run.total(clock) for curve in curves]
        if not without_clock(curves, clock) and alike([float(length or 0) for length in lengths], ALIKE_LENGTHS):
            return clock
    return "percent"


def course_of_all(shown: Shown, groups: Sequence[int]) -> Course:
    """What some param groups of a curve all do; nothing where their phases are not the same."""
    from lrviz.shape.phases import Course, course_of

    first = course_of(shown.curve, shown.schedule, groups[0])
    for group in groups[1:]:
        if course_of(shown.curve, shown.schedule, group).phases != first.phases:
            return Course((), ())
    return first


# --- the scale -------------------------------------------------------------------------------------------


def peak_of(curve: Curve) -> float:
    """The largest learning rate of any group that can be drawn; 0 where none is above it."""
    import numpy as np

    return max(float(np.nanmax(drawable(column), initial=0.0)) for column in columns_of([curve]))


def alike(values: Sequence[float], times: float) -> bool:
    """Whether the largest of some sizes is at most so many `times` the smallest."""
    return max(values, default=0.0) <= times * min(values, default=0.0)


def spans_decades(rates: Sequence[NDArray[np.float64]]) -> bool:
    """Whether `rates` (each ticks long) span more than three decades, for more than a twentieth of a run.

    Never where one of them is below 0. What is 0 counts for nothing.
    """
    import numpy as np

    above = above_zero(rates)
    if not above or any((values < 0).any() for values in rates):
        return False
    lowest = min(float(np.quantile(values, LOW_PART, method="lower")) for values in above)
    return bool(max(float(values.max()) for values in above) > 10**DECADES * lowest)


def above_zero(rates: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """What a decade can show of `rates` (each ticks long): the finite values above 0 of each that has any."""
    import numpy as np

    above = [values[np.isfinite(values) & (values > 0)] for values in rates]
    return [values for values in above if values.size]


def lowest_shown(positive: NDArray[np.float64]) -> float:
    """The lowest learning rate that has to lie in a decade: all but the last steps of a fall towards 0.

    Where a run begins, and any level that it holds, always has to.
    """
    import numpy as np

    held = positive[:-1][positive[:-1] == positive[1:]]
    lowest = [float(np.quantile(positive, LOG_TAIL, method="lower")), float(positive[0])]
    return min([*lowest, float(held.min())] if held.size else lowest)


def nothing_above_zero() -> ScheduleError:
    """That a logarithmic axis has nothing to show."""
    return ScheduleError.at(
        Position("lrviz"), "no learning rate is above 0, so a logarithmic axis can show none", "leave --log out"
    )


def nothing_moves_momentum(look: Look) -> ScheduleError:
    """That the momentum which is asked for is not there."""
    return ScheduleError.at(
        Position("lrviz"), f"no schedule here moves momentum, which --y {look.y} draws", "leave --y out"
    )


def no_momentum_in_panels() -> ScheduleError:
    """That small multiples have no place for the momentum which is asked for."""
    return ScheduleError.at(
        Position("lrviz"), "small multiples show learning rates, and no momentum", "choose fewer with --only"
    )
