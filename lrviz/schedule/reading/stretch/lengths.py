"""A length of a file, multiplied: `5 epochs` -> `10 epochs`, `50B tokens` -> `100B tokens`, 15 -> 30."""

from __future__ import annotations

import re
from fractions import Fraction

from lrviz.arithmetic import exact
from lrviz.duration import Duration, DurationError, calls, parse_duration, shown
from lrviz.run import Run

_PARTS = re.compile(r"(.*?)(\s*[kKMBT])?(\s*)((?i:epochs?|ep|steps?|tokens?|samples?|%))", re.DOTALL)
_NUMBER = re.compile(r"(\+?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([eE][-+]?[0-9]+)?")


def scaled_text(text: str, factor: Fraction) -> str:
    """A length with a unit, multiplied exactly. It keeps its unit, and K, M, B, T or an exponent.

    >>> scaled_text("50B tokens", Fraction(2)), scaled_text("5 epochs", Fraction(1, 3))
    ('100B tokens', '5 / 3 epochs')
    """
    parts = _PARTS.fullmatch(text.strip())
    assert parts is not None  # it was read as a length
    head, multiple, blank, unit = parts.group(1).strip(), parts[2] or "", parts[3], parts[4]
    number = _NUMBER.fullmatch(head)
    if number is not None and number[2] and _is_decimal(Fraction(number[1]) * factor):
        written = f"{number_text(Fraction(number[1]) * factor)}{number[2]}"
    else:
        written = number_text(exact(head) * factor)
    one = written == "1" and not multiple
    if one and unit.lower().endswith("s"):
        unit = unit[:-1]
    elif not one and unit.lower() in ("epoch", "step", "token", "sample"):
        unit += "s"
    return f"{written}{multiple.strip()}{blank}{unit}"


def number_text(number: Fraction) -> str:
    """An exact number as arithmetic before a unit: `7`, `2.5`, `7 / 3`."""
    if number.denominator == 1:
        return str(number.numerator)
    if not _is_decimal(number):
        return f"{number.numerator} / {number.denominator}"
    places = 1
    while (number * 10**places).denominator != 1:
        places += 1
    digits = str(int(number * 10**places)).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def _is_decimal(number: Fraction) -> bool:
    """True for a number with at most six decimal places."""
    return (number * 10**6).denominator == 1


def factor_text(factor: Fraction) -> str:
    """A factor in a message: `2`, `0.5`, `1/3`; one with many digits is rounded."""
    if _is_decimal(factor):
        return number_text(factor)
    return f"{factor.numerator}/{factor.denominator}" if factor.denominator < 1000 else shown(factor)


def duration_of(text: object) -> Duration | None:
    """The length with a unit that a text is; None for anything else."""
    try:
        return parse_duration(text) if isinstance(text, str) else None
    except DurationError:
        return None


def calls_of(text: object, run: Run, every: int) -> Fraction | None:
    """A length with a unit in calls of a scheduler that is stepped after every so many ticks; None if it is none."""
    duration = duration_of(text)
    try:
        return calls(duration, run, run.interval) / every if duration is not None else None
    except DurationError:
        return None


def of_ticks(ticks: Fraction, run: Run) -> str:
    """A number of ticks of a run as a length: `18 steps`."""
    return f"{number_text(ticks)} {run.interval}{'' if ticks == 1 else 's'}"
