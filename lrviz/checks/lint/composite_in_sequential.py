"""A SequentialLR or ChainedScheduler inside a SequentialLR.

torch's SequentialLR accepts one of them and fails at its milestone, in the middle of the run, with NotImplementedError
(torch 2.4 refuses a ChainedScheduler already at construction). As the first of the schedulers it runs, but torch steps
it once too often at the start (pytorch #196243): the milestones of a SequentialLR come one call early, and schedulers
in a ChainedScheduler that decay from the first call on are one call ahead. As phases, both work, with every call on
time.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      - {type: LinearLR, start_factor: 0.1, for: 5}
      - type: ChainedScheduler
        schedulers: [{type: ExponentialLR, gamma: 0.9}, {type: StepLR, step_size: 10}]

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [5]
      schedulers:
        - {type: LinearLR, start_factor: 0.1, total_iters: 5}
        - type: ChainedScheduler
          schedulers: [{type: ExponentialLR, gamma: 0.9}, {type: StepLR, step_size: 10}]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from lrviz.checks.lint.helpers.as_phases import as_phases
from lrviz.checks.lint.helpers.listing import listed_shortly
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.sequence import takes_over
from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.words import moment, rate

COMPOSITES: Final = ("SequentialLR", "ChainedScheduler")

AHEAD: Final = ("CosineAnnealingLR", "ExponentialLR", "MultiplicativeLR", "PolynomialLR", "SWALR")
"""Schedulers that an extra call at the start puts one call ahead."""


def check(subject: Subject) -> Iterator[Oddity]:
    for sequence in subject.of_type("SequentialLR"):
        for child in subject.children_of(sequence):  # one that never runs has its own rule
            if child.type not in COMPOSITES:
                continue
            if child.start > sequence.start:
                yield Oddity(
                    child.scheduler.where,
                    f"SequentialLR cannot hand over to a {child.type}: torch raises NotImplementedError at call "
                    f"{takes_over(subject, child):,} of the run",
                    _instead(subject, sequence, child),
                    schedulers=(child.scheduler,),
                )
            else:
                yield from _first(subject, sequence, child)


def _first(subject: Subject, sequence: Placed, child: Placed) -> Iterator[Oddity]:
    """A composite that begins the run and is stepped once too often."""
    curve, effect = subject.curve, ""
    if curve is None:
        return
    inside = [subject.by_scheduler[id(each)] for each in child.scheduler.walk()]
    for each in inside:
        milestone = each.argument("milestones")[0] if each.type == "SequentialLR" and each.argument("milestones") else 0
        if 0 < milestone < each.calls:
            at = moment(curve.run, each.tick_of(milestone - 1))
            effect = effect or f"its milestone {milestone:,} comes one call early, at {at}"
        elif each.type in AHEAD and not each.scheduler.own and each.start == child.start:
            value = rate(curve.lr_at(0, each.tick_of(0)))
            effect = (
                effect or f"{each.type} is one call ahead, and the learning rate{subject.whose(0)} begins at {value}"
            )
    if effect:
        yield Oddity(
            child.scheduler.where,
            f"a {child.type} that begins a SequentialLR is stepped once too often: {effect}",
            _instead(subject, sequence, child),
            "warning",
            schedulers=(child.scheduler,),
        )


def _instead(subject: Subject, sequence: Placed, child: Placed) -> str:
    phases = f"write it as phases: {as_phases(subject, sequence, range(1, len(sequence.scheduler.children)))}"
    if child.type == "ChainedScheduler":
        return phases
    begin, outer = child.start - sequence.start, sequence.argument("milestones")
    inner = (begin + each for each in child.argument("milestones"))
    flat = chain(islice(outer, child.index), inner, islice(outer, child.index, None))
    return f"put all schedulers into one SequentialLR, with milestones: {listed_shortly(map(str, flat))}"
