"""A OneCycleLR or CyclicLR in a SequentialLR that changes the optimizer for the schedulers beside it.

The schedulers of a SequentialLR are all constructed before the run, and these two change the optimizer when they are
constructed, not when their turn comes. OneCycleLR sets the base learning rate to `max_lr / div_factor`: a warmup before
it starts from there, and so does every scheduler after it. CyclicLR sets it to `base_lr` if it is the first scheduler.
Both set the momentum (or beta1), unless `cycle_momentum: false` is given. In phases, a scheduler does not exist before
its phase begins, and the momentum is restored afterwards.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler:
      - {type: LinearLR, start_factor: 0.5, for: 3}
      - {type: OneCycleLR, max_lr: 1}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1, momentum: 0.9}
    scheduler:
      type: SequentialLR
      milestones: [3]
      schedulers:
        - {type: LinearLR, start_factor: 0.5, total_iters: 3}
        - {type: OneCycleLR, max_lr: 1, total_steps: 27}
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Final

from lrviz.checks.lint.helpers.as_phases import as_phases
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.sequence import own_base
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.catalogue import BRING_THEIR_OWN
from lrviz.words import moment, rate

KEEP_THEIR_BASE: Final = ("CosineAnnealingWarmRestarts", "CyclicLR", "LambdaLR")
"""Schedulers that keep the base from when they were constructed, even if the optimizer changes later."""

SMALL: Final = 0.005
"""A change of momentum up to this is not reported."""


NEIGHBOURS: Final = 20
"""A finding names its effects on the first scheduler, and on so many before and after."""


def check(subject: Subject) -> Iterator[Oddity]:
    for sequence in subject.of_type("SequentialLR"):
        children = subject.children_of(sequence)
        for index, child in enumerate(children):
            if child.type not in BRING_THEIR_OWN:
                continue
            near = children[max(0, index - NEIGHBOURS) : index + NEIGHBOURS + 1]
            others = [each for each in ([] if children[0] in near else children[:1]) + near if each is not child]
            rates = list(_on_rates(subject, child, others))
            effects = [*rates, *_on_momentum(subject, child, others)]
            from_base = range(child.index + 1, len(sequence.scheduler.children))
            if effects:
                yield Oddity(
                    child.scheduler.where,
                    f"{child.type} changes the optimizer as soon as it is constructed: {'; '.join(effects)}",
                    f"a phase is constructed only when it begins: {as_phases(subject, sequence, from_base)}",
                    "error" if rates else "warning",
                    schedulers=(child.scheduler,),
                )


def _on_rates(subject: Subject, child: Placed, others: list[Placed]) -> Iterator[str]:
    """The effects of a scheduler on the learning rates of its neighbours, in words."""
    for other in others:
        if child.type == other.type == "OneCycleLR" and other.index < child.index:
            theirs, its = (subject.by_group(each.argument("max_lr"))[0] for each in (other, child))
            if theirs != its:
                yield f"the OneCycleLR before it peaks at {rate(its)}, not at its own max_lr of {rate(theirs)}"
    base, own = own_base(subject, child), subject.base_of(child)
    if base is None:
        return
    group = next(group for group in range(len(base)) if not isclose(base[group], own[group]))
    start = min(each.start for each in [child, *others])
    named = "max_lr / div_factor" if child.type == "OneCycleLR" else "base_lr"
    for other in others:
        after = other.index > child.index
        first = other.start == start
        if other.type == "OneCycleLR" or (after and other.type == "CyclicLR"):
            continue
        if not after and (not first or other.type in KEEP_THEIR_BASE):
            continue
        at = ""
        if subject.curve is not None:
            tick = other.tick_of(0)
            value = rate(subject.curve.lr_at(group, tick))
            at = f" (the learning rate{subject.whose(group)} is {value} at {moment(subject.curve.run, tick)})"
        yield (
            f"{other.type} {'after' if after else 'before'} it starts from {named} = {rate(base[group])}, not from "
            f"{rate(own[group])}{at}"
        )


def _on_momentum(subject: Subject, child: Placed, others: list[Placed]) -> Iterator[str]:
    """The effect of a scheduler on momentum outside its turn, in words."""
    curve, own = subject.curve, subject.momentum_of(0)
    if curve is None or curve.momentum_columns is None or own is None or not child.argument("cycle_momentum"):
        return
    name, value = own
    if value == 0 and not child.given("cycle_momentum"):
        return  # that it is turned on at all has its own rule
    for tick in (other.tick_of(0) for other in others if other.type not in BRING_THEIR_OWN):
        held = curve.momentum_columns[0][tick]
        if abs(held - value) > SMALL:
            yield f"{name} is {rate(held)} at {moment(curve.run, tick)}, not the optimizer's {rate(value)}"
            return
