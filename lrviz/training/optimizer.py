"""Holds an optimizer against the file: its class, and in every param group what the file says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lrviz.alike import ROUNDING
from lrviz.engine.backend import IMPLEMENTATION
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.training.groups import matched, varies_by_group
from lrviz.words import show


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value of a param group that is not the file's. `group` is None for the class."""

    option: str
    group: int | None
    file: Any
    words: str


def hold(schedule: Schedule, optimizer: Any, *, override: bool) -> None:
    """Makes sure that an optimizer is the one of the file; with `override` its param groups get the file's values.

    Values that differ only by rounding become the file's. Raises `ScheduleError`, whose position is `optimizer`, with
    every contradiction, and also with `override` for a tensor that cannot hold what the file gives to several groups.
    """
    match = matched(schedule, optimizer)
    says = [_said(schedule, index) for index in match]
    _no_shared_lr(schedule, optimizer, match, says)
    found = [*_class(schedule, optimizer)]
    found += _values(optimizer, says, of_class=not found)
    if found and not override:
        raise ScheduleError(
            [Problem(Position("optimizer"), each.words, _hint(schedule, each, optimizer, says)) for each in found]
        )
    for group, wanted in zip(optimizer.param_groups, says, strict=True):
        for option, value in wanted.items():
            if option in group and not is_left_alone(option, group[option], optimizer.param_groups):
                _set(group, option, value)
        if "initial_lr" in group:
            _set(group, "initial_lr", wanted["lr"])


def _class(schedule: Schedule, optimizer: Any) -> Iterator[Contradiction]:
    have, wanted = class_of(optimizer), schedule.optimizer.type
    if have != wanted and says_class(schedule):
        yield Contradiction("type", None, wanted, f"it is {have}; the file says {wanted}")


def class_of(optimizer: Any) -> str:
    """The class of `torch.optim` that an optimizer is, or derives from; its own name where it is none of them."""
    import torch

    for cls in type(optimizer).__mro__:
        if getattr(torch.optim, cls.__name__, None) is cls and cls is not torch.optim.Optimizer:
            return str(cls.__name__)
    return type(optimizer).__name__


def says_class(schedule: Schedule) -> bool:
    """True unless the file leaves the class out, and SGD stands for any."""
    written = schedule.written.get("optimizer") if schedule.written is not None else None
    return written is None or not written.is_mapping or written.get("type") is not None


def _said(schedule: Schedule, index: int) -> dict[str, Any]:
    """What the file says of one of its param groups."""
    ours = schedule.optimizer
    merged = {**ours.options, **ours.groups[index].options}
    return {name: value for name, value in merged.items() if name not in IMPLEMENTATION}


def _values(optimizer: Any, says: Sequence[dict[str, Any]], *, of_class: bool) -> Iterator[Contradiction]:
    """The values that contradict; with `of_class`, also options of the file that the optimizer does not have."""
    for index, (group, wanted) in enumerate(zip(optimizer.param_groups, says, strict=True)):
        where = f"param group {_name(group, index)}"
        for option, value in wanted.items():
            file = f"the file says {_shown(value)}"
            if option not in group:
                if of_class:
                    yield Contradiction(option, index, value, f"{where} has no {option}; {file}")
            elif not _same(group[option], value) and not is_left_alone(option, group[option], optimizer.param_groups):
                words = f"{option} of {where} is {_shown(group[option])}; {file}"
                yield Contradiction(option, index, value, words)
        initial, lr = group.get("initial_lr"), wanted["lr"]
        if initial is not None and _same(group["lr"], lr) and not _same(initial, lr):
            words = f"initial_lr of {where}, from which a scheduler starts, is {_shown(initial)}"
            words += f"; the file says {_shown(lr)}"
            yield Contradiction("initial_lr", index, lr, words)


def _no_shared_lr(schedule: Schedule, optimizer: Any, match: Sequence[int], says: Sequence[dict[str, Any]]) -> None:
    """Raises `ScheduleError` where groups share one tensor as lr, to which the file gives several values.

    Those may be lr, or what a scheduler has for each group, such as a `max_lr`. Groups share a tensor where it is the
    optimizer's default, `AdamW(groups, lr=torch.tensor(...))`: what is set in one is then set in all of them.
    """
    apart = varies_by_group(schedule)
    first: dict[int, tuple[int, Any]] = {}
    for index, (group, wanted) in enumerate(zip(optimizer.param_groups, says, strict=True)):
        lr = group["lr"]
        if not _is_tensor(lr):
            continue
        other, value = first.setdefault(id(lr), (index, wanted["lr"]))
        if value != wanted["lr"] or (apart and match[other] != match[index]):
            names = f"{_name(optimizer.param_groups[other], other)} and {_name(group, index)}"
            file = f"{_shown(value)} and {_shown(wanted['lr'])}" if value != wanted["lr"] else f"{apart} for each"
            raise ScheduleError.at(
                Position("optimizer"),
                f"param groups {names} share one tensor as lr; the file says {file}",
                "give each group a tensor of its own: {'params': ..., 'lr': torch.tensor(...)}",
            )


