"""Momentum that a scheduler turns on in an optimizer without momentum.

By default, OneCycleLR and CyclicLR cycle momentum (or beta1) inversely to the learning rate, with values from their own
arguments: SGD or RMSprop without momentum trains with 0.95 as soon as the scheduler is constructed. If the file gives
`cycle_momentum`, that is a decision, and nothing is reported.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: OneCycleLR, max_lr: 0.1, cycle_momentum: false}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: OneCycleLR, max_lr: 0.1}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.words import rate


def check(subject: Subject) -> Iterator[Oddity]:
    optimizer = subject.schedule.optimizer
    for placed in subject.of_type(*BRING_THEIR_OWN):
        if placed.given("cycle_momentum"):
            continue
        for group, each in enumerate(optimizer.groups):
            own = subject.momentum_of(group)
            if own is None or own[1] != 0:
                continue
            name = own[0]
            low, high = (subject.by_group(placed.argument(key))[group] for key in ("base_momentum", "max_momentum"))
            of = f" in group {each.name!r}" if len(optimizer.groups) > 1 else ""
            wanted = "betas: [0.9, 0.999]" if name == "beta1" else "momentum: 0.9"
            yield Oddity(
                placed.scheduler.where,
                f"{placed.type} turns on {name}, which is 0 in this {optimizer.type}{of}: it starts at {rate(high)} "
                f"and moves towards {rate(low)} as the learning rate rises",
                f"cycle_momentum: false; or, if that is intended, cycle_momentum: true (or {wanted} in the optimizer)",
                "warning",
                schedulers=(placed.scheduler,),
            )
            break
