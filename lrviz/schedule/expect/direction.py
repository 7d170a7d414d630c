"""`decreasing: [5 epochs, end]` and its like: where the learning rate never falls, never rises or never changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.place import Place
from lrviz.schedule.expect.base import Expectation, Form, Range, Span, Write
from lrviz.schedule.expect.reader import Reader, shown
from lrviz.schedule.text.document import Node

MEANINGS = {
    "increasing": "where the learning rate never falls",
    "decreasing": "where the learning rate never rises",
    "constant": "where the learning rate never changes",
}
FORM: Form = "ranges"

Directions: TypeAlias = Literal["increasing", "decreasing", "constant"]


@dataclass(frozen=True, slots=True)
class Direction(Expectation):
    """The learning rate never falls (`increasing`), never rises or never changes between two places of the run.

    Both are None for the whole run. If `stop` is `end`, the value after the last call counts too.
    """

    where: Position
    group: int | None
    key: Directions
    start: Place | None = None
    stop: Place | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        return (self.start, self.stop) if self.start and self.stop else ()

    @property
    def range(self) -> Range:
        return Range(self.start, self.stop, self.key == "increasing", self.key == "decreasing")

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Span]:
        start = self.start.tick if self.start else 0
        return (Span(start, self.stop.tick if self.stop else len(curve), f"not {self.key}"),)

    def text(self, write: Write) -> str:
        return f"{self.key}: [{self.start.text}, {self.stop.text}]" if self.start and self.stop else f"{self.key}: true"


def read(reader: Reader, key: str, node: Node) -> Iterator[Direction]:
    """The whole run, one range of it or several, by group."""
    name = cast(Directions, key)
    for group, value in reader.by_group(node):
        if value.value is True:
            yield Direction(value.where, group, name)
            continue
        ranges = value.value if value.is_list and any(each.is_list for each in value.value) else (value,)
        for each in ranges:
            ends = _range(reader, key, each)
            if ends is not None:
                yield Direction(each.where, group, name, *ends)


def _range(reader: Reader, key: str, node: Node) -> tuple[Place, Place] | None:
    if not node.is_list or len(node.value) != 2:
        hint = "leave it out" if node.value is False else f"{key}: true, or {key}: [0, 5 epochs]"
        reader.problems.at(node, f"{key} must be true, [from, to], or a list of such (got {shown(node)})", hint)
        return None
    start, stop = reader.place(node.value[0]), reader.place(node.value[1], end=True)
    if start is None or stop is None:
        return None
    if start.moment >= stop.moment:
        message = f"{key}: {start.text} is not before {stop.text}"
        reader.problems.at(node, message, "a range goes from an earlier place to a later one")
        return None
    return start, stop
