"""Values from the command line in place of the file's: `--set gamma=0.5`, `--set optimizer.lr=0.1,0.3`.

A value is named by its path (`scheduler.gamma`, `schedules.step.scheduler.gamma`, `optimizer.groups.head.lr`,
`scheduler[1].eta_min`), or by any end of the path, down to the bare name, if only one place matches: a place that the
file sets, or failing that one where the key would be valid. Several values, and several overrides, make a sweep: one
document for each combination.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple, TypeAlias

from lrviz.errors import Position, Problems, ScheduleError
from lrviz.schedule.catalogue import DATA, FILE, OPTIMIZERS, SCHEDULE, SCHEDULERS, Argument, Entry
from lrviz.schedule.catalogue.schedulers import LR_SCHEDULER
from lrviz.schedule.reading.fields import ALIASES
from lrviz.schedule.reading.run import LENGTHS
from lrviz.schedule.text.document import Item, Key, Node, node_of, parse
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

MAX_SWEEP = 1_000
"""Documents in one sweep."""

MAX_LISTED = 12
"""Candidates in one error."""

MAX_PATH_LENGTH = 1_000
"""Characters in the longest path that --set can name."""

Keys: TypeAlias = tuple[Key, ...]
"""The keys and list indices that lead from a document to a value."""

Chosen: TypeAlias = Callable[[str], bool]
"""Tells by its name if a schedule was selected (`--only`)."""


class Override(NamedTuple):
    """One `--set`: `key` as typed, and its values in order, each with its text."""

    key: str
    values: tuple[tuple[str, Node], ...]
    where: Position


class Variant(NamedTuple):
    """One document of a sweep.

    `swept` holds the values that set it apart, each with the name of the one schedule it reaches (None: all of them).
    """

    root: Node
    swept: tuple[tuple[str | None, str], ...] = ()

    def swept_of(self, name: str) -> str:
        """The values of the sweep that reach a schedule: `gamma=0.5 lr=0.1`."""
        return " ".join(text for owner, text in self.swept if owner in (None, name))


class KeyPath(NamedTuple):
    """A path in a document. `texts` are its two spellings: with the names of param groups, and with their indices."""

    keys: Keys
    texts: tuple[str, str]

    def __str__(self) -> str:
        return self.texts[0]


ROOT = KeyPath((), ("", ""))


def parse_override(text: str, option: str = "--set") -> Override:
    """`KEY=VALUE` or `KEY=VALUE,VALUE,...`; values are YAML. Raises `ScheduleError` for anything else."""
    key, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not key or not written:
        raise ScheduleError.at(
            Position(f"{option} {text}"),
            f"{option} needs KEY=VALUE",
            f"{option} gamma=0.5" + (", or --set gamma=0.1,0.5,0.9 for a sweep" if option == "--set" else ""),
        )
    where = Position(
        f"{option} {key}"
    )  # without the value, because a file that a value names is looked for beside this position
    values = []
    for part in _split(written):
        if not part:
            raise ScheduleError.at(where, "a value is missing between two commas", "quote text that ends in a comma")
        values.append((" ".join(part.split()), placed(parse(part, where.file), where)))
    return Override(key, tuple(values), where)


def parse_overrides(texts: Iterable[str], option: str = "--set") -> list[Override]:
    """All overrides. Raises `ScheduleError` with the problems of all of them."""
    overrides: list[Override] = []
    problems = Problems()
    for text in texts:
        try:
            overrides.append(parse_override(text, option))
        except ScheduleError as error:
            problems += error.problems
    if problems:
        raise ScheduleError(problems)
    return overrides


def override_of(key: str, value: Any) -> Override:
    """One value of an argument `set` in Python. A list is a value, not a sweep."""
    where = Position(f"set[{key!r}]")
    return Override(key, (("", node_of(value, where)),), where)


def variants(root: Node, overrides: Sequence[Override], chosen: Chosen = lambda name: True) -> list[Variant]:
    """A document for each combination of the values of `overrides`; the document itself if there are no overrides.

    Places inside schedules that are not `chosen` do not count. Raises `ScheduleError` for every key that matches
    no place, or more than one.
    """
    if not overrides or not root.is_mapping:
        return [Variant(root)]

    def owner(keys: Keys) -> str | None:
        return str(keys[1]) if keys[0] == "schedules" and len(keys) > 1 else None

    def find(override: Override) -> Keys:
        return find_path(root, override.key, override.where, chosen).keys

    return sweep(root, overrides, find, replaced, "each schedule", owner)


def sweep(
    root: Node,
    overrides: Sequence[Override],
    find: Callable[[Override], Keys],
    put: Callable[[Node, Keys, Node], Node],
    what: str,
    owner: Callable[[Keys], str | None] = lambda keys: None,
) -> list[Variant]:
    """A document for each combination of values: `find` tells where an override puts its value, `put` does it, `owner`
    names the one schedule that a place belongs to, and `what` is varied, for an error.

    Raises `ScheduleError` with the problems of all overrides.
    """
    paths: list[Keys] = []
    problems = Problems()
    for override in overrides:
        try:
            paths.append(find(override))
        except ScheduleError as error:
            problems += error.problems
    if problems:
        raise ScheduleError(problems)
    _refuse_overlap(overrides, paths)
    if prod(len(override.values) for override in overrides) > MAX_SWEEP:
        raise ScheduleError.at(overrides[-1].where, f"a sweep may have at most {MAX_SWEEP:,} variants of {what}")
    owners = list(map(owner, paths))
    made = []
    for combination in product(*(override.values for override in overrides)):
        document, swept = root, []
        for override, keys, name, (text, value) in zip(overrides, paths, owners, combination, strict=True):
            document = put(document, keys, value)
            if len(override.values) > 1:
                swept.append((name, f"{override.key.removeprefix(f'schedules.{name}.')}={text}"))
        made.append(Variant(document, tuple(swept)))
    return made


def find_path(root: Node, key: str, where: Position, chosen: Chosen = lambda name: True) -> KeyPath:
    """The one place that a key means: the place at that path, or else the only place whose path ends in it.

    Raises `ScheduleError`, which lists the candidates, if there is no such place or more than one.
    """
    nodes = [
        (path, node)
        for path, node in places(root)
        if len(path.keys) < 2 or path.keys[0] != "schedules" or chosen(str(path.keys[1]))
    ]
    there = [path for path, _ in nodes if path.keys]
    takers = [taker for path, node in nodes for taker in _takers(root, path, node)]
    inner = [path for path in there if not _needs_its_path(path.keys, key)]
    found = (
        [path for path in there if key in path.texts]
        or [path for path in inner if ends_in(path, key)]
        or [path for path in takers if ends_in(path, key)]
        or _new(nodes, key)
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise ScheduleError.at(where, f"{key} matches {len(found)} keys", f"one of {_listed(found)}")
    known = [str(path) for path in (*there, *takers)]
    names = dict.fromkeys(str(path.keys[-1]) for path in (*there, *takers))
    meant = suggest(key, known) or suggest(key, names, ALIASES)
    values = [path for path, node in nodes if path.keys and not _holds_mappings(node)]
    if hidden := [path for path in there if ends_in(path, key)]:
        meant = _listed(hidden)
    hint = f"did you mean {meant}?" if meant else f"the file sets {_listed(values)}"
    raise ScheduleError.at(where, f"{show(key)} matches no key of {root.where.file}", hint)


def replaced(node: Node, keys: Keys, value: Node) -> Node:
    """The same document with another value at a path; a key that is not there yet is added."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if node.is_list:
        members = list(node.value)
        members[int(first)] = replaced(members[int(first)], rest, value)
        return Node(tuple(members), node.where)
    item = node.value.get(first)
    key = item.key if item is not None else Node(first, value.where)
    inside = replaced(item.value, rest, value) if item is not None else value
    return Node({**node.value, first: Item(key, inside)}, node.where)


