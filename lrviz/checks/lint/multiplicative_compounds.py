"""A MultiplicativeLR whose factor is meant for the base, so that it compounds.

MultiplicativeLR multiplies the learning rate of the previous call by its factor. A factor that is itself a power of the
call (`0.95 ** t`), or that falls throughout the run (`1 - t / T`), is written for LambdaLR, which multiplies the base
by it; here `0.95 ** t` multiplies the base by `0.95 ** (t * (t + 1) / 2)`.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiplicativeLR, lr_lambda: 0.95}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiplicativeLR, lr_lambda: 0.95 ** t}
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from math import log
from typing import Final

from lrviz.checks.lint.helpers.closed_form import compiled, lambdas
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.model import Function
from lrviz.words import moment, rate

ASKED: Final = 64
"""The number of calls, spread over the run, at which a factor is evaluated."""


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("MultiplicativeLR"):
        functions = lambdas(placed)
        for group, function in enumerate(functions):
            if isinstance(function, Function) and placed.calls > 2 and _is_for_the_base(function, placed.calls):
                yield Oddity(
                    function.where,
                    f"MultiplicativeLR multiplies the learning rate by `{function}` at every call, so the factors "
                    f"compound{_outcome(subject, placed, group, function)}",
                    "type: LambdaLR, which multiplies the base by it",
                    "warning",
                    schedulers=(placed.scheduler,),
                    argument="lr_lambda",
                )


def _outcome(subject: Subject, placed: Placed, group: int, function: Function) -> str:
    curve = subject.curve
    if curve is None:
        return ""
    last = placed.tick_of(placed.calls - 1)
    text = f": the learning rate{subject.whose(group)} is {rate(curve.lr_at(group, last))} at {moment(curve.run, last)}"
    factor = compiled(function)(placed.calls - 1)
    if placed.parents or factor is None:
        return text
    return f"{text}, where with LambdaLR it would be {rate(subject.base_of(placed)[group] * factor)}"


def _is_for_the_base(function: Function, calls: int) -> bool:
    """True if a factor moves away from 1 like a whole schedule, not like the ratio of one call to the next."""
    asked = compiled(function)
    values = [asked(call) for call in sorted({1 + (calls - 2) * each // (ASKED - 1) for each in range(ASKED)})]
    factors = [each for each in values if each is not None]
    if len(factors) < len(values) or len(factors) < 2:
        return False
    varying = {function.argument} | {name for name, value in function.values.items() if isinstance(value, str)}
    if _has_power(function.expression.tree, varying):
        first, last = (abs(log(abs(each))) if each else float("inf") for each in (factors[0], factors[-1]))
        return last > first
    falls = all(one >= other for one, other in pairwise(factors))
    return falls and len(set(factors)) >= 8 and factors[0] >= 0.8 and factors[len(factors) // 2] < 0.8


def _has_power(node: ast.AST, varying: set[str]) -> bool:
    """True if a fixed number is raised to a power that varies with the call."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        found = _varies(node.right, varying) and not _varies(node.left, varying)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exp":
        found = _varies(node.args[0], varying)
    else:
        found = False
    return found or any(_has_power(child, varying) for child in ast.iter_child_nodes(node))


def _varies(node: ast.AST, varying: set[str]) -> bool:
    """True if a value varies with the call; one that only switches (a comparison) does not."""
    if isinstance(node, ast.Compare):
        return False
    if isinstance(node, ast.Name):
        return node.id in varying
    return any(_varies(child, varying) for child in ast.iter_child_nodes(node))
