"""A CyclicLR whose base_lr is above its max_lr.

torch accepts this: every cycle then begins at the higher learning rate and falls to `max_lr`, momentum is lowest where
the learning rate is lowest, and a mode that shrinks the cycles shrinks them towards the top.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.01, momentum: 0.9}
    scheduler: {type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 5}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler: {type: CyclicLR, base_lr: 0.1, max_lr: 0.01, step_size_up: 5}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.words import rate


def check(subject: Subject) -> Iterator[Oddity]:
    groups = subject.schedule.optimizer.groups
    for placed in subject.of_type("CyclicLR"):
        bases, tops = (subject.by_group(placed.argument(name)) for name in ("base_lr", "max_lr"))
        inverted = [group for group in range(len(groups)) if bases[group] > tops[group]]
        if not inverted:
            continue
        group = inverted[0]
        listed = isinstance(placed.argument("base_lr"), list)
        of = f" of group {groups[group].name!r}" if len(inverted) < len(groups) else ""
        low, high = list(map(min, bases, tops)), list(map(max, bases, tops))
        yield Oddity(
            placed.scheduler.where_of("base_lr", group if listed else None),
            f"CyclicLR: base_lr {rate(bases[group])}{of} is above max_lr {rate(tops[group])}, so every cycle begins at "
            f"the top and falls first",
            f"base_lr: {_written(low)}, max_lr: {_written(high)}",
            "warning",
            schedulers=(placed.scheduler,),
            argument="base_lr",
        )


def _written(values: Sequence[float]) -> str:
    """One number if it is the same for every group, else the list."""
    return rate(values[0]) if len(set(values)) == 1 else f"[{', '.join(map(rate, values))}]"
