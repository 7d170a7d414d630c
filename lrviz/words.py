"""The words for numbers, times and values, in every message, table and picture."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from lrviz.run import Run

# --- counts and values ---------------------------------------------------------------------------------------


def several(count: int, what: str) -> str:
    """`1 value`, `2000 values`, as they are written in a file."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def counted(count: int, what: str) -> str:
    """`1 call`, `2,000 calls`, in a sentence."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def counted_ticks(run: Run) -> str:
    """How long a run is: `90 calls`, or `5,000 steps` where a call comes only after every so many."""
    return counted(run.ticks, "call" if run.every == 1 else run.interval)


def show(value: object) -> str:
    """A value of a file as a message quotes it: in YAML's words, on one short line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    if isinstance(value, int | float):
        return repr(value) if len(repr(value)) <= 40 else repr(value)[:37] + "..."
    return "a mapping" if isinstance(value, dict) else "a list"


MAX_NAMES_LISTED = 20


def listed(names: Iterable[str]) -> str:
    """Names in a sentence, the first `MAX_NAMES_LISTED` of them."""
    names = list(names)
    return ", ".join(names[:MAX_NAMES_LISTED]) + (", ..." if len(names) > MAX_NAMES_LISTED else "")


def kind_of(value: object) -> str:
    """The kind of a value, for a message that may not quote it."""
    return "text" if isinstance(value, str) else "a number" if isinstance(value, int | float) else show(value)


# --- times ---------------------------------------------------------------------------------------------------


def moment(run: Run, tick: int) -> str:
    """A tick in a sentence: `epoch 10`, `step 5,005 (epoch 1)`, `the end` for the value after the last call."""
    if tick >= run.ticks:
        return "the end"
    epoch, step = run.epoch(tick), run.step(tick)
    if run.interval == "epoch":
        return f"epoch {tick:,}" + (f" (step {step:,})" if step is not None else "")
    if epoch is None:
        return f"step {tick:,}"
    return f"step {tick:,} (epoch {epoch:,})" if isinstance(epoch, int) else f"step {tick:,} (epoch {epoch:,.6g})"


def place(run: Run, tick: int) -> str:
    """A tick as it is written in a file, for example under `expect`."""
    if tick >= run.ticks:
        return "end"
    if tick == 0 or run.interval == ("epoch" if run.epochs is not None else "step"):
        return str(tick)
    epoch = run.epoch(tick)
    return f"{epoch} epochs" if run.interval == "step" and isinstance(epoch, int) else f"{tick} {run.interval}s"


def short_clock(at: float) -> str:
    """An epoch or step in a sentence: all digits of a whole number, four of any other."""
    return f"{at:,.0f}" if abs(at - round(at)) < 1e-6 else f"{at:,.4g}"


def clock_scale(longest: float) -> tuple[float, str]:
    """The unit of the numbers on an axis up to `longest`, with its letter: 1, thousands, millions, ..."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if longest >= 2 * size:
            return size, letter
    return (1e3, "k") if longest >= 1e4 else (1.0, "")


def clock_words(value: float, longest: float, digits: int = 6) -> str:
    """A number of epochs, steps or tokens on an axis up to `longest`: 90, 37.5, 20k, 1.5M, 50B, 3.2T."""
    size, letter = clock_scale(max(longest, 2 * abs(value)) if abs(value) >= 1e6 else longest)
    return f"{round(value / size, digits):.{digits}g}{letter if value else ''}"


# --- learning rates ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notation:
    """How the numbers of a picture are written, the same number always in the same way.

    From `plain_from` up to `PLAIN_BELOW` they are plain, 0.1 or 0.003; others are mantissa and power of ten: 6e-4.
    """

    plain_from: float = 1e-3

    def __call__(self, value: float, digits: int = 3) -> str:
        """A number with at most so many digits."""
        text = f"{value:.{digits}g}"
        if not math.isfinite(value) or value == 0:
            return f"{value:g}"
        if self.plain_from <= abs(float(text)) < PLAIN_BELOW:
            return f"{Decimal(text):f}"
        return power_of_ten(f"{value:.{digits - 1}e}")

    def in_sentence(self, value: float) -> str:
        """A number where there is room for more digits than beside a mark."""
        return self(value, 6)

    def apart(self, value: float, expected: float) -> str:
        """`0.05, not 0.03`, in few letters, with as many digits as tell the two apart."""
        digits = digits_apart(value, expected, 3)
        return f"{self(value, digits)}, not {self(expected, digits)}"


PLAIN_BELOW = 1e6

BY_SIZE = Notation()
"""The notation where no axis asks for another."""


def axis_notation(largest: float, *, log: bool = False) -> Notation:
    """The notation of a picture whose axis reaches up to `largest`: where it can, it writes all ticks in one way."""
    if 0 < largest < (1e-2 if log else 1e-3):
        return Notation(1e-2)  # also above the largest value: 8e-4, 1e-3
    return Notation(1e-4) if 1e-3 <= largest < 1e-2 else BY_SIZE


def digits_apart(value: float, other: float, digits: int) -> int:
    """The number of digits, at least `digits`, with which two numbers look different."""
    while value != other and digits < 17 and f"{value:.{digits}g}" == f"{other:.{digits}g}":
        digits += 1
    return digits


def rate(value: float, apart: float | None = None) -> str:
    """A learning rate in a sentence: six digits, or as many more as it takes to differ from `apart`."""
    digits = 6 if apart is None else digits_apart(value, apart, 6)
    return f"{value:.{digits}g}"


def short_rate(value: float, digits: int = 3) -> str:
    """A learning rate in few letters, where no picture sets the notation: 0.1, 6e-4, 2.74e-5."""
    return BY_SIZE(value, digits)


def power_of_ten(text: str) -> str:
    """A number in Python's scientific notation without what is redundant in it: 1e-5 for 1.00e-05, 1 for 1e+00."""
    mantissa, _, exponent = text.partition("e")
    short = f"{Decimal(mantissa).normalize():f}e{int(exponent)}"
    return "1" if short == "1e0" else short
