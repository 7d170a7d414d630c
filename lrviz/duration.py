"""Reads lengths of time (`5 epochs`, `500 steps`, `10%`) and converts them to calls of `scheduler.step()`.

Everything is computed in exact fractions and rounded once, halves up.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple, TypeAlias

from lrviz.number import NumberError, fraction
from lrviz.run import Interval, Run

Unit: TypeAlias = Literal["epochs", "steps", "%"]


class DurationError(ValueError):
    """A duration that is invalid, or invalid in this run, with a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Duration(NamedTuple):
    """A length with its unit; a percentage is of the run."""

    value: Fraction
    unit: Unit


_UNITS: dict[str, Unit] = {
    "epoch": "epochs",
    "epochs": "epochs",
    "ep": "epochs",
    "step": "steps",
    "steps": "steps",
    "%": "%",
}
_DURATION = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)\s*([a-zA-Z]+|%)\s*")


def parse_duration(text: str) -> Duration | None:
    """A duration with a unit; None if the text is not one. Raises `DurationError` for an unknown unit, and for a
    number that is too long, with a `NumberError` as its cause."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    unit = _UNITS.get(found[2].lower())
    if unit is None:
        raise DurationError(f"unknown unit {found[2]!r}", "the units are epochs, steps and %")
    try:
        return Duration(fraction(found[1]), unit)
    except NumberError as error:
        raise DurationError(str(error), error.hint) from error


def calls(duration: Duration, run: Run, interval: Interval) -> Fraction:
    """A duration in calls of a scheduler that is called once an `interval`, as an exact fraction.

    Raises `DurationError` for a negative duration, a percentage over 100, and a unit that the run does not know.
    """
    value, unit = duration
    if value < 0:
        raise DurationError("a duration cannot be negative")
    if unit == "%":
        if value > 100:
            raise DurationError("a percentage of the run is at most 100 %")
        return _whole_run(run, interval) * value / 100
    if unit == ("epochs" if interval == "epoch" else "steps"):
        return value
    if run.steps_per_epoch is None:
        raise DurationError(
            f"{unit} cannot be counted in a run without a known number of steps per epoch",
            "give the run `steps_per_epoch` or `data`",
        )
    return value * run.steps_per_epoch if unit == "epochs" else value / run.steps_per_epoch


def _whole_run(run: Run, interval: Interval) -> Fraction:
    if interval == run.interval and (interval == "step" or run.epochs is not None):
        return Fraction(run.calls)
    assert run.steps_per_epoch is not None
    steps = Fraction(run.total_steps or 0)
    return steps / run.steps_per_epoch if interval == "epoch" else steps


def clock(steps_per_epoch: int | None, interval: Interval) -> dict[str, str | None]:
    """`epoch` and `step` as expressions of `t`, the number of calls so far; None for one that the run does not know."""
    per_epoch = steps_per_epoch
    return {
        "epoch": "t" if interval == "epoch" else f"t / {per_epoch}" if per_epoch else None,
        "step": "t" if interval == "step" else f"t * {per_epoch}" if per_epoch else None,
    }


def nearest(exact: Fraction) -> int:
    """The nearest whole number, halves up."""
    return floor(exact + Fraction(1, 2))


def shown(exact: Fraction) -> str:
    """A fraction in a message: 12.5, 0.333333."""
    return f"{float(exact):.6g}"
