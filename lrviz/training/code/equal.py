"""Phases as one scheduler of torch's own, where that gives the same learning rates to the last bit.

torch's SequentialLR begins every scheduler at the optimizer's own learning rate, and a PhasedLR where the phase before
ended. Where both are the same place, which is proven by simulating both, SequentialLR says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lrviz.curve import Curve
from lrviz.engine.backend import Engine
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.schedule.model import Phases, PhaseSpec, Schedule, Scheduler
from lrviz.training.code.texts import number as number_text
from lrviz.training.code.texts import ordinal

COMPOSITE = ("SequentialLR", "ChainedScheduler")


def equal(schedule: Schedule, curve: Curve, engine: Engine = "auto") -> tuple[Scheduler | None, str]:
    """The scheduler that gives the same `curve` as the phases of a schedule, or None, and why there is none."""
    phases = schedule.scheduler
    assert isinstance(phases, Phases)
    reason = _cannot(phases.phases, schedule.run.every, schedule.run.interval)
    if reason:
        return None, reason
    scheduler = _in_torch(schedule, phases, curve)
    try:
        other = simulate(replace(schedule, scheduler=scheduler), engine)
    except ScheduleError:
        return None, "torch's SequentialLR refuses these schedulers."
    tick = _first_difference(curve, other)
    return (scheduler, "") if tick is None else (None, _why(phases.phases, tick, curve))


def holding(where: Position, factors: Sequence[float] = (1.0,)) -> Scheduler:
    """A scheduler that holds the learning rate of each group at this part of the optimizer's own."""
    if set(factors) == {1.0}:
        return Scheduler("ConstantLR", {"factor": 1.0}, where)
    return Scheduler("LambdaLR", {"lr_lambda": factors[0] if len(set(factors)) == 1 else list(factors)}, where)


def _in_torch(schedule: Schedule, phases: Phases, curve: Curve) -> Scheduler:
    """The same schedulers one after the other, each begun at the optimizer's own learning rate."""
    own = [each.options.get("lr", schedule.optimizer.options.get("lr")) for each in schedule.optimizer.groups]
    made = [each.scheduler or holding(each.where, _factors(curve, each.start, own)) for each in phases.phases]
    if len(made) == 1:
        return made[0]
    milestones = [each.start // schedule.run.every for each in phases.phases[1:]]
    return Scheduler("SequentialLR", {"milestones": milestones}, phases.where, tuple(made))


def _factors(curve: Curve, tick: int, own: Sequence[float]) -> list[float]:
    """The part of its own learning rate that a phase holds in each group; the quotient may miss it by a bit."""
    return [column[tick] / lr if lr else 1.0 for column, lr in zip(curve.columns, own, strict=True)]


def _cannot(phases: Sequence[PhaseSpec], every: int, unit: str) -> str:
    """Why no SequentialLR can stand for phases, whatever their learning rates are."""
    for number, each in enumerate(phases, 1):
        kind = each.scheduler.type if each.scheduler is not None else ""
        if kind == "ReduceLROnPlateau" and len(phases) > 1:
            return f"torch's SequentialLR takes no ReduceLROnPlateau, which is phase {number}."
        if kind in COMPOSITE and number > 1:
            return f"torch's SequentialLR takes a {kind} only as its first scheduler, but here it is phase {number}."
        if each.every != every:
            often = f"phase {number} is stepped at every {ordinal(each.every)} {unit}"
            return f"torch's SequentialLR steps all its schedulers equally often, but {often}."
    return ""


def _first_difference(curve: Curve, other: Curve) -> int | None:
    """The first tick at which two curves of one run have other bits; their length for the end, None if they are one."""
    columns = [*curve.columns, *(curve.momentum_columns or ())]
    others = [*other.columns, *(other.momentum_columns or ())]
    if len(columns) != len(others):
        return 0
    ticks = [tick for one, two in zip(columns, others, strict=True) if (tick := _parts_at(one, two)) is not None]
    if ticks:
        return min(ticks)
    ends = (curve.end_lr, curve.end_momentum) == (other.end_lr, other.end_momentum)
    return None if ends else len(curve)


def _parts_at(one: memoryview[Any], two: memoryview[Any]) -> int | None:
    """The first index at which two columns of doubles have other bits, found by halving."""
    one, two = one.cast("B"), two.cast("B")
    if one == two:
        return None
    low, high = 0, len(one) // 8
    while high - low > 1:
        middle = (low + high) // 2
        if one[low * 8 : middle * 8] == two[low * 8 : middle * 8]:
            low = middle
        else:
            high = middle
    return low


def _why(phases: Sequence[PhaseSpec], tick: int, curve: Curve) -> str:
    """Why SequentialLR gives other values at a tick."""
    number = next(number for number, each in reversed(list(enumerate(phases, 1))) if each.start <= tick)
    each = phases[number - 1]
    if any(part.scheduler is not None and part.scheduler.type in BRING_THEIR_OWN for part in phases):
        return (
            "OneCycleLR and CyclicLR set learning rate and momentum as soon as they are made. torch's SequentialLR "
            "makes all of its schedulers at once; here each is made when its phase begins."
        )
    held = {column[each.start] for column in curve.columns}
    lr = f"lr {number_text(held.pop())}" if len(held) == 1 else ""
    if each.scheduler is None:
        held_there = f"{lr}, which no factor" if lr else "learning rates that no factors"
        begins = f"phase {number} holds {held_there} on it give{'s' if lr else ''} to the last bit"
    elif not isinstance(each.base, str):
        begins = f"phase {number} begins from a learning rate of its own"
    elif each.base == "reached" and number > 1:
        begins = f"phase {number} begins where phase {number - 1} ends{lr and f', at {lr}'}"
    else:
        return f"torch's SequentialLR gives other values from phase {number} on."
    return f"torch's SequentialLR begins every scheduler at the optimizer's own lr, but {begins}."
