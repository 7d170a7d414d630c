"""`epochs: 90`, `steps: 450450` and `calls: 90`: how long the run is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final, Literal, TypeAlias, cast

from lrviz.errors import Position, Problem
from lrviz.run import Run
from lrviz.schedule.expect.base import Expectation, Form, Write
from lrviz.schedule.expect.reader import Reader
from lrviz.schedule.text.document import Node

MEANINGS = {
    "epochs": "the length of the run in epochs",
    "steps": "the length of the run in optimizer steps",
    "calls": "the number of calls of scheduler.step()",
}
FORM: Form = "whole number"

Unit: TypeAlias = Literal["epochs", "steps", "calls"]
UNITS: Final[tuple[Unit, ...]] = ("epochs", "steps", "calls")


@dataclass(frozen=True, slots=True)
class RunLength(Expectation):
    """The run is `value` epochs, optimizer steps or calls long."""

    where: Position
    key: Unit
    value: int
    lasting: tuple[Fraction, Fraction] | None
    group: None = None
    of_run: ClassVar[bool] = True

    def wrong_in(self, run: Run) -> Iterator[Problem]:
        if length_of(run, self.key) is None:
            message = f"{self.key}: the length of this run is not known in {self.key}"
            yield Problem(self.where, message, "give the run `steps_per_epoch` or `data`")

    def text(self, write: Write) -> str:
        return f"{self.key}: {self.value}"


def length_of(run: Run, unit: Unit) -> Fraction | None:
    """The length of a run in a unit, a fraction if its last epoch is cut short; None if the run does not know it."""
    if unit == "calls":
        return Fraction(run.calls)
    if unit == "steps":
        return None if run.total_steps is None else Fraction(run.total_steps)
    if run.epochs is not None:
        return Fraction(run.epochs)
    return Fraction(run.steps or 0, run.steps_per_epoch) if run.steps_per_epoch else None


def read(reader: Reader, key: str, node: Node) -> Iterator[RunLength]:
    """The length, which is the same for all groups."""
    unit, value = cast(Unit, key), reader.whole(node, key)
    if value is not None:
        yield RunLength(node.where, unit, value, _lasting(reader.run, unit, value))


def _lasting(run: Run | None, unit: Unit, value: int) -> tuple[Fraction, Fraction] | None:
    """The shortest and the longest run that is `value` long, in ticks: of an epoch that is cut short a call remains."""
    if run is None or run.changed or length_of(run, unit) is None:
        return None
    if unit == "calls":
        if run.every > 1:  # a rest makes no call
            return Fraction(value * run.every), Fraction((value + 1) * run.every - 1)
        cut = Fraction(run.steps_per_tick - 1, run.steps_per_tick)
        return value - cut, Fraction(value)
    steps = value * (run.steps_per_epoch or 1) if unit == "epochs" else value
    ticks = Fraction(steps, run.steps_per_tick)
    return ticks, ticks
