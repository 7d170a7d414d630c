"""What torch raises -> an error of the file: which schedule, which scheduler, which call, and torch's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from lrviz.errors import Position, ScheduleError
from lrviz.schedule.model import Function, Phases, Schedule, Scheduler
from lrviz.schedule.text.expression import ExpressionValueError

Parts: TypeAlias = Sequence[tuple[Any, Scheduler]]
"""Scheduler objects, each with what the file says of it."""


def refused_to_make(schedule: Schedule, parts: Parts, name: str, where: Position, error: Exception) -> ScheduleError:
    """Torch raised while the optimizer or scheduler `name` was made; `parts` are the schedulers made before."""
    if isinstance(error, ExpressionValueError):
        return _no_value(schedule, error, where)
    culprit = _innermost(error, parts)
    who = "its own code" if "." in name else "torch"
    return ScheduleError.at(
        culprit.where if culprit else where,
        f"schedule {schedule.name!r}: {who} does not make this {name}: {words(error)}",
        _hint(schedule, culprit, error),
    )


def refused_at(schedule: Schedule, parts: Parts, call: int, error: Exception) -> ScheduleError:
    """Torch raised at one call of `scheduler.step()`, counted from 1."""
    if isinstance(error, ExpressionValueError):
        return _no_value(schedule, error, schedule.where)
    culprit: Scheduler | Phases | None = _innermost(error, parts) or schedule.scheduler
    return ScheduleError.at(
        culprit.where if culprit else schedule.where,
        f"schedule {schedule.name!r}: {culprit.type if culprit else 'the scheduler'} fails at call {call:,} of "
        f"scheduler.step(), of {schedule.run.calls:,}: {words(error)}",
        _hint(schedule, culprit, error),
    )


def _no_value(schedule: Schedule, error: ExpressionValueError, where: Position) -> ScheduleError:
    """An expression of the file has no finite real value, which is no fault of torch."""
    for spec in schedule.scheduler.walk() if schedule.scheduler else ():
        for value in spec.arguments.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, Function) and f"`{each}`" in str(error):
                    where = each.where
    return ScheduleError.at(where, f"schedule {schedule.name!r}: {error}")


def words(error: BaseException) -> str:
    """An exception as torch worded it, on one line."""
    text = " ".join(str(error.args[0] if isinstance(error, KeyError) and error.args else error).split())
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}, without a word"


def _hint(schedule: Schedule, culprit: Scheduler | Phases | None, error: Exception) -> str:
    if not isinstance(culprit, Scheduler):
        return ""
    if isinstance(error, NotImplementedError) and culprit.children:
        return f"torch's SequentialLR cannot run a {culprit.type} inside of it, except as its first scheduler"
    if culprit.type == "OneCycleLR" and "total steps" in str(error):
        sequences = (
            [each for each in schedule.scheduler.walk() if each.type == "SequentialLR"] if schedule.scheduler else []
        )
        if any(culprit is inside for sequence in sequences for inside in sequence.walk()):
            return "total_steps is how often it is called, and torch allows one call more"
        return f"total_steps: {schedule.run.calls}, which is how often this run calls it"
    return ""


def _innermost(error: Exception, parts: Parts) -> Scheduler | None:
    """What the file says of the scheduler whose method is the deepest in the traceback."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        found = next((spec for part, spec in parts if part is owner), found)
        trace = trace.tb_next
    return found
