"""What a value is to bring about: `end = 1e-6`, `50% <= 0.01`, `max = 0.1`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lrviz.calculator.at import is_place
from lrviz.errors import Position, ScheduleError
from lrviz.place import PLACES
from lrviz.schedule.text import values
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

MEASURES: Final = ("max", "min", "mean", "area")
"""What a target may name besides places: of the run, as `lrviz stats` has them."""


class Target(NamedTuple):
    """What is wanted: a `measure` (a place of the run, or one of `MEASURES`) that is, or is above or below, a value."""

    measure: str
    operator: str
    value: float

    def __str__(self) -> str:
        return f"{self.measure} {self.operator} {self.value!r}"


def parse_target(text: str) -> Target:
    """`end = 1e-6`, `50% <= 0.01`, `max = 0.1`. Raises `ScheduleError` for what is no target."""
    where = Position(f"--target {text}")
    found = re.fullmatch(r"\s*(.+?)\s*(<=|>=|==|=|<|>)\s*(.+?)\s*", text, re.DOTALL)
    if found is None:
        raise ScheduleError.at(where, "a target is a place, a comparison and a number", '--target "end = 1e-6"')
    measure, comparison, written = found.groups()
    measure = measure.removeprefix("at ").strip()
    if measure not in MEASURES and not is_place(measure):
        meant = "max" if measure == "peak" else suggest(measure, (*MEASURES, "last", "end"))
        raise ScheduleError.at(
            where,
            f"there is no {show(measure)} of a learning rate to aim at",
            f"did you mean {meant}?" if meant else f"a place ({PLACES}), or {', '.join(MEASURES)}",
        )
    try:
        value = values.real(written)
    except values.WrongValueError as error:
        raise ScheduleError.at(where, f"the target must be {error.wanted}", error.hint) from None
    return Target(measure, "=" if comparison == "==" else comparison, value)
