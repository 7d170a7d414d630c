"""The review of an upgrade: the same schedules under the torch that is installed, and under another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lrviz.errors import Position
from lrviz.review.compare import compared
from lrviz.review.result import Review, Reviewed, Torches, is_meant, label_of
from lrviz.review.review import Guard, Simulate, no_schedule
from lrviz.schedule.model import Schedule


def review_torch(
    named: Sequence[tuple[str, Schedule]],
    torches: Torches,
    own: Simulate,
    other: Simulate,
    guard: Guard,
    frozen: Sequence[str] = (),
    ignore: frozenset[str] = frozenset(),
) -> Review:
    """The schedules that another torch changes: their curves, or their findings.

    `own` and `other` simulate with either torch. What goes wrong with one schedule happens inside of its `guard`, and
    so does a `frozen` glob that no schedule has.
    """
    found: list[Reviewed] = []
    for before, after in zip(list(own(named)), other(named), strict=True):
        name = label_of(before.schedule)
        with guard(Position(name), name):
            one = compared(name, before, after, (), ignore)
            if one.verdict != "same" or one.came or one.went or (after.curve is None and before.curve is None):
                found.append(replace(one, frozen=is_meant([before.schedule], frozen)))
    for glob in frozen:
        if not is_meant([schedule for _, schedule in named], [glob]):
            with guard(Position("--expect-unchanged"), None):
                raise no_schedule(glob)
    files = {schedule.file for _, schedule in named}
    changed = {one.schedule.file for one in found}
    return Review(torches, len(files), len(changed), tuple(found), frozen=bool(frozen))
