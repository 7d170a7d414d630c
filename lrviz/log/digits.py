"""How exact written numbers are: what `%.6f`, `%.4g` or `round(lr, 6)` took off them.

A number that is written in full (`repr`, `json.dumps`) is the number; one that was formatted is anything within half a
unit of its last place. A text alone does not say which: 0.1 may be all of it, or what `%.1g` left. The column as a
whole does, since one format wrote all of it. P is the most digits that any of its numbers has, D the most decimals,
both as written, with zeros at the end.

- Rounded to D decimals: all numbers have D, and one of them is not how Python writes a number (0.0100, 0.00002), or P
  is 4 or more; or, of five different numbers or more, over half have D. What is written in full ends anywhere: 0.1,
  0.01, 0.001.
- Rounded to P digits: P is 3 or more; or P is 2, and all have an exponent, and one of them is not how Python writes it
  (1.2e-03, 1.0e-05); or P is 2, and of five different numbers or more over half have two.
- Exact otherwise. People choose 0.1 and 3e-4, and nobody writes with a format of one digit; so 0.001 where 0.0012 was
  planned is a difference.

Where a column looks like both, as one whose numbers are all of one size does, either is allowed for; where all have D
decimals, and where fewer than half have P digits, it was rounded to decimals.

Numbers in full have 16 digits or more once arithmetic has touched them, and rounding at the sixteenth is nothing. Where
three digits are a learning rate that somebody chose (0.125), half a unit of them is still less than any mistake makes.

Numbers of more than nine digits that are all exact in single precision were single once.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MANY = 5
"""So many different numbers show by where they end how they were rounded."""

FULL = 16
"""A number of so many digits is written in full, and so are the others beside it."""

SLACK = 1 + 1e-6
"""Half a unit and the rounding of the comparison itself."""

SINGLE = 2.0**-24
"""Half a unit in the last place of a single, relative."""


class Exactness(NamedTuple):
    """How much of each number writing may have taken off, either way.

    `half` is what the column shows, `coarse` what would have been taken off had its longest number been the longest
    that its format writes; nothing where that has one digit, which no format writes.
    """

    half: array[float]
    coarse: array[float]


class _Written(NamedTuple):
    """A number as it is written: `decimals` counts from the point to its last digit, `digits` from its first to that.

    `foreign` marks what Python by itself writes otherwise, `exponent` what has one.
    """

    decimals: int
    digits: int
    foreign: bool
    exponent: bool


def exactness(texts: Sequence[str]) -> Exactness:
    """How exact the numbers of a column are; all of them must be numbers."""
    if any(len(text) > FULL and _written(text).digits >= FULL for text in texts):
        single = SLACK * SINGLE if _are_single(texts) else 0.0
        halves = array("d", (single * abs(float(text)) for text in texts))
        return Exactness(halves, halves)
    each = {text: _written(text) for text in set(texts)}
    written = [one for one in each.values() if one.digits or one.foreign]
    most = max((one.digits for one in written), default=0)
    decimals = max((one.decimals for one in written), default=0)
    coarse = {text: _of_digits(one, most) for text, one in each.items()}
    half = dict.fromkeys(each, 0.0)
    to_decimals = _to_decimals(written, decimals, most)
    if to_decimals:
        half = dict.fromkeys(each, 0.5 * SLACK * 10.0**-decimals)
    if _to_digits(written, most) and not (to_decimals and _have(written, digits=most) <= 0.5):
        half = {text: max(value, coarse[text]) for text, value in half.items()}
    if most > 9 and _are_single(each):
        half = {text: max(value, SLACK * SINGLE * abs(float(text))) for text, value in half.items()}
    return Exactness(array("d", (half[text] for text in texts)), array("d", (coarse[text] for text in texts)))


def most_decimals(texts: Sequence[str]) -> int:
    """The most decimals that any number of a column is written with."""
    return max((_written(text).decimals for text in set(texts) if float(text) % 1), default=0)


def _to_decimals(written: list[_Written], decimals: int, most: int) -> bool:
    alike = all(one.decimals == decimals and not (one.exponent and one.foreign) for one in written)
    if alike and (most >= 4 or any(one.foreign for one in written)):
        return True
    return len(written) >= MANY and _have(written, decimals=decimals) > 0.5


def _to_digits(written: list[_Written], most: int) -> bool:
    if most != 2:
        return most > 2
    formatted = all(one.exponent for one in written) and any(one.foreign for one in written)
    return formatted or (len(written) >= MANY and _have(written, digits=most) > 0.5)


def _have(written: list[_Written], **wanted: int) -> float:
    """Which part of the numbers is written so."""
    return sum(all(getattr(one, name) == value for name, value in wanted.items()) for one in written) / len(written)


def _of_digits(one: _Written, digits: int) -> float:
    first = one.digits - one.decimals - 1
    return 0.5 * SLACK * 10.0 ** (first - digits + 1) if one.digits and digits > 1 else 0.0


def _written(text: str) -> _Written:
    mantissa, mark, exponent = text.strip().lower().partition("e")
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    if not (whole + fraction).isdigit():  # infinite
        return _Written(0, 0, False, False)
    decimals = len(fraction) - int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    if not fraction:
        decimals -= len(digits) - len(digits.rstrip("0"))
        digits = digits.rstrip("0")
    elif fraction == "0" and not mark:
        decimals, digits = decimals - 1, digits[:-1]
    padded = fraction.endswith("0") and (len(fraction) > 1 or bool(mark))
    foreign = padded or (float(text) != 0 and bool(mark) != (not 1e-4 <= abs(float(text)) < 1e16))
    return _Written(decimals, len(digits), foreign, bool(mark))


def _are_single(texts: Iterable[str]) -> bool:
    try:
        return all(struct.unpack("f", struct.pack("f", value))[0] == value for value in map(float, texts))
    except OverflowError:
        return False
