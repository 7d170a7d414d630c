"""Learning rates as text in columns: aligned at the decimal point, with enough digits to tell rows apart.

All learning rates of a table are written in one notation, fixed or in powers of ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from lrviz.alike import RESIDUE, alike
from lrviz.foreign import csv_text
from lrviz.words import BY_SIZE, Notation, power_of_ten

MOST_DIGITS = 17
MAX_FIXED_WIDTH = 10
"""The maximum width of a number in fixed notation; a column that needs more is written in powers of ten."""


def csv_cell(value: float | str | None) -> str:
    """A value of a record for CSV: numbers read back to the same bits, None is blank, a name is no formula."""
    return "" if value is None else csv_text(value) if isinstance(value, str) else repr(value)


def json_number(value: float | None) -> float | str | None:
    """A number for JSON, which cannot hold NaN and infinities: these become the text "nan", "inf" or "-inf"."""
    return value if value is None or math.isfinite(value) else str(value)


def format_columns(columns: Sequence[Sequence[float | None]]) -> list[list[str]]:
    """Each value as text, in a column of the same width, None as blanks.

    There are just enough digits for neighbours that differ to look different, and for short numbers (0.0729) to be
    exact. If one column has too wide a range for fixed notation, all are written in powers of ten.
    """
    known = [[value for value in values if value is not None] for values in columns]
    fixed = [cells for values in known if (cells := _fixed(values)) is not None]
    written = fixed if len(fixed) == len(known) else map(_scientific, known)
    return [_justified(values, cells) for values, cells in zip(columns, written, strict=True)]


def _justified(values: Sequence[float | None], cells: Sequence[str]) -> list[str]:
    """The cells of the values that are known, and blanks for the others, all of the same width."""
    blanks = min((len(cell) - len(cell.rstrip()) for cell in cells), default=0)
    texts = (cell[: len(cell) - blanks] for cell in cells)
    width = max(map(len, cells), default=0) - blanks
    return [(next(texts) if value is not None else "").rjust(width) for value in values]


def significant_columns(columns: Sequence[Sequence[float]], digits: int = 5) -> list[list[str]]:
    """Each value as text with `digits` significant digits, in a column of the same width, for numbers of all sizes.

    If one is too small for plain digits, all are written in powers of ten; a residue of rounding does not count.
    """
    sizes = [abs(value) for values in columns for value in values if math.isfinite(value)]
    seen = [size for size in sizes if size > RESIDUE * max(sizes)]
    write = BY_SIZE if all("e" not in BY_SIZE(size, digits) for size in seen) else Notation(math.inf)
    return [_significant([write(value, digits) for value in values]) for values in columns]


def _significant(cells: list[str]) -> list[str]:
    """Cells of the same width, aligned at the decimal point unless one is written in powers of ten."""
    if not any("e" in cell for cell in cells):
        decimals = max((len(cell.partition(".")[2]) for cell in cells), default=0)
        cells = [_align(cell, decimals) for cell in cells]
    width = max(map(len, cells), default=0)
    return [cell.rjust(width) for cell in cells]


def _fixed(values: Sequence[float]) -> list[str] | None:
    """The values in fixed notation, or None if that would be too wide or round some to 0."""
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if not sizes:
        return [_align(f"{value:g}", 0) for value in values]
    if not 1e-3 <= largest < 1e6:
        return None
    seen = [size for size in sizes if size > RESIDUE * largest]
    start = max(0, 3 - _exponent(largest), *(_decimals(size) for size in seen if _is_short(size)))
    digits = _enough(values, start, lambda value, decimals: f"{value:.{decimals}f}")
    width = digits + 2 + max(0, _exponent(largest))
    if width > MAX_FIXED_WIDTH or any(float(f"{size:.{digits}f}") == 0 for size in seen):
        return None
    return [_fixed_cell(value, digits) for value in values]


def _fixed_cell(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    if value and math.isfinite(value) and float(text) == 0:
        return power_of_ten(f"{value:.0e}")
    if _is_short(value) and "." in text:  # an exact number does not need its zeros
        text = text.rstrip("0").rstrip(".")
    return _align(text, digits)


def _align(text: str, digits: int) -> str:
    """Pads a text with blanks in place of missing decimals."""
    _, point, decimals = text.partition(".")
    return text + " " * (digits + 1 - len(decimals) - len(point)) if digits and text[-1:].isdigit() else text


def _scientific(values: Sequence[float]) -> list[str]:
    start = max([0, *(2 if not _is_short(value) else _mantissa_decimals(value) for value in values)])
    digits = _enough(values, start, lambda value, decimals: f"{value:.{decimals}e}")
    cells = [_mantissa_and_power(f"{value:.{digits}e}") if value else "0" for value in values]
    longest = max((len(cell.partition("e")[2]) for cell in cells), default=0)
    return [cell + " " * (longest - len(power)) if (power := cell.partition("e")[2]) else cell for cell in cells]


def _mantissa_and_power(text: str) -> str:
    """Python's scientific notation without a plus and zeros before the power: 1.00e-5 for 1.00e-05."""
    mantissa, e, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if e else text


def _enough(values: Sequence[float], start: int, write: Callable[[float, int], str]) -> int:
    """The smallest number of decimals, at least `start`, with which neighbours that differ look different."""
    apart = [(a, b) for a, b in pairwise(values) if not alike(a, b)]
    digits = start
    while digits < MOST_DIGITS:
        apart = [(a, b) for a, b in apart if write(a, digits) == write(b, digits)]
        if not apart:
            break
        digits += 1
    return digits


def _is_short(value: float) -> bool:
    """True if a value is, up to rounding, a short decimal number: 0.081, but not 0.0975528."""
    return math.isfinite(value) and f"{value:.4g}" == f"{value:.12g}"


def _exponent(value: float) -> int:
    return math.floor(math.log10(value))


def _decimals(value: float) -> int:
    text = f"{value:.4g}"
    mantissa, _, exponent = text.partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))


def _mantissa_decimals(value: float) -> int:
    return len(f"{value:.3e}".partition("e")[0].rstrip("0").partition(".")[2])
