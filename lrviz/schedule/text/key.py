"""Finds a schedule inside a larger file by its key: `trainer.schedule`, `jobs[0].schedule`, `jobs.0.schedule`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lrviz.errors import ScheduleError
from lrviz.schedule.text.document import Node, lines_of, parse
from lrviz.schedule.text.suggest import suggest

_FIRST = re.compile(r"\[(\d{1,9})\]|([^.\[]+)")
"""The first part of a key: an index in brackets, or everything up to a dot or bracket."""


def value_of(root: Node, key: str) -> Node:
    """The value at a key of a document.

    A member of a list goes by its index or its `name`; a key of the file that has dots itself is found too. Raises
    `ScheduleError`, at the place up to which the key leads.
    """
    node, rest = root, key
    while rest:
        step = next(_steps(node, rest), None)
        if step is None:
            raise _missing(node, rest, key[: len(key) - len(rest)].rstrip("."))
        node, rest = step
    return node


def _steps(node: Node, rest: str) -> Iterator[tuple[Node, str]]:
    """The values to which a key may lead at a node, each with what is left of the key; the longest name first."""
    if node.is_mapping:
        names = {str(item.key.value): item.value for item in node.items()}
        for name in sorted(names, key=len, reverse=True):
            after = rest.removeprefix(name)
            if name and rest.startswith(name) and after[:1] in ("", ".", "["):
                yield names[name], after.removeprefix(".")
    elif node.is_list and (found := _FIRST.match(rest)) is not None:
        part, after = found[1] or found[2], rest[found.end() :].removeprefix(".")
        if part.isdecimal() and int(part) < len(node.value):
            yield node.value[int(part)], after
        for member in node.value:
            name = member.get("name")
            if name is not None and found[2] == str(name.value):
                yield member, after


def text_at(text: bytes, file: str, keys: Iterable[str]) -> bytes:
    """A text with only the lines on which the values at these keys stand; the others are empty."""
    root = parse(text, file)
    kept = {line for key in keys for line in _lines(value_of(root, key))}
    lines = lines_of(text)
    return "\n".join(line if number in kept else "" for number, line in enumerate(lines, 1)).encode()


def _lines(node: Node) -> Iterator[int]:
    yield node.where.line
    for item in node.items() if node.is_mapping else ():
        yield item.key.where.line
        yield from _lines(item.value)
    for member in node.value if node.is_list else ():
        yield from _lines(member)


def _missing(node: Node, rest: str, before: str) -> ScheduleError:
    """That a key leads no further. Of the file, which may be anyone's, only a key is told that is nearly right."""
    found = _FIRST.match(rest)
    part = found[0] if found is not None else rest
    inside = f" in {before}" if before else ""
    if node.is_list:
        count = len(node.value)
        return ScheduleError.at(
            node.where, f"there is no {part}{inside}, a list", f"its members are [0] to [{count - 1}]"
        )
    if not node.is_mapping:
        return ScheduleError.at(node.where, f"there is no {part}{inside}, which is no mapping of keys")
    meant = suggest(part, [str(item.key.value) for item in node.items()])
    return ScheduleError.at(node.where, f"there is no {part}{inside}", f"did you mean {meant}?" if meant else "")
