"""A milestone that the run never reaches.

A drop of a MultiStepLR, or a scheduler of a SequentialLR, that would come after the run has no effect; the milestones
were written for a longer run, or count from where a scheduler before them handed over. A drop exactly at the end of the
run changes only the learning rate after the last call, which no step uses: that is a note.

PASS:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiStepLR, milestones: [30, 60]}

FAIL:

    epochs: 90
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiStepLR, milestones: [30, 60, 100]}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import counted, moment


def check(subject: Subject) -> Iterator[Oddity]:
    for placed in subject.of_type("SequentialLR", "MultiStepLR"):
        milestones = placed.argument("milestones")
        late = [index for index, milestone in enumerate(milestones) if milestone >= placed.calls]
        if not late or not placed.calls:
            continue
        if placed.type == "MultiStepLR" and len(late) < len(milestones):
            yield _of_steps(subject, placed, milestones, late)
        elif placed.type == "SequentialLR":
            yield from _of_sequence(placed, milestones, late)


def _of_steps(subject: Subject, placed: Placed, milestones: list[int], late: list[int]) -> Oddity:
    beyond = [index for index in late if milestones[index] > placed.calls]
    index = (beyond or late)[0]
    what = f"is never reached: the scheduler is active for {counted(placed.calls, 'call')}"
    if not beyond:
        what = f"falls on the last of {counted(placed.calls, 'call')}, and no step uses the result"
    elif subject.curve is not None and placed.tick_of(0):
        begin = moment(subject.curve.run, placed.tick_of(0))
        what = f"is never reached: it counts from {begin}, with {counted(placed.calls, 'call')} left"
    kept = [placed.written("milestones", index) for index, each in enumerate(milestones) if each < placed.calls]
    return Oddity(
        placed.scheduler.where_of("milestones", index),
        f"MultiStepLR: milestone {milestones[index]:,} {what}",
        f"milestones: [{', '.join(kept)}], or an earlier one",
        "warning" if beyond else "note",
        schedulers=(placed.scheduler,),
        argument="milestones",
    )


def _of_sequence(placed: Placed, milestones: list[int], late: list[int]) -> Iterator[Oddity]:
    for index in late:
        kind = placed.scheduler.children[index + 1].type
        yield Oddity(
            placed.scheduler.where_of("milestones", index),
            f"SequentialLR: milestone {milestones[index]:,} is at or after the end of its "
            f"{counted(placed.calls, 'call')}: the {kind} never runs",
            f"a milestone below {placed.calls:,}, or leave the {kind} out",
            "warning",
            schedulers=(placed.scheduler,),
            argument="milestones",
        )
