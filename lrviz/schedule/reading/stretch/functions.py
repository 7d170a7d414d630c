"""Are functions of the call the same curve at both lengths?

`(1 - t / T) ** 0.9` is, and `min(t / 100, 1) * (1 - t / T)` is not: its 100 calls stay 100. That is seen by the values
and not by the names: the value at a call of the longer run must be one that the shorter run has within one call of the
same moment. So `(t + 1) / T` passes, which is off by a part of a call.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import accumulate
from operator import mul
from typing import Any

from lrviz.errors import Problem
from lrviz.schedule.model import Function, Phases, Schedule, Scheduler
from lrviz.schedule.reading.stretch.decays import divided
from lrviz.schedule.reading.stretch.factor import Stretch
from lrviz.schedule.reading.stretch.lengths import factor_text
from lrviz.schedule.text.expression import ExpressionValueError

LOOKED_AT = 400
"""Calls of a long run that are compared, besides those at its ends and at the constants of the formula."""

MAX_PRODUCT = 200_000
"""The longest run in which factors that compound are multiplied out."""

COMPOUND = "write a constant factor, which is stretched, or use a LambdaLR, as a function of t / T"

Values = Callable[[float], "float | None"]
"""The value at a moment in calls; None where there is none."""


def unlike(before: Schedule, after: Schedule, stretch: Stretch) -> Iterator[Problem]:
    """A problem for each function that is not the same curve in the stretched schedule."""
    for old, new in zip(_schedulers(before), _schedulers(after), strict=False):
        for name, value in old.arguments.items():
            if name == "scale_fn" and old.arguments.get("scale_mode", "cycle") == "cycle":
                continue  # it is given the cycle, of which there are as many
            pairs = list(zip(_members(value), _members(new.arguments.get(name)), strict=False))
            for one, other in {str(pair[0]): pair for pair in pairs}.values():
                if not isinstance(one, Function) or not isinstance(other, Function):
                    continue
                calls = (_length(one, before), _length(other, after))
                compound = old.type == "MultiplicativeLR"
                if compound and max(calls) > MAX_PRODUCT:
                    yield Problem(
                        one.where,
                        f"{old.type}: {name} is a function of the call, which is stretched only in a run of at most "
                        f"{MAX_PRODUCT:,} calls (this one has {max(calls):,})",
                        COMPOUND,
                    )
                    continue
                found = _differs(one, other, *calls, compound=compound)
                if found is not None:
                    yield _problem(old, name, one, *found, stretch)


def _schedulers(schedule: Schedule) -> Iterator[Scheduler]:
    plan = schedule.scheduler
    yield from plan.walk() if isinstance(plan, Scheduler | Phases) else ()


def _members(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _length(function: Function, schedule: Schedule) -> int:
    """The calls for which a function is asked."""
    for known in (function.values.get("T"), function.values.get("N")):
        if isinstance(known, int):
            return known
    return schedule.run.calls


def _problem(
    spec: Scheduler, name: str, function: Function, at: int, got: float, want: float, stretch: Stretch
) -> Problem:
    text = function.expression.text
    hint = "write lengths as parts of T, the length of this scheduler, or of N, that of the run: `t / T`"
    if name == "scale_fn":
        hint = "with `scale_mode: cycle` it is a function of the cycle, which is stretched"
    elif spec.type == "MultiplicativeLR":
        hint = COMPOUND
    elif not stretch.keep_warmup and len(text) <= 80:
        hint += f"; or stretch it by hand: `{divided(text, stretch.factor)}`"
    return Problem(
        function.where,
        f"{spec.type}: {name} holds lengths that cannot be stretched: by {factor_text(stretch.factor)}, `{text}` is "
        f"{got:.4g} at call {at:,}, where the plan has {want:.4g}",
        hint,
    )


# --- comparing ---------------------------------------------------------------------------------------------------


def _differs(
    old: Function, new: Function, old_calls: int, new_calls: int, *, compound: bool
) -> tuple[int, float, float] | None:
    """Where the new function is the furthest from the old curve: the call, the value, and the one that is wanted.

    None if it is the same curve.
    """
    ratio = Fraction(new_calls, old_calls)
    reach = max(1.0, float(1 / ratio))  # one call of the shorter run, in calls of the old one
    if compound:
        was, now = _products(old, old_calls + math.ceil(reach) + 1), _products(new, new_calls)
        offsets = [-reach, 0.0, reach]
    else:
        was, now = _values(old), _values(new)
        offsets = [reach * part / 4 for part in range(-4, 5)]
    worst: tuple[float, int, float, float] | None = None
    for call in _calls(new, new_calls, ratio):
        moment, value = float(call / ratio), now(call)
        around = [each for offset in offsets if (each := was(moment + offset)) is not None]
        if value is None or not around:
            continue
        low, high = min(around), max(around)
        slack = (high - low) / 8 + 1e-12 * max(abs(low), abs(high))
        off = max(low - value, value - high)
        if off > slack and (worst is None or off > worst[0]):
            middle = was(moment)
            worst = off, call, value, low if middle is None else middle
    return worst[1:] if worst is not None else None


def _values(function: Function) -> Values:
    compiled = function.expression.function(function.argument, function.values)

    def value(at: float) -> float | None:
        try:
            return compiled(at)
        except ExpressionValueError:
            return None

    return value


def _products(function: Function, calls: int) -> Values:
    """The product of the factors up to each call."""
    single = _values(function)
    factors = [1.0, *((found if (found := single(call)) is not None else math.nan) for call in range(1, calls + 1))]
    products = list(accumulate(factors, mul))
    return lambda at: products[max(0, min(round(at), calls))]


def _calls(function: Function, calls: int, ratio: Fraction) -> list[int]:
    """The calls to compare: spread over the run, close together at its ends, and where the formula has constants."""
    found = {*range(0, calls + 1, max(1, calls // LOOKED_AT)), calls}
    near = 1
    while near <= calls:
        found |= {near, calls - near}
        near += max(1, near // 3)
    constants = [node.value for node in ast.walk(function.expression.tree) if isinstance(node, ast.Constant)]
    for constant in (each for each in constants if isinstance(each, int | float) and 1 <= abs(each) <= 2 * calls):
        for base in (constant, float(constant * ratio), calls - constant, calls - float(constant * ratio)):
            found |= {int(base) + more for more in (-1, 0, 1, 2)}
    return sorted(each for each in found if 0 <= each <= calls)
