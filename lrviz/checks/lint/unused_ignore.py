"""A code under `ignore` that ignores nothing.

The finding that it once accepted is gone; if the code stays, it hides the next finding of that kind.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingLR, T_max: 20}
    ignore: [cosine-climbs]

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: CosineAnnealingLR}
    ignore: [cosine-climbs]
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.curve is None:
        return
    for ignored in subject.schedule.ignore:
        if ignored.code != "unused-ignore":
            message = f"there is no {ignored.code} finding to ignore"
            yield Oddity(ignored.where, message, "leave it out", "note", code=ignored.code)
