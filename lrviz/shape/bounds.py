"""The ticks at which the schedule file itself begins a phase of the run."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

from lrviz.schedule.model import Phases, Schedule, Scheduler


def bounds_of(schedule: Schedule | None, ticks: int) -> dict[int, bool]:
    """The ticks at which the file begins a phase, in order; True if its scheduler has the same class as the last one.

    Ticks that would make a phase of a single tick are left out.
    """
    if schedule is None or schedule.scheduler is None:
        return {}
    given: list[tuple[float, bool]] = []
    if isinstance(schedule.scheduler, Phases):
        types = [phase.scheduler.type if phase.scheduler else None for phase in schedule.scheduler.phases]
        given = [(phase.start, each) for phase, each in zip(schedule.scheduler.phases, _same(types), strict=True)]
    elif schedule.scheduler.type == "OneCycleLR" and schedule.scheduler.arguments.get("three_phase"):
        given = [(_second_fall(schedule.scheduler), True)]
    else:
        outermost = next((each for each in schedule.scheduler.walk() if each.type == "SequentialLR"), None)
        if outermost is not None:
            same = _same([child.type for child in outermost.children])[1:]
            given = list(zip(outermost.arguments["milestones"], same, strict=False))
    return {int(at): same for at, same in sorted(given) if at == int(at) and 1 < at < ticks - 1}


def reduces_at(schedule: Schedule | None, tick: int) -> bool:
    """True if a ReduceLROnPlateau changes the learning rate at a tick; at the first of its phase, it has not yet."""
    spec = None if schedule is None else schedule.scheduler
    if isinstance(spec, Phases):
        within = [phase.scheduler for phase in spec.phases if phase.start < tick < phase.start + phase.calls]
        spec = within[0] if within else None
    return isinstance(spec, Scheduler) and spec.type == "ReduceLROnPlateau"


def _same(types: list[str | None]) -> list[bool]:
    """True for each type that equals the one before."""
    return [False, *(one == other for one, other in pairwise(types))]


def _second_fall(scheduler: Scheduler) -> int:
    """The tick at which the first fall of a OneCycleLR ends, as torch counts, rounded up."""
    given = scheduler.arguments
    total = given["total_steps"] if given.get("total_steps") else given["epochs"] * given["steps_per_epoch"]
    return ceil(float(2 * given.get("pct_start", 0.3) * total) - 2)
