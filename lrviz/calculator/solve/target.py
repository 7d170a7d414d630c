"""The target of `lrviz solve`: `end = 1e-6`, `50% <= 0.01`, `max = 0.1`."""

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
"""The measures of a run that a target may name, besides places; `max` is the peak of `lrviz stats`."""


_COMPARISON: Final = re.compile("(<=|>=|==|=|<|>)")


class Target(NamedTuple):
    """The learning rate at a place, or one of `MEASURES` (`measure`), is equal to, above or below `value`."""

    measure: str
    operator: str
    value: float

    def __str__(self) -> str:
        return f"{self.measure} {self.operator} {self.value!r}"


def parse_target(text: str) -> Target:
    """Reads a target such as `50% <= 0.01`. Raises `ScheduleError` if the text is not one."""
    where = Position(f"--target {text}")
    measure, comparison, written = (part.strip() for part in (*_COMPARISON.split(text, maxsplit=1), "", "")[:3])
    if not (measure and comparison and written):
        raise ScheduleError.at(where, "a target is a place, a comparison and a number", '--target "end = 1e-6"')
    measure = measure.removeprefix("at ").strip()
    if measure not in MEASURES and not is_place(measure):
        meant = "max" if measure == "peak" else suggest(measure, (*MEASURES, "last", "end"))
        raise ScheduleError.at(
            where,
            f"{show(measure)} is not a place or a measure of the learning rate",
            f"did you mean {meant}?" if meant else f"write a place ({PLACES}), or {', '.join(MEASURES)}",
        )
    try:
        value = values.real(written)
    except values.WrongValueError as error:
        raise ScheduleError.at(where, f"the target must be {error.wanted}", error.hint) from None
    return Target(measure, "=" if comparison == "==" else comparison, value)
