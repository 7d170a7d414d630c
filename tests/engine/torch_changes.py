"""What releases of torch changed in the curves of schedules, since the oldest that lrviz supports.

A schedule may differ from today's torch under an older one only where a change of this list says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lrviz.schedule.model import Schedule, Scheduler


@dataclass(frozen=True)
class Change:
    """A release since which torch does something else; `meets` says whether a schedule may show it."""

    since: tuple[int, int]
    what: str
    who: str
    meets: Callable[[Schedule], bool]

    def explains(self, schedule: Schedule, release: str) -> bool:
        return minor(release) < self.since and self.meets(schedule)


def minor(release: str) -> tuple[int, int]:
    """The minor release: (2, 4) of 2.4.1."""
    first, second, *_ = release.split(".")
    return int(first), int(second)


def _sequences(schedule: Schedule) -> Iterator[Scheduler]:
    every = schedule.scheduler.walk() if schedule.scheduler else ()
    return (each for each in every if each.type == "SequentialLR")


def _holds_composites(schedule: Schedule) -> bool:
    return any(child.children for each in _sequences(schedule) for child in each.children)


def _steps_at_0(schedule: Schedule) -> bool:
    """True if a scheduler in a SequentialLR counts call 0 again in the middle of the run."""
    return any(
        not _ascending(each)
        or any(child.type == "MultiplicativeLR" for child in each.children[1:])
        or any(child.type == "ChainedScheduler" for child in each.children)
        for each in _sequences(schedule)
    )


def _ascending(sequence: Scheduler) -> bool:
    return all(one < other for one, other in pairwise([0, *sequence.arguments["milestones"]]))


def _begins_swalr_later(schedule: Schedule) -> bool:
    return any(child.type == "SWALR" for each in _sequences(schedule) for child in each.children[1:])


def _has_milestone_0(schedule: Schedule) -> bool:
    return any(bisect_right(each.arguments["milestones"], 0) for each in _sequences(schedule))


CHANGES = (
    Change(
        (2, 6),
        "SequentialLR undoes what its schedulers did when they were made also in those that hold others "
        "([pytorch#132745](https://github.com/pytorch/pytorch/issues/132745)). Before, it went on from there with a "
        "SequentialLR, and did not take a ChainedScheduler at all",
        "a SequentialLR that holds a SequentialLR or a ChainedScheduler",
        _holds_composites,
    ),
    Change(
        (2, 8),
        "A scheduler knows its first step as such. Before, it took every step at which it counts 0 for the first one, "
        "which changes nothing: MultiplicativeLR left out its factor for 0 where SequentialLR began it later",
        "a SequentialLR with a MultiplicativeLR that is not its first scheduler, with a ChainedScheduler, or with "
        "milestones that do not ascend from above 0",
        _steps_at_0,
    ),
    Change(
        (2, 9),
        "SequentialLR sets the learning rate that the next scheduler begins with, and does not step it for that. "
        "Before, SWALR, which counts its steps by itself, was one step further",
        "a SequentialLR with a SWALR that is not its first scheduler",
        _begins_swalr_later,
    ),
    Change(
        (2, 13),
        "SequentialLR begins with the scheduler that a milestone of 0 names "
        "([pytorch#185872](https://github.com/pytorch/pytorch/issues/185872)). Before, it took the first learning rate "
        "from the first scheduler, and went on from it with the other",
        "a SequentialLR with a milestone of 0",
        _has_milestone_0,
    ),
)

VERBOSE_UNTIL = (2, 6)
"""The last release whose schedulers take `verbose`, which changes no learning rate and which no file may give."""
