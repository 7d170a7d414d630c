"""Where a guard begins: at the start of the plan, at a place that was named, or where a scheduler says that it is."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, NoReturn

from lrviz.engine.wrappers import scheduler_in
from lrviz.errors import Position, ScheduleError
from lrviz.place import PLACES, PlaceError, parse_place, place_of
from lrviz.run import plain
from lrviz.training.guard.plan import Plan
from lrviz.words import counted, show


def start_of(plan: Plan, scheduler: Any, at: Any) -> tuple[int, tuple[str, ...]]:
    """The optimizer step at which a guard begins, and what it has to believe for that.

    Raises `ScheduleError`, whose position is the argument, for a place outside of the run, and for a scheduler that
    does not say where it is.
    """
    if scheduler is not None and at is not None:
        raise ScheduleError.at(Position("at"), "at and scheduler say the same thing", "give one of them")
    if scheduler is not None:
        return _of_scheduler(plan, scheduler)
    return (0 if at is None else _of_place(plan, at)), ()


def _of_place(plan: Plan, at: Any) -> int:
    where, run = Position("at"), plan.run
    if at == "end":
        raise ScheduleError.at(where, "at the end of the plan there is nothing to guard")
    try:
        is_number = isinstance(at, Real) and not isinstance(at, bool) and math.isfinite(at)
        written = f"{plain(float(at))} steps" if is_number else at
        if is_number and at < 0:
            raise PlaceError(f"a place cannot be before the start of the run (got {at})", "the run starts at 0")
        place = place_of(parse_place(written, _refuse, end=False), written, run, where)
    except PlaceError as error:
        raise ScheduleError.at(where, error.message, error.hint) from None
    step = place.moment * run.steps_per_tick
    if step.denominator != 1:
        raise ScheduleError.at(
            where, f"{show(at)} is not a whole number of steps: {float(step):,g}", f"at={round(step)} counts steps"
        )
    if step >= plan.steps:
        raise ScheduleError.at(
            where, f"{show(at)} is outside of the run, which has {counted(plan.steps, 'step')}", "the run starts at 0"
        )
    return int(step)


def _of_scheduler(plan: Plan, scheduler: Any) -> tuple[int, tuple[str, ...]]:
    unwrapped = scheduler_in(scheduler)
    kind = type(unwrapped.scheduler).__name__
    calls = _last_epoch(unwrapped.scheduler)
    if calls is None:
        raise ScheduleError.at(
            Position("scheduler"), f"{kind} does not say how often it was called", "name the place: at='5 epochs'"
        )
    calls, rest = divmod(calls, unwrapped.times)
    if rest:
        message = f"its last_epoch, {calls * unwrapped.times + rest:,}, is no multiple of {unwrapped.times} processes"
        raise ScheduleError.at(Position("scheduler"), message, "name the place: at='5 epochs'")
    step = calls * plan.every * plan.run.steps_per_tick
    if step >= plan.steps:
        message = f"its last_epoch is {calls:,}, but the run has {counted(plan.calls(plan.steps), 'call')}"
        raise ScheduleError.at(Position("scheduler"), message, "is it the scheduler of this schedule?")
    if not step:
        return 0, ()
    said = f"that the training is at {plan.place(step)} is what the scheduler says (last_epoch {calls:,})"
    between = "" if plan.every * plan.run.steps_per_tick == 1 else "; a place between two calls only at= can name"
    return step, (f"{said}; where that is wrong, the plan is compared at the wrong place{between}",)


def _last_epoch(scheduler: Any) -> int | None:
    """The calls of a scheduler; of one that keeps others, such as ChainedScheduler, the first one's."""
    calls = getattr(scheduler, "last_epoch", None)
    if calls is None and getattr(scheduler, "_schedulers", None):
        return _last_epoch(scheduler._schedulers[0])
    return calls if isinstance(calls, int) and calls >= 0 else None


def _refuse(at: object) -> NoReturn:
    raise PlaceError(f"expected a step, or a place in the run (got {show(at)})", f"such as {PLACES}")
