"""`!ref <a> // <b>` in a config of HyperPyYAML -> the value. Other tags (`!new:`, `!apply:`) stay: nothing runs.

A value that cannot be known so becomes `Unreadable`, which matters only if a schedule depends on it.
"""

from __future__ import annotations

import re
from typing import Final

from lrviz.configs.text.unreadable import Unreadable
from lrviz.errors import Position
from lrviz.schedule.text.document import Item, Node
from lrviz.schedule.text.expression import ExpressionError, ExpressionValueError, parse

_REFERENCE: Final = re.compile(r"<([^<>]+)>")
_PART: Final = re.compile(r"\[([^\[\]]*)\]|([^.\[\]]+)")
MOST_LEVELS: Final = 30
"""References that lead to one another, and levels of the tree."""

MAX_TEXT: Final = 10_000


def resolved(root: Node) -> Node:
    """The same config with the value of each reference in its place, where that is known."""
    return _Resolver(root).tree(root, 0)


class _Resolver:
    def __init__(self, root: Node) -> None:
        self.root = root
        self.done: dict[int, tuple[Node, Node]] = {}

    def tree(self, node: Node, level: int) -> Node:
        known = self.done.get(id(node))
        if known is None:
            known = self.done[id(node)] = (node, self._made(node, level))
        return known[1]

    def _made(self, node: Node, level: int) -> Node:
        if level > MOST_LEVELS:
            return _unknown(node.where, "a value nested too deep")
        if node.tag in ("!ref", "!copy") and isinstance(node.value, str):
            return self._reference(node, level)
        runs = node.tag.startswith(("!apply:", "!include:", "!module:"))
        if runs or (node.tag.startswith(("!new:", "!name:")) and not node.value):
            return Node(Unreadable(node.where, f"what {node.tag[:60]} makes"), node.where, tag=node.tag)
        if node.is_mapping:
            items = {key: Item(item.key, self.tree(item.value, level + 1)) for key, item in node.value.items()}
            return Node(items, node.where, tag=node.tag)
        if node.is_list:
            return Node(tuple(self.tree(each, level + 1) for each in node.value), node.where, tag=node.tag)
        if node.tag == "!PLACEHOLDER":
            return _unknown(node.where, "a value that the command line must give (!PLACEHOLDER)")
        return node

    def _reference(self, node: Node, level: int) -> Node:
        """The value of a text with references: another value as a whole, arithmetic, or text."""
        text: str = node.value
        whole = _REFERENCE.fullmatch(text.strip())
        if whole is not None:
            found = self._at(whole[1], node, level)
            return Node(found.value, node.where, found.quoted, tag=found.tag)
        pieces, end = [], 0
        for match in _REFERENCE.finditer(text):
            found = self._at(match[1], node, level)
            if isinstance(found.value, Unreadable):
                return found
            shown = repr(found.value) if isinstance(found.value, int | float) else str(found.value)
            pieces += [text[end : match.start()], shown]
            end = match.end()
        made = "".join([*pieces, text[end:]])[:MAX_TEXT]
        try:
            return Node(_number(parse(made).value()), node.where)
        except (ExpressionError, ExpressionValueError):
            return Node(made, node.where, quoted=True)

    def _at(self, path: str, node: Node, level: int) -> Node:
        found: Node | None = self.root
        for index, name in _PART.findall(path):
            if found is not None and found.is_list:
                number = int(index) if index.isdecimal() else -1
                found = found.value[number] if 0 <= number < len(found.value) else None
            else:
                found = found.get(name or index) if found is not None else None
        if found is None:
            return _unknown(node.where, f"a reference to {path[:60]}, which is not there,")
        if id(found) in self.done:
            return self.done[id(found)][1]
        return self.tree(found, level + 1)


def _number(value: float) -> float:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _unknown(where: Position, what: str) -> Node:
    return Node(Unreadable(where, what), where)
