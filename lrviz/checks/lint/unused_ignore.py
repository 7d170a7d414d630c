"""A code under `ignore` that ignores nothing.

What it once accepted has gone; left standing, it would hide the next finding of that kind.

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

from collections.abc import Collection, Iterator

from lrviz.checks.lint.helpers.subject import Subject
from lrviz.errors import Problem


def check(subject: Subject, found: Collection[str]) -> Iterator[Problem]:
    """`found` holds the codes of everything that the other rules found, accepted or not."""
    for ignored in subject.schedule.ignore:
        if ignored.code not in found and ignored.code != "unused-ignore":
            yield Problem(ignored.where, f"there is no {ignored.code} here to ignore", "leave it out", "note")
