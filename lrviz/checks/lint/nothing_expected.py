"""A schedule without expectations.

The lint finds mistakes that any schedule may have. Only `expect` can say what *this* schedule is meant to do: without
it, a change of the learning rate goes unnoticed. `lrviz check --require-expect` fails for such a schedule.

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

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Final

from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.curve import Curve

MAX_GROUPS_NAMED: Final = 3
"""The largest number of groups that a hint names one by one."""


def check(subject: Subject) -> Iterator[Oddity]:
    if subject.schedule.expect:
        return
    yield Oddity(
        subject.schedule.where,
        "this schedule has no expectations, so only the lint checked it",
        _instead(subject.curve),
        "note",
    )


def _instead(curve: Curve | None) -> str:
    """The learning rates at both ends, if there are few enough to paste, and a snapshot."""
    if curve is None:
        return "say under `expect` what it should do, once torch runs it"
    snapshot = "`expect: {snapshot: curve.csv}` stores the whole curve as it is now"
    first = _value(curve, [curve.lr_at(group, 0) for group in range(len(curve.groups))])
    end = _value(curve, list(curve.end_lr))
    if first is None or end is None:
        return snapshot
    return f"as it is now: `expect: {{at: {{0: {first}, end: {end}}}}}`; `snapshot: curve.csv` stores the whole curve"


def _value(curve: Curve, rates: list[float]) -> str | None:
    """A learning rate as a file writes it: one number, or one for each group; None if a file cannot hold it."""
    if not all(map(isfinite, rates)) or (not curve.uniform and len(rates) > MAX_GROUPS_NAMED):
        return None
    if curve.uniform:
        return repr(rates[0])
    return "{" + ", ".join(f"{_key(name)}: {lr!r}" for name, lr in zip(curve.groups, rates, strict=True)) + "}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"\w[\w.-]*", name) else json.dumps(name, ensure_ascii=False)
