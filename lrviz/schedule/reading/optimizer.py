"""The key `optimizer` -> `Optimizer`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from lrviz.errors import Position, Problems
from lrviz.schedule.catalogue import GROUP_KEYS, OPTIMIZER_KEYS, OPTIMIZERS, Entry
from lrviz.schedule.model import WITHOUT_GROUPS, Group, Optimizer
from lrviz.schedule.reading.elsewhere import optimizer_hint
from lrviz.schedule.reading.fields import check
from lrviz.schedule.reading.groups import MAX_GROUPS, repeated
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import suggest
from lrviz.schedule.text.values import is_readable_name
from lrviz.words import show

EXAMPLE = "optimizer: {type: SGD, lr: 0.1}"


def read_optimizer(node: Node, problems: Problems, schedule: str) -> Optimizer | None:
    """The optimizer of a schedule, or None where something about it is wrong."""
    optimizer = node.get("optimizer")
    if optimizer is None:
        problems.at(node, "optimizer is missing: the schedule starts from its lr", EXAMPLE)
        return None
    if not optimizer.is_mapping:
        problems.at(optimizer, f"optimizer must be a mapping (got {show(optimizer.value)})", EXAMPLE)
        return None
    known = len(problems)
    entry = _class_of(optimizer, problems)
    if entry is None:
        return None
    given = check(optimizer, _with_keys(entry.name, False), problems, _inherited(optimizer, node, schedule, entry))
    groups = _groups(optimizer, entry, problems)
    if given is None or len(problems) > known:
        return None
    options = {name: value for name, value in given.items() if name not in ("type", "groups")}
    result = Optimizer(entry.name, options, groups or WITHOUT_GROUPS, optimizer.where)
    _check_lr(result, optimizer, problems)
    _check_class_rules(result, optimizer, problems)
    return result if len(problems) == known else None


def _class_of(optimizer: Node, problems: Problems) -> Entry | None:
    node = optimizer.get("type")
    if node is None:
        return OPTIMIZERS["SGD"]
    if not isinstance(node.value, str):
        problems.at(node, f"the type of an optimizer must be text (got {show(node.value)})")
        return None
    name = node.value.removeprefix("torch.optim.")
    if name not in OPTIMIZERS:
        hint = optimizer_hint(name)
        problems.at(node, f"torch.optim has no class {show(name)}", hint)
        meant = suggest(name, OPTIMIZERS) if hint.startswith("did you mean") else None
        return OPTIMIZERS[meant] if meant else None
    return OPTIMIZERS[name]


@cache
def _with_keys(name: str, group: bool) -> Entry:
    """The entry of an optimizer plus what the file adds to it; in a group, everything may be left out."""
    entry = OPTIMIZERS[name]
    optional = tuple(replace(argument, default=None) for argument in entry.arguments if argument.required)
    rest = tuple(argument for argument in entry.arguments if not argument.required)
    return replace(entry, arguments=(*optional, *rest, *(GROUP_KEYS if group else OPTIMIZER_KEYS)))


def _inherited(optimizer: Node, node: Node, schedule: str, entry: Entry) -> Any:
    """Notes on arguments that were inherited from the file, where the optimizer is of another type."""
    own_type = optimizer.get("type")

    def notes(name: str) -> tuple[str, str] | None:
        where: Position = optimizer.value[name].key.where
        known_elsewhere = any(other.argument(name) for other in OPTIMIZERS.values())
        if own_type is None or where >= own_type.where or not known_elsewhere or where > node.where:
            return None
        return (
            f"{entry.name} has no argument {name!r}, which the schedule {schedule!r} inherits from the file",
            "name the optimizer's own arguments in each schedule where their types differ",
        )

    return notes


def _groups(optimizer: Node, entry: Entry, problems: Problems) -> tuple[Group, ...]:
    node = optimizer.get("groups")
    if node is None:
        return ()
    if not node.is_list or not node.value:
        problems.at(
            node,
            f"groups must be a list of param groups (got {show(node.value) if node.value != () else 'an empty list'})",
            "groups: [{name: backbone, lr: 1e-5}, {name: head, lr: 1e-3}]",
        )
        return ()
    members = [each for member in node.value for each in repeated(member, problems)]
    if len(members) > MAX_GROUPS:
        problems.at(node, f"at most {MAX_GROUPS:,} param groups (got {len(members):,})")
        return ()
    groups: list[Group] = []
    first: dict[str, Node] = {}
    for index, member in enumerate(members):
        if not member.is_mapping:
            problems.at(member, f"a param group must be a mapping (got {show(member.value)})", "{name: head, lr: 1e-3}")
            continue
        given = check(member, _with_keys(entry.name, True), problems, _group_notes)
        if given is None:
            continue
        name = given.pop("name", None)
        name = str(index) if name is None else name
        if name in first:
            problems.at(member, f"two param groups are called {name!r}", "give each its own name")
        if not is_readable_name(name):
            problems.at(member, f"a param group needs a readable name (got {show(name)})")
        first[name] = member
        groups.append(Group(name, given))
    return tuple(groups)


def _group_notes(name: str) -> tuple[str, str] | None:
    if name == "params":
        return "a schedule file has no parameters; `params` has no meaning here", "leave it out"
    return None


def _check_lr(optimizer: Optimizer, node: Node, problems: Problems) -> None:
    if optimizer.options.get("lr") is not None:
        return
    without = [group.name for group in optimizer.groups if group.options.get("lr") is None]
    if without and len(optimizer.groups) == 1:
        problems.at(node, "the optimizer's lr is missing", EXAMPLE)
    elif without:
        problems.at(
            node,
            "lr is missing in the param groups " + ", ".join(map(repr, without)),
            "give lr in every group, or once in the optimizer for all",
        )


def _check_class_rules(optimizer: Optimizer, node: Node, problems: Problems) -> None:
    """Checks the rules of a class of torch that concern several arguments together."""
    options = optimizer.options
    if optimizer.type == "SGD" and options.get("nesterov"):
        for name, right in (
            ("momentum", options.get("momentum", 0) > 0),
            ("dampening", not options.get("dampening")),
        ):
            if not right:
                wanted, hint = (
                    ("a momentum above 0", "momentum: 0.9")
                    if name == "momentum"
                    else ("zero dampening", "leave dampening out")
                )
                problems.at(node.value["nesterov"].key, f"SGD: nesterov needs {wanted}", hint)
    if optimizer.type == "LBFGS" and len(optimizer.groups) > 1:
        problems.at(node.value["groups"].key, "LBFGS takes one param group only")
