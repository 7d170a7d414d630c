"""The factors of torch's schedulers on their base, call by call, where a formula gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lrviz.checks.lint.helpers.subject import Placed
from lrviz.schedule.model import Function
from lrviz.schedule.text.expression import ExpressionValueError

ABSOLUTE: Final = ("CosineAnnealingWarmRestarts", "CyclicLR", "LambdaLR", "OneCycleLR")
"""Schedulers that set the learning rate regardless of its current value."""


def factors(placed: Placed, calls: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The factor on the base, less `floor`, after each of these numbers of calls; None if no formula gives it."""
    t = calls.astype(np.float64)
    result: NDArray[np.float64] | None = None
    match placed.type:
        case "ConstantLR":
            result = np.where(t < placed.argument("total_iters"), placed.argument("factor"), 1.0)
        case "CosineAnnealingLR":
            result = (1 + np.cos(np.pi * t / placed.argument("T_max"))) / 2
        case "CosineAnnealingWarmRestarts":
            result = _restarts(placed, t)
        case "ExponentialLR":
            result = float(placed.argument("gamma")) ** t
        case "LinearLR":
            start, end = float(placed.argument("start_factor")), float(placed.argument("end_factor"))
            result = start + (end - start) * _done(placed, t)
        case "MultiStepLR":
            passed = np.searchsorted(np.sort(placed.argument("milestones")), t, side="right")
            result = float(placed.argument("gamma")) ** passed.astype(np.float64)
        case "PolynomialLR":
            result = (1 - _done(placed, t)) ** float(placed.argument("power"))
        case "StepLR":
            result = float(placed.argument("gamma")) ** (t // placed.argument("step_size"))
    return result


def _done(placed: Placed, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The fraction of its length that a scheduler has completed."""
    done: NDArray[np.float64] = (t / placed.argument("total_iters")).clip(max=1.0)
    return done


def _restarts(placed: Placed, t: NDArray[np.float64]) -> NDArray[np.float64]:
    length, times = placed.argument("T_0"), placed.argument("T_mult")
    starts = [0]
    while times > 1 and starts[-1] <= t.max(initial=0):
        starts.append(starts[-1] + length * times ** (len(starts) - 1))
    cycle = np.searchsorted(starts, t, side="right") - 1
    inside = (t - np.take(starts, cycle)) % length if times == 1 else t - np.take(starts, cycle)
    result: NDArray[np.float64] = (1 + np.cos(np.pi * inside / (length * float(times) ** cycle))) / 2
    return result


def floor(placed: Placed) -> float:
    """The part of the base that factors leave alone: the learning rate is `floor + (base - floor) * factor`."""
    return float(placed.argument("eta_min") or 0)


def lambdas(placed: Placed) -> list[Function | float]:
    """The functions or numbers in `lr_lambda`: one for all param groups, or one for each."""
    value = placed.argument("lr_lambda")
    return value if isinstance(value, list) else [value]


def compiled(value: Function | float) -> Callable[[float], float | None]:
    """A factor as a function of the call, which returns None where the factor has no value."""
    if not isinstance(value, Function):
        return lambda call: value
    function = value.expression.function(value.argument, value.values)

    def asked(call: float) -> float | None:
        try:
            return function(call)
        except ExpressionValueError:
            return None

    return asked


def formula(placed: Placed) -> str | None:
    """The factor on the base as an expression of `t` for an `lr_lambda`; None if no formula gives it."""
    if floor(placed):
        return None
    match placed.type:
        case "ConstantLR":
            return f"({_number(placed, 'factor')} if t < {placed.argument('total_iters')} else 1)"
        case "CosineAnnealingLR":
            return f"(1 + cos(pi * t / {placed.argument('T_max')})) / 2"
        case "ExponentialLR":
            return f"{_number(placed, 'gamma')} ** t"
        case "LinearLR":
            start, end = placed.argument("start_factor"), placed.argument("end_factor")
            length = placed.argument("total_iters")
            return f"({start:.6g} {'+' if end >= start else '-'} {abs(end - start):.6g} * min(t / {length}, 1))"
        case "StepLR":
            return f"{_number(placed, 'gamma')} ** (t // {placed.argument('step_size')})"
    return None


def _number(placed: Placed, name: str) -> str:
    return f"{placed.argument(name):.6g}"
