"""An lr_lambda that looks like a learning rate, where torch takes a factor.

LambdaLR multiplies the optimizer's lr by what the function gives. A function that gives learning rates (Noam's
formula, or `0.1 * 0.95 ** t` beside `lr: 0.1`) makes the learning rate as many times too small as the optimizer's lr
is below 1. It is taken for one where its largest value is the optimizer's lr itself, or at most 0.01 in an optimizer
of lr 0.1 or less, now and at any later call. With `lr: 1` the factor is the learning rate.

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

from lrviz.checks.lint.helpers.closed_form import compiled, lambdas
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.schedule.model import Function
from lrviz.words import moment, rate

TINY: Final = 0.01
"""A factor that no call exceeds, and that few people mean."""

ASKED: Final = 1_000
"""Calls of the run that a function is asked for."""

LATER: Final = tuple(2**power for power in range(31))
"""Calls, most of them after the run, that show whether a function only begins small."""


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
        factor = "it gives that lr again" if same else f"it is never above {TINY}"
        yield Oddity(
            placed.scheduler.where_of("lr_lambda"),
            f"LambdaLR: lr_lambda is a factor on the optimizer's lr of {rate(lrs[0])}, and {factor}: the learning rate"
            f"{subject.whose(0)} is at most {rate(peaks[0])}, at {moment(curve.run, int(subject.rates(0).argmax()))}",
            "lr: 1 in the optimizer, if lr_lambda gives learning rates",
            "warning",
            schedulers=(placed.scheduler,),
            argument="lr_lambda",
        )


def _top(function: Function | float, calls: int) -> float:
    """The largest value of a factor, in so many calls and later on."""
    asked = compiled(function)
    values = map(asked, {*LATER, *((calls - 1) * each // (ASKED - 1) for each in range(ASKED))})
    return max((value for value in values if value is not None), default=0.0)
