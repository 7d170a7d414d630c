"""`warmup: 5 epochs`: the learning rate rises to its maximum, which it first reaches after this long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.place import Place
from lrviz.schedule.expect.base import Expectation, Form, Point, Range, Span, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node

MEANINGS = {"warmup": "how long the learning rate rises to its maximum, without ever falling"}
FORM: Form = "duration"


@dataclass(frozen=True, slots=True)
class Warmup(Expectation):
    """The learning rate first reaches its maximum at a place, so long after the start, and never falls before."""

    where: Position
    group: int | None
    place: Place
    key: str = "warmup"

    @property
    def places(self) -> tuple[Place, ...]:
        return (self.place,)

    @property
    def peak(self) -> Place:
        return self.place

    @property
    def range(self) -> Range:
        return Range(None, self.place, may_rise=True, may_fall=False)

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Point | Span]:
        """A bar along the warmup; one of no length is a point."""
        words = "not the warmup"
        if not self.place.tick:
            return (Point(0, curve.lr_at(group, 0), words),)
        return (Span(0, self.place.tick, words),)

    def text(self, write: Write) -> str:
        return f"warmup: {self.place.text}"


def read(reader: Reader, key: str, node: Node) -> Iterator[Warmup]:
    """The length of the warmup, by group: a duration from the start of the run, so a place in it."""
    for group, value in reader.by_group(node):
        if value.value in ("last", "end"):
            reader.problems.at(value, f"warmup must be a length (got {value.value})", "warmup: 5 epochs")
            continue
        place = reader.place(value)
        if place is not None:
            yield Warmup(value.where, group, place)
