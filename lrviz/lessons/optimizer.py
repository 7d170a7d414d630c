"""The optimizer of a schedule on the layers of a network: the file's own class, arguments and param groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

from lrviz.engine.backend import IMPLEMENTATION, group_options
from lrviz.engine.refusal import refused_to_make, words
from lrviz.errors import ScheduleError
from lrviz.lessons.setup import TrainingProblem
from lrviz.schedule.model import Schedule
from lrviz.words import counted

if TYPE_CHECKING:
    import torch

REFUSED = {
    "LBFGS": "needs a closure, which it calls several times in a step",
    "SparseAdam": "takes sparse gradients only, and these are dense",
}
"""The optimizers that cannot train here, and why."""

OTHERS = "an optimizer that train can use: SGD, AdamW"


def refuse(schedule: Schedule) -> None:
    """Raises `ScheduleError` for an optimizer that cannot train here."""
    optimizer = schedule.optimizer
    if optimizer.type in REFUSED:
        message = f"schedule {schedule.name!r}: {optimizer.type} {REFUSED[optimizer.type]}; train cannot use it"
        raise ScheduleError.at(optimizer.where, message, OTHERS)
    if any(options.get("maximize") for options in _options(schedule)):
        message = f"schedule {schedule.name!r}: {optimizer.type} with maximize climbs, and train has a loss to descend"
        raise ScheduleError.at(optimizer.where, message, "without maximize")


def descend(schedule: Schedule, problem: TrainingProblem, optimizer: Any, loss: torch.Tensor, step: int) -> None:
    """Goes backward from a loss, and makes the optimizer step of this number, from 0.

    Raises `ScheduleError` for whatever fails in it, as the fault of the problem or of the optimizer.
    """
    import torch

    optimizer.zero_grad()
    try:
        torch.autograd.backward(loss)
    except Exception as error:
        if problem.refused is None:
            raise
        raise problem.refused("going backward from its loss", error) from error
    try:
        optimizer.step()
    except Exception as error:
        raise _refused_to_step(schedule, step, error) from error


def _refused_to_step(schedule: Schedule, step: int, error: Exception) -> ScheduleError:
    optimizer = schedule.optimizer
    on = [each for each in IMPLEMENTATION if any(options.get(each) for options in _options(schedule))]
    message = f"schedule {schedule.name!r}: {optimizer.type} fails at step {step:,}: {words(error)}"
    if "overflow" in str(error):
        hint = "a learning rate that a 32-bit number can hold, below 3e38"
    else:
        hint = f"without {' and '.join(on)}" if on else OTHERS
    return ScheduleError.at(optimizer.where, message, hint)


def _options(schedule: Schedule) -> Iterator[Mapping[str, Any]]:
    """The options of the optimizer, and those of each param group."""
    yield schedule.optimizer.options
    for group in schedule.optimizer.groups:
        yield group.options


def optimizer_of(schedule: Schedule, model: torch.nn.Module, problem: str) -> Any:
    """The real optimizer. Param groups cut the layers of the model in order, input first.

    Raises `ScheduleError` with torch's own message if torch refuses it, and for more groups than layers.
    """
    import torch

    refuse(schedule)
    groups, options = group_options(schedule.optimizer)
    cut = _cut(schedule, layers_of(model), len(groups), problem)
    named = [
        {**own, "params": params, "name": group.name}
        for own, params, group in zip(groups, cut, schedule.optimizer.groups, strict=True)
    ]
    try:
        return getattr(torch.optim, schedule.optimizer.type)(named, **options)
    except Exception as error:
        kind = schedule.optimizer.type
        raise refused_to_make(schedule, (), kind, schedule.optimizer.where, error) from error


def layers_of(model: torch.nn.Module) -> list[list[torch.nn.Parameter]]:
    """The parameters that train, layer by layer; a layer is a module that has parameters of its own."""
    seen: set[int] = set()
    layers = []
    for module in model.modules():
        own = [each for each in module.parameters(recurse=False) if each.requires_grad and id(each) not in seen]
        seen.update(map(id, own))
        if own:
            layers.append(own)
    return layers


def _cut(schedule: Schedule, layers: Sequence[list[Any]], groups: int, problem: str) -> list[list[Any]]:
    """The parameters of each param group: as many layers each as possible, the first ones one more."""
    if groups > len(layers):
        what = f"{counted(groups, 'param group')} for the {counted(len(layers), 'layer')} of {problem}"
        raise ScheduleError.at(
            schedule.optimizer.where, f"schedule {schedule.name!r} has {what}", "train a schedule with fewer groups"
        )
    return [list(chain.from_iterable(layers[start:end])) for start, end in pairwise(group_ends(len(layers), groups))]


def group_ends(layers: int, groups: int) -> list[int]:
    """Where param groups cut so many layers: the first layer of each, and the end.

    >>> group_ends(layers=4, groups=3)
    [0, 2, 3, 4]
    """
    each, more = divmod(layers, groups)
    return [index * each + min(index, more) for index in range(groups + 1)]
