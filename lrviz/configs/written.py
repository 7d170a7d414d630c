"""A config that was read, written as a schedule file of ours: each value with its place in the config.

The file reads back to the same curve, bit for bit.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import is_
from typing import Any

from lrviz.errors import Position
from lrviz.foreign import escaped
from lrviz.schedule.imported import Imported, Value
from lrviz.schedule.text.document import Node, resolve

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./% -]*[A-Za-z0-9_./%]|[A-Za-z_]")
"""Text that YAML reads as itself without quotes, if it is no other value."""

COLUMN = 36
"""Where comments begin; a comment stands above a line of more than twice as many characters."""


def schedule_text(imported: Imported, beside: str = "") -> str:
    """The text of a schedule file; names of files in it are relative to the folder `beside`."""
    lines = [f"# {line}" for line in _head(imported)]
    for key, value in imported.document.items():
        lines += _entry(key, value, "", beside, "schedule")
    return "".join(f"{line}\n" for line in lines)


def stretched_document(document: Any, node: Node) -> Any:
    """The document of a config with the values of a node, which was made of it: each that differs says so beside its
    key."""
    if isinstance(document, Value):
        inside = stretched_document(document.value, node)
        if inside is document.value:
            return document
        if isinstance(inside, Mapping) or (isinstance(inside, list) and any(map(_is_mapping, inside))):
            return replace(document, value=inside)
        how = f"{document.key}, {node.origin or 'stretched'}"
        return replace(document, value=inside, origin="derived", how=how)
    if node.is_mapping:
        known = document if isinstance(document, Mapping) else {}
        items = {key: stretched_document(known.get(key), item.value) for key, item in node.value.items()}
        there = [key for key, each in known.items() if _unwrapped(each)[1] is not None]
        same = len(items) == len(there) and all(each is known.get(key) for key, each in items.items())
        return document if same else items
    if node.is_list and isinstance(document, list | tuple) and len(document) == len(node.value):
        members = [stretched_document(one, other) for one, other in zip(document, node.value, strict=True)]
        return document if all(map(is_, members, document)) else members
    plain = document.plain() if isinstance(document, Node) else document
    return document if type(plain) is type(node.value) and plain == node.value else node.plain()


def _head(imported: Imported) -> Iterator[str]:
    """What the file is made from, and what was assumed."""
    yield escaped(str(imported))
    told = [f"{each.key} {_shown(each)}" for each in imported.values if each.origin == "data"]
    assumed = [f"{each.key} {_shown(each)}" for each in imported.values if each.origin == "default"]
    if told:
        yield f"given with --data: {'; '.join(told)}"
    if assumed:
        yield f"defaults of the program, since the config is silent: {'; '.join(assumed)}"
    for each in imported.lost:
        yield f"not said here: {escaped(each)}"


def _shown(value: Value) -> str:
    inside = value.value
    if inside is None:
        return "none"
    if isinstance(inside, dict) and inside.keys() == {"file", "column"}:
        inside = f"{inside['file']}:{inside['column']}"
    elif isinstance(inside, tuple | list):
        inside = [each.value if isinstance(each, Value) else each for each in inside]
    return escaped(str(inside).lower() if isinstance(inside, bool) else str(inside))


def _entry(key: Any, value: Any, indent: str, beside: str, parent: str) -> Iterator[str]:
    """The lines of `key: value`."""
    where, inside = _unwrapped(value)
    if inside is None:
        return
    if isinstance(inside, Mapping):
        yield f"{indent}{_scalar(key)}:"
        for name, each in inside.items():
            yield from _entry(name, each, f"{indent}  ", beside, str(key))
        return
    if isinstance(inside, Sequence) and not isinstance(inside, str) and any(map(_is_mapping, inside)):
        yield f"{indent}{_scalar(key)}:"
        for member in inside:
            rows = [row for name, each in _unwrapped(member)[1].items() for row in _entry(name, each, "", beside, "")]
            yield from (f"{indent}  {'- ' if index == 0 else '  '}{row}" for index, row in enumerate(rows))
        return
    if key == "file" and parent == "metric" and beside:
        inside = os.path.relpath(inside, beside)
    line = f"{indent}{_scalar(key)}: {_flow(inside)}"
    comment = _comment(value, where)
    if comment and len(line) > 2 * COLUMN:
        yield f"{indent}# {comment}"
        comment = ""
    yield f"{line.ljust(COLUMN)}  # {comment}" if comment else line


def _unwrapped(value: Any) -> tuple[Position | None, Any]:
    """The place of a value, and the value itself: a mapping, a list or a scalar."""
    if isinstance(value, Value):
        _, inside = _unwrapped(value.value)
        return value.where, inside
    if isinstance(value, Node):
        if value.is_mapping:
            return value.where, {key: item.value for key, item in value.value.items()}
        return value.where, value.value
    return None, value


def _is_mapping(value: Any) -> bool:
    return isinstance(_unwrapped(value)[1], Mapping)


def _flow(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_flow(_unwrapped(each)[1]) for each in value)}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and resolve(text) == text
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


def _comment(value: Any, where: Position | None) -> str:
    """Where a value comes from: `sft.yaml:4 learning_rate`, with the calculation of what is derived."""
    if where is None:
        return ""
    place = f"{where.file}:{where.line}" if where.line else where.file
    if not isinstance(value, Value):
        return escaped(place)
    words = {
        "config": f"{place} {value.key}",
        "default": f"default of {value.key}",
        "data": f"{place}",
        "derived": f"{place} {value.how or value.key}",
    }
    return escaped(words[value.origin])
