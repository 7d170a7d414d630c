"""The document that a dialect makes, as nodes of ours: each value with its place in the user's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrviz.errors import Position
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Item, Node


def as_node(value: Any, where: Position) -> Node:
    """Plain data, `Value`s and nodes as nodes; `where` is the place of what has none of its own.

    A key whose value is None is left out, so that a dialect can write what may be missing.
    """
    if isinstance(value, Node):
        return value
    if isinstance(value, Value):
        return as_node(value.value, value.where)
    if isinstance(value, Mapping):
        items = {key: as_node(inside, where) for key, inside in value.items() if _is_there(inside)}
        return Node({key: Item(Node(key, node.where, quoted=True), node) for key, node in items.items()}, where)
    if isinstance(value, list | tuple):
        return Node(tuple(as_node(member, where) for member in value), where)
    return Node(value, where, quoted=isinstance(value, str))


def _is_there(value: Any) -> bool:
    return value is not None and not (isinstance(value, Value) and value.value is None)
