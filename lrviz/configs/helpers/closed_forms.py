"""Schedulers of torch as a factor of the calls made so far, for runs whose calls are not evenly spaced.

A schedule file says that a scheduler is called after every so many steps. Where a program counts anew in each epoch,
and an epoch is no multiple of that, the calls up to a step are an expression of `t`, and so is the learning rate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.helpers.torch_classes import Named
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values

_T: Final = re.compile(r"\bt\b")


def scheduler(named: Named, made: Mapping[str, Any], lr: Value, calls: str) -> dict[str, Any]:
    """The `scheduler` of a schedule file for a scheduler that was called so often before step `t`; `made` is the one
    for a call after each step. For what has no closed form an error is reported."""
    where = named.kind.where
    if made.get("type") == "LambdaLR":
        factor = made["lr_lambda"]
        text = str(factor.value if isinstance(factor, Value) else factor)
    elif named.name in _FACTORS:
        text = _FACTORS[named.name](named.arguments, lr.value)
    else:
        named.arguments.error(
            where,
            f"{named.name} is not called evenly here, since an epoch is no multiple of `frequency`; only "
            f"{', '.join(_FACTORS)} and LambdaLR are drawn then",
            "choose a frequency that divides the batches of an epoch",
        )
        return dict(made)
    how = f"{named.name} after ({calls}) calls"
    return {"type": "LambdaLR", "lr_lambda": Value(_T.sub(f"({calls})", text), named.kind.key, where, "derived", how)}


def _step(config: Config, lr: float) -> str:
    return f"{config.number('gamma', 0.1).value!r} ** (t // {config.whole('step_size', low=1).value})"


def _multi_step(config: Config, lr: float) -> str:
    gamma = config.number("gamma", 0.1).value
    members = config.list_of("milestones", values.whole).value
    text = "1.0"
    for count, milestone in enumerate(sorted(each.value for each in members), start=1):
        text = f"{gamma**count!r} if t >= {milestone} else {text}"
    return text


def _exponential(config: Config, lr: float) -> str:
    return f"{config.number('gamma').value!r} ** t"


def _cosine(config: Config, lr: float) -> str:
    floor = config.number("eta_min", 0.0).value / lr if lr else 0.0
    return f"{floor!r} + {1 - floor!r} * 0.5 * (1 + cos(pi * t / {config.whole('T_max', low=1).value}))"


def _linear(config: Config, lr: float) -> str:
    first, last = config.number("start_factor", 1 / 3).value, config.number("end_factor", 1.0).value
    length = config.whole("total_iters", 5, low=1).value
    return f"{first!r} + {last - first!r} * min(t, {length}) / {length}"


def _constant(config: Config, lr: float) -> str:
    factor = config.number("factor", 1 / 3).value
    return f"{factor!r} if t < {config.whole('total_iters', 5, low=1).value} else 1.0"


def _polynomial(config: Config, lr: float) -> str:
    length = config.whole("total_iters", 5, low=1).value
    return f"(1 - min(t, {length}) / {length}) ** {config.number('power', 1.0).value!r}"


_FACTORS: Final[Mapping[str, Callable[[Config, float], str]]] = {
    "StepLR": _step,
    "MultiStepLR": _multi_step,
    "ExponentialLR": _exponential,
    "CosineAnnealingLR": _cosine,
    "LinearLR": _linear,
    "ConstantLR": _constant,
    "PolynomialLR": _polynomial,
}
