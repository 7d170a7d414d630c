"""A schedule without expectations.

The lint finds what is odd about any schedule. What *this* schedule is meant to do only `expect` can say: without it a
change of the learning rate goes unseen. `lrviz check --strict` refuses such a schedule.

PASS:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 10}
    expect: {at: {10: 0.01}}

FAIL:

    epochs: 30
    optimizer: {type: SGD, lr: 0.1}
    scheduler: {type: StepLR, step_size: 10}
"""

from __future__ import annotations

from collections.abc import Iterator

from lrviz.check.lint.subject import Subject
from lrviz.check.moment import lr_at
from lrviz.schedule.errors import Problem


def check(subject: Subject) -> Iterator[Problem]:
    if subject.schedule.expect:
        return
    hint = "expect: {at: {0: 0.1, end: 0.001}}, or {snapshot: curve.csv}"
    if subject.curve is not None and not subject.curve.groups_differ:
        first, end = lr_at(subject.curve, 0, 0), subject.curve.end_lr[0]
        hint = f"as it is now: `expect: {{at: {{0: {first!r}, end: {end!r}}}}}`; `snapshot: curve.csv` keeps all of it"
    yield Problem(
        subject.schedule.where, "nothing is expected of this schedule, so only the lint looked at it", hint, "note"
    )