def value_at(root: Node, keys: Keys) -> Node | None:
    """The value at a path of a document, or None."""
    node: Node | None = root
    for part in keys:
        if node is None:
            return None
        node = node.value[part] if node.is_list and isinstance(part, int) else node.get(part)
    return node


def argument_at(root: Node, keys: Keys) -> Argument | None:
    """The argument of the catalogue that a value, or the list around it, is given for; None if there is none."""
    while keys and isinstance(keys[-1], int):
        keys = keys[:-1]
    node = value_at(root, keys[:-1])
    entry = _entry(root, keys[:-1], node) if node is not None else None
    return entry.argument(str(keys[-1])) if entry is not None else None


# --- the text of an override ------------------------------------------------------------------------------------


def _split(text: str) -> list[str]:
    """The parts between commas; commas inside brackets or quotes do not split."""
    parts, depth, quote, begin, blank = [], 0, "", 0, True
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and (depth or blank):  # elsewhere it is part of a word: don't
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth = max(0, depth - 1)
        elif letter == "," and not depth:
            parts.append(text[begin:index].strip())
            begin, blank = index + 1, True
            continue
        blank = blank and letter.isspace()
    return [*parts, text[begin:].strip()]


def placed(node: Node, where: Position) -> Node:
    """The same value, as if all of it stood in one place, such as an argument of the command line."""
    if node.is_mapping:
        items = {key: Item(Node(item.key.value, where), placed(item.value, where)) for key, item in node.value.items()}
        return Node(items, where)
    if node.is_list:
        return Node(tuple(placed(member, where) for member in node.value), where)
    return Node(node.value, where, node.quoted)


