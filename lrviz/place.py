"""A place in a run as people write it -> `Place`: `5 epochs`, `500 steps`, `50%`, `last`, `end`, or a number.

Reading has two steps, so that a file whose run is wrong still has its places checked: `parse_place` reads the text,
`place_of` puts what it says into a run. Positions are exact fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from lrviz.duration import Duration, DurationError, calls, parse_duration
from lrviz.errors import Position
from lrviz.run import Run
from lrviz.words import show

PLACES = "5 epochs, 500 steps, 50%, last, end"

Time: TypeAlias = Duration | Literal["last", "end"] | int | float
"""What a place says before a run is known."""


class PlaceError(ValueError):
    """What is wrong with a place, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of the run: a number of calls of `scheduler.step()` after its start, perhaps between two.

    `text` is how the file writes it. `end` is the moment after the last call, which is not part of the run.
    """

    moment: Fraction
    text: str
    where: Position
    end: bool = False

    @property
    def tick(self) -> int:
        """The tick whose learning rate is held at that moment; the number of ticks for `end`."""
        return self.moment.numerator // self.moment.denominator


def parse_place(value: Any, number: Callable[[Any], int | float], *, end: bool) -> Time:
    """What a value of a file or an argument says. Raises `PlaceError` for one that is not a place.

    `number` reads a number, and raises its own error for what is not one. `end` allows the moment after the last call.
    """
    if value == "end" and not end:
        raise PlaceError("`end` is allowed only under `at` and as the end of a range", "write `last`")
    if value == "last" or value == "end":
        return "last" if value == "last" else "end"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PlaceError(f"a place is expected here (got {show(value)})", f"such as {PLACES}")
    try:
        duration = parse_duration(value) if isinstance(value, str) else None
    except DurationError as error:
        raise PlaceError(f"{error.message} (got {show(value)})", error.hint) from None
    if duration is not None:
        return duration
    read = number(value)
    if read < 0:
        raise PlaceError(f"a place is not before the start (got {show(value)})", "the run begins at 0")
    return read


def place_of(time: Time, value: Any, run: Run, where: Position) -> Place:
    """The place in a run that a time stands for, inside of it or not; `value` is how it was written.

    A number counts epochs in a run that steps per epoch, steps in a run in steps; elsewhere only 0 has no unit. Raises
    `PlaceError` for a unit that the run does not know.
    """
    text = text_of(value)
    if time == "last" or time == "end":
        return Place(Fraction(run.calls - (time == "last")), text, where, time == "end")
    if isinstance(time, Duration):
        try:
            return Place(calls(time, run, run.interval), text, where)
        except DurationError as error:
            raise PlaceError(f"{error.message} (got {show(value)})", error.hint) from None
    assert not isinstance(time, str)
    if time and (run.epochs is not None) != (run.interval == "epoch"):
        raise PlaceError(
            f"{text} of what? this is a run in {'epochs' if run.epochs is not None else 'steps'} that calls the "
            f"scheduler once {'an epoch' if run.interval == 'epoch' else 'a step'}",
            f"write `{text} epochs` or `{text} steps`",
        )
    return Place(Fraction(time), text, where)


def outside(place: Place, run: Run) -> PlaceError | None:
    """Why a place is not in a run, and what to write instead; None where it is."""
    if place.end or place.moment < run.calls:
        return None
    last = f"{run.interval} {run.calls - 1:,}"
    if place.moment == run.calls:
        return PlaceError(
            f"the run is over at {place.text}: its last place is {last}",
            "write `last` for the last step, or `end` (in `at` or as the end of a range) for what the last call leaves",
        )
    return PlaceError(f"{place.text} is outside of the run: its last place is {last}", "write `last` for the last step")


def text_of(key: Any) -> str:
    """A key of a mapping as it is written."""
    return key if isinstance(key, str) else show(key)
