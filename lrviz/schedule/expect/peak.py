"""`peak: 5 epochs`: where the learning rate first reaches its maximum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.place import Place
from lrviz.schedule.expect.base import Expectation, Form, Point, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node

MEANINGS = {"peak": "where the maximum is first reached"}
FORM: Form = "place"


@dataclass(frozen=True, slots=True)
class Peak(Expectation):
    """The learning rate first reaches its maximum at a place."""

    where: Position
    group: int | None
    place: Place
    key: str = "peak"

    @property
    def places(self) -> tuple[Place, ...]:
        return (self.place,)

    @property
    def peak(self) -> Place:
        return self.place

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Point]:
        return (Point(self.place.tick, curve.lr_at(group, self.place.tick), "not the peak"),)

    def text(self, write: Write) -> str:
        return f"peak: {self.place.text}"


def read(reader: Reader, key: str, node: Node) -> Iterator[Peak]:
    """The place of the peak, by group."""
    for group, value in reader.by_group(node):
        place = reader.place(value)
        if place is not None:
            yield Peak(value.where, group, place)
