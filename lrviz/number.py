"""Numbers as texts from outside write them: the one place that turns digits into numbers, with a limit on their length.

Python's own readers also take `1_000` and digits of other scripts, refuse whole numbers of more than 4,300 digits with
an error of their own, and need quadratic time for those below.
"""

from __future__ import annotations

import re
from fractions import Fraction

MAX_NUMBER = 1e300
"""The largest size of a number that a schedule may hold."""

MAX_LENGTH = 1_000
"""The most characters of a number: none that is in range needs as many."""

_NUMBER = re.compile(r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE)


class NumberError(ValueError):
    """A number that is too long to be read. The message is a sentence about it; `hint` says what to write."""

    hint = "write it with an exponent, or with fewer digits"


def check_length(text: str) -> None:
    """Raises `NumberError` if a number is longer than `MAX_LENGTH`."""
    if len(text) > MAX_LENGTH:
        raise NumberError(f"a number must be at most {MAX_LENGTH:,} characters long (this one has {len(text):,})")


def integer(text: str, base: int = 10) -> int:
    """The whole number of some digits; base 0 means that `0x` or `0o` says the base. Raises `NumberError`."""
    check_length(text)
    return int(text, base)


def fraction(text: str) -> Fraction:
    """The exact value of a number without an exponent, or with a short one. Raises `NumberError`."""
    check_length(text)
    return Fraction(text)


def real(text: str) -> float:
    """The nearest double to a number of a data file, infinite if it is too large; `nan` and `inf` are numbers too.

    Raises `ValueError` for anything else, such as `1_000` or digits of other scripts.

    >>> real("1e-3"), real("1e999999999")
    (0.001, inf)
    """
    if _NUMBER.fullmatch(text.strip()) is None:
        raise ValueError(f"not a number: {text[:40]!r}")
    return float(text)
