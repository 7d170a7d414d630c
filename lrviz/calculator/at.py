"""Answers `lrviz at`: the exact learning rates at places of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lrviz.curve import Curve
from lrviz.duration import DurationError, parse_duration
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.number import NumberError
from lrviz.place import Place, outside
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.place import read_place
from lrviz.schedule.text.document import Node, resolve


@dataclass(frozen=True, slots=True)
class Rate:
    """The learning rate at one place of one schedule.

    - `group`: the name of a param group; None if one stands for all.
    - `place`: the place as it was written.
    - `epoch`, `step`: its epoch and step, from 0, possibly a fraction; None if the run does not know the unit. After
      the last call, `epoch` is "end" and `step` is None.
    """

    schedule: str
    group: str | None
    place: str
    epoch: int | float | Literal["end"] | None
    step: int | float | None
    lr: float


def is_place(text: str) -> bool:
    """True if a text is a place in some run: a number, with or without a unit, `last` or `end`."""
    if text in ("last", "end"):
        return True
    try:
        if parse_duration(text) is not None:
            return True
        value = resolve(text)
    except DurationError as error:
        return isinstance(error.__cause__, NumberError)
    except NumberError:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool)


def places_of(schedule: Schedule, texts: Sequence[str]) -> list[Place]:
    """Reads texts as places in the run of a schedule. Raises `ScheduleError` with every text that is not one."""
    problems = Problems()
    places = []
    for text in texts:
        place = read_place(Node(text, COMMAND), schedule.run, problems, end=True)
        if place is None:
            continue
        wrong = outside(place, schedule.run)
        if wrong is not None:
            problems.at(COMMAND, wrong.message, wrong.hint)
        places.append(place)
    if problems:
        raise ScheduleError(problems)
    return places


COMMAND = Position("lrviz")
"""Where the texts of places stand: not in the file of the schedule."""


def rates_at(curve: Curve, places: Sequence[Place]) -> Iterator[Rate]:
    """The learning rate of each group at each place, group by group; of one group if it stands for all."""
    for group, name in enumerate(curve.groups[:1] if curve.uniform else curve.groups):
        for place in places:
            lr = curve.lr_at(group, place.tick)
            yield Rate(curve.name, None if curve.uniform else name, place.text, *_when(curve, place), lr)


def _when(curve: Curve, place: Place) -> tuple[int | float | Literal["end"] | None, int | float | None]:
    """The epoch and the step of a place."""
    if place.end:
        return "end", None
    return curve.run.epoch(place.moment), curve.run.step(place.moment)