def _refuse_overlap(overrides: Sequence[Override], paths: Sequence[Keys]) -> None:
    """Refuses an override of what another one sets, or of something around or inside it."""
    for index, keys in enumerate(paths):
        for other, before in zip(overrides, paths[:index], strict=False):
            if keys == before:
                raise ScheduleError.at(
                    overrides[index].where, f"{other.key} is set twice", "write all values in one --set"
                )
            shared = min(len(keys), len(before))
            if keys[:shared] == before[:shared]:
                raise ScheduleError.at(
                    overrides[index].where,
                    f"{other.key} is set too, and one contains the other",
                    "set only the outer one",
                )


# --- the path of an override -----------------------------------------------------------------------------------


def places(node: Node, path: KeyPath = ROOT) -> Iterator[tuple[KeyPath, Node]]:
    """Every place of a document with its value, the document itself first."""
    yield path, node
    if len(path.texts[1]) > MAX_PATH_LENGTH:
        return
    if node.is_mapping:
        for key, item in node.value.items():
            yield from places(item.value, _added(path, key))
    elif node.is_list:
        for index, member in enumerate(node.value):
            name = member.get("name")
            named = f"[{index}]" if name is None else f".{name.value}"
            yield from places(
                member, KeyPath((*path.keys, index), (f"{path.texts[0]}{named}", f"{path.texts[1]}[{index}]"))
            )


def _needs_its_path(keys: Keys, key: str) -> bool:
    """True for a place that its bare name does not mean: a schedule, the length that a run is expected to have, and
    what `train` trains, which is no value of the schedule."""
    if "train" in _inside(keys)[1][:1]:
        return "train" not in re.split(r"[.\[]", key)
    return keys[:-1] == ("schedules",) or (keys[-2:-1] == ("expect",) and key in LENGTHS)


def ends_in(path: KeyPath, key: str) -> bool:
    """True if a path ends in this key, or these keys."""
    return any(f".{text}".endswith(f".{key}") for text in path.texts)


def _takers(root: Node, path: KeyPath, node: Node) -> Iterator[KeyPath]:
    """The keys that could be added to a mapping, for the file itself, its data, optimizer and schedulers.

    A param group, a schedule and its optimizer take the same keys as the file's, so their keys need a full path.
    """
    member, inside = _inside(path.keys)
    if (member and (not inside or (inside == ("optimizer",) and root.get("optimizer")))) or "groups" in inside:
        return
    entry = _entry(root, path.keys, node)
    for argument in entry.arguments if entry is not None else ():
        if argument.name not in node.value:
            yield _added(path, argument.name)


def _new(nodes: Sequence[tuple[KeyPath, Node]], key: str) -> list[KeyPath]:
    """The place of a path whose last key is unknown, if the path says clearly which mapping it belongs to."""
    parent, _, name = key.rpartition(".")
    if not parent or not name.isidentifier():
        return []
    mappings = [path for path, node in nodes if node.is_mapping]
    whole = [path for path in mappings if parent in path.texts] or [each for each in mappings if ends_in(each, parent)]
    return [_added(whole[0], name)] if len(whole) == 1 else []


def _added(path: KeyPath, key: Key) -> KeyPath:
    named, indexed = (f"{text}.{key}".removeprefix(".") for text in path.texts)
    return KeyPath((*path.keys, key), (named, indexed))


def _inside(keys: Keys) -> tuple[Keys, Keys]:
    """A path split into the part up to a member of `schedules` (empty elsewhere in the file) and the rest."""
    return (keys[:2], keys[2:]) if keys[:1] == ("schedules",) and len(keys) > 1 else ((), keys)


def _entry(root: Node, keys: Keys, node: Node) -> Entry | None:
    """The catalogue entry for a mapping in a document."""
    if not node.is_mapping:
        return None
    member, inside = _inside(keys)
    if not inside:
        return SCHEDULE if member else FILE
    if inside == ("data",):
        return DATA
    if inside[0] == "optimizer":
        kind = value_at(root, (*member, "optimizer", "type")) or value_at(root, ("optimizer", "type"))
        return OPTIMIZERS.get(str(kind.value).removeprefix("torch.optim.") if kind is not None else "SGD")
    kind = node.get("type")
    return SCHEDULERS.get(str(kind.value).removeprefix(f"{LR_SCHEDULER}.")) if kind is not None else None


def _holds_mappings(node: Node) -> bool:
    return node.is_mapping or (node.is_list and any(member.is_mapping for member in node.value))


def _listed(paths: Sequence[KeyPath]) -> str:
    return ", ".join(map(str, paths[:MAX_LISTED])) + (", ..." if len(paths) > MAX_LISTED else "")
