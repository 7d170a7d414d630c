"""One config on top of another: mappings merge key by key, everything else replaces what was there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import normpath
from typing import TypeAlias

from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.document import Item, Key, Node

Read: TypeAlias = Callable[[str, Position], Node | None]
"""Reads a file that a config names; None if there is none."""

Clash: TypeAlias = Callable[[str, Node, Node], None]
"""What to do about a mapping (the first node) in the place of something else."""


def merged(
    top: Node, base: Node, *, delete: str = "", missing: str = "", clash: Clash | None = None, path: str = ""
) -> Node:
    """A mapping on top of another.

    `delete` is a key that, if it is true in a mapping, lets that mapping replace the one below. `missing` is a text
    that leaves what is below it. `clash` is called for a mapping in the place of what is none.
    """
    items: dict[Key, Item] = dict(base.value)
    for name, item in top.value.items():
        if delete and name == delete:
            continue
        below = items.get(name)
        value = item.value
        if missing and below is not None and value.value == missing:
            continue
        if value.is_mapping and below is not None and not _deletes(value, delete):
            if below.value.is_mapping:
                value = merged(value, below.value, delete=delete, missing=missing, clash=clash, path=f"{path}.{name}")
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
    """The folder in a name of a file; empty if there is none."""
    return name.rpartition("/")[0]


def once(name: str, chain: tuple[str, ...], where: Position) -> tuple[str, ...]:
    """The files that lead to one, with it. Raises `ScheduleError` if it is among them."""
    plain = normpath(name)
    if plain in chain:
        shown = " -> ".join([*chain[chain.index(plain) :], plain])
        raise ScheduleError.at(where, f"a file is its own base: {shown}", "take one of these out")
    return (*chain, plain)


def with_bases(
    root: Node,
    key: str,
    read: Read,
    *,
    delete: str = "",
    clash: Clash | None = None,
    disjoint: bool = False,
    within: str = "",
    chain: tuple[str, ...] = (),
) -> Node:
    """A mapping on top of those in the files that it names under `key`, a later one of them on top of an earlier one.

    If they must be `disjoint`, no two of them may have a key in common. `within` and `chain` are as in `beside` and
    `once`. Raises `ScheduleError` for what cannot be read.
    """
    named = root.get(key)
    own = Node({name: item for name, item in root.value.items() if name != key}, root.where)
    if named is None or named.value in (None, ""):
        return own
    base = Node({}, named.where)
    for node in named.value if named.is_list else (named,):
        if not isinstance(node.value, str):
            raise ScheduleError.at(node.where, f"{key} must be the name of a file, or a list of names")
        if not node.value:
            continue
        path = beside(node.value, within)
        files = once(path, chain, node.where)
        found = read(path, node.where)
        if found is None or not found.is_mapping:
            raise ScheduleError.at(node.where, f"{node.value} cannot be read", "is the path relative to this file?")
        found = with_bases(
            found, key, read, delete=delete, clash=clash, disjoint=disjoint, within=folder_of(path), chain=files
        )
        if disjoint:
            refuse_shared(found.value, base.value, key, node.where)
        base = merged(found, base, delete=delete, clash=clash)
    return merged(own, base, delete=delete, clash=clash)


def refuse_shared(items: Mapping[Key, Item], others: Mapping[Key, Item], base: str, where: Position) -> None:
    """Raises `ScheduleError` if two files that one config is based on have a key in common."""
    for key in items.keys() & others.keys():
        places = f"{others[key].value.where} and {items[key].value.where}"
        raise ScheduleError.at(
            where, f"two files of {base} have the key {key!r}: {places}", "only one of them may have it"
        )
