"""Builds torch's own optimizer and scheduler objects from a schedule, as a training script would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from lrviz.engine.backend import Backend
from lrviz.engine.factor import compiled
from lrviz.engine.own import make_own
from lrviz.engine.phased import Phase, phased_class
from lrviz.engine.recorder import momentum
from lrviz.engine.refusal import refused_to_make
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Function, Phases, Schedule, Scheduler

FactorOf: TypeAlias = Callable[[Function | float], Callable[..., float]]
"""Makes the function that torch is given for a factor of the schedule."""


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


def build(schedule: Schedule, backend: Backend, factor_of: FactorOf = compiled) -> Built:
    """Constructs the optimizer, then the schedulers, children before parents.

    Raises `ScheduleError` with torch's own message if torch refuses one of them.
    """
    try:
        optimizer = backend.make_optimizer(schedule.optimizer)
    except Exception as error:
        raise refused_to_make(schedule, (), schedule.optimizer.type, schedule.optimizer.where, error) from error
    return attach(schedule, optimizer, backend, factor_of)


def attach(schedule: Schedule, optimizer: Any, backend: Backend, factor_of: FactorOf = compiled) -> Built:
    """Constructs the schedulers on an optimizer, whose param groups are those of the schedule.

    Raises `ScheduleError` with torch's own message if torch refuses one of them.
    """
    own_momentum = [momentum(group) for group in optimizer.param_groups]
    parts: list[tuple[Any, Scheduler]] = []
    scheduler = None
    if isinstance(schedule.scheduler, Phases):
        phases = [
            Phase(
                None if each.scheduler is None else _Make(each.scheduler, schedule, backend, factor_of, parts),
                each.calls,
                each.base,
                each.every,
            )
            for each in schedule.scheduler.phases
        ]
        scheduler = phased_class(backend.scheduler_class("LRScheduler"))(optimizer, phases)
    elif schedule.scheduler is not None:
        scheduler = _Make(schedule.scheduler, schedule, backend, factor_of, parts)(optimizer)
    return Built(optimizer, scheduler, own_momentum, parts)


@dataclass(frozen=True, slots=True)
class _Make:
    """Constructs the scheduler `spec` of a schedule on an optimizer, and adds it to `parts`.

    It pickles if `factor_of` makes what pickles: a PhasedLR keeps it for the phases to come.
    """

    spec: Scheduler
    schedule: Schedule
    backend: Backend
    factor_of: FactorOf
    parts: list[tuple[Any, Scheduler]]

    def __call__(self, optimizer: Any) -> Any:
        spec = self.spec
        children = [replace(self, spec=child)(optimizer) for child in spec.children]
        arguments = dict(spec.arguments)
        for argument in SCHEDULERS[spec.type].arguments if not spec.own else ():
            if argument.kind == "function" and arguments.get(argument.name) is not None:
                arguments[argument.name] = self._functions(arguments[argument.name])
        if children:
            arguments["schedulers"] = children
        if spec.type != "ChainedScheduler" and not spec.own:
            arguments["optimizer"] = optimizer

        try:
            if spec.own:
                scheduler = make_own(spec.type, optimizer, arguments)
            else:
                scheduler = self.backend.scheduler_class(spec.type)(**arguments)
        except Exception as error:
            raise refused_to_make(self.schedule, self.parts, spec.type, spec.where, error) from error
        self.parts.append((scheduler, spec))
        return scheduler

    def _functions(self, value: Any) -> Any:
        """Functions for torch; also for lists of them."""
        return [self.factor_of(each) for each in value] if isinstance(value, list) else self.factor_of(value)
