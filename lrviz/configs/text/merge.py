"""One config on top of another: mappings merge key by key, everything else replaces what was there."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import normpath
from typing import TypeAlias

from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.document import Item, Key, Node

Clash: TypeAlias = Callable[[str, Node, Node], None]
"""What to do about a mapping (the first node) in the place of something else."""


def merged(top: Node, base: Node, *, delete: str = "", clash: Clash | None = None, path: str = "") -> Node:
    """A mapping on top of another.

    `delete` is a key that, if it is true in a mapping, lets that mapping replace the one below. `clash` is called for
    a mapping in the place of what is none.
    """
    items: dict[Key, Item] = dict(base.value)
    for name, item in top.value.items():
        if delete and name == delete:
            continue
        below = items.get(name)
        value = item.value
        if value.is_mapping and below is not None and not _deletes(value, delete):
            if below.value.is_mapping:
                value = merged(value, below.value, delete=delete, clash=clash, path=f"{path}.{name}")
            elif clash is not None:
                clash(f"{path}.{name}".removeprefix("."), value, below.value)
        elif value.is_mapping and delete in value.value:
            value = Node({key: each for key, each in value.value.items() if key != delete}, value.where)
        items[name] = Item(item.key, value)
    return Node(items, top.where)


def _deletes(node: Node, delete: str) -> bool:
    marked = node.get(delete) if delete else None
    return marked is not None and bool(marked.value)


def beside(name: str, within: str) -> str:
    """The name of a file that another one names, relative to the folder in which the first of all lies; `within` is
    the folder of the other."""
    return f"{within}/{name}" if within and not name.startswith("/") else name


def folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def once(name: str, chain: tuple[str, ...], where: Position) -> tuple[str, ...]:
    """The files that lead to one, with it. Raises `ScheduleError` if it is among them."""
    plain = normpath(name)
    if plain in chain:
        shown = " -> ".join([*chain[chain.index(plain) :], plain])
        raise ScheduleError.at(where, f"a file is its own base: {shown}", "take one of these out")
    return (*chain, plain)
