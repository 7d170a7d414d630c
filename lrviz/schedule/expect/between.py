"""`between: [1e-6, 0.1]`: the range that the learning rate never leaves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.errors import Position
from lrviz.schedule.expect.base import Expectation, Form, Level, Limits, Write
from lrviz.schedule.expect.reader import OfGroup, Reader, shown
from lrviz.schedule.text.document import Node

MEANINGS = {"between": "the range that the learning rate never leaves"}
FORM: Form = "pair of rates"


@dataclass(frozen=True, slots=True)
class Between(Expectation):
    """The learning rate never leaves the range `low` to `high`; one of them may be infinite."""

    where: Position
    group: int | None
    low: float
    high: float
    key: str = "between"

    @property
    def limits(self) -> Limits:
        return Limits(f"is not between {self.low} and {self.high}", self.low, self.high)

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Level]:
        return (Level(self.low), Level(self.high))

    def text(self, write: Write) -> str:
        return f"between: [{write(self.low)}, {write(self.high)}]"


def read(reader: Reader, key: str, node: Node) -> Iterator[Between]:
    """The range, by group: of the pair as a whole, or of one of its sides."""
    for group, value in reader.by_group(node):
        if not value.is_list or len(value.value) != 2:
            message = f"between must be [low, high] (got {shown(value)})"
            reader.problems.at(value, message, "between: [1e-5, 0.1]")
            continue
        low, high = ({part.group: part for part in reader.by_group(side)} for side in value.value)
        for name in {**low, **high}:
            below, above = low.get(name), high.get(name)
            rates = [
                limit if part is None else reader.rate(part.node, key)
                for part, limit in ((below, -math.inf), (above, math.inf))
            ]
            where = (below or above or OfGroup(None, value)).node.where if name is not None else value.where
            if rates[0] is None or rates[1] is None:
                continue
            if rates[0] > rates[1]:
                reader.problems.at(where, f"between: {rates[0]} is above {rates[1]}", "the lower one comes first")
            yield Between(where, name if group is None else group, rates[0], rates[1])
