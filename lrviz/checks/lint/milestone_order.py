"""Milestones at 0, twice, or in the wrong order.

A SequentialLR looks its milestones up as if they were in order: one that is not, or that stands there twice, leaves a
scheduler out without a word. With a milestone at 0 the first scheduler is left out, but torch before 2.13 begins at its
learning rate and goes on from there (pytorch #185872). In a MultiStepLR the order does not matter; a milestone at 0
decays before the first step, and one that stands there twice decays twice.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiStepLR, milestones: [30, 60]}

FAIL:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiStepLR, milestones: [30, 30, 60]}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment, rate


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("SequentialLR", "MultiStepLR"):
        yield from _of_sequence(placed) if placed.type == "SequentialLR" else _of_steps(subject, placed)


def _of_sequence(placed: Placed) -> Iterator[Oddity]:
    milestones, types = placed.argument("milestones"), [child.type for child in placed.scheduler.children]
    if milestones and milestones[0] == 0:
        yield Oddity(
            placed.scheduler.where_of("milestones", 0),
            f"SequentialLR: milestone 0 leaves the {types[0]} out, and torch before 2.13 begins at its learning rate "
            f"all the same",
            f"leave the {types[0]} out, and its milestone",
            "warning",
            schedulers=(placed.scheduler,),
            argument="milestones",
        )
    for index, (before, milestone) in enumerate(pairwise(milestones), 1):
        if milestone > before:
            continue
        if milestone == before:
            what = f"milestone {milestone:,} stands there twice: the {types[index]} between the two is never in charge"
            hint = f"give the {types[index]} a milestone of its own, or leave it out"
        else:
            what = f"milestone {milestone:,} stands after {before:,}: torch takes them to be in order, and passes over "
            what += f"the {types[index]}"
            hint = f"milestones: {sorted(milestones)}, and the schedulers in that order"
        yield Oddity(
            placed.scheduler.where_of("milestones", index),
            f"SequentialLR: {what}",
            hint,
            schedulers=(placed.scheduler,),
            argument="milestones",
        )


def _of_steps(subject: Subject, placed: Placed) -> Iterator[Oddity]:
    curve, milestones, gamma = subject.curve, placed.argument("milestones"), placed.argument("gamma")
    if curve is None or gamma == 1:
        return
    seen: set[int] = set()
    for index, milestone in enumerate(milestones):
        where = placed.scheduler.where_of("milestones", index)
        if milestone in seen and 0 < milestone < placed.calls:
            tick = placed.tick_of(milestone)
            yield Oddity(
                where,
                f"MultiStepLR: milestone {milestone:,} stands there more than once, and gamma counts each time: the "
                f"learning rate{subject.whose()} goes from {subject.rate_at(tick - 1)} to "
                f"{subject.rate_at(tick)} at {moment(curve.run, tick)}",
                f"milestones: [{', '.join(_once(placed, milestones))}]",
                "warning",
                schedulers=(placed.scheduler,),
                argument="milestones",
            )
        elif milestone == 0 and milestone not in seen and placed.calls:
            yield Oddity(
                where,
                f"MultiStepLR: milestone 0 decays before the first of its calls: {subject.lr_is(placed.tick_of(0))}, "
                f"where the base is {rate(subject.base_of(placed)[subject.example])}",
                "leave it out; the optimizer's lr is what to begin with",
                "warning",
                schedulers=(placed.scheduler,),
                argument="milestones",
            )
        seen.add(milestone)


def _once(placed: Placed, milestones: list[int]) -> Iterator[str]:
    """The milestones as the file has them, each once."""
    for milestone in sorted(set(milestones)):
        yield placed.written("milestones", milestones.index(milestone))
