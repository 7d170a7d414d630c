"""A document as YAML in the style of our own files: a mapping on one line where there is room for it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from lrviz.schedule.text.document import Node, resolve

COLUMNS = 100
"""The longest line of a mapping or list that could be written over several."""

_PLAIN = re.compile(r"[A-Za-z0-9_(.](?:[A-Za-z0-9_.()/%*+<>=-]| (?=[^ #]))*")
"""Text that YAML reads as itself without quotes, inside of brackets too, if it is no other value."""


def yaml_text(root: Node) -> str:
    """The text of a document, which is a mapping."""
    return "".join(f"{line}\n" for item in root.items() for line in _entry(item.key.value, item.value, ""))


def one_line(node: Node) -> str:
    """A value on one line, as it may stand inside of brackets."""
    if node.is_mapping:
        return "{" + ", ".join(f"{scalar_text(item.key.value)}: {one_line(item.value)}" for item in node.items()) + "}"
    if node.is_list:
        return f"[{', '.join(map(one_line, node.value))}]"
    return scalar_text(node.value)


def scalar_text(value: Any) -> str:
    """A number, truth value or text, so that it reads back to the same."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    if isinstance(value, int | float):
        return repr(value)
    plain = _PLAIN.fullmatch(value) and resolve(value) == value and not value.endswith("-")
    return str(value) if plain else json.dumps(value, ensure_ascii=not value.isprintable())


def _entry(key: Any, node: Node, indent: str) -> Iterator[str]:
    """The lines of `key: value`."""
    line = f"{indent}{scalar_text(key)}: {one_line(node)}"
    if not _over_lines(node) or (len(line) <= COLUMNS and not _holds_lines(node)):
        yield line
        return
    yield f"{indent}{scalar_text(key)}:"
    if node.is_mapping:
        for item in node.items():
            yield from _entry(item.key.value, item.value, f"{indent}  ")
        return
    for member in node.value:
        yield from _member(member, f"{indent}  ")


def _member(node: Node, indent: str) -> Iterator[str]:
    """The lines of a member of a list."""
    line = f"{indent}- {one_line(node)}"
    if not node.is_mapping or (len(line) <= COLUMNS and not _holds_lines(node)):
        yield line
        return
    rows = [row for item in node.items() for row in _entry(item.key.value, item.value, f"{indent}  ")]
    yield from (f"{indent}- {row.lstrip()}" if index == 0 else row for index, row in enumerate(rows))


def _over_lines(node: Node) -> bool:
    """True for a mapping, and for a list of mappings."""
    return bool(node.value) and (node.is_mapping or (node.is_list and any(member.is_mapping for member in node.value)))


def _holds_lines(node: Node) -> bool:
    """True for what reads better over several lines: a list of mappings, and what holds one."""
    if node.is_list:
        return any(member.is_mapping for member in node.value)
    return node.is_mapping and any(_holds_lines(item.value) for item in node.items())
