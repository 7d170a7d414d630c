"""A learning rate that is NaN or infinite.

Factors that compound overflow a double, and a custom class may divide by 0. From that call on every weight is NaN,
silently. A gamma above 1 that overflows has its own rule.

PASS:

    steps: 2000
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiplicativeLR, lr_lambda: 0.999}

FAIL:

    steps: 2000
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: MultiplicativeLR, lr_lambda: 1.5}
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.stretches import others, where_at
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.words import counted_ticks


def check(subject: Subject) -> Iterator[Oddity]:
    curve = subject.curve
    if curve is None:
        return
    found = []
    for group in range(len(curve.groups)):
        wrong = np.flatnonzero(~np.isfinite(subject.rates(group)))
        if len(wrong):
            found.append((group, int(wrong[0]), len(wrong)))
    if found:
        group, tick, count = found[0]
        before = f", after {subject.rates(group)[tick - 1]:.6g}" if tick else ""
        yield Oddity(
            where_at(subject, tick, group),
            f"{subject.lr_is(tick, group)}{before}, and not finite at {count:,} of {counted_ticks(curve.run)}"
            f"{others(len(found) - 1)}",
            "do not let a factor of the learning rate stay above 1 for long" if tick else "",
        )
