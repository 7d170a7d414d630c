"""Milestones at 0, repeated, or in the wrong order.

A SequentialLR assumes that its milestones are in order: one that is out of order, or repeated, silently skips a
scheduler. A milestone at 0 skips the first scheduler, but torch before 2.13 still begins at its learning rate and
continues from there (pytorch #185872). In a MultiStepLR the order does not matter; a milestone at 0 decays before the
first step, and a repeated one decays each time.

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

from lrviz.checks.lint.helpers.listing import listed_shortly
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
            f"SequentialLR: milestone 0 skips the {types[0]}, but torch before 2.13 still begins at its learning rate",
            f"leave out the {types[0]} and its milestone",
            "warning",
            schedulers=(placed.scheduler,),
            argument="milestones",
        )
    in_order = listed_shortly(map(str, sorted(milestones)))
    for index, (before, milestone) in enumerate(pairwise(milestones), 1):
        if milestone > before:
            continue
        if milestone == before:
            what = f"milestone {milestone:,} is repeated: the {types[index]} between the two is never active"
            hint = f"give the {types[index]} a milestone of its own, or leave it out"
        else:
            what = f"milestone {milestone:,} comes after {before:,}: torch assumes that they are in order, and skips "
            what += f"the {types[index]}"
            hint = f"milestones: {in_order}, and the schedulers in that order"
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
    once = listed_shortly(_once(placed, milestones))
    for index, milestone in enumerate(milestones):
        where = placed.scheduler.where_of("milestones", index)
        if milestone in seen and 0 < milestone < placed.calls:
            tick = placed.tick_of(milestone)
            yield Oddity(
                where,
                f"MultiStepLR: milestone {milestone:,} is repeated, and gamma is applied each time: the "
                f"learning rate{subject.whose()} goes from {subject.rate_at(tick - 1)} to "
                f"{subject.rate_at(tick)} at {moment(curve.run, tick)}",
                f"milestones: {once}",
                "warning",
                schedulers=(placed.scheduler,),
                argument="milestones",
            )
        elif milestone == 0 and milestone not in seen and placed.calls:
            yield Oddity(
                where,
                f"MultiStepLR: milestone 0 decays before its first call: {subject.lr_is(placed.tick_of(0))}, "
                f"where the base is {rate(subject.base_of(placed)[subject.example])}",
                "leave it out, and set the initial value with the optimizer's lr",
                "warning",
                schedulers=(placed.scheduler,),
                argument="milestones",
            )
        seen.add(milestone)


def _once(placed: Placed, milestones: list[int]) -> Iterator[str]:
    """The milestones as the file writes them, without repetitions."""
    first = {milestone: index for index, milestone in reversed([*enumerate(milestones)])}
    for milestone in sorted(first):
        yield placed.written("milestones", first[milestone])
