"""An optimizer's momentum or beta1 that the scheduler replaces.

By default, OneCycleLR and CyclicLR cycle momentum (or beta1) between `base_momentum` and `max_momentum`, whatever the
optimizer has: an Adam with betas of [0.5, 0.999] trains with a beta1 of 0.85 to 0.95. A value in the file that lies
between the two misleads nobody and is not reported. Neither is anything if the file gives `cycle_momentum` or either
end: that is a decision.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: OneCycleLR, max_lr: 0.1}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.99}
    scheduler: {type: OneCycleLR, max_lr: 0.1}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.words import rate

DECISIONS: Final = ("cycle_momentum", "base_momentum", "max_momentum")


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type(*BRING_THEIR_OWN):
        if any(map(placed.given, DECISIONS)):
            continue
        found = next(filter(None, (_of_group(subject, placed, group) for group in range(_groups(subject)))), None)
        if found is not None:
            yield found


def _groups(subject: Subject) -> int:
    return len(subject.schedule.optimizer.groups)


def _of_group(subject: Subject, placed: Placed, group: int) -> Oddity | None:
    optimizer, momentum = subject.schedule.optimizer, subject.momentum_of(group)
    if momentum is None:
        return None
    name, own = momentum
    key = "betas" if name == "beta1" else name
    each = optimizer.groups[group]
    low, high = float(placed.argument("base_momentum")), float(placed.argument("max_momentum"))
    if key not in {**optimizer.options, **each.options} or own == 0 or low <= own <= high:
        return None
    of = f" in group {each.name!r}" if _groups(subject) > 1 else ""
    at = "in its phase " if placed.phase is not None else ""
    return Oddity(
        subject.where_of_option(key),
        f"the optimizer's {name} of {rate(own)}{of} is not used: {at}{placed.type} starts it at {rate(high)} and moves "
        f"it towards {rate(low)} as the learning rate rises",
        f"cycle_momentum: false keeps {rate(own)}; or, if the cycle is intended, cycle_momentum: true",
        "note",
        schedulers=(placed.scheduler,),
    )
