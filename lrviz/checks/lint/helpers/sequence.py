"""How torch's SequentialLR treats its schedulers: when it calls them, and which base they start from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isclose

from lrviz.checks.lint.helpers.subject import Placed, Subject
from lrviz.schedule.model import Phases


def calls_ahead(subject: Subject, placed: Placed) -> int:
    """The number of extra calls that torch makes, at the start of the run, of the schedulers around a scheduler."""
    around = [subject.by_scheduler[id(parent)] for parent in placed.parents]
    return sum(outer.type == "SequentialLR" and outer.start == inner.start for outer, inner in pairwise(around))


def takes_over(subject: Subject, placed: Placed) -> int:
    """The call of the run at which torch lets a scheduler take over; early if there are calls ahead."""
    parent = subject.parent_of(placed)
    if parent is None or parent.start == placed.start:
        return placed.start
    return placed.start - calls_ahead(subject, placed)


def last_call(subject: Subject, placed: Placed) -> int:
    """The number of `step()` calls on a scheduler, without the one at which the next scheduler starts from the base."""
    parent = subject.parent_of(placed)
    if parent is None:
        return _last_of_phase(subject, placed)
    if placed.start - parent.start + placed.calls in subject.milestones_of(parent):
        return placed.calls - 1 - (calls_ahead(subject, placed) if placed.start == parent.start else 0)
    return placed.calls - (parent.calls - last_call(subject, parent))


def _last_of_phase(subject: Subject, placed: Placed) -> int:
    spec = subject.schedule.scheduler
    if not isinstance(spec, Phases):
        return placed.calls
    if placed.type == "OneCycleLR":
        return min(placed.calls, (placed.length or 1) - 1)
    after = spec.phases[placed.index + 1 :]
    return placed.calls if not after or after[0].base == "reached" else placed.calls - 1


def own_base(subject: Subject, child: Placed) -> tuple[float, ...] | None:
    """The base learning rate of every group that a scheduler in a SequentialLR sets for its neighbours.

    None if it leaves the base as it is.
    """
    if child.type == "OneCycleLR":
        base = tuple(each / child.argument("div_factor") for each in subject.by_group(child.argument("max_lr")))
    elif child.type == "CyclicLR" and child.index == 0:
        base = subject.by_group(child.argument("base_lr"))
    else:
        return None
    return None if all(map(isclose, base, subject.base_of(child))) else base


def siblings(subject: Subject) -> Iterator[tuple[Placed | None, list[Placed]]]:
    """The schedulers that run one after the other: those of each SequentialLR, with it, and those of phases."""
    parts: dict[int, list[Placed]] = {}
    for placed in subject.placed:
        if placed.within("SequentialLR") or (placed.phase is not None and not placed.parents):
            parts.setdefault(id(placed.parent), []).append(placed)
    for members in parts.values():
        yield subject.parent_of(members[0]), members
