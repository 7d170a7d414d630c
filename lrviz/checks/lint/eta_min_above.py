"""A cosine whose eta_min is above the learning rate it starts from.

`eta_min` is a learning rate, not a factor, and it is the same for every param group: a group whose own lr is below it
does not decay but rises to it, even a hundredfold. So does a group that is frozen with lr 0.

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

from collections.abc import Iterator

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.words import rate, several


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
            f"eta_min: {rate(min(bases) / 100)}, or 0" if min(bases) else "eta_min: 0",
            "warning" if len(below) == len(bases) else "error",
            schedulers=(placed.scheduler,),
            argument="eta_min",
        )
