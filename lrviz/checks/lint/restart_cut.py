"""A last cycle of warm restarts that the end of the run cuts off.

CosineAnnealingWarmRestarts ends low only where a cycle ends: after `T_0` calls, after `T_0 + T_0 * T_mult`, and so on.
A run that stops in the middle of a cycle stops at a high learning rate, often just after a restart, and its final model
is not the one the last cycle was meant to give.

PASS:

    epochs: 70
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingWarmRestarts, T_0: 10, T_mult: 2}

FAIL:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingWarmRestarts, T_0: 10, T_mult: 2}
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.model import Phases

NEGLIGIBLE: Final = 0.01
"""The fraction of the way down that the last cycle may have left without a finding."""


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.curve is None:
        return
    for placed in subject.of_type("CosineAnnealingWarmRestarts"):
        begins, length = _last_cycle(placed)
        done = placed.calls - begins
        if (1 + math.cos(math.pi * done / length)) / 2 <= NEGLIGIBLE or not placed.calls:
            continue
        last, which = placed.tick_of(0) + placed.ticks - 1, "last" if begins else "only"
        yield Oddity(
            placed.scheduler.where_of("T_0"),
            f"CosineAnnealingWarmRestarts: the {which} cycle is cut off after {done:,} of its {length:,} calls: "
            f"{subject.lr_is(last)}",
            _instead(subject, placed, begins, length),
            "warning",
            schedulers=(placed.scheduler,),
            argument="T_0",
        )


def _last_cycle(placed: Placed) -> tuple[int, int]:
    """The cycle that the last call falls in: the number of calls before it, and its length."""
    begins, length, times = 0, int(placed.argument("T_0")), int(placed.argument("T_mult"))
    if times == 1:
        return max(0, (placed.calls - 1) // length * length), length
    while begins + length < placed.calls:
        begins, length = begins + length, length * times
    return begins, length


def _instead(subject: Subject, placed: Placed, begins: int, length: int) -> str:
    if not begins and length > 2 * placed.calls:
        return f"T_0: {placed.calls}, with which it is one cycle"
    fitting = _fitting(placed)
    hint = f"T_0: {fitting}; or " if fitting is not None else ""
    ends = [end for end in (begins, begins + length) if end]
    run = subject.schedule.run
    at_end = not isinstance(subject.schedule.scheduler, Phases) and placed.start + placed.calls == run.calls
    if not at_end or run.every > 1 or run.interval != ("epoch" if run.epochs else "step"):
        return f"{hint}let it end with a cycle, after {_either(ends)} calls"
    key = "epochs" if run.epochs else "steps"
    return f"{hint}{key}: {_either([placed.start + end for end in ends])}, where a cycle ends"


def _either(numbers: list[int]) -> str:
    return " or ".join(map(str, numbers))


def _fitting(placed: Placed) -> int | None:
    """The T_0 nearest to the given one with which a cycle ends where the scheduler does; None if none is near."""
    given, times = int(placed.argument("T_0")), int(placed.argument("T_mult"))
    about = placed.calls // given
    counts = range(max(1, about - 1000), about + 1000) if times == 1 else range(1, 64)
    parts = (count if times == 1 else (times**count - 1) // (times - 1) for count in counts)
    lengths = (placed.calls // part for part in parts if placed.calls % part == 0)
    near = [length for length in lengths if given <= 2 * length <= 4 * given]
    return min(near, key=lambda length: abs(length - given), default=None)
