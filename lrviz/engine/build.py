"""A schedule -> torch's own optimizer and scheduler objects, made as a training script makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lrviz.engine.backend import Backend
from lrviz.engine.refusal import refused_to_make
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Schedule, Scheduler


@dataclass(frozen=True, slots=True)
class Built:
    """The objects of one schedule. `scheduler` is None where the learning rate is constant.

    `momentum` is the momentum or beta1 that each group has before a scheduler touches it, None in an
    optimizer that has neither. `parts` pairs every scheduler object with what the file says of it, children
    before parents.
    """

    optimizer: Any
    scheduler: Any
    momentum: list[float | None]
    parts: list[tuple[Any, Scheduler]] = field(default_factory=list)


def build(schedule: Schedule, backend: Backend) -> Built:
    """Makes the optimizer, then the schedulers from the inside out, each anew.

    Raises `ScheduleError` with torch's own words for what torch refuses.
    """
    try:
        optimizer = backend.make_optimizer(schedule.optimizer)
    except Exception as error:
        raise refused_to_make(schedule, (), schedule.optimizer.type, schedule.optimizer.where, error) from error
    own_momentum = [momentum(group) for group in optimizer.param_groups]
    parts: list[tuple[Any, Scheduler]] = []
    scheduler = _make(schedule.scheduler, schedule, optimizer, backend, parts) if schedule.scheduler else None
    return Built(optimizer, scheduler, own_momentum, parts)


def momentum(group: Mapping[str, Any]) -> float | None:
    """What schedulers move as the momentum of a param group: beta1 where there are betas."""
    return group["betas"][0] if "betas" in group else group.get("momentum")


def _make(
    spec: Scheduler, schedule: Schedule, optimizer: Any, backend: Backend, parts: list[tuple[Any, Scheduler]]
) -> Any:
    children = [_make(child, schedule, optimizer, backend, parts) for child in spec.children]
    entry = SCHEDULERS[spec.type]
    arguments = dict(spec.arguments)
    for argument in entry.arguments:
        if argument.kind == "function" and arguments.get(argument.name) is not None:
            arguments[argument.name] = _functions(arguments[argument.name])
    if children:
        arguments["schedulers"] = children
    if spec.type != "ChainedScheduler":
        arguments["optimizer"] = optimizer

    try:
        scheduler = backend.scheduler_class(spec.type)(**arguments)
    except Exception as error:
        raise refused_to_make(schedule, parts, spec.type, spec.where, error) from error
    parts.append((scheduler, spec))
    return scheduler


def _functions(value: Any) -> Any:
    """A number as the function that always returns it; a list of numbers as a list of such functions."""
    if isinstance(value, list):
        return [_functions(each) for each in value]
    return lambda call: value
