"""What the command line says of a config: facts (`--data`), values of its own keys (`--set`), the length of its run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lrviz.configs.dialect import Dialect
from lrviz.configs.facts import FACTS
from lrviz.configs.overrides import without
from lrviz.configs.registry import DIALECTS
from lrviz.duration import Duration
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.schedule.catalogue import DATA
from lrviz.schedule.reading.override import (
    KeyPath,
    Keys,
    Override,
    Variant,
    ends_in,
    places,
    sweep,
    value_at,
)
from lrviz.schedule.reading.run import Length
from lrviz.schedule.text.document import Item, Key, Node, node_of
from lrviz.schedule.text.suggest import did_you_mean, suggest
from lrviz.words import show

_NEXT = re.compile(r",(?=\s*[A-Za-z_]\w*\s*=)")


def parse_data(texts: Iterable[str]) -> dict[str, Node]:
    """The facts of `--data samples=52002,devices=8`, each as text at its place on the command line.

    A metric is `metric=FILE:COLUMN`. Raises `ScheduleError` with all that is wrong.
    """
    data: dict[str, Node] = {}
    problems = Problems()
    for text in texts:
        for part in _NEXT.split(text):
            name, equals, value = (each.strip() for each in part.partition("="))
            where = Position(f"--data {name}")
            if not equals or not name or not value:
                problems.at(Position(f"--data {text}"), "--data needs NAME=VALUE", "--data samples=52002,devices=8")
            elif not _is_fact(name):
                problems.at(where, f"no config asks for {name!r}", did_you_mean(name, _names()))
            elif name in data:
                problems.at(where, f"{name} is given twice", "give it once")
            else:
                data[name] = _metric(value, where, problems) if name == "metric" else Node(value, where, quoted=True)
    if problems:
        raise ScheduleError(problems)
    return data


def _is_fact(name: str) -> bool:
    """True for a name of `FACTS` or of our own key `data`; only for a package are the dialects imported."""
    return name in FACTS or any(name == each.name for each in DATA.arguments) or name in _names()


def data_of(facts: Mapping[str, Any]) -> dict[str, Node]:
    """The facts of an argument `data` in Python. Raises `ScheduleError` with all that are unknown."""
    check_names({name: Position(f"data[{name!r}]") for name in facts})
    return {name: node_of(value, Position(f"data[{name!r}]")) for name, value in facts.items()}


def check_names(places: Mapping[str, Position]) -> None:
    """Raises `ScheduleError` with every name that is none of a fact, at its place."""
    problems = Problems()
    for name, where in places.items():
        if not _is_fact(name):
            problems.at(where, f"no config asks for {name!r}", did_you_mean(name, _names()))
    if problems:
        raise ScheduleError(problems)


def _names() -> list[str]:
    """Every fact of every program, and those of our own key `data`."""
    packages = (name for dialect in DIALECTS.values() for name in dialect.packages)
    return list(dict.fromkeys([*FACTS, *(each.name for each in DATA.arguments), *packages]))


def _metric(value: str, where: Position, problems: Problems) -> Node:
    file, colon, column = value.rpartition(":")
    if not colon or not file or not column:
        problems.at(where, f"metric needs FILE:COLUMN (got {show(value)})", "--data metric=log.csv:val_loss")
    return _mapping({"file": file, "column": column}, where)


def _mapping(values: Mapping[str, str], where: Position) -> Node:
    return Node({key: Item(Node(key, where), Node(value, where, quoted=True)) for key, value in values.items()}, where)


# --- the length of the run -----------------------------------------------------------------------------------------


def with_length(dialect: Dialect, root: Node, length: Length | None) -> Node:
    """The same config with the length of `--epochs` or `--steps`, under the program's own key.

    Raises `ScheduleError` if its runs have no such length.
    """
    if length is None:
        return root
    option = "epochs" if length.epochs is not None else "steps"
    value, keys = (length.epochs, dialect.epochs) if option == "epochs" else (length.steps, dialect.steps)
    where = Position(f"--{option}")
    if keys is None:
        other = "steps" if option == "epochs" else "epochs"
        there = dialect.steps if option == "epochs" else dialect.epochs
        raise ScheduleError.at(
            where, f"a run of {dialect.title} has no length in {option}", f"use --{other}" if there else ""
        )
    if isinstance(value, Duration):
        written = length.written.value if length.written is not None else f"{value.value} {value.unit}"
        raise ScheduleError.at(
            where, f"steps of a config must be a whole number (got {show(written)})", "write --steps 5000"
        )
    name, taken_out = keys
    for each in taken_out:
        root = without(root, tuple(each.split(".")))
    return put(root, tuple(name.split(".")), Node(value, where))


def put(node: Node, keys: Keys, value: Node) -> Node:
    """The same document with a value at a path, whose mappings are made where they are missing."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if node.is_list and isinstance(first, int):
        members = [*node.value]
        members[first] = put(members[first], rest, value)
        return Node(tuple(members), node.where)
    items: dict[Key, Item] = dict(node.value) if node.is_mapping else {}
    item = items.get(first)
    inside = put(item.value if item is not None else Node({}, value.where), rest, value)
    items[first] = Item(item.key if item is not None else Node(first, value.where), inside)
    return Node(items, node.where, tag=node.tag)


# --- values of its own keys ----------------------------------------------------------------------------------------


def settings_of(dialect: Dialect, root: Node, overrides: Sequence[Override]) -> list[Variant]:
    """A config for each combination of the values of `--set`, under the program's own keys.

    Raises `ScheduleError` for every key that names no place of the config, or more than one.
    """
    if not overrides:
        return [Variant(root)]

    def find(override: Override) -> Keys:
        return path_in(dialect, root, override.key, override.where).keys

    return sweep(root, overrides, find, put, "a config")


def path_in(dialect: Dialect, root: Node, key: str, where: Position) -> KeyPath:
    """The one place that a key means: that path, the only place whose path ends in it, or a key that the program has
    and the file leaves out."""
    there = [path for path, _ in places(root) if path.keys]
    known = [each.name for each in dialect.keys]
    exact = [path.keys for path in there if key in path.texts]
    ends = exact or [path.keys for path in there if ends_in(path, key)]
    new = [tuple(name.split(".")) for name in known if f".{name}".endswith(f".{key}")]
    found: list[Keys] = ends or [*new]
    if not found and "." in key and value_at(root, tuple(key.split(".")[:-1])) is not None:
        found = [tuple(key.split("."))]
    if len(found) == 1:
        text = ".".join(map(str, found[0]))
        return KeyPath(found[0], (text, text))
    if found:
        listed = ", ".join(".".join(map(str, each)) for each in found[:12])
        raise ScheduleError.at(where, f"{key} matches {len(found)} keys", f"one of {listed}")
    names = dict.fromkeys([*known, *(str(path) for path in there)])
    meant = suggest(key, names) or suggest(key, {str(path.keys[-1]): None for path in there})
    hint = f"did you mean {meant}?" if meant else f"its keys are {', '.join(known[:20])}"
    raise ScheduleError.at(where, f"{show(key)} matches no key of {root.where.file}, a config of {dialect.title}", hint)
