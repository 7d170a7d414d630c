"""Curves side by side: one column of a table, or one line of a picture, for each curve or each of its param groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.duration import asks_for
from lrviz.errors import Position, ScheduleError
from lrviz.run import Clock, Run


@dataclass(frozen=True, slots=True)
class Column:
    """One param group of one curve; a curve whose groups never differ has one column for all of them."""

    title: str
    curve: Curve
    group: int


def columns_of(curves: Sequence[Curve]) -> list[Column]:
    """One column per curve, or one per group (`name/group`) if its groups differ at any tick.

    Raises `ScheduleError` if two would have the same name.
    """
    columns = []
    for curve in curves:
        if curve.groups_differ:
            columns += [Column(f"{curve.name}/{name}", curve, group) for group, name in enumerate(curve.groups)]
        else:
            columns.append(Column(curve.name, curve, 0))
    twice = [title for title, count in Counter(column.title for column in columns).items() if count > 1]
    if twice:
        raise ScheduleError.at(
            Position("lrviz"), f"two columns would be called {twice[0]!r}", "rename the schedule, or choose with --only"
        )
    return columns


def steps_per_epoch_of(curves: Sequence[Curve]) -> int | None:
    """The steps per epoch that all curves share; None if one does not know them or if they differ."""
    known = {curve.run.steps_per_epoch for curve in curves}
    return known.pop() if len(known) == 1 else None


def plural(clock: Clock) -> str:
    """A clock in a sentence: `epochs`, `steps`, `tokens`."""
    return clock if clock == "tokens" or clock == "samples" else f"{clock}s"


def without_clock(curves: Sequence[Curve], clock: Clock) -> list[str]:
    """The names of the curves that do not know their epochs, steps, tokens or samples."""
    return [curve.name for curve in curves if not _knows(curve.run, clock)]


def _knows(run: Run, clock: Clock) -> bool:
    if clock == "tokens" or clock == "samples":
        return run.per_step(clock) is not None
    return (run.total_epochs if clock == "epoch" else run.total_steps) is not None


def require_clock(curves: Sequence[Curve], clock: Clock, what: str, instead: str) -> None:
    """Raises `ScheduleError` if a curve does not know the clock that `what` needs; `instead` is the way out."""
    without = [curve for curve in curves if not _knows(curve.run, clock)]
    if without:
        raise ScheduleError.at(
            Position("lrviz"),
            f"{what} needs the {plural(clock)} of every schedule; not known for "
            f"{', '.join(repr(curve.name) for curve in without)}",
            f"{asks_for(clock, without[0].run)}, or {instead}",
        )
