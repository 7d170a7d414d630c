"""What is expected of some of the schedules of a file, for a file that holds only these."""

from __future__ import annotations

from collections.abc import Collection

from lrviz.schedule.text.document import Item, Node


def narrowed(expect: Node, left_out: Collection[str]) -> Node | None:
    """The value of `expect` under `train` without what names a schedule that is left out; None if that is all.

    What is wrong in it stays, and is refused where it is read.
    """
    if not expect.is_mapping:
        return expect
    found = {}
    for key, item in expect.value.items():
        value = _by_schedule(item.value, key, left_out) if item.value.is_mapping else _names(item.value, left_out)
        if value is not None:
            found[key] = Item(item.key, value)
    return Node(found, expect.where) if found else None


def _by_schedule(node: Node, key: object, left_out: Collection[str]) -> Node | None:
    found = {}
    for name, item in node.value.items():
        value = _names(item.value, left_out) if key == "better" else item.value
        if name not in left_out and value is not None:
            found[name] = Item(item.key, value)
    return Node(found, node.where) if found else None


def _names(node: Node, left_out: Collection[str]) -> Node | None:
    """A list of names, or one of them."""
    if node.is_list:
        kept = tuple(each for each in node.value if not isinstance(each.value, str) or each.value not in left_out)
        return Node(kept, node.where) if kept else None
    return node if not isinstance(node.value, str) or node.value not in left_out else None
