"""Chooses the torch that runs a schedule: its scheduler source alone, or the full import.

Both give the same classes, compiled from the same text, and the same bits. The source alone starts a hundred times
faster, and is used wherever the result is certain to be the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeAlias

from lrviz.engine import torch_source
from lrviz.engine.other_torch import OtherTorch
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.schedule.catalogue import OPTIMIZERS, SCHEDULERS
from lrviz.schedule.model import Optimizer, Schedule

Engine: TypeAlias = Literal["auto", "torch"] | OtherTorch


@dataclass(frozen=True, slots=True)
class Backend:
    """Where classes come from. `name` is for messages; both functions raise what torch raises."""

    name: str
    scheduler_class: Callable[[str], Any]
    make_optimizer: Callable[[Optimizer], Any]


def choose(schedule: Schedule, engine: Engine = "auto") -> Backend:
    """The fastest backend that is certain to run this schedule as the imported torch does.

    With engine "torch" it is always the full import, with an `OtherTorch` always its source. Raises `ScheduleError` if
    torch is not installed, and for what that source does not have.
    """
    if isinstance(engine, OtherTorch):
        _refuse_beyond_source(schedule, engine)
        name = f"the scheduler source of torch {engine.version}"
        return source_backend(engine.schedulers(), name)
    if engine == "auto" and "torch" not in sys.modules and not _beyond_source(schedule):
        module = torch_source.load()
        if module is not None:
            return source_backend(module)
    if torch_source.torch_folder() is None and "torch" not in sys.modules:
        raise ScheduleError.at(schedule.where, "torch is not installed", "pip install torch")
    return imported_backend()


def source_backend(module: ModuleType, name: str = "") -> Backend:
    """Torch's scheduler source, run under stand-ins for the rest of torch; by default that of the installed torch."""
    name = name or f"the scheduler source of torch {torch_source.torch_version()}"
    return Backend(name, lambda name: getattr(module, name), _stand_in_optimizer)


def imported_backend() -> Backend:
    """The full import of torch."""
    from lrviz.engine.torch_import import scheduler_class

    return Backend(f"torch {torch_source.torch_version()}, imported", scheduler_class, _imported_optimizer)


def _imported_optimizer(optimizer: Optimizer) -> Any:
    from lrviz.engine.torch_import import make_optimizer, optimizer_class

    return make_optimizer(optimizer_class(optimizer.type), *group_options(optimizer))


def group_options(optimizer: Optimizer) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The groups' own options and the optimizer's, in the types that torch takes."""
    groups = [{name: _tuple(value) for name, value in group.options.items()} for group in optimizer.groups]
    options = {name: _tuple(value) for name, value in optimizer.options.items()}
    if "lr" not in options:  # every group has its own; the default is never used, but torch checks it
        options["lr"] = groups[0]["lr"]
    return groups, options


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _stand_in_optimizer(optimizer: Optimizer) -> torch_source.StandInOptimizer:
    groups, options = group_options(optimizer)
    defaults = {argument.name: argument.default for argument in OPTIMIZERS[optimizer.type].arguments}
    return torch_source.StandInOptimizer(groups, {**defaults, **options})


def _refuse_beyond_source(schedule: Schedule, other: OtherTorch) -> None:
    beyond = _beyond_source(schedule)
    if beyond:
        raise ScheduleError(
            Problem(
                where,
                f"schedule {schedule.name!r}: {what} does not live in the scheduler source of torch {other.version}, "
                "which is all that is read of another torch",
            )
            for what, where in beyond
        )


def _beyond_source(schedule: Schedule) -> list[tuple[str, Position]]:
    """What torch would check or run besides its scheduler source, before the schedule runs, and where it is said.

    If there is nothing, the catalogue covers all that the source needs.
    """
    schedulers = schedule.scheduler.walk() if schedule.scheduler else ()
    found = [(each.type, each.where) for each in schedulers if each.own or not SCHEDULERS[each.type].stand_in]
    optimizer = schedule.optimizer
    if not OPTIMIZERS[optimizer.type].stand_in:
        found.append((optimizer.type, optimizer.where))
    given: list[Mapping[str, Any]] = [optimizer.options, *(group.options for group in optimizer.groups)]
    found += [
        (f"the option {switch}", optimizer.where)
        for switch in IMPLEMENTATION
        if any(options.get(switch) for options in given)
    ]
    return found


IMPLEMENTATION = ("foreach", "fused", "capturable", "differentiable")
"""Switches of an optimizer's implementation. Only torch knows which combinations it accepts; a training may choose."""
