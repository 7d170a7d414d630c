"""The rounding error of written numbers: how much `%.6f`, `%.4g` or `round(lr, 6)` may have changed them.

A number written in full (`repr`, `json.dumps`) is exact; a formatted one stands for any number within half a unit of
its last place. One text does not tell which: 0.1 may be exact, or written by `%.1g`. The column as a whole does,
because one format wrote all of it. P is the most significant digits of any number in it, D the most decimals, both as
written, zeros at the end included.

- Rounded to D decimals: all numbers have D decimals, and one is not written as Python writes it (0.0100, 0.00002) or P
  is 4 or more; or there are at least five different numbers, and half of them or more have D decimals. Exact numbers
  have different numbers of decimals: 0.1, 0.01, 0.001.
- Rounded to P digits: P is 3 or more; or P is 2, all numbers have an exponent, and one is not written as Python writes
  it (1.2e-03, 1.0e-05); or P is 2, there are at least five different numbers, and more than half have two digits.
- Exact otherwise. People choose 0.1 and 3e-4, and no logger uses a format of one digit; so 0.001 where 0.0012 was
  planned is a deviation.

Where a column looks like both, as when all its numbers are of one size, the larger error is allowed; unless at most
half of the numbers have P digits: then only decimals count.

Results of arithmetic written in full have 16 digits or more, and an error in the sixteenth does not matter. Where three
digits are a chosen learning rate (0.125), half a unit of the last is still smaller than the effect of any mistake.

Numbers of more than nine digits that are all exact in single precision were stored in single precision.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

MIN_DISTINCT = 5
"""With at least this many different numbers, what most have in common shows how they were rounded."""

MAX_EXPONENT = 10_000
"""Exponents beyond are read as this; no double has one."""

FULL_DIGITS = 16
"""A column with a number of this many digits is written in full."""

MIN_DIGITS = 3
"""A column that shows fewer digits was not written by a format with a fixed number of them."""

SINGLE_DIGITS = 10
"""A number of fewer digits was not stored in single precision and then written in full."""

MAX_LAST = 300
"""No last place counts more than 10 to this power."""

SLACK = 1 + 1e-6
"""Half a unit is multiplied by this, to allow for rounding in the comparison itself."""

SINGLE_ROUNDING = 2.0**-24 * SLACK
"""Half a unit in the last place of a number in single precision, relative to the number."""


class Exactness(NamedTuple):
    """The largest rounding error of each number: see `half` and `coarse` of `Log`."""

    half: array[float]
    coarse: array[float]


class _Written(NamedTuple):
    """A number as it is written.

    `decimals` counts from the decimal point to the last digit (below 0 for 100), `digits` the significant digits.
    `foreign` is True if Python's `repr` writes the number differently, `exponent` if it is written with an exponent.
    """

    decimals: int
    digits: int
    foreign: bool
    exponent: bool


def exactness(texts: Sequence[str]) -> Exactness:
    """The rounding errors of a column, all of whose texts must be numbers."""
    different = set(texts)
    if any(len(text) > FULL_DIGITS and _written(text).digits >= FULL_DIGITS for text in different):
        single = SINGLE_ROUNDING if _are_single(texts) else 0.0
        halves = array("d", (single * abs(float(text)) for text in texts))
        return Exactness(halves, halves)
    if _is_scientific(different) and (fixed := as_written(texts)) is not None:
        return fixed  # the same as below, in less time
    each = {text: _written(text) for text in different}
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
        half = {text: max(value, SINGLE_ROUNDING * abs(float(text))) for text, value in half.items()}
    halves = array("d", map(half.__getitem__, texts))
    return Exactness(halves, halves if half == coarse else array("d", map(coarse.__getitem__, texts)))


def as_written(texts: Sequence[str]) -> Exactness | None:
    """Half a unit in the last place of each number: for a format that always writes as many digits, `%.4e` or `%.3f`.

    None if no number has `MIN_DIGITS` digits: it was not such a format.
    """
    half, most = {}, 0
    known: dict[tuple[int, str], float] = {}
    for text in set(texts):
        mantissa, _, exponent = text.partition("e") if "e" in text else text.partition("E")
        point = mantissa.find(".")
        shape = (len(mantissa) - point - 1 if point >= 0 else 0, exponent)
        if shape not in known:
            known[shape] = _last_place(*shape)
        # `%e` writes no number but 0 as 0.0e+00
        half[text] = known[shape] if not exponent or mantissa.strip("-+0.") else 0.0
        most = max(most, len(mantissa.lstrip("-+0.").replace(".", "")))
    if most < MIN_DIGITS:
        return None
    halves = array("d", map(half.__getitem__, texts))
    return Exactness(halves, halves)


def _is_scientific(texts: Collection[str]) -> bool:
    """True if all numbers have an exponent, and as many digits: at least three, and fewer than single precision has."""
    lengths = {text.find("e") if text[1:2] == "." else -1 for text in texts}
    return len(lengths) == 1 and MIN_DIGITS < next(iter(lengths)) < SINGLE_DIGITS


def _last_place(decimals: int, exponent: str) -> float:
    last = (int(exponent) if exponent.lstrip("+-").isdigit() else 0) - decimals
    return 0.5 * SLACK * 10.0**last if last < MAX_LAST else 0.0


def half_of_digits(value: float, digits: int) -> float:
    """Half a unit in the last of so many significant digits of a number."""
    value = abs(value)
    if value == 0 or not math.isfinite(value):
        return 0.0
    return 0.5 * SLACK * 10.0 ** (math.floor(math.log10(value)) - digits + 1)


def is_rounded(text: str, digits: int) -> bool:
    """True if a number is written as `%g` writes it with so many digits.

    >>> [is_rounded(text, 3) for text in ("2e-5", "2e-05", "0.000020", "1.234")]
    [True, True, False, False]
    """
    written, rounded = (each.replace("e-0", "e-") for each in (text.lower(), f"{float(text):.{digits}g}"))
    return written == rounded


def most_decimals(texts: Sequence[str]) -> int:
    """The most decimals of any number of a column that is not whole."""
    return max((_written(text).decimals for text in set(texts) if float(text) % 1), default=0)


def _to_decimals(written: list[_Written], decimals: int, most: int) -> bool:
    alike = all(one.decimals == decimals and not (one.exponent and one.foreign) for one in written)
    if alike and (most >= 4 or any(one.foreign for one in written)):
        return True
    return len(written) >= MIN_DISTINCT and _have(written, decimals=decimals) >= 0.5


def _to_digits(written: list[_Written], most: int) -> bool:
    if most != 2:
        return most > 2
    formatted = all(one.exponent for one in written) and any(one.foreign for one in written)
    return formatted or (len(written) >= MIN_DISTINCT and _have(written, digits=most) > 0.5)


def _have(written: list[_Written], **wanted: int) -> float:
    """The fraction of the numbers that are written this way."""
    return sum(all(getattr(one, name) == value for name, value in wanted.items()) for one in written) / len(written)


def _of_digits(one: _Written, digits: int) -> float:
    first = one.digits - one.decimals - 1
    return 0.5 * SLACK * 10.0 ** (first - digits + 1) if one.digits and digits > 1 else 0.0


def _written(text: str) -> _Written:
    mantissa, mark, exponent = text.strip().lower().partition("e")
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    if not (whole + fraction).isdigit() or math.isinf(float(text)):
        return _Written(0, 0, False, False)
    decimals = len(fraction) - int(max(-MAX_EXPONENT, min(MAX_EXPONENT, float(exponent or 0))))
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
