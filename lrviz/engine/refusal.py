"""Turns an exception of torch into an error of the file: the schedule, the scheduler, the call, torch's own message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from lrviz.errors import Position, ScheduleError
from lrviz.schedule.model import Function, Phases, Schedule, Scheduler
from lrviz.schedule.text.expression import ExpressionValueError

Parts: TypeAlias = Sequence[tuple[Any, Scheduler]]
"""Scheduler objects, each with its specification in the file."""


def refused_to_make(
    schedule: Schedule, parts: Parts, name: str, where: Position, error: BaseException
) -> ScheduleError:
    """The error for an exception raised while optimizer or scheduler `name` was constructed.

    `parts` are the schedulers constructed before.
    """
    if isinstance(error, ExpressionValueError):
        return _no_value(schedule, error, where)
    culprit = _innermost(error, parts)
    refuses = "its own code fails" if "." in name else "torch refuses"
    return ScheduleError.at(
        culprit.where if culprit else where,
        f"schedule {schedule.name!r}: {refuses} to construct {name}: {words(error)}",
        _hint(schedule, culprit, error),
    )


def refused_at(schedule: Schedule, parts: Parts, call: int, error: BaseException) -> ScheduleError:
    """The error for an exception raised at a call of `scheduler.step()`, counted from 1."""
    if isinstance(error, ExpressionValueError):
        return _no_value(schedule, error, schedule.where)
    culprit: Scheduler | Phases | None = _innermost(error, parts) or schedule.scheduler
    return ScheduleError.at(
        culprit.where if culprit else schedule.where,
        f"schedule {schedule.name!r}: {culprit.type if culprit else 'the scheduler'} fails at call {call:,} of "
        f"{schedule.run.calls:,} of scheduler.step(): {words(error)}",
        _hint(schedule, culprit, error),
    )


def _no_value(schedule: Schedule, error: ExpressionValueError, where: Position) -> ScheduleError:
    """The error for an expression of the file without a finite real value; torch is not to blame for it."""
    for spec in schedule.scheduler.walk() if schedule.scheduler else ():
        for value in spec.arguments.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, Function) and f"`{each}`" in str(error):
                    where = each.where
    return ScheduleError.at(where, f"schedule {schedule.name!r}: {error}")


def words(error: BaseException) -> str:
    """An exception in torch's own words, on one line."""
    text = " ".join(str(error.args[0] if isinstance(error, KeyError) and error.args else error).split())
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__} without a message"


def _hint(schedule: Schedule, culprit: Scheduler | Phases | None, error: BaseException) -> str:
    if not isinstance(culprit, Scheduler):
        return ""
    if isinstance(error, NotImplementedError) and culprit.children:
        return f"torch's SequentialLR runs a {culprit.type} only as its first scheduler"
    if culprit.type == "OneCycleLR" and "total steps" in str(error):
        sequences = (
            [each for each in schedule.scheduler.walk() if each.type == "SequentialLR"] if schedule.scheduler else []
        )
        if any(culprit is inside for sequence in sequences for inside in sequence.walk()):
            return "set total_steps to the number of calls that it gets; torch allows one call more"
        return f"total_steps: {-(-schedule.run.ticks // schedule.run.every)}, the number of calls in this run"
    return ""


def _innermost(error: BaseException, parts: Parts) -> Scheduler | None:
    """The specification of the scheduler whose method is the deepest in the traceback."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        found = next((spec for part, spec in parts if part is owner), found)
        trace = trace.tb_next
    return found
