"""A cheaper `scheduler.step()` for long runs, with the same bits.

`LRScheduler.step` spends two thirds of its time on things that only training code needs: warnings about the order of
calls, a context manager, a copy of every learning rate. The shortcut keeps what changes the learning rate: the two
counters and the class's own `get_lr`. It is used only if the functions that it replaces have the same source in the
installed torch as in the torch that it was written for; otherwise `step` itself is called.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

MANY_CALLS = 20_000
"""Below this many calls, reading torch's source to check it costs more than the shortcut saves."""

KNOWN = {
    "LRScheduler.step": "77c8448e951b38dc",
    "LRScheduler._update_lr": "e744f001efe63219",
    "SequentialLR.step": "bf19617c9959d260",
    "ChainedScheduler.step": "8d796a70a206679a",
    "_update_param_group_val": "66b66bc110cbdd75",
}
"""Digests of the functions that this module replaces, in torch 2.13 to 2.15."""


def step_of(scheduler: Any) -> Callable[[], object]:
    """A function that changes the optimizer as `scheduler.step()` without arguments does.

    It does not maintain `_last_lr`, so the scheduler cannot be used for anything else afterwards.
    """
    names = type(scheduler).step.__globals__
    return _step_of(scheduler, names) if _is_known(names) else scheduler.step


def _step_of(scheduler: Any, names: Mapping[str, Any]) -> Callable[[], object]:
    cls, base = type(scheduler), names["LRScheduler"]
    if names.get(cls.__name__) is not cls:
        return scheduler.step  # type: ignore[no-any-return]
    if cls is names["SequentialLR"]:
        return _sequential_step(scheduler, names)
    if cls is names["ChainedScheduler"]:
        return _chained_step(scheduler, names)
    if cls.step is base.step and cls._update_lr is base._update_lr:
        return _leaf_step(scheduler)
    return scheduler.step  # type: ignore[no-any-return]


def _leaf_step(scheduler: Any) -> Callable[[], object]:
    get_lr, groups = scheduler.get_lr, scheduler.optimizer.param_groups
    group = groups[0]

    def step_one() -> None:
        scheduler._get_lr_called_within_step = True
        scheduler._step_count += 1
        scheduler.last_epoch += 1
        (group["lr"],) = get_lr()

    def step() -> None:
        scheduler._get_lr_called_within_step = True  # or get_lr warns; torch's own step resets it
        scheduler._step_count += 1
        scheduler.last_epoch += 1
        for each, lr in zip(groups, get_lr(), strict=True):
            each["lr"] = lr

    return step_one if len(groups) == 1 else step


def phased_step(phased: Any, whole_step: Callable[[], object]) -> Callable[[], object]:
    """A function that does what `whole_step`, the `step()` of a PhasedLR, does.

    Within a phase it steps the active scheduler by the shortcut. At a boundary it calls the whole step, and so it does
    in phases that are not stepped at every call and in those of a OneCycleLR or ReduceLROnPlateau.
    """
    phased.use(lambda inside: step_of(inside) if inside is not None else None)
    inside_step, until = phased.simple_steps()

    def step() -> None:
        nonlocal inside_step, until
        if phased.last_epoch + 1 < until:
            phased.last_epoch += 1
            if inside_step is not None:
                inside_step()
        else:
            whole_step()
            inside_step, until = phased.simple_steps()

    return step


def _sequential_step(scheduler: Any, names: Mapping[str, Any]) -> Callable[[], object]:
    """Between milestones the step of the active child; at a milestone, and if milestones are unusual, torch's own."""
    milestones = scheduler._milestones
    if any(type(each) is not int for each in milestones) or milestones != sorted(set(milestones)):
        return scheduler.step  # type: ignore[no-any-return]
    steps = [_step_of(child, names) for child in scheduler._schedulers]
    in_charge = bisect_right(milestones, scheduler.last_epoch)
    child_step = steps[in_charge]
    following = iter([*milestones[in_charge:], None])
    next_milestone = next(following)

    def step() -> None:
        nonlocal child_step, next_milestone
        if scheduler.last_epoch + 1 == next_milestone:
            scheduler.step()
            next_milestone = next(following)
            child_step = steps[bisect_right(milestones, scheduler.last_epoch)]
        else:
            scheduler.last_epoch += 1
            child_step()

    return step


def _chained_step(scheduler: Any, names: Mapping[str, Any]) -> Callable[[], object]:
    steps = [_step_of(child, names) for child in scheduler._schedulers]

    def step() -> None:
        for child_step in steps:
            child_step()

    return step


def _is_known(names: Mapping[str, Any]) -> bool:
    return all(digest(names, name) == known for name, known in KNOWN.items())


def digest(names: Mapping[str, Any], dotted: str) -> str | None:
    """A digest of the source of a function of torch's module, without docstring, annotations and layout.

    None if there is no such function, or no source.
    """
    import ast
    import hashlib
    import inspect
    import textwrap

    owner, _, attribute = dotted.rpartition(".")
    try:
        function = getattr(names[owner], attribute) if owner else names[attribute]
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (KeyError, AttributeError, OSError, TypeError, SyntaxError):
        return None
    if not isinstance(tree, ast.FunctionDef):
        return None
    tree.decorator_list, tree.returns = [], None
    for argument in ast.walk(tree.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]
