"""The factor of `--stretch`, exact: `2`, `0.5`, `1/3`, `150%`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from lrviz.arithmetic import FractionError, exact
from lrviz.errors import Position, ScheduleError
from lrviz.number import NumberError
from lrviz.words import show

MOST = 10**8
"""The largest factor; its inverse is the smallest. No run is longer than this."""

OPTION = "--stretch"
WANTED = "such as 2, 0.5, 1/3 or 150%"


class Stretch(NamedTuple):
    """How much longer the plan becomes. With `keep_warmup`, the warmup keeps its length, and the rest fills the run."""

    factor: Fraction
    written: str
    keep_warmup: bool
    where: Position


def stretch_of(text: str | None, *, keep_warmup: bool = False) -> Stretch | None:
    """What `--stretch` and `--keep-warmup` ask for; None where nothing changes, as for a factor of 1.

    Raises `ScheduleError` for what is no factor, and for `--keep-warmup` alone.
    """
    return _stretch(text, keep_warmup, Position(OPTION), "--keep-warmup")


def stretch_argument(value: Any, *, keep_warmup: bool = False) -> Stretch | None:
    """The same for the arguments in Python: a number, or a text as on the command line. 0.1 is exactly a tenth."""
    text = str(value) if isinstance(value, int | float | Fraction) and not isinstance(value, bool) else value
    return _stretch(text, keep_warmup, Position("stretch"), "keep_warmup")


def _stretch(text: Any, keep_warmup: bool, where: Position, keep: str) -> Stretch | None:
    if text is None:
        if keep_warmup:
            raise ScheduleError.at(Position(keep), f"{keep} needs a factor beside it", f"{where.file} 2")
        return None
    factor = _factor(text, where)
    if not Fraction(1, MOST) <= factor <= MOST:
        raise ScheduleError.at(where, f"a factor is above 0, and at most {MOST:,} (got {show(text)})", WANTED)
    return Stretch(factor, text.strip(), keep_warmup, where) if factor != 1 else None


def _factor(text: Any, where: Position) -> Fraction:
    if not isinstance(text, str):
        raise ScheduleError.at(where, f"expected a number above 0 (got {show(text)})", WANTED)
    percent = text.strip().endswith("%")
    try:
        number = exact(text.strip().removesuffix("%").rstrip())
    except (FractionError, NumberError):
        raise ScheduleError.at(where, f"expected a number above 0 (got {show(text)})", WANTED) from None
    return number / 100 if percent else number
