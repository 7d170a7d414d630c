"""Param groups with `repeat: n`, which become n groups; `i` in their numbers is the index."""

from __future__ import annotations

from lrviz.errors import Problems
from lrviz.schedule.text.document import Item, Node
from lrviz.schedule.text.expression import ExpressionError, ExpressionValueError, parse
from lrviz.words import show

MAX_GROUPS = 1_000


def repeated(member: Node, problems: Problems) -> list[Node]:
    """The groups that a member stands for: itself, or with `repeat: n` name0 to name<n-1>, each with its own `i`."""
    if not member.is_mapping or "repeat" not in member.value:
        return [member]
    repeat = member.value["repeat"].value
    known = len(problems)
    count = repeat.value if isinstance(repeat.value, int | float) and not isinstance(repeat.value, bool) else 0
    if not 1 <= count <= MAX_GROUPS or count != int(count):
        problems.at(repeat, f"repeat must be a whole number from 1 to {MAX_GROUPS:,} (got {show(repeat.value)})")
        return []
    name = member.get("name")
    if name is None or not isinstance(name.value, str):
        problems.at(member, "a repeated param group needs a name", "{name: layer, repeat: 12, ...}")
        return []
    rest = {key: item for key, item in member.value.items() if key != "repeat"}
    groups = []
    for index in range(int(count)):
        items = {
            key: Item(item.key, _with_index(item.value, index, problems)) for key, item in rest.items() if key != "name"
        }
        named = Node(f"{name.value}{index}", name.where)
        groups.append(Node({"name": Item(rest["name"].key, named), **items}, member.where))
        if len(problems) > known:
            return []
    return groups


def _with_index(node: Node, index: int, problems: Problems) -> Node:
    if node.is_list:
        return Node(tuple(_with_index(each, index, problems) for each in node.value), node.where)
    if not isinstance(node.value, str):
        return node
    try:
        return Node(parse(node.value, ["i"]).value(i=index), node.where)
    except ExpressionError as error:
        problems.at(node, f"{error.message} (in {show(node.value)})", error.hint)
    except ExpressionValueError as error:
        problems.at(node, f"with i = {index}: {error}")
    return Node(1, node.where)