def is_left_alone(option: str, have: Any, groups: Sequence[Mapping[str, Any]]) -> bool:
    """True for the weight decay of a group that has none beside others that have: biases and norms, usually."""
    return option == "weight_decay" and have == 0 and any(group.get(option) for group in groups)


def _hint(schedule: Schedule, found: Contradiction, optimizer: Any, says: Sequence[Mapping[str, Any]]) -> str:
    if found.option == "type":
        return f"make a torch.optim.{schedule.optimizer.type}, change the file, or pass override=True"
    scheduled = found.group is not None and "initial_lr" in optimizer.param_groups[found.group]
    if scheduled and found.option in ("lr", "initial_lr"):
        return (
            "this optimizer had a scheduler already, or its state was loaded: build first, "
            "then load the state of the optimizer, then that of the scheduler"
        )
    if found.option == "lr" and schedule.imported is not None and found.file == 1.0:
        return (
            f"{schedule.imported.program} computes the learning rates itself, so the schedule is a factor on "
            "an lr of 1.0; override=True sets it"
        )
    if found.option == "lr" and _is_reordered(optimizer, says):
        return "the param groups have one another's lr: give them in the order of the file, or under its names"
    if found.option == "lr" and schedule.optimizer.is_one_for_all and len(optimizer.param_groups) > 1:
        return (
            "give param groups their own lr in the file, under `groups`; or pass override=True, which sets the file's"
        )
    return "override=True sets the file's value"


def _is_reordered(optimizer: Any, says: Sequence[Mapping[str, Any]]) -> bool:
    """True if the optimizer has the lrs of the file, in other param groups."""
    left = [each["lr"] for each in says]
    for group in optimizer.param_groups:
        same = next((index for index, lr in enumerate(left) if _same(group["lr"], lr)), None)
        if same is None:
            return False
        del left[same]
    return True


def _name(group: Mapping[str, Any], index: int) -> str:
    name = group.get("name")
    return f"{index} ({name!r})" if isinstance(name, str) else str(index)


def _shown(value: Any) -> str:
    if _is_tensor(value):
        return f"{value.item():.8g} (a tensor)" if value.numel() == 1 else "a tensor"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return show(value)


def _same(have: Any, wanted: Any) -> bool:
    """True for the same value but for rounding; a tensor is compared in its own precision."""
    if isinstance(wanted, list | tuple):
        return isinstance(have, list | tuple) and len(have) == len(wanted) and all(map(_same, have, wanted))
    if _is_tensor(have):
        import torch

        if isinstance(wanted, bool) or not isinstance(wanted, int | float) or have.numel() != 1:
            return False
        rounded = torch.tensor(float(wanted), dtype=have.dtype)
        return bool(torch.isclose(have.detach().cpu().reshape(()), rounded, rtol=4 * _epsilon(have), atol=0.0))
    if isinstance(wanted, bool) or isinstance(have, bool) or not isinstance(have, int | float):
        return bool(have == wanted)
    return isinstance(wanted, int | float) and abs(have - wanted) <= ROUNDING * abs(wanted)


def _epsilon(tensor: Any) -> float:
    import torch

    return torch.finfo(tensor.dtype).eps if tensor.dtype.is_floating_point else 0.0


def _set(group: dict[str, Any], option: str, value: Any) -> None:
    """Gives a param group a value as it holds it: a tensor stays the same tensor, betas stay a tuple."""
    if _is_tensor(group[option]):
        group[option].fill_(float(value))
    elif isinstance(value, list):
        group[option] = tuple(value)
    else:
        group[option] = value


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


@contextmanager
def unchanged_on_error(optimizer: Any) -> Iterator[None]:
    """Gives an optimizer back what it was if the block raises: its param groups, and what torch's schedulers add."""
    groups: Sequence[dict[str, Any]] = optimizer.param_groups
    values = [dict(group) for group in groups]
    tensors = [{key: value.detach().clone() for key, value in group.items() if _is_tensor(value)} for group in groups]
    own = dict(vars(optimizer))
    try:
        yield
    except BaseException:
        vars(optimizer).clear()
        vars(optimizer).update(own)
        for group, before, clones in zip(groups, values, tensors, strict=True):
            group.clear()
            group.update(before)
            for key, clone in clones.items():
                before[key].detach().copy_(clone)
        raise
