"""Builds torch's own optimizer and scheduler objects from a schedule, as a training script would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lrviz.engine.backend import Backend
from lrviz.engine.own import make_own
from lrviz.engine.phased import Phase, phased_class
from lrviz.engine.recorder import momentum
from lrviz.engine.refusal import refused_to_make
from lrviz.schedule import model
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Function, Phases, Schedule, Scheduler


@dataclass(frozen=True, slots=True)
class Built:
    """The objects of one schedule.

    - `scheduler`: None if the learning rate is constant.
    - `momentum`: the momentum or beta1 of each group before a scheduler changes it; None if the optimizer has neither.
    - `parts`: every scheduler object with its specification in the file, children before parents.
    """

    optimizer: Any
    scheduler: Any
    momentum: list[float | None]
    parts: list[tuple[Any, Scheduler]] = field(default_factory=list)


def build(schedule: Schedule, backend: Backend) -> Built:
    """Constructs the optimizer, then the schedulers, children before parents.

    Raises `ScheduleError` with torch's own message if torch refuses one of them.
    """
    try:
        optimizer = backend.make_optimizer(schedule.optimizer)
    except Exception as error:
        raise refused_to_make(schedule, (), schedule.optimizer.type, schedule.optimizer.where, error) from error
    own_momentum = [momentum(group) for group in optimizer.param_groups]
    parts: list[tuple[Any, Scheduler]] = []
    scheduler = None
    if isinstance(schedule.scheduler, Phases):
        scheduler = _make_phased(schedule.scheduler, schedule, optimizer, backend, parts)
    elif schedule.scheduler is not None:
        scheduler = _make(schedule.scheduler, schedule, optimizer, backend, parts)
    return Built(optimizer, scheduler, own_momentum, parts)


def _make_phased(
    spec: Phases, schedule: Schedule, optimizer: Any, backend: Backend, parts: list[tuple[Any, Scheduler]]
) -> Any:
    """A PhasedLR whose phases construct their schedulers when they begin, and then add them to `parts`."""

    def phase(each: model.PhaseSpec) -> Phase:
        inside = each.scheduler
        make = None if inside is None else lambda optimizer: _make(inside, schedule, optimizer, backend, parts)
        return Phase(make, each.calls, each.base, each.every)

    return phased_class(backend.scheduler_class("LRScheduler"))(optimizer, [phase(each) for each in spec.phases])


def _make(
    spec: Scheduler, schedule: Schedule, optimizer: Any, backend: Backend, parts: list[tuple[Any, Scheduler]]
) -> Any:
    children = [_make(child, schedule, optimizer, backend, parts) for child in spec.children]
    arguments = dict(spec.arguments)
    for argument in SCHEDULERS[spec.type].arguments if not spec.own else ():
        if argument.kind == "function" and arguments.get(argument.name) is not None:
            arguments[argument.name] = _functions(arguments[argument.name])
    if children:
        arguments["schedulers"] = children
    if spec.type != "ChainedScheduler" and not spec.own:
        arguments["optimizer"] = optimizer

    try:
        if spec.own:
            scheduler = make_own(spec.type, optimizer, arguments)
        else:
            scheduler = backend.scheduler_class(spec.type)(**arguments)
    except Exception as error:
        raise refused_to_make(schedule, parts, spec.type, spec.where, error) from error
    parts.append((scheduler, spec))
    return scheduler


def _functions(value: Any) -> Any:
    """Functions for torch: compiles an expression, turns a number into a constant function; also for lists of them."""
    if isinstance(value, list):
        return [_functions(each) for each in value]
    if isinstance(value, Function):
        return value.expression.function(value.argument, value.values)
    return lambda call: value
