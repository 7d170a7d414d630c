"""Where a drawing goes (a file, standard output, the terminal), and which files it never replaces."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrviz.cli.options import Color
from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes, ascii_only, braille, height, use_color, width
from lrviz.cli.writing import write_file
from lrviz.errors import Position, ScheduleError
from lrviz.files import UnreadableError, open_regular

if TYPE_CHECKING:
    from lrviz.render.shown import Shown
    from lrviz.render.style import Look


def picture_formats() -> tuple[str, ...]:
    """The kinds of picture that can be saved; the first is the default."""
    from lrviz.render.style import FORMATS

    return (*FORMATS, "html")


TABLES = ("csv", "xlsx", "xls", "ods", "json", "txt", "md")
"""Endings of files of numbers, which are no pictures."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a drawing goes. `target` is the name of a file, `-` for standard output, None where nothing is saved.

    `kind` is the kind of picture (`png`, `html`); `terminal` is true if it is also drawn there, with `color`; `open` is
    true if the saved picture is opened.
    """

    target: str | None
    kind: str
    terminal: bool = False
    open: bool = False
    color: Color = Color.auto


def destination_of(
    name: str, output: str | None, format: str | None, *, terminal: bool, open: bool, color: Color
) -> Destination:
    """Where the options of a command send a drawing called `name`; checked before anything is simulated in vain.

    Raises `ScheduleError` for options that exclude each other, an unknown file ending, and, without -o, an existing
    file that lrviz did not make.
    """
    if terminal and output == "-":
        raise _wrong("--terminal and -o - both write to standard output", "save into a file: -o x.png")
    if open and (output == "-" or (terminal and output is None)):
        raise _wrong("--open needs a picture that is saved", "save it: -o x.png")
    if terminal and output is None:
        return Destination(None, "terminal", True, color=color)
    target, kind = _target(output, format, name)
    return Destination(target, kind, terminal, open, color)


def _wrong(message: str, hint: str) -> ScheduleError:
    return ScheduleError.at(Position("lrviz"), message, hint)


def _target(output: str | None, format: str | None, name: str) -> tuple[str, str]:
    """The name of the file and the kind of the picture."""
    if output is None:
        kind = format or picture_formats()[0]
        refuse_foreign(f"{name}.{kind}")
        return f"{name}.{kind}", kind
    if output == "-":
        if sys.stdout.isatty():
            raise _wrong("a picture cannot be written to a terminal", "redirect it: lrviz plot -o - > x.png")
        return output, format or picture_formats()[0]
    if os.path.isdir(output) or output.endswith(os.sep):
        file = os.path.join(output, f"{name}.{format or picture_formats()[0]}")
        raise ScheduleError.at(Position(output), "this is a folder, not a file", f"name a file in it: -o {file}")
    ending = os.path.splitext(output)[1].lower().removeprefix(".")
    if format is not None:
        return output, format
    if ending not in picture_formats():
        supported = ", ".join(f".{each}" for each in picture_formats())
        what = f"cannot write pictures that end in .{ending}" if ending else "needs to know the kind of picture"
        hint = f"end the name in one of {supported}"
        if ending in TABLES:
            hint += "; numbers are printed by lrviz table, and a spreadsheet opens its --format csv"
        raise ScheduleError.at(Position(output), f"lrviz {what}", hint)
    return output, ending


def kind_of(output: str | None) -> str:
    """The kind of a picture that is written besides a result, checked before anything is simulated in vain; empty if
    there is none."""
    from lrviz.render.style import FORMATS

    if output is None:
        return ""
    ending = os.path.splitext(output)[1].lower().removeprefix(".")
    if ending not in FORMATS:
        supported = ", ".join(f".{each}" for each in FORMATS)
        raise ScheduleError.at(
            Position(output), "the name does not say what kind of picture to write", f"end it in one of {supported}"
        )
    return ending


def refuse_foreign(target: str, hint: str = "") -> None:
    """Of a file that nobody named, only a picture made by lrviz may be replaced. Raises `ScheduleError`."""
    try:
        with open_regular(target) as file:
            made_by_lrviz = b"lrviz" in file.read()  # a PDF names its producer at its end
    except FileNotFoundError:
        return
    except (OSError, UnreadableError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it {error}"
        raise ScheduleError.at(Position(target), f"the file cannot be replaced: {reason}") from None
    if not made_by_lrviz:
        raise ScheduleError.at(
            Position(target), "this file exists, and lrviz did not make it", hint or f"to replace it, give -o {target}"
        )


def save(picture: bytes, target: str) -> None:
    """Writes a picture to its file, whole or not at all, or to standard output."""
    if target == "-":
        with standard_output():
            sys.stdout.buffer.write(picture)
    else:
        write_file(target, picture)


def launch(target: str, notes: Notes) -> None:
    """Opens a saved picture with the default program for such files."""
    import typer

    if typer.launch(os.path.abspath(target)) != 0:
        notes.say(f"lrviz: no program found that opens {target}")


def in_terminal(shown: list[Shown], look: Look, color: Color, below: int = 1) -> str:
    """The drawing for the terminal on standard output, as large as its window.

    `below` lines, besides the last one, are left free for what follows in the same window.
    """
    from lrviz.ansi import Terminal
    from lrviz.render.terminal.overlay import PROMPT, draw

    out = sys.stdout
    rows = room_in_terminal(below)
    terminal = Terminal(use_color(out, color), width(out), ascii_only(out) or not braille(out))
    return draw(shown, look, terminal, rows if rows is None else rows + PROMPT)


def room_in_terminal(below: int) -> int | None:
    """The lines available to a drawing; None if no window limits it."""
    rows = height(sys.stdout)
    return rows if rows is None else rows - 1 - below
