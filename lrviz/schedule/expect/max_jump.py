"""`max_jump: 10`: the largest factor by which a single call changes the learning rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.schedule.expect.base import Expectation, Form, Point, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node
from lrviz.words import short_rate

MEANINGS = {"max_jump": "the largest factor of a single call"}
FORM: Form = "factor"


@dataclass(frozen=True, slots=True)
class MaxJump(Expectation):
    """No call changes the learning rate by more than `factor`, up or down."""

    where: Position
    group: int | None
    factor: float
    key: str = "max_jump"

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Point]:
        """The largest jump, if the expectation fails."""
        import numpy as np  # here, because reading a file does without it

        values = np.frombuffer(curve.columns[group])
        if holds or len(values) < 2:
            return ()
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            factors = np.maximum(values[1:] / values[:-1], values[:-1] / values[1:])
        tick = int(np.nan_to_num(factors, nan=0.0, posinf=np.inf).argmax()) + 1
        return (Point(tick, float(values[tick]), f"jumps by {short_rate(float(factors[tick - 1]))}"),)

    def text(self, write: Write) -> str:
        return f"max_jump: {write(self.factor)}"


def read(reader: Reader, key: str, node: Node) -> Iterator[MaxJump]:
    """The factor, by group."""
    for group, value in reader.by_group(node):
        factor = reader.number(value, key, low=1)
        if factor is not None:
            yield MaxJump(value.where, group, factor)
