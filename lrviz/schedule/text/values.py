"""Readers of single values of a file: numbers, whole numbers, lengths, flags, texts, functions.

Each reader takes plain data and returns the value to pass to torch, or raises `WrongValueError` through `wrong`.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from lrviz.duration import Duration, DurationError, parse_duration
from lrviz.number import MAX_NUMBER, NumberError
from lrviz.schedule.text.document import resolve
from lrviz.schedule.text.expression import Expression, ExpressionError, ExpressionValueError, parse
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

EXACT = 2**53
"""Up to here every whole number is a double."""


class WrongValueError(ValueError):
    """A value of the wrong kind. `wanted` completes `<argument> must be ...` and ends with what was given."""

    def __init__(self, wanted: str, hint: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.hint = wanted, hint


def wrong(wanted: str, got: object, hint: str = "", *, quote: bool = True) -> NoReturn:
    """Refuses a value: `wanted` completes the sentence `<argument> must be ...`."""
    shown = show(got) if quote else got
    raise WrongValueError(f"{wanted} (got {shown})", hint)


def is_readable_name(name: str) -> bool:
    """True for a text by which a schedule, a param group or a phase can be told from others where it is printed."""
    return bool(name.strip()) and name.isprintable()


def number(value: Any) -> int | float:
    """A finite real number, or a text that gives one (`"1e-3"`). A whole one beyond `EXACT` becomes a double."""
    read = _from_text(value, "a number") if isinstance(value, str) else value
    if isinstance(read, bool) or not isinstance(read, int | float):
        wrong("a number", value)
    if not abs(read) <= MAX_NUMBER:
        wrong("a finite number", value)
    return read if abs(read) <= EXACT else float(read)


def real(value: Any) -> float:
    """A finite real number as a float."""
    return float(number(value))


def whole(value: Any, wanted: str = "a whole number") -> int:
    """A whole number, however it is written: `100`, `1e2`, `100.0`."""
    read = _from_text(value, wanted) if isinstance(value, str) else value
    if isinstance(read, bool) or not isinstance(read, int | float):
        wrong(wanted, value)
    if not abs(read) < 2**63 or read != int(read):
        wrong(wanted, value)
    return int(read)


def calls(value: Any) -> int:
    """A length in calls of `scheduler.step()`."""
    return whole(value, "a whole number of calls")


def steps(value: Any) -> int | Duration:
    """The length of a run in optimizer steps: a whole number, or a duration in steps, tokens or samples."""
    wanted = "a number of optimizer steps"
    try:
        duration = parse_duration(value) if isinstance(value, str) else None
    except DurationError as error:
        wrong(wanted, value, f"{error.message}; {error.hint}" if error.hint else error.message)
    if duration is not None and duration.unit in ("epochs", "%"):
        wrong(wanted, value, "the key `epochs` says how long a run in epochs is; `steps` may also be 3.2T tokens")
    return whole(value, wanted) if duration is None else duration


def interval(value: Any) -> str | Duration:
    """When the scheduler is called: `epoch`, `step`, or a duration."""
    wanted = "epoch, step, or a length such as 500 steps"
    if value in ("epoch", "step") and isinstance(value, str):
        return str(value)
    try:
        duration = parse_duration(value) if isinstance(value, str) else None
    except DurationError as error:
        wrong(wanted, value, f"{error.message}; {error.hint}" if error.hint else error.message)
    if duration is not None and duration.unit != "%":
        return duration
    nearest = suggest(value, ("epoch", "step")) if isinstance(value, str) else None
    unit = f"write {value} steps, or {value} epochs" if isinstance(value, int) and not isinstance(value, bool) else ""
    return wrong(wanted, value, f"did you mean {nearest}?" if nearest else unit)


def flag(value: Any) -> bool:
    """True or false, as YAML 1.2 writes them; for `yes` and `on`, the error says what to write."""
    if isinstance(value, bool):
        return value
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    hint = f"write {words[value.lower()]}" if isinstance(value, str) and value.lower() in words else ""
    return wrong("true or false", value, hint)


def text(value: Any) -> str:
    """A text; a number is an error that says to quote it."""
    if isinstance(value, str):
        return value
    hint = f'write "{show(value)}"' if isinstance(value, int | float) else ""
    return wrong("text", value, hint)


def function(value: Any, names: tuple[str, ...]) -> int | float | Expression:
    """A factor as a function of `names`. A single number is a constant function.

    Raises `ExpressionError` for text that is not an expression.
    """
    if not isinstance(value, str) or isinstance(_resolved(value, "a number"), int | float):
        return number(value)
    return parse(value, names)


def words(value: Any, choices: tuple[str, ...]) -> str:
    """One of some words; the error names them, and the nearest."""
    if value in choices and isinstance(value, str):
        return str(value)
    nearest = suggest(value, choices) if isinstance(value, str) else None
    return wrong("one of " + ", ".join(choices), value, f"did you mean {nearest}?" if nearest else "")


_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([_, ][0-9]{3})+|[-+]?[0-9]+(_[0-9]+)+")
_ARITHMETIC = re.compile("[0-9()]")
_BINARY = re.compile(r"0b[01]+")
_MULTIPLE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([kKMBT])")
_POWERS = {"k": 3, "K": 3, "M": 6, "B": 9, "T": 12}


def _resolved(written: str, wanted: str) -> Any:
    try:
        return resolve(written)
    except NumberError as error:
        return wrong(wanted, written, f"{error}; {error.hint}")


def _from_text(written: str, wanted: str) -> Any:
    value = _resolved(written.strip(), wanted)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    hint = ""
    if _GROUPED.fullmatch(written):
        hint = "write " + re.sub("[_, ]", "", written)
    elif _BINARY.fullmatch(written) and len(written) < 60:
        hint = f"write {int(written, 2)}"
    elif multiple := _MULTIPLE.fullmatch(written):
        hint = f"K, M, B and T stand before a unit only; write {multiple[1]}e{_POWERS[multiple[2]]}"
    elif _ARITHMETIC.search(written):
        try:
            return parse(written).value()
        except ExpressionError as error:
            hint = error.message + (f"; {error.hint}" if error.hint else "")
        except ExpressionValueError as error:
            hint = str(error)
    return wrong(wanted, written, hint)
