"""Copies a scheduler of a running training onto a stand-in for its optimizer, so that it can be stepped ahead.

The copy is `copy.deepcopy`'s, which is told beforehand what everything of the training becomes: an optimizer its
stand-in, a parameter or module itself. So nothing large is copied, and all schedulers inside of a scheduler share the
one stand-in.
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

from lrviz.engine.torch_import import dry
from lrviz.engine.wrappers import optimizers_in
from lrviz.errors import Position, ScheduleError


def copied(scheduler: Any, wrapped: Iterable[Any]) -> tuple[Any, Any]:
    """A copy of a scheduler, and the stand-in that it drives; `wrapped` is its optimizer with what is around it.

    Raises `ScheduleError`, whose position is `scheduler`, for one that drives another optimizer, or cannot be copied.
    """
    import torch

    memo: dict[int, Any] = {}
    stand_ins: dict[int, Any] = {}
    *around, optimizer = wrapped
    for each in (optimizer, *around):
        memo[id(each)] = _stand_in(optimizer, memo, stand_ins)
    ours = {id(optimizer), *map(id, around), id(optimizer.param_groups), *map(id, optimizer.param_groups)}
    driven = False
    for each in _inside(scheduler, (torch.nn.Module, torch.Tensor, torch.optim.Optimizer)):
        if id(each) in ours:
            driven = True
        elif isinstance(each, torch.optim.Optimizer):
            *_, bare = optimizers_in(each)
            driven = driven or bare is optimizer
            memo[id(each)] = _stand_in(bare, memo, stand_ins)
        elif isinstance(each, torch.nn.Module | torch.nn.Parameter):
            memo[id(each)] = each
        elif isinstance(getattr(each, "__dict__", {}).get("step"), FunctionType):
            raise _wrong(
                f"the step() of {type(each).__name__} was replaced by a function, which would step the original"
            )
    if not driven:
        raise _wrong("it does not drive this optimizer", "give the optimizer that it was made with")
    try:
        return copy.deepcopy(scheduler, memo), stand_ins[id(optimizer)]
    except Exception as error:
        kind = type(scheduler).__name__
        raise _wrong(
            f"{kind} cannot be copied: {type(error).__name__}: {error}",
            f"give {kind} a __deepcopy__, or keep what cannot be copied out of it",
        ) from error


def _stand_in(optimizer: Any, memo: dict[int, Any], made: dict[int, Any]) -> Any:
    """An optimizer of the same class and options that trains nothing; its groups hold the same parameters, their other
    values are copies. What stands for what is added to `memo`."""
    import torch

    if id(optimizer) in made:
        return made[id(optimizer)]
    cls = dry(type(optimizer), param_groups=None, state=None, defaults=None)
    stand_in = cls.__new__(cls)
    made[id(optimizer)] = stand_in
    for group in optimizer.param_groups:
        memo |= {id(parameter): parameter for parameter in group["params"]}
        for value in group.values():
            if isinstance(value, torch.Tensor):
                memo[id(value)] = value.detach().clone()
    groups = [
        {key: list(value) if key == "params" else copy.deepcopy(value, memo) for key, value in group.items()}
        for group in optimizer.param_groups
    ]
    state: dict[Any, Any] = {}
    own = {key: value for key, value in vars(optimizer).items() if key != "step"}  # schedulers count its calls there
    vars(stand_in).update(own, param_groups=groups, state=state, defaults=dict(optimizer.defaults), _opt_called=True)
    memo[id(optimizer.param_groups)] = groups
    memo[id(optimizer.state)] = state
    memo |= {id(group): other for group, other in zip(optimizer.param_groups, groups, strict=True)}
    return stand_in


def _inside(start: Any, closed: tuple[type, ...]) -> Iterator[Any]:
    """All that a copy of an object would copy; what is inside an object of the `closed` classes is left out."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _ATOMS):
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, closed):
            continue
        if isinstance(each, Mapping):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | set | frozenset):
            waiting += each
        elif isinstance(each, MethodType):
            waiting.append(each.__self__)
        elif isinstance(each, partial):
            waiting += [each.func, *each.args, *each.keywords.values()]
        waiting += getattr(each, "__dict__", {}).values()
        names = (name for cls in type(each).__mro__ for name in _names(getattr(cls, "__slots__", ())))
        waiting += [getattr(each, name) for name in names if hasattr(each, name)]


_ATOMS = (str, bytes, int, float, complex, type(None), type, FunctionType, ModuleType)


def _names(slots: str | Iterable[str]) -> Iterable[str]:
    return (slots,) if isinstance(slots, str) else slots


# --- nothing of the training moves ---------------------------------------------------------------------------


@contextmanager
def unmoved(optimizer: Any) -> Iterator[None]:
    """Puts back the param groups of an optimizer and the random numbers of Python, numpy and torch.

    Raises `ScheduleError` where the groups were moved: a scheduler whose code reaches the optimizer by a way of its own
    (a closure) cannot be copied.
    """
    import torch

    before = [(group, dict(group), _clones(group)) for group in optimizer.param_groups]
    python = random.getstate()
    numpy = sys.modules.get("numpy")
    drawn = numpy.random.get_state() if numpy is not None else None
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
    try:
        with torch.random.fork_rng(devices=cuda):
            yield
    finally:
        random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(drawn)
        moved = [_put_back(*each) for each in before]
    if any(moved):
        raise _wrong(
            "its code changes the training's own optimizer, so it cannot be stepped ahead (the values are put back)",
            "let it change the optimizer that it was made with: self.optimizer.param_groups",
        )


def _clones(group: Mapping[str, Any]) -> dict[str, Any]:
    import torch

    return {key: value.detach().clone() for key, value in group.items() if isinstance(value, torch.Tensor)}


def _put_back(group: dict[str, Any], values: dict[str, Any], clones: Mapping[str, Any]) -> bool:
    """Gives a group its values again; True if any of them had changed."""
    import torch

    moved = group.keys() != values.keys() or any(group[key] is not value for key, value in values.items())
    if moved:
        group.clear()
        group.update(values)
    for key, clone in clones.items():
        if not torch.allclose(values[key], clone, rtol=0, atol=0, equal_nan=True):
            values[key].detach().copy_(clone)
            moved = True
    return moved


def _wrong(message: str, hint: str = "") -> ScheduleError:
    return ScheduleError.at(Position("scheduler"), message, hint)
