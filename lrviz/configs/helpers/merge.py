"""Two configs made one."""

from __future__ import annotations

from lrviz.configs.text.interpolation import MISSING
from lrviz.schedule.text.document import Item, Node


def merged(below: Node, above: Node) -> Node:
    """Mappings merge key by key; anything else of the later config replaces that of the earlier, but `???` does not.

    Every key and value keeps its place.
    """
    if above.value == MISSING:
        return below
    if not (below.is_mapping and above.is_mapping):
        return above
    items = dict(below.value)
    for key, item in above.value.items():
        old = items.get(key)
        items[key] = Item(item.key, merged(old.value, item.value) if old is not None else item.value)
    return Node(items, below.where)
