"""The optimizer of a schedule as a function of the printed module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrviz.schedule.model import Group, Optimizer
from lrviz.training.code.layout import Doc, bracketed, call, group, lines
from lrviz.training.code.module import Module, function
from lrviz.training.code.texts import docstring, literal, string
from lrviz.words import several


def write_optimizer(module: Module, name: str, optimizer: Optimizer) -> None:
    """Adds a function that makes the optimizer of its parameters, or of a mapping from groups to theirs."""
    parameter = module.use("torch.nn", "Parameter")
    iterable = module.use("collections.abc", "Iterable")
    params, first = f"{iterable}[{parameter}]", "params"
    said = "The optimizer that the scheduler is for; `params` are those of the model."
    members: Doc = first
    if not optimizer.is_one_for_all:
        params = f"{module.use('collections.abc', 'Mapping')}[str, {params}]"
        said = f"The optimizer that the scheduler is for, of {several(len(optimizer.groups), 'param group')} by name."
        members = bracketed("[", [_group(each, index) for index, each in enumerate(optimizer.groups)], "]")
    items = [members, *(group(f"{key}=", _value(value)) for key, value in optimizer.options.items())]
    kind = module.use("torch.optim", optimizer.type)
    result = module.use("torch.optim", "Optimizer")
    body = lines("return ", call(kind, items), indent=4)
    module.add(function(name, [f"params: {params}"], result, [*docstring([said], 4), *body]))


def _group(each: Group, index: int) -> Doc:
    named: Mapping[str, Any] = {} if each.name == str(index) else {"name": each.name}
    rest = [group(f"{string(key)}: ", _value(value)) for key, value in {**each.options, **named}.items()]
    return bracketed("{", [f'"params": params[{string(each.name)}]', *rest], "}")


def _value(value: Any) -> Doc:
    """An option of an optimizer; torch takes several numbers as a tuple."""
    if isinstance(value, list | tuple):
        return bracketed("(", [_value(each) for each in value], ",)" if len(value) == 1 else ")")
    return literal(value)


def common_rate(optimizer: Optimizer) -> float | None:
    """The learning rate that all groups begin with; None if they differ."""
    found = {each.options.get("lr", optimizer.options.get("lr")) for each in optimizer.groups}
    return found.pop() if len(found) == 1 else None
