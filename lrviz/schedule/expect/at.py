"""`at: {30: 0.01, end: 0}`: the learning rate at places of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.place import Place
from lrviz.schedule.expect.base import Expectation, Form, Point, Stated, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node
from lrviz.words import show

MEANINGS = {"at": "the learning rate at positions"}
FORM: Form = "rates at places"


@dataclass(frozen=True, slots=True)
class At(Expectation):
    """The learning rate at a place is `value`."""

    where: Position
    group: int | None
    place: Place
    value: float
    key: str = "at"

    @property
    def places(self) -> tuple[Place, ...]:
        return (self.place,)

    @property
    def stated(self) -> Stated:
        return Stated(self.value, f"{self.value} at {self.place.text}", self.place)

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Point]:
        tick = min(float(self.place.moment), curve.run.duration)
        return (Point(tick, self.value, "is", curve.lr_at(group, self.place.tick)),)

    def text(self, write: Write) -> str:
        return f"at {self.place.text}: {write(self.value)}"


def read(reader: Reader, key: str, node: Node) -> Iterator[At]:
    """The values of `at`, each at its place."""
    if not node.is_mapping or not node.value:
        got = "an empty mapping" if node.value == {} else show(node.value)
        message = f"at must be a mapping of places to learning rates (got {got})"
        reader.problems.at(node, message, "expect: {at: {0: 0.1}}")
        return
    for item in node.items():
        place = reader.place(item.key, end=True)
        for group, value in reader.by_group(item.value):
            lr = reader.rate(value, key)
            if place is not None and lr is not None:
                yield At(value.where, group, place, lr)
