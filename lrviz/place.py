"""Reads places in a run: `5 epochs`, `500 steps`, `50%`, `last`, `end`, or a number.

This takes two steps, so that places are checked even if the run of the file is wrong: `parse_place` reads the text, and
`place_of` locates it in a run. Positions are exact fractions.
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
"""A place that is read, but not yet located in a run."""


class PlaceError(ValueError):
    """An invalid place: the message, and a hint that says what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of the run, in calls of `scheduler.step()` from its start; a fraction is between two calls.

    `text` is how the file writes it. `end` is True for the moment after the last call, which is not part of the run.
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
    """Reads a place from a value of a file or an argument. Raises `PlaceError` if it is not one.

    `number` reads a number, and raises an error of its own if it cannot. `end` allows the moment after the last call.
    """
    if value == "end" and not end:
        raise PlaceError("`end` is allowed only under `at` and as the end of a range", "write `last`")
    if value == "last" or value == "end":
        return "last" if value == "last" else "end"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PlaceError(f"expected a place in the run (got {show(value)})", f"such as {PLACES}")
    try:
        duration = parse_duration(value) if isinstance(value, str) else None
    except DurationError as error:
        raise PlaceError(f"{error.message} (got {show(value)})", error.hint) from None
    if duration is not None:
        return duration
    read = number(value)
    if read < 0:
        raise PlaceError(f"a place cannot be before the start of the run (got {show(value)})", "the run starts at 0")
    return read


def place_of(time: Time, value: Any, run: Run, where: Position) -> Place:
    """Locates a time in a run, or after it; `value` is how it was written.

    A number counts epochs in a run in epochs that steps per epoch, and steps in a run in steps that steps per step;
    otherwise every number but 0 needs a unit. Raises `PlaceError` if it has none, or one that the run does not know.
    """
    text = text_of(value)
    if time == "last" or time == "end":
        return Place(Fraction(run.ticks - (time == "last")), text, where, time == "end")
    if isinstance(time, Duration):
        try:
            return Place(calls(time, run, run.interval), text, where)
        except DurationError as error:
            raise PlaceError(f"{error.message} (got {show(value)})", error.hint) from None
    assert not isinstance(time, str)
    if time and (run.epochs is not None) != (run.interval == "epoch"):
        raise PlaceError(
            f"{text} needs a unit: this is a run in {'epochs' if run.epochs is not None else 'steps'} that calls the "
            f"scheduler once {'an epoch' if run.interval == 'epoch' else 'a step'}",
            f"write `{text} epochs` or `{text} steps`",
        )
    return Place(Fraction(time), text, where)


def outside(place: Place, run: Run) -> PlaceError | None:
    """The error for a place that is not in the run; None if it is."""
    if place.end or place.moment < run.ticks:
        return None
    last = f"{run.interval} {run.ticks - 1:,}"
    if place.moment == run.ticks:
        return PlaceError(
            f"the run ends at {place.text}: its last place is {last}",
            "write `last` for the last step, or `end` (under `at` or as the end of a range) for the value after the "
            "last call",
        )
    return PlaceError(f"{place.text} is outside the run: its last place is {last}", "write `last` for the last step")


def text_of(key: Any) -> str:
    """A key of a mapping as it is written."""
    return key if isinstance(key, str) else show(key)
