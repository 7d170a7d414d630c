"""Which param group of the file each param group of an optimizer is, and the schedule in the optimizer's groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lrviz.engine.recorder import names_of
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Group, Phases, PhaseSpec, Schedule, Scheduler
from lrviz.words import counted, show


def matched(schedule: Schedule, optimizer: Any) -> tuple[int, ...]:
    """For each param group of the optimizer, the index of the file's group that it is.

    A file without `groups` fits any number of groups. Otherwise, where the file names its groups and the optimizer has
    names too (the key `name` of a group), they go by name, and several may share one: a backbone with and without
    weight decay. Else they go by order, and there must be as many. Raises `ScheduleError`, whose position is
    `optimizer`, with both sides where they do not match.
    """
    groups, own = schedule.optimizer.groups, optimizer.param_groups
    if schedule.optimizer.is_one_for_all:
        return (0,) * len(own)
    file_names = [group.name for group in groups]
    named = any(name != str(index) for index, name in enumerate(file_names))
    names = [name for group in own if isinstance(name := group.get("name"), str)]
    if named and names:
        if len(names) == len(own) and set(names) == set(file_names):
            return tuple(map(file_names.index, names))
        raise _mismatch(
            schedule, own, "give each param group the name of one in the file: {'params': ..., 'name': ...}"
        )
    if len(own) != len(groups):
        raise _mismatch(schedule, own, "give the optimizer as many param groups as the file, in its order")
    return tuple(range(len(own)))


def fitted(schedule: Schedule, optimizer: Any) -> Schedule:
    """The schedule with the optimizer's param groups in place of the file's: as many, in the optimizer's order.

    Its curve has one column for each of them. Raises `ScheduleError` as `matched` does.
    """
    match = matched(schedule, optimizer)
    groups = schedule.optimizer.groups
    if match == tuple(range(len(groups))):
        return schedule
    names = names_of(optimizer.param_groups)
    own = tuple(Group(name, groups[index].options) for name, index in zip(names, match, strict=True))
    scheduler = schedule.scheduler
    if isinstance(scheduler, Phases):
        scheduler = replace(scheduler, phases=tuple(_phase(each, match) for each in scheduler.phases))
    elif scheduler is not None:
        scheduler = _scheduler(scheduler, match)
    return replace(schedule, optimizer=replace(schedule.optimizer, groups=own), scheduler=scheduler)


def varies_by_group(schedule: Schedule) -> str:
    """The name of an argument with which the scheduler gives param groups different curves; empty if it has none."""
    scheduler = schedule.scheduler
    if isinstance(scheduler, Phases) and any(
        isinstance(phase.base, tuple) and len(set(phase.base)) > 1 for phase in scheduler.phases
    ):
        return "from"
    for spec in scheduler.walk() if scheduler is not None else ():
        for argument in SCHEDULERS[spec.type].arguments if not spec.own else ():
            value = spec.arguments.get(argument.name)
            if argument.many == "groups" and isinstance(value, list) and any(each != value[0] for each in value):
                return argument.name
    return ""


def _phase(phase: PhaseSpec, match: Sequence[int]) -> PhaseSpec:
    base = tuple(phase.base[index] for index in match) if isinstance(phase.base, tuple) else phase.base
    return replace(phase, base=base, scheduler=phase.scheduler and _scheduler(phase.scheduler, match))


def _scheduler(scheduler: Scheduler, match: Sequence[int]) -> Scheduler:
    arguments = dict(scheduler.arguments)
    for argument in SCHEDULERS[scheduler.type].arguments if not scheduler.own else ():
        value = arguments.get(argument.name)
        if argument.many == "groups" and isinstance(value, list):
            arguments[argument.name] = [value[index] for index in match]
    children = tuple(_scheduler(child, match) for child in scheduler.children)
    return replace(scheduler, arguments=arguments, children=children)


def _mismatch(schedule: Schedule, own: Sequence[dict[str, Any]], hint: str) -> ScheduleError:
    ours = ", ".join(show(group.name) for group in schedule.optimizer.groups)
    theirs = ", ".join(
        show(name) if isinstance(name := group.get("name"), str) else f"{index} (no name)"
        for index, group in enumerate(own)
    )
    return ScheduleError.at(
        Position("optimizer"),
        f"its param groups are not those of schedule {schedule.name!r}: it has {counted(len(own), 'group')}, {theirs}; "
        f"the file has {counted(len(schedule.optimizer.groups), 'group')}, {ours}",
        hint,
    )
