"""`area: 4.5`: the area under the learning rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lrviz.errors import Position
from lrviz.schedule.expect.base import Expectation, Form, Stated, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node
from lrviz.words import rate

MEANINGS = {"area": "the area under the learning rate, in epochs (in steps where the run knows none)"}
FORM: Form = "area"


@dataclass(frozen=True, slots=True)
class Area(Expectation):
    """The area under the learning rate is `value`; `mean` is that of a run of this length, None if that is unknown."""

    where: Position
    group: int | None
    value: float
    mean: float | None
    key: str = "area"

    @property
    def stated(self) -> Stated | None:
        if self.mean is None:
            return None
        return Stated(self.mean, f"area {self.value} (a mean of {rate(self.mean)})", extreme="mean")

    def text(self, write: Write) -> str:
        return f"area: {write(self.value)}"


def read(reader: Reader, key: str, node: Node) -> Iterator[Area]:
    """The area, by group. Its mean is that of the file's own run, not of one from the command line."""
    run = reader.run
    length = run.time(run.duration) if run is not None and not run.changed else None
    for group, value in reader.by_group(node):
        area = reader.number(value, key, low=0)
        if area is not None:
            yield Area(value.where, group, area, area / length if length else None)
