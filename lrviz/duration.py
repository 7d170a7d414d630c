"""Reads lengths (`5 epochs`, `2k steps`, `50e9 tokens`, `10%`) and converts them to calls of `scheduler.step()`.

Everything is computed in exact fractions and rounded once, halves up.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from string import ascii_letters
from typing import Literal, NamedTuple, TypeAlias

from lrviz.arithmetic import FractionError, exact, is_number
from lrviz.number import NumberError
from lrviz.run import AMOUNTS, Amount, Data, Interval, Run

Unit: TypeAlias = Literal["epochs", "steps", "tokens", "samples", "%"]


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
    "token": "tokens",
    "tokens": "tokens",
    "sample": "samples",
    "samples": "samples",
    "%": "%",
}
_MULTIPLES = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def parse_duration(text: str) -> Duration | None:
    """A duration: a number or arithmetic, perhaps K, M, B or T, and a unit; None if the text is not one.

    Raises `DurationError` for an unknown unit, for what is no number before a unit, and for a number that is too long,
    with a `NumberError` as its cause.
    """
    text = text.strip()
    written = "%" if text.endswith("%") else text[len(text.rstrip(ascii_letters)) :]
    head = text[: len(text) - len(written)].rstrip()
    if not written or not head:
        return None
    multiple, unit = 1, _UNITS.get(written.lower())
    if unit is None and written[0] in _MULTIPLES:  # `5Ksteps`, without a blank
        multiple, unit = _MULTIPLES[written[0]], _UNITS.get(written[1:].lower())
    elif unit not in (None, "%") and head[-1] in _MULTIPLES:
        multiple, head = _MULTIPLES[head[-1]], head[:-1].rstrip()
    if unit is None:
        if is_number(head):
            raise DurationError(*_no_unit(head, written))
        return None
    try:
        return Duration(exact(head) * multiple, unit)
    except (FractionError, NumberError) as error:
        raise DurationError(str(error), error.hint) from error


def _no_unit(head: str, written: str) -> tuple[str, str]:
    if written in _MULTIPLES:
        return f"a unit is missing after {head}{written}", f"write {head}{written} steps, epochs, tokens or samples"
    return f"unknown unit {written!r}", "the units are epochs, steps, tokens, samples and %"


def calls(duration: Duration, run: Run, interval: Interval) -> Fraction:
    """A duration in epochs or steps, as `interval` says, as an exact fraction: the calls of a scheduler of that pace.

    Raises `DurationError` for a negative duration, a percentage over 100, and a unit that the run does not know.
    """
    value, unit = duration
    if value < 0:
        raise DurationError("a duration cannot be negative")
    if unit == "%":
        if value > 100:
            raise DurationError("a percentage of the run is at most 100 %")
        return _whole_run(run, interval) * value / 100
    counted = "epochs" if unit == "epochs" else "steps"
    if unit == "tokens" or unit == "samples":
        value = steps_of(value, unit, run.data)
    if counted == ("epochs" if interval == "epoch" else "steps"):
        return value
    if run.steps_per_epoch is None:
        raise DurationError(
            f"{unit} cannot be counted in a run without a known number of steps per epoch",
            _ADD_STEPS,
        )
    return value * run.steps_per_epoch if counted == "epochs" else value / run.steps_per_epoch


def steps_of(amount: Fraction, unit: Amount, data: Data | None) -> Fraction:
    """An amount of data in optimizer steps. Raises `DurationError` if it is not known how much of it a step takes."""
    per_step = data.per_step(unit) if data is not None else None
    if per_step is None:
        raise DurationError(f"{unit} cannot be counted in a run without a known number of {unit} per step", _ADD[unit])
    return amount / per_step


_ADD: dict[Amount, str] = {
    "tokens": "give `data` a `tokens_per_step`, or a `sequence_length` and a `batch_size`",
    "samples": "give `data` a `batch_size`",
}
_ADD_STEPS = "give the run `steps_per_epoch` or `data`"


def asks_for(unit: str, run: Run) -> str:
    """What to add to a run so that it knows a unit: `epoch`, `step`, `tokens` or `samples`."""
    for amount in AMOUNTS:
        if unit == amount and (run.data is None or run.data.per_step(amount) is None):
            return _ADD[amount]
    return _ADD_STEPS


def _whole_run(run: Run, interval: Interval) -> Fraction:
    if interval == run.interval and (interval == "step" or run.epochs is not None):
        return Fraction(run.ticks)
    assert run.steps_per_epoch is not None
    steps = Fraction(run.total_steps or 0)
    return steps / run.steps_per_epoch if interval == "epoch" else steps


def clock(run: Run | None, interval: Interval, every: int = 1) -> dict[str, str | None]:
    """`epoch` and `step` as expressions of `t`, the number of calls so far; None for one that the run does not know.

    There is one call after `every` epochs or steps.
    """
    per_epoch = run.steps_per_epoch if run else 1
    if interval == "epoch":
        return {"epoch": _times(every), "step": _times(every * per_epoch) if per_epoch else None}
    if not per_epoch:
        return {"epoch": None, "step": _times(every)}
    whole = every % per_epoch == 0
    return {
        "epoch": _times(every // per_epoch) if whole else f"{_times(every)} / {per_epoch}",
        "step": _times(every),
    }


def _times(factor: int) -> str:
    return "t" if factor == 1 else f"t * {factor}"


def nearest(exact: Fraction) -> int:
    """The nearest whole number, halves up."""
    return floor(exact + Fraction(1, 2))


def shown(exact: Fraction) -> str:
    """A fraction in a message: 12.5, 0.333333; one beyond the doubles has its size, 1e+999."""
    try:
        return f"{float(exact):.6g}"
    except OverflowError:
        return f"{(Decimal(exact.numerator) / exact.denominator).normalize():.6g}".lower()
