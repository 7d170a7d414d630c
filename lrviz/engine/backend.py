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
from lrviz.errors import ScheduleError
from lrviz.schedule.catalogue import OPTIMIZERS, SCHEDULERS
from lrviz.schedule.model import Optimizer, Schedule

Engine: TypeAlias = Literal["auto", "torch"]


@dataclass(frozen=True, slots=True)
class Backend:
    """Where classes come from. `name` is for messages; both functions raise what torch raises."""

    name: str
    scheduler_class: Callable[[str], Any]
    make_optimizer: Callable[[Optimizer], Any]


def choose(schedule: Schedule, engine: Engine = "auto") -> Backend:
    """The fastest backend that is certain to run this schedule as the imported torch does.

    With engine "torch" it is always the full import. Raises `ScheduleError` if torch is not installed.
    """
    if engine == "auto" and "torch" not in sys.modules and _needs_no_torch(schedule):
        module = torch_source.load()
        if module is not None:
            return source_backend(module)
    if torch_source.torch_folder() is None and "torch" not in sys.modules:
        raise ScheduleError.at(schedule.where, "torch is not installed", "pip install torch")
    return imported_backend()


def source_backend(module: ModuleType) -> Backend:
    """Torch's scheduler source, run under stand-ins for the rest of torch."""
    name = f"the scheduler source of torch {torch_source.torch_version()}"
    return Backend(name, lambda name: getattr(module, name), _stand_in_optimizer)


def imported_backend() -> Backend:
    """The full import of torch."""
    from lrviz.engine.torch_import import scheduler_class

    return Backend(f"torch {torch_source.torch_version()}, imported", scheduler_class, _imported_optimizer)


def _imported_optimizer(optimizer: Optimizer) -> Any:
    from lrviz.engine.torch_import import make_optimizer, optimizer_class

    return make_optimizer(optimizer_class(optimizer.type), *_group_options(optimizer))


def _group_options(optimizer: Optimizer) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The groups' own options and the optimizer's, in the types that torch takes."""
    groups = [{name: _tuple(value) for name, value in group.options.items()} for group in optimizer.groups]
    options = {name: _tuple(value) for name, value in optimizer.options.items()}
    if "lr" not in options:  # every group has its own; the default is never used, but torch checks it
        options["lr"] = groups[0]["lr"]
    return groups, options


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _stand_in_optimizer(optimizer: Optimizer) -> torch_source.StandInOptimizer:
    groups, options = _group_options(optimizer)
    defaults = {argument.name: argument.default for argument in OPTIMIZERS[optimizer.type].arguments}
    return torch_source.StandInOptimizer(groups, {**defaults, **options})


def _needs_no_torch(schedule: Schedule) -> bool:
    """True if the catalogue covers everything that torch would check before the schedule runs."""
    schedulers = schedule.scheduler.walk() if schedule.scheduler else ()
    if not all(not scheduler.own and SCHEDULERS[scheduler.type].stand_in for scheduler in schedulers):
        return False
    if not OPTIMIZERS[schedule.optimizer.type].stand_in:
        return False
    given: list[Mapping[str, Any]] = [schedule.optimizer.options]
    given += [group.options for group in schedule.optimizer.groups]
    return not any(options.get(switch) for options in given for switch in _CHECKED_BY_TORCH)


_CHECKED_BY_TORCH = ("foreach", "fused", "capturable", "differentiable")
"""Switches of an optimizer's implementation; only torch knows which combinations it accepts."""
