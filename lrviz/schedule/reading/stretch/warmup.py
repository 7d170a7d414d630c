"""The warmup of a plan, where it is a part of its own."""

from __future__ import annotations

import math
from fractions import Fraction

from lrviz.schedule.model import Function, Phases, Schedule, Scheduler
from lrviz.schedule.text.expression import ExpressionValueError

LOOKED_AT = 1_000
"""Calls of a formula by which it is told to rise."""


def warmup_of(schedule: Schedule) -> Fraction | None:
    """How long the warmup is, in ticks; None if no part of the plan is one.

    It is a first phase that rises, the same before the first milestone of a SequentialLR, or a OneCycleLR's rise.
    """
    plan, every = schedule.scheduler, schedule.run.every
    if isinstance(plan, Phases):
        first = plan.phases[0]
        calls = (first.start + first.calls) // first.every
        return Fraction(first.calls) if len(plan.phases) > 1 and _rises(first.scheduler, calls) else None
    if plan is None:
        return None
    if plan.type == "SequentialLR" and len(plan.children) > 1:
        milestone = plan.arguments["milestones"][0]
        return Fraction(milestone * every) if milestone and _rises(plan.children[0], milestone) else None
    if plan.type == "OneCycleLR" and not plan.arguments.get("three_phase"):
        rise = one_cycle_rise(plan)
        return rise * every if rise > 0 else None
    return None


def one_cycle_rise(spec: Scheduler) -> Fraction:
    """Calls from the first learning rate of a OneCycleLR to its peak."""
    return pct_start(spec) * one_cycle_total(spec) - 1


def one_cycle_peak(spec: Scheduler) -> int:
    """The call of a OneCycleLR that is the nearest to its peak, which may be between two: by parts of rise and fall."""
    rise, total = one_cycle_rise(spec), one_cycle_total(spec)
    before = math.floor(rise)
    fall = total - 1 - rise
    if rise == before or rise <= 0 or fall <= 0:
        return max(0, before)
    return before if (rise - before) / rise <= (before + 1 - rise) / fall else before + 1


def pct_start(spec: Scheduler) -> Fraction:
    """The part of a OneCycleLR that rises, exactly as the file writes it; torch's default is 0.3."""
    return Fraction(str(spec.arguments.get("pct_start", 0.3)))


def one_cycle_total(spec: Scheduler) -> int:
    """Calls of a OneCycleLR, which may be given as epochs of steps."""
    total = spec.arguments.get("total_steps")
    if total is None:
        total = spec.arguments["epochs"] * spec.arguments["steps_per_epoch"]
    return int(total)


def _rises(spec: Scheduler | None, calls: int) -> bool:
    """True if a scheduler leads from a lower learning rate to a higher one, and never falls."""
    if spec is None:
        return False
    given = spec.arguments
    if spec.type == "LinearLR":
        return bool(given.get("start_factor", 1 / 3) < given.get("end_factor", 1.0))
    if spec.type == "ConstantLR":
        return bool(given.get("factor", 1 / 3) < 1)
    if spec.type == "LambdaLR":
        functions = given["lr_lambda"] if isinstance(given["lr_lambda"], list) else [given["lr_lambda"]]
        return all(isinstance(each, Function) and _climbs(each, calls) for each in functions)
    return False


def _climbs(function: Function, calls: int) -> bool:
    compiled = function.expression.function(function.argument, function.values)
    points = sorted({*range(0, calls + 1, max(1, calls // LOOKED_AT)), calls})
    try:
        values = [compiled(point) for point in points]
    except ExpressionValueError:
        return False
    return values == sorted(values) and values[0] < values[-1]
