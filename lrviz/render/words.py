"""Numbers as people write them beside a curve: 2e-5, 300k."""

from __future__ import annotations

import math


def power_of_ten(value: float) -> str:
    """A number as mantissa and power of ten, without what says nothing: 0, 1e-5, 2.5e-5."""
    if value == 0:
        return "0"
    if value == 1:
        return "1"
    mantissa, _, exponent = f"{value:.8e}".partition("e")
    return f"{float(mantissa):.9g}e{int(exponent)}"


def clock_words(value: float, longest: float) -> str:
    """A number of epochs or steps on an axis up to `longest`: 90, 37.5, 20k, 1.5M."""
    if longest < 1e4 or not value:
        return f"{round(value, 6):g}"
    size, letter = (1e6, "M") if longest >= 2e6 or abs(value) >= 1e6 else (1e3, "k")
    return f"{round(value / size, 6):g}{letter}"


def short_rate(rate: float, digits: int = 3) -> str:
    """A learning rate in few letters, of so many digits: 0.1, 6e-4, 2.74e-5."""
    text = f"{rate:.{digits}g}"
    if not math.isfinite(rate) or rate == 0 or 1e-3 <= abs(rate) < 1e5:
        return text
    return power_of_ten(float(text))


def short_clock(at: float) -> str:
    """An epoch or step in a sentence: all digits of a whole one, few of another."""
    return f"{at:,.0f}" if abs(at - round(at)) < 1e-6 else f"{at:,.4g}"
