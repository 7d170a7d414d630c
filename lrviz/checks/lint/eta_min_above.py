"""A cosine whose eta_min is above the learning rate it starts from.

`eta_min` is a learning rate, not a factor, and it is the same for every param group: a group whose own lr is below it
does not decay but rises to it, even a hundredfold. So does a group that is frozen with lr 0. One floor for all groups
must be below the lowest lr; a floor that is a part of each group's own lr takes a LambdaLR, which the hint writes out.

PASS:

    epochs: 30
    optimizer: {type: AdamW, groups: [{name: backbone, lr: 1e-4}, {name: head, lr: 1e-3}]}
    scheduler: {type: CosineAnnealingLR, eta_min: 1e-6}

FAIL:

    epochs: 30
    optimizer: {type: AdamW, groups: [{name: backbone, lr: 1e-5}, {name: head, lr: 1e-3}]}
    scheduler: {type: CosineAnnealingLR, eta_min: 1e-4}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import rate, several

TYPICAL_PART: Final = 0.01
"""The part of a group's own lr that a floor usually is."""


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    for placed in subject.of_type("CosineAnnealingLR", "CosineAnnealingWarmRestarts"):
        floor, bases = placed.argument("eta_min"), subject.base_of(placed)
        below = [group for group, base in enumerate(bases) if base < floor]
        if not below or placed.calls < 2 or placed.within("ChainedScheduler"):  # that has its own rules
            continue
        first = below[0]
        if len(below) == len(bases):
            least, most = rate(min(bases)), rate(max(bases))
            what = f"is above the learning rate it starts from, {most}"
            if least != most:
                what = f"is above every learning rate it starts from, {least} to {most}"
        else:
            others = f" (and of {several(len(below) - 1, 'more group')})" if len(below) > 1 else ""
            what = f"is above the learning rate of group {curve.groups[first]!r}{others}, {rate(bases[first])}"
        yield Oddity(
            placed.scheduler.where_of("eta_min"),
            f"{placed.type}: eta_min = {rate(floor)} {what}: it rises instead of falling",
            _instead(placed, bases, floor),
            "warning" if len(below) == len(bases) else "error",
            schedulers=(placed.scheduler,),
            argument="eta_min",
        )


def _instead(placed: Placed, bases: Sequence[float], floor: float) -> str:
    """One floor for all groups; and where they differ, a floor that is the same part of each group's own rate."""
    if len(set(bases)) == 1:
        return f"eta_min: {rate(bases[0] / 100)}, or 0" if bases[0] else "eta_min: 0"
    one = f"eta_min: {rate(min(bases) / 100)}, or 0" if min(bases) else "eta_min: 0"
    progress = _progress(placed)
    if progress is None:
        return one
    part = floor / max(bases) if floor < max(bases) else TYPICAL_PART
    function = f"{rate(part)} + {rate(1 - part)} * (1 + cos(pi * {progress})) / 2"
    return (
        f"one floor for all groups: {one}; or one that is {rate(part)} of each group's own lr: "
        f'`{{type: LambdaLR, lr_lambda: "{function}"}}`'
    )


def _progress(placed: Placed) -> str | None:
    """The fraction of the way down as an expression of `t`; None for cycles that grow."""
    if placed.type == "CosineAnnealingLR":
        return f"t / {placed.argument('T_max')}"
    length = placed.argument("T_0")
    return f"(t % {length}) / {length}" if placed.argument("T_mult") == 1 else None
