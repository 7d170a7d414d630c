"""Reads a whole text into a `Log`, or says which of its lines came nearest."""

from __future__ import annotations

from lrviz.ansi import ESCAPE
from lrviz.errors import Position, ScheduleError
from lrviz.log.log import Log
from lrviz.log.source import Source
from lrviz.log.text.format import Format
from lrviz.log.text.reader import Near, Reader
from lrviz.log.text.whole import Wanted, log_of
from lrviz.words import counted

BINARY = 0.1
"""A file of whose first characters more than this fraction cannot be printed is no text."""


class NoRecordsError(ScheduleError):
    """That a text holds no learning rates."""


def text_log(source: Source, wanted: Wanted, only: Format | None = None) -> Log:
    """The log in a text, read block by block; with a format `only`, no other is looked for.

    Raises `ScheduleError` as `log_of` does, and `NoRecordsError` if no line holds a record.
    """
    reader = Reader(only)
    begins = ""
    for block in source.blocks():
        begins = begins or block[:10_000]
        reader.feed(block)
    reader.finish()
    return log_found(reader, wanted, begins)


def log_found(reader: Reader, wanted: Wanted, begins: str) -> Log:
    """The log in a text that was read, which `begins` so. Raises as `text_log` does."""
    log = log_of(reader, wanted)
    if log is None:
        raise NoRecordsError.at(Position(wanted.path), *_nothing(reader, begins, by_pattern=bool(reader.only)))
    return log


def _nothing(reader: Reader, begins: str, *, by_pattern: bool) -> tuple[str, str]:
    """What to say of a text without records, and what to do. Its lines are not quoted: it may be anyone's file."""
    if not begins.strip("\ufeff \r\n\t"):
        return "this file is empty", "name the log that has the learning rates"
    odd = sum(letter == "\ufffd" or (not letter.isprintable() and letter not in f"\r\n\t{ESCAPE}") for letter in begins)
    if odd > BINARY * len(begins):
        return "this file is no text", "name what the training printed, CSV, JSON lines or a trainer_state.json"
    lines = counted(reader.lines.count, "line")
    if by_pattern:
        hint = "blanks stand for any blanks, ... for any text, and the rest for itself"
        return f"none of {lines} reads as --pattern says", hint
    message = f"none of {lines} has a learning rate and a step, iteration or epoch"
    rates, clocks = reader.near["lr"], reader.near["clock"]
    if rates:
        return (
            message,
            f"{_where(rates)} a learning rate alone; where a step stands beside it, --pattern {_pattern(rates[0])}",
        )
    if clocks:
        names = f"{_where(clocks)} a step or epoch alone; where a learning rate stands beside it, --pattern "
        return message, f"{names}{_pattern(clocks[0])}"
    return (
        message,
        'if it stands there by another name, --pattern "NAME {step} ... NAME {lr}" with the words of the log',
    )


def _where(near: list[Near]) -> str:
    """`line 12 has`, `lines 12, 14 and 16 have`."""
    *numbers, last = dict.fromkeys(f"{each.number:,}" for each in near)
    return f"lines {', '.join(numbers)} and {last} have" if numbers else f"line {last} has"


def _pattern(near: Near) -> str:
    """The pattern by which a line that came near could be read: the one name on it that is known, and its number."""
    known, other = ("{lr}", "{step}") if near.has == "lr" else (f"{{{near.has}}}", "{lr}")
    return f'"{near.written}{known} ... NAME {other}"'
