"""`max: 0.1` and `min: 1e-6`: the largest and the smallest learning rate of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.schedule.expect.base import Expectation, Form, Limits, Point, Stated, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node

MEANINGS = {"max": "the largest learning rate", "min": "the smallest learning rate"}
FORM: Form = "rate"


@dataclass(frozen=True, slots=True)
class Extreme(Expectation):
    """The largest (`max`) or smallest (`min`) learning rate of the run is `value`."""

    where: Position
    group: int | None
    key: Literal["max", "min"]
    value: float

    @property
    def stated(self) -> Stated:
        return Stated(self.value, f"{self.key} {self.value}", extreme=self.key)

    @property
    def limits(self) -> Limits:
        if self.key == "max":
            return Limits(f"is above max {self.value}", high=self.value, extreme="max")
        return Limits(f"is below min {self.value}", low=self.value, extreme="min")

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Point]:
        import numpy as np  # here, because reading a file does without it

        values = np.frombuffer(curve.columns[group])
        if np.isnan(values).all():
            return ()
        found = int(np.nanargmax(values) if self.key == "max" else np.nanargmin(values))
        return (Point(found, self.value, f"{self.key} is", float(values[found])),)

    def text(self, write: Write) -> str:
        return f"{self.key}: {write(self.value)}"


def read(reader: Reader, key: str, node: Node) -> Iterator[Extreme]:
    """The largest or smallest learning rate, by group."""
    for group, value in reader.by_group(node):
        lr = reader.rate(value, key)
        if lr is not None:
            yield Extreme(value.where, group, cast(Literal["max", "min"], key), lr)
