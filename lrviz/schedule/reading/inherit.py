"""How a member of `schedules` inherits from its file: it has the file's keys, overridden by its own."""

from __future__ import annotations

from lrviz.errors import Problems
from lrviz.schedule.catalogue import SCHEDULE
from lrviz.schedule.reading.config import REPLACED
from lrviz.schedule.reading.data import says_size
from lrviz.schedule.reading.groups import repeated
from lrviz.schedule.text.document import Item, Key, Node

LENGTHS = ("epochs", "steps")
STEPS_OF_AN_EPOCH = ("steps_per_epoch", "data")
"""Keys that exclude each other: if a schedule has one of them, it replaces the other one of the file; `data` that does
not say how large the data set is stands beside `steps_per_epoch`."""


def inherit(file: Node, member: Node) -> Node:
    """The mapping of one schedule: `optimizer`, `expect`, `config` and `train` merge key by key, `groups` by name;
    the rest replaces.

    Every key and value keeps its position in the text.
    """
    dropped = {"schedules"}
    if any(name in member.value for name in LENGTHS):
        dropped.update(LENGTHS)
    sized = any(says_size(each.get("data")) for each in (file, member))
    if sized and any(name in member.value for name in STEPS_OF_AN_EPOCH):
        dropped.update(STEPS_OF_AN_EPOCH)
    if "config" in member.value:
        dropped.update(REPLACED)
    elif "scheduler" in member.value or "optimizer" in member.value:
        dropped.add("config")
    known = {argument.name for argument in SCHEDULE.arguments}  # an unknown key is the file's own error
    inherited = {key: item for key, item in file.value.items() if key in known - dropped}
    merged = {**inherited, **member.value}
    for name in ("optimizer", "expect", "config", "train"):
        if name in inherited and name in member.value:
            below, above = inherited[name], member.value[name]
            merged[name] = Item(above.key, _merge(below.value, above.value))
    return Node(merged, member.where)


def _merge(below: Node, above: Node) -> Node:
    if not (below.is_mapping and above.is_mapping):
        return above
    merged: dict[Key, Item] = {**below.value, **above.value}
    if "data" in below.value and "data" in above.value:  # of a config
        merged["data"] = Item(above.value["data"].key, _merge(below.value["data"].value, above.value["data"].value))
    groups_below, groups_above = below.value.get("groups"), above.value.get("groups")
    if groups_below and groups_above and groups_below.value.is_list and groups_above.value.is_list:
        merged["groups"] = Item(groups_above.key, _merge_groups(groups_below.value, groups_above.value))
    return Node(merged, above.where)


def _merge_groups(below: Node, above: Node) -> Node:
    overridden = {_group_name(group, index) for index, group in enumerate(above.value)}
    members = [each for group in below.value for each in _single(group, overridden)]
    named = {_group_name(group, index): group for index, group in enumerate(members)}
    if len(named) < len(members):  # two with the same name: an error that must be reported
        return below
    for index, group in enumerate(above.value):
        name = _group_name(group, index)
        known = named.get(name)
        if known is not None and known.is_mapping and group.is_mapping:
            group = Node({**known.value, **group.value}, group.where)
        named[name] = group
    return Node(tuple(named.values()), above.where)


def _single(group: Node, overridden: set[str]) -> list[Node]:
    """The groups that a repeated group stands for, if one of them is overridden; otherwise the group as it is."""
    if not group.is_mapping or "repeat" not in group.value:
        return [group]
    problems = Problems()
    members = repeated(group, problems)
    if problems or not overridden & {_group_name(member, 0) for member in members}:
        return [group]
    return members


def _group_name(group: Node, index: int) -> str:
    name = group.get("name")
    return str(name.value) if name is not None else str(index)
