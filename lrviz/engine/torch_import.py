"""The imported torch: its scheduler classes, and optimizers whose `step` does nothing.

Constructing a plain torch optimizer imports dynamo, which takes another second that no schedule needs. `dry` derives a
subclass that bypasses the decorator which imports it; class, validation and defaults stay torch's.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from types import MethodType
from typing import TYPE_CHECKING, Any

from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.catalogue.schedulers import LR_SCHEDULER

if TYPE_CHECKING:
    from torch.optim import Optimizer


def scheduler_class(name: str) -> Any:
    """The scheduler class of that name. Raises `AttributeError` if the installed torch has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = SCHEDULERS[name].module if name in SCHEDULERS else LR_SCHEDULER
        return getattr(import_module(module), name)


def optimizer_class(name: str) -> Any:
    """The optimizer class of that name. Raises `AttributeError` if the installed torch has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch.optim

    return getattr(torch.optim, name)


def make_optimizer(cls: type[Optimizer], groups: list[dict[str, Any]], options: dict[str, Any]) -> Optimizer:
    """An optimizer of that class with one tiny parameter a group, whose `step` does nothing.

    Raises what the class raises. If `dry` fails, for example because torch's internals have changed, the class itself
    is used; so every refusal is torch's own, in torch's own words.
    """
    try:
        optimizer = dry(cls)(_with_parameters(groups), **options)
        if len(optimizer.param_groups) == len(groups):
            return optimizer
    except Exception:
        pass  # the class itself raises the error, or works
    optimizer = cls(_with_parameters(groups), **options)
    optimizer.step = MethodType(_train_nothing, optimizer)  # type: ignore[method-assign]
    return optimizer


def dry(cls: type[Optimizer], **more: Any) -> type[Optimizer]:
    """A subclass of the same name that trains nothing and does not import dynamo when it is constructed, saved or
    restored.

    `more` are attributes that it has in place of those of `cls`, which may be properties.
    """
    bare = {name: _undecorated(name) for name in ("add_param_group", "state_dict", "load_state_dict")}
    return type(cls.__name__, (cls,), {**bare, "step": _train_nothing, **more})


def _undecorated(name: str) -> Any:
    """A method of `Optimizer` without the decorator that imports dynamo when it is called."""
    from torch.optim import Optimizer

    method = getattr(Optimizer, name)
    bare = getattr(method, "__wrapped__", method)

    def call(self: Optimizer, *given: Any) -> Any:
        return bare(self, *given)

    return call


def _train_nothing(self: Optimizer, closure: Any = None) -> None:
    """Replaces `Optimizer.step`."""


def _with_parameters(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each group with a parameter of its own: a matrix, because Muon accepts nothing else."""
    import torch

    return [{"params": [torch.nn.Parameter(torch.zeros(1, 1))], **group} for group in groups]
