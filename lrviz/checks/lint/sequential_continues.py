"""A MultiplicativeLR inside a SequentialLR, which does not begin anew at its milestone.

Every other scheduler begins anew from the base when its turn comes. A MultiplicativeLR has no formula to do that by:
torch lets it go on from wherever the learning rate is, and multiplies its factor for `t = 0` onto that at once, which
it does not do where it begins a run (torch 2.4 did not do it here either). SWALR goes on too; that is what it is for.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      - {type: ConstantLR, factor: 0.1, for: 3}
      - {type: MultiplicativeLR, lr_lambda: 0.9}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler:
      type: SequentialLR
      milestones: [3]
      schedulers:
        - {type: ConstantLR, factor: 0.1, total_iters: 3}
        - {type: MultiplicativeLR, lr_lambda: 0.9}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint.helpers.as_phases import as_phases
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.words import moment, rate


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    for sequence in subject.of_type("SequentialLR"):
        for child in subject.children_of(sequence):
            tick = child.tick_of(0)
            if child.type != "MultiplicativeLR" or child.start == sequence.start:
                continue
            last, value = curve.lr_at(0, tick - 1), curve.lr_at(0, tick)
            yield Oddity(
                child.scheduler.where,
                f"MultiplicativeLR does not begin anew inside of a SequentialLR: at "
                f"{moment(curve.run, tick)} it goes on "
                f"from {rate(last)}{subject.whose(0)}, with its factor for t = 0 at once, to {rate(value)}",
                f"a phase goes on without that factor, and begins anew with `from: base`: "
                f"{as_phases(subject, sequence)}",
                "note",
                schedulers=(child.scheduler,),
            )
