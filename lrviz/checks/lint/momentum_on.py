"""Momentum that a scheduler turns on, in an optimizer that has none.

OneCycleLR and CyclicLR move momentum (or beta1) against the learning rate unless they are told not to, and they take
its values from their own arguments: SGD or RMSprop without momentum trains with 0.95 as soon as the scheduler is made.
Whoever writes `cycle_momentum` in the file has decided, and nothing is said.

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
                f"{placed.type} turns {name} on, which is 0 in this {optimizer.type}{of}: it begins at {rate(high)}, "
                f"and goes towards {rate(low)} as the learning rate rises",
                f"cycle_momentum: false; or, if that is meant, cycle_momentum: true (or {wanted} in the optimizer)",
                "warning",
                schedulers=(placed.scheduler,),
            )
            break
