"""An lr_lambda that looks like a learning rate, where torch expects a factor.

LambdaLR multiplies the optimizer's lr by the value of the function. A function that returns learning rates (Noam's
formula, or `0.1 * 0.95 ** t` beside `lr: 0.1`) is scaled by the optimizer's lr once more, so the learning rate is far
too small. A function is taken for one of these if its largest value, in the run and at any later call, is the
optimizer's lr itself, or is at most 0.01 with an lr of 0.1 or less. With `lr: 1` the factor is the learning rate.

PASS:

    steps: 10000
    optimizer: {type: Adam, lr: 1}
    scheduler: {type: LambdaLR, lr_lambda: "512 ** -0.5 * min((t + 1) ** -0.5, (t + 1) * 4000 ** -1.5)"}

FAIL:

    steps: 10000
    optimizer: {type: Adam, lr: 1e-3}
    scheduler: {type: LambdaLR, lr_lambda: "512 ** -0.5 * min((t + 1) ** -0.5, (t + 1) * 4000 ** -1.5)"}
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Final

from lrviz.alike import peak_tick
from lrviz.checks.lint.helpers.closed_form import compiled, lambdas
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.schedule.model import Function
from lrviz.words import moment, rate

TINY: Final = 0.01
"""A factor that never exceeds this is rarely intended."""

ASKED: Final = 1_000
"""The number of calls of the run at which a function is evaluated."""

LATER: Final = tuple(2**power for power in range(31))
"""Calls, most of them after the run, that show whether a function only starts small."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve, lrs = subject.curve, subject.base_lrs()
    if curve is None or not all(0 < lr < 1 for lr in lrs):
        return
    peaks = [float(subject.rates(group).max()) for group in range(len(lrs))]
    all_tiny = max(lrs) <= 0.1 and all(peak <= TINY * lr for peak, lr in zip(peaks, lrs, strict=True))
    for placed in subject.of_type("LambdaLR"):
        if not placed.calls or any(parent.type == "ChainedScheduler" for parent in placed.parents):
            continue
        tops = [_top(function, placed.calls) for function in lambdas(placed)]
        alone = placed.phase is None and not placed.parents
        same = alone and all(isclose(tops[group % len(tops)], lr, rel_tol=1e-6) for group, lr in enumerate(lrs))
        if not (same or (all_tiny and 0 < max(tops) <= TINY)):
            continue
        factor = "its largest value is that lr" if same else f"it is never above {TINY}"
        yield Oddity(
            placed.scheduler.where_of("lr_lambda"),
            f"LambdaLR: lr_lambda is a factor on the optimizer's lr of {rate(lrs[0])}, but {factor}: the learning rate"
            f"{subject.whose(0)} is at most {rate(peaks[0])}, at {moment(curve.run, peak_tick(subject.rates(0)))}",
            "lr: 1 in the optimizer, if lr_lambda returns learning rates",
            "warning",
            schedulers=(placed.scheduler,),
            argument="lr_lambda",
        )


def _top(function: Function | float, calls: int) -> float:
    """The largest value of a factor within `calls` calls and later."""
    asked = compiled(function)
    values = map(asked, {*LATER, *((calls - 1) * each // (ASKED - 1) for each in range(ASKED))})
    return max((value for value in values if value is not None), default=0.0)
