"""`${a.b}` in a config that OmegaConf reads -> the value that stands there.

For a dialect of a program that uses OmegaConf, write `interpolation=True` in its `Dialect`: every `${...}` is then
replaced before the dialect reads the config, and so is every whole mapping or list for which one stands. What cannot
be replaced (`${oc.env:HOME}`, a key that is not there, a cycle) stays as it is, because most of it is about paths and
logs; it becomes an error only if the dialect reads that value. `???`, which must be given, is an error likewise.

    root, unresolved = interpolated(root)

A value keeps the place where it is used: an error about `T_max: ${trainer.max_epochs}` points at that line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from lrviz.errors import Position, Problem
from lrviz.schedule.text.document import MAX_DEPTH, MAX_NODES, Item, Key, Node
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

Path: TypeAlias = tuple[Key | int, ...]

MISSING: Final = "???"
"""Stands for a value that must be given."""

MAX_TEXT: Final = 10_000
"""Characters of a text that others are put into."""

MOST_LEVELS: Final = 60
"""Levels of mappings, lists and interpolations behind which no further interpolation is followed."""

COMPOSED: Final = (
    "hand in the composed config: what `--cfg job --resolve` prints, or the .hydra/config.yaml of a run; or give the "
    "value with --set"
)
"""The hint for what only the program itself can replace."""

_INNERMOST: Final = re.compile(r"(?<!\\)\$\{([^${}]*)\}")
_PART: Final = re.compile(r"\[([^\[\]]*)\]|([^.\[\]]+)")


class _UnresolvedError(Exception):
    """Why a text cannot be replaced."""

    def __init__(self, message: str, hint: str = COMPOSED) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class _Found(NamedTuple):
    """A value in which everything that can be is replaced, with its nodes and the height of its tree; `error` says why
    it is a text that stays as it is."""

    node: Node
    size: int = 1
    height: int = 1
    error: _UnresolvedError | None = None


def interpolated(root: Node) -> tuple[Node, Mapping[Position, Problem]]:
    """The same config with the values that interpolations stand for, and the problem of each that stays as it is, by
    its place.

    Values that many share are not copied, but count as often as they are used: at most `MAX_NODES`.
    """
    resolver = _Resolver(root)
    return resolver.value((), 1).node, resolver.problems


class _Resolver:
    def __init__(self, root: Node) -> None:
        self.root = root
        self.found: dict[Path, _Found] = {}
        self.open: dict[Path, None] = {}  # those on the way to the present one
        self.problems: dict[Position, Problem] = {}

    def value(self, path: Path, depth: int) -> _Found:
        """The value at a path of the config as it is written."""
        if path not in self.found:
            self.open[path] = None
            try:
                self.found[path] = self._value(self._raw(path), path, depth)
            finally:
                del self.open[path]
        return self.found[path]

    def _value(self, node: Node, path: Path, depth: int) -> _Found:
        if node.is_mapping or node.is_list:
            return self._container(node, path, depth)
        if not isinstance(node.value, str):
            return _Found(node)
        try:
            if node.value == MISSING:
                raise _UnresolvedError("is ???, which must be given", "give it with --set, or with --override")
            return self._text(node, path, depth) if "${" in node.value else _Found(node)
        except _UnresolvedError as error:
            name = ".".join(map(str, path)) + (":" if "${" in error.message else "")
            self.problems.setdefault(node.where, Problem(node.where, f"{name} {error.message}", error.hint))
            return _Found(node, error=error)

    def _container(self, node: Node, path: Path, depth: int) -> _Found:
        keys: list[Key | int] = list(node.value) if node.is_mapping else list(range(len(node.value)))
        members = [self.value((*path, key), depth + 1) for key in keys]
        size, height = 1 + sum(each.size for each in members), 1 + max((each.height for each in members), default=0)
        if node.is_list:
            return _Found(Node(tuple(each.node for each in members), node.where), size, height)
        items = {key: Item(item.key, each.node) for (key, item), each in zip(node.value.items(), members, strict=True)}
        return _Found(Node(items, node.where), size, height)

    # --- a text with interpolations --------------------------------------------------------------------------------

    def _text(self, node: Node, path: Path, depth: int) -> _Found:
        """What a text stands for: any value where it is one interpolation, else text."""
        text = str(node.value)
        while (match := _INNERMOST.search(text)) is not None:
            found = self._target(match[1].strip(), path, depth)
            if found.size > MAX_NODES or found.height > MAX_DEPTH or len(text) > MAX_TEXT:
                raise _UnresolvedError(f"{show(node.value)} stands for too much", "")
            if match[0] == text:
                value = found.node
                return found._replace(node=Node(value.value, node.where, value.quoted, None))
            if found.node.is_mapping or found.node.is_list:
                raise _UnresolvedError(f"{match[0]} is no value that can stand within a text (in {show(node.value)})")
            text = f"{text[: match.start()]}{found.node.value}{text[match.end() :]}"
        if "${" in text.replace("\\${", ""):
            raise _UnresolvedError(f"{show(node.value)} is no interpolation that can be read")
        return _Found(Node(text.replace("\\${", "${"), node.where, quoted=True, text_at=None))

    def _target(self, inside: str, path: Path, depth: int) -> _Found:
        """The value that `${inside}` at a path stands for."""
        shown = f"${{{inside}}}"
        if ":" in inside:
            kind = "the environment" if inside.startswith(("oc.env:", "env:")) else "a resolver of the program"
            raise _UnresolvedError(f"{shown} asks {kind}, which lrviz does not do")
        if depth > MOST_LEVELS:
            raise _UnresolvedError(f"{shown} leads from one to the next too often", "")
        up = len(inside) - len(inside.lstrip("."))
        if up > len(path):
            raise _UnresolvedError(f"{shown} goes up beyond the top of the config")
        parts: list[Key | int] = [each[0] or each[1] for each in _PART.findall(inside[up:])]
        there = self._location((*(path[:-up] if up else ()), *parts), shown, depth + 1)
        if there in self.open:
            raise _UnresolvedError(f"{shown} leads back to itself", "write the value in one of these places")
        found = self.value(there, depth + 1)
        if found.error is not None:
            told = found.error.message
            name = ".".join(map(str, there))
            raise _UnresolvedError(told if "${" in told else f"{shown}: {name} {told}", found.error.hint)
        return found

    def _location(self, path: Path, shown: str, depth: int) -> Path:
        """Where the value of a path is written, behind interpolations that stand for whole mappings on the way."""
        here: Path = ()
        node = self.root
        for part in path:
            if isinstance(node.value, str) and "${" in node.value:
                here, node = self._behind(here, node, depth)
            key: Key | int | None = part
            if node.is_list:
                key = int(part) if str(part).isdigit() and int(part) < len(node.value) else None
            elif not node.is_mapping or part not in node.value:
                key = int(part) if node.is_mapping and str(part).isdigit() and int(part) in node.value else None
            if key is None:
                names = [str(each) for each in node.value] if node.is_mapping else []
                meant = suggest(str(part), names)
                inside = f" in {'.'.join(map(str, here))}" if here else " in this file"
                hint = f"did you mean {'.'.join(map(str, (*here, meant)))}?" if meant else COMPOSED
                raise _UnresolvedError(f"{shown} leads nowhere: there is no {part}{inside}", hint)
            here = (*here, key)
            node = self._raw(here)
        return here

    def _behind(self, path: Path, node: Node, depth: int) -> tuple[Path, Node]:
        """The mapping or list that an interpolation on the way stands for."""
        match = _INNERMOST.fullmatch(str(node.value))
        if match is None or ":" in match[1] or depth > MOST_LEVELS or path in self.open:
            raise _UnresolvedError(f"{show(node.value)} is no mapping that is known here")
        inside = match[1].strip()
        up = len(inside) - len(inside.lstrip("."))
        parts: list[Key | int] = [each[0] or each[1] for each in _PART.findall(inside[up:])]
        there = self._location((*(path[:-up] if up else ()), *parts), match[0], depth + 1)
        found = self._raw(there)
        if isinstance(found.value, str) and "${" in found.value:
            return self._behind(there, found, depth + 1)
        return there, found

    def _raw(self, path: Path) -> Node:
        node = self.root
        for key in path:
            node = node.value[key] if node.is_list else node.value[key].value
        return node
