"""Pieces of a Python config: what a statement assigns or changes, and values inside of values."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from lrviz.schedule.text.document import Item, Node


def assigns(statement: ast.stmt, name: str) -> bool:
    """True for `name = ...`, the first target of a plain assignment."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return isinstance(target, ast.Name) and target.id == name


def reads_base(statement: ast.stmt) -> bool:
    """True for `with read_base():`, and for `if '_base_':`, as it was written before."""
    if isinstance(statement, ast.With) and len(statement.items) == 1:
        call = statement.items[0].context_expr
        return isinstance(call, ast.Call) and ast.unparse(call.func).endswith("read_base")
    return (
        isinstance(statement, ast.If) and isinstance(statement.test, ast.Constant) and statement.test.value == "_base_"
    )


def touched(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement may assign or change."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield from _root(node)
        elif isinstance(node, ast.Call):
            yield from _root(node.func)
            for argument in (*node.args, *(each.value for each in node.keywords)):
                yield from _root(argument)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def holds(node: Node, part: Node) -> bool:
    """True if a list or mapping is the other one, or has it inside, so that both change together."""
    if not (part.is_mapping or part.is_list):
        return False
    waiting, seen = [node], set[int]()
    while waiting:
        each = waiting.pop()
        if each is part:
            return True
        if id(each) not in seen:
            seen.add(id(each))
            waiting += [item.value for item in each.items()] if each.is_mapping else each.value if each.is_list else ()
    return False


def put(there: Node | None, keys: list[Any], change: Callable[[Node | None], Node | None]) -> Node | None:
    """The same tree with another value at a path; None if the path is not there."""
    if not keys:
        return change(there)
    key, *rest = keys
    if there is None:
        return None
    if there.is_list and type(key) is int and -len(there.value) <= key < len(there.value):
        inside = put(there.value[key], rest, change)
        members = [*there.value]
        if inside is not None:
            members[key] = inside
        return None if inside is None else Node(tuple(members), there.where)
    if not there.is_mapping or not isinstance(key, str):
        return None
    inside = put(there.get(key), rest, change)
    if inside is None:
        return None
    before = there.value.get(key)
    item = Item(before.key if before is not None else Node(key, inside.where), inside)
    return Node({**there.value, key: item}, there.where)
