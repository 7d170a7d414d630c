"""Which torch a schedule is run on: its scheduler source alone, or all of it.

Both give the same classes from the same text, and the same bits. The source alone is used wherever that is
certain, because it is a hundred times faster to begin with.
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
    """Where classes come from. `name` says it to people; both functions raise what torch raises."""

    name: str
    scheduler_class: Callable[[str], Any]
    make_optimizer: Callable[[Optimizer], Any]


def choose(schedule: Schedule, engine: Engine = "auto") -> Backend:
    """The fastest backend that is certain to run this schedule as torch does.

    "torch" asks for the full import. Raises `ScheduleError` when there is no torch at all.
    """
    if engine == "auto" and "torch" not in sys.modules and _needs_no_torch(schedule):
        module = torch_source.load()
        if module is not None:
            return source_backend(module)
    if torch_source.torch_folder() is None and "torch" not in sys.modules:
        raise ScheduleError.at(schedule.where, "torch is not installed", "pip install torch")
    return imported_backend()


def source_backend(module: ModuleType) -> Backend:
    """Torch's scheduler source over stand-ins."""
    name = f"the scheduler source of torch {torch_source.torch_version()}"
    return Backend(name, lambda name: getattr(module, name), _stand_in_optimizer)


def imported_backend() -> Backend:
    """The whole of torch."""
    from lrviz.engine import torch_import

    def make(optimizer: Optimizer) -> Any:
        cls = torch_import.optimizer_class(optimizer.type)
        return torch_import.make_optimizer(cls, *_group_options(optimizer))

    return Backend(f"torch {torch_source.torch_version()}, imported", torch_import.scheduler_class, make)


def _group_options(optimizer: Optimizer) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The groups' own options and the optimizer's, as torch wants to be handed them."""
    groups = [{name: _tuple(value) for name, value in group.options.items()} for group in optimizer.groups]
    options = {name: _tuple(value) for name, value in optimizer.options.items()}
    if "lr" not in options:  # every group has its own; the default is then never used, but it must be valid
        options["lr"] = groups[0]["lr"]
    return groups, options


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _stand_in_optimizer(optimizer: Optimizer) -> torch_source.StandInOptimizer:
    groups, options = _group_options(optimizer)
    defaults = {argument.name: argument.default for argument in OPTIMIZERS[optimizer.type].arguments}
    return torch_source.StandInOptimizer(groups, {**defaults, **options})


def _needs_no_torch(schedule: Schedule) -> bool:
    """Whether the catalogue alone tells all that torch would check before the schedule runs."""
    schedulers = schedule.scheduler.walk() if schedule.scheduler else ()
    if not all(not scheduler.own and SCHEDULERS[scheduler.type].stand_in for scheduler in schedulers):
        return False
    if not OPTIMIZERS[schedule.optimizer.type].stand_in:
        return False
    given: list[Mapping[str, Any]] = [schedule.optimizer.options]
    given += [group.options for group in schedule.optimizer.groups]
    return not any(options.get(switch) for options in given for switch in _CHECKED_BY_TORCH)


_CHECKED_BY_TORCH = ("foreach", "fused", "capturable", "differentiable")
"""Switches of the implementation whose combinations only torch knows."""
