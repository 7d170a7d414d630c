"""What must hold, of the stretched run: its places, its length, its area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lrviz.duration import nearest
from lrviz.errors import Problems
from lrviz.schedule.expect import FORMS
from lrviz.schedule.expect.length import UNITS, length_of
from lrviz.schedule.reading.place import read_place
from lrviz.schedule.reading.stretch.lengths import calls_of, duration_of, of_ticks, scaled_text
from lrviz.schedule.reading.stretch.moments import Moments
from lrviz.schedule.reading.stretch.pace import Pace
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Item, Node


@dataclass(frozen=True, slots=True)
class Expected:
    """Changes the key `expect` of one schedule."""

    pace: Pace
    moments: Moments

    def changed(self, node: Node) -> Node:
        """The value of an expectation for the stretched run."""
        changes: dict[str, Callable[[Node], Node]] = {
            "rates at places": self._places,
            "place": lambda value: _by_group(value, self._place),
            "duration": lambda value: _by_group(value, self._place),
            "ranges": lambda value: _by_group(value, self._ranges),
            "area": lambda value: _by_group(value, self._area),
        }
        items = {}
        for name, item in node.value.items():
            change = changes.get(FORMS.get(name, ""))
            value = self._length(item.value, name) if name in UNITS else change(item.value) if change else item.value
            items[name] = Item(item.key, value)
        return Node(items, node.where)

    def _places(self, node: Node) -> Node:
        """The mapping `at`. Of two places that are one after rounding, the first counts."""
        items: dict[Any, Item] = {}
        for item in node.value.values():
            key = self._place(item.key, last=False)
            items.setdefault(key.value, Item(key, item.value))
        return Node(items, node.where)

    def _place(self, node: Node, *, last: bool = True) -> Node:
        """A place, at the same part of the plan."""
        place = read_place(node, self.pace.old, Problems(), end=True)
        if place is None or node.value in ("last", "end"):
            return node
        moment = self.moments.tick(place.moment, last=last)
        duration = duration_of(node.value)
        if duration is None:
            return Node(int(moment) if moment.denominator == 1 else float(moment), node.where)
        scaled = scaled_text(node.value, self.pace.factor)
        for text in (node.value, scaled if "/" not in scaled else ""):
            if calls_of(text, self.pace.new, 1) == moment:
                return Node(text, node.where, True)
        return Node(of_ticks(moment, self.pace.new), node.where, True)

    def _ranges(self, node: Node) -> Node:
        """`true`, a range, or a list of them."""
        if not node.is_list:
            return node
        return Node(tuple(self._ranges(each) if each.is_list else self._place(each) for each in node.value), node.where)

    def _length(self, node: Node, name: str) -> Node:
        """The length of the run, in one of its units."""
        value = values.whole(node.value)
        old, new = (length_of(run, name) for run in (self.pace.old, self.pace.new))  # type: ignore[arg-type]
        if old == value and new is not None and new.denominator == 1:
            return Node(int(new), node.where)
        return Node(max(1, nearest(value * self.pace.factor)), node.where)

    def _area(self, node: Node) -> Node:
        ratio = Fraction(self.pace.new.ticks, self.pace.old.ticks)
        return Node(float(values.real(node.value) * ratio), node.where)


def _by_group(node: Node, change: Callable[[Node], Node]) -> Node:
    if not node.is_mapping:
        return change(node)
    return Node({key: Item(item.key, change(item.value)) for key, item in node.value.items()}, node.where)
