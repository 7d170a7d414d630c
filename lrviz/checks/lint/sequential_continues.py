"""A MultiplicativeLR in a SequentialLR, which does not start from the base at its milestone.

Every other scheduler starts from the base when its turn comes. MultiplicativeLR has no closed form for that: torch lets
it continue from the current learning rate and multiplies that by the factor for `t = 0` at once, which it does not do
at the start of a run (torch 2.4 did not do so here either). SWALR continues too, as it is meant to.

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
                f"MultiplicativeLR does not start from the base in a SequentialLR: at {moment(curve.run, tick)} it "
                f"continues from {rate(last)}{subject.whose(0)} and applies its factor for t = 0 at once, which gives "
                f"{rate(value)}",
                f"a phase continues without that factor, or starts from the base with `from: base`: "
                f"{as_phases(subject, sequence)}",
                "note",
                schedulers=(child.scheduler,),
            )
