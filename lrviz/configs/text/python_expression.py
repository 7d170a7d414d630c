"""Expressions of a Python config -> nodes, as syntax only: literals, `dict(...)`, names, arithmetic.

Nothing runs. What is none of these becomes `Unreadable`, which matters only if a schedule depends on it. Sizes are
bounded, because names let a few lines stand for a tree of any size.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from lrviz.configs.text.unreadable import ImportedName, Unreadable
from lrviz.errors import Position
from lrviz.schedule.text.document import MAX_DEPTH, MAX_NODES, Item, Key, Node

MAX_TEXT: Final = 10_000
"""Characters of a text that is put together."""

LARGEST: Final = 2**63
"""Whole numbers are smaller."""

ENVIRONMENT: Final = "_environment_"
"""The name that stands for `{{$NAME:default}}`, which is no Python, while a file is parsed."""

_ENVIRONMENT_TEXT: Final = re.compile(r"\{\{\s*\$")

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}

_KINDS: Final[Mapping[type[ast.expr], str]] = {
    ast.ListComp: "a loop (a comprehension)",
    ast.DictComp: "a loop (a comprehension)",
    ast.SetComp: "a loop (a comprehension)",
    ast.GeneratorExp: "a loop (a comprehension)",
    ast.IfExp: "a condition",
    ast.Compare: "a comparison",
    ast.BoolOp: "a condition",
    ast.Lambda: "a function",
    ast.JoinedStr: "a text that is put together",
    ast.Set: "a set",
}

_HINT: Final = "write the value itself, or hand in the config that a run has written (work_dirs)"


class Names:
    """The names that a Python config has assigned so far, and what its expressions are worth.

    `base` is the value of `_base_`.
    """

    def __init__(self, file: str, lines: Sequence[bytes], base: Node | None) -> None:
        self.file, self.lines, self.base = file, lines, base
        self.values: dict[str, Node] = {}
        self._sizes: dict[int, tuple[Node, int, int]] = {}  # a list or mapping, its nodes, its height

    def where(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias) -> Position:
        """Its place, in characters; Python counts the bytes of UTF-8."""
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else b""
        return Position(self.file, node.lineno, len(line[: node.col_offset].decode(errors="replace")) + 1)

    def value(self, node: ast.expr, depth: int = 1) -> Node:
        """The value of an expression."""
        if depth > MAX_DEPTH:
            return self.unreadable(node, "nested too deep")
        kind = _READERS.get(type(node))
        return kind(self, node, depth) if kind is not None else self.unreadable(node, _KINDS.get(type(node), ""))

    def unreadable(self, node: ast.expr | ast.stmt, what: str = "") -> Node:
        """The value of what is not read; it begins where the first thing begins that it depends on."""
        where = self.where(node)
        first: Unreadable = _unknown(where, what or "an expression").value
        for name in ast.walk(node):
            known = self.values.get(name.id) if isinstance(name, ast.Name) else None
            if known is not None and isinstance(known.value, Unreadable) and known.value.where < first.where:
                first = known.value
        return Node(first, where)

    # --- the kinds of expressions ----------------------------------------------------------------------------------

    def _constant(self, node: ast.Constant, depth: int) -> Node:
        value, where = node.value, self.where(node)
        if isinstance(value, str):
            if _ENVIRONMENT_TEXT.search(value):
                return _unknown(where, "a variable of the environment")
            return Node(value, where, quoted=True)
        if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < LARGEST):
            return Node(value, where)
        return self.unreadable(node, f"a value of type {type(value).__name__}")

    def _name(self, node: ast.Name, depth: int) -> Node:
        if node.id == "_base_" and self.base is not None:
            return self.base
        found = self.values.get(node.id)
        return (
            found if found is not None else self.unreadable(node, f"the name {node.id}, which the file never assigns")
        )

    def _attribute(self, node: ast.Attribute, depth: int) -> Node:
        return self._inside(node, self.value(node.value, depth + 1), node.attr)

    def _subscript(self, node: ast.Subscript, depth: int) -> Node:
        of, key = self.value(node.value, depth + 1), self.value(node.slice, depth + 1)
        if of.is_list and type(key.value) is int and -len(of.value) <= key.value < len(of.value):
            member: Node = of.value[key.value]
            return member
        return self._inside(node, of, key.value)

    def _inside(self, node: ast.expr, of: Node, key: Any) -> Node:
        if isinstance(of.value, ImportedName) and isinstance(node, ast.Attribute):
            return Node(ImportedName(f"{of.value}.{key}"), self.where(node), quoted=True)
        found = of.get(key) if isinstance(key, str | int | float) else None
        if found is None:
            return of if isinstance(of.value, Unreadable) else self.unreadable(node, "a value that is not there")
        return found

    def _list(self, node: ast.List | ast.Tuple, depth: int) -> Node:
        members: list[Node] = []
        for each in node.elts:
            if isinstance(each, ast.Starred):
                inside = self.value(each.value, depth + 1)
                if not inside.is_list:
                    return self.unreadable(each.value, "a list that is not known")
                members += inside.value
            else:
                members.append(self.value(each, depth + 1))
        return self.bounded(Node(tuple(members), self.where(node)))

    def _dict(self, node: ast.Dict, depth: int) -> Node:
        items: dict[Key, Item] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            made = self.value(value, depth + 1)
            if key is None:
                if not made.is_mapping:
                    return self.unreadable(value, "a mapping that is not known")
                items |= made.value
                continue
            name = self.value(key, depth + 1)
            if not isinstance(name.value, str | int | float):
                return self.unreadable(key, "a key that is not known")
            items[name.value] = Item(name, made)
        return self.bounded(Node(items, self.where(node)))

    def _call(self, node: ast.Call, depth: int) -> Node:
        function = ast.unparse(node.func)
        if function != "dict" or node.args:
            return self.unreadable(node, f"a call of {function[:40]}")
        items: dict[Key, Item] = {}
        for each in node.keywords:
            made = self.value(each.value, depth + 1)
            if each.arg is not None:
                items[each.arg] = Item(Node(each.arg, self.where(each), quoted=True), made)
            elif made.is_mapping:
                items |= made.value
            else:
                return self.unreadable(each.value, "a mapping that is not known")
        return self.bounded(Node(items, self.where(node)))

    def _set(self, node: ast.Set, depth: int) -> Node:
        """`{{_base_.x}}` is a set in a set to Python, and the value of the base to mmengine."""
        inner = node.elts[0]
        if len(node.elts) == 1 and isinstance(inner, ast.Set) and len(inner.elts) == 1:
            meant = inner.elts[0]
            if isinstance(meant, ast.Name) and meant.id == ENVIRONMENT:
                return _unknown(self.where(node), "a variable of the environment")
            if ast.unparse(meant).startswith("_base_."):
                return self.value(meant, depth + 1)
        return self.unreadable(node, "a set")

    # --- arithmetic ------------------------------------------------------------------------------------------------

    def _unary(self, node: ast.UnaryOp, depth: int) -> Node:
        of = self.value(node.operand, depth + 1)
        if isinstance(of.value, int | float):
            if isinstance(node.op, ast.USub):
                return Node(-of.value, self.where(node))
            if isinstance(node.op, ast.UAdd):
                return Node(+of.value, self.where(node))
            if isinstance(node.op, ast.Not):
                return Node(not of.value, self.where(node))
        return of if isinstance(of.value, Unreadable) else self.unreadable(node)

    def _binary(self, node: ast.BinOp, depth: int) -> Node:
        return self.combined(node, node.op, self.value(node.left, depth + 1), self.value(node.right, depth + 1))

    def combined(self, node: ast.expr | ast.stmt, op: ast.operator, left: Node, right: Node) -> Node:
        """What an operator makes of two values."""
        unknown = [each for each in (left, right) if isinstance(each.value, Unreadable)]
        if unknown:
            return min(unknown, key=lambda each: each.value.where)
        what, where = _OPERATORS.get(type(op)), self.where(node)
        a, b = left.value, right.value
        if what is None or not _fits(op, a, b):
            return self.unreadable(node, "arithmetic that is not of numbers")
        try:
            made = what(a, b)
        except ZeroDivisionError:
            return self.unreadable(node, "a division by zero")
        except OverflowError:
            return self.unreadable(node, "a number that is too large")
        if isinstance(made, tuple):
            return self.bounded(Node(made, where))
        if isinstance(made, complex) or (isinstance(made, int) and abs(made) >= LARGEST):
            return self.unreadable(node, "a number that is too large")
        return Node(made, where, quoted=isinstance(made, str))

    # --- sizes -----------------------------------------------------------------------------------------------------

    def bounded(self, node: Node) -> Node:
        """The list or mapping, unless there is too much in it, counting what names stand for every time."""
        size, height = 1, 1
        for inside in _children(node):
            _, own, its = self._sizes.get(id(inside), (inside, 1, 1))
            size, height = size + own, max(height, its + 1)
        if size > MAX_NODES or height > MAX_DEPTH:
            return _unknown(node.where, "a value that is too large")
        self._sizes[id(node)] = (node, size, height)
        return node


def _children(node: Node) -> Iterator[Node]:
    if node.is_mapping:
        yield from (item.value for item in node.items())
    elif node.is_list:
        yield from node.value


def _fits(op: ast.operator, left: Any, right: Any) -> bool:
    """True if the operator has a value for these, of a bounded size."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return not isinstance(op, ast.Pow) or (abs(right) <= 1_000 and abs(left) < LARGEST and _small(left, right))
    if isinstance(op, ast.Mult) and isinstance(left, tuple) and type(right) is int:
        return len(left) * right <= MAX_NODES
    if isinstance(op, ast.Add) and type(left) is str and type(right) is str:
        return len(left) + len(right) <= MAX_TEXT
    return isinstance(op, ast.Add) and isinstance(left, tuple) and isinstance(right, tuple)


def _small(base: float, exponent: float) -> bool:
    return isinstance(base, float) or isinstance(exponent, float) or base.bit_length() * abs(exponent) <= 1_000


def _unknown(where: Position, what: str) -> Node:
    return Node(Unreadable(where, what, _HINT), where)


_READERS: Final[Mapping[type[ast.expr], Callable[[Names, Any, int], Node]]] = {
    ast.Constant: Names._constant,
    ast.Name: Names._name,
    ast.Attribute: Names._attribute,
    ast.Subscript: Names._subscript,
    ast.List: Names._list,
    ast.Tuple: Names._list,
    ast.Dict: Names._dict,
    ast.Call: Names._call,
    ast.Set: Names._set,
    ast.UnaryOp: Names._unary,
    ast.BinOp: Names._binary,
}
