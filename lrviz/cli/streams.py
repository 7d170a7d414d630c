"""Results go to stdout, everything else to stderr; colour, width and progress depend on these streams."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from lrviz.cli.options import Color
from lrviz.errors import Problem, ScheduleError
from lrviz.foreign import escaped


def use_color(stream: IO[str], color: Color) -> bool:
    """--color, then NO_COLOR, then FORCE_COLOR (each if not empty), then whether this is a terminal."""
    if color is not Color.auto:
        return color is Color.always
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


LARGEST_WINDOW = (500, 200)
"""The most columns and rows that are used of a terminal, whatever it or COLUMNS and LINES say. No screen has more that
can be read, and the work of a drawing grows with both."""


def width(stream: IO[str]) -> int | None:
    """The columns of the terminal to use; None if the stream is not one, so that any width will do."""
    return min(shutil.get_terminal_size((80, 24)).columns, LARGEST_WINDOW[0]) if stream.isatty() else None


def height(stream: IO[str]) -> int | None:
    """The rows of the terminal to use; None if the stream is not one, so that any height will do."""
    return min(shutil.get_terminal_size((80, 24)).lines, LARGEST_WINDOW[1]) if stream.isatty() else None


def ascii_only(stream: IO[str]) -> bool:
    """True if the encoding of a stream has only ASCII."""
    try:
        "•─".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def braille(stream: IO[str]) -> bool:
    """True if the encoding of a stream has braille."""
    try:
        "\u28ff".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Notes:
    """Messages besides the results: on stderr, unless quiet."""

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self.quiet = quiet
        self.verbose = verbose and not quiet

    def say(self, *lines: str) -> None:
        """A message for everyone."""
        if not self.quiet:
            say(*lines)

    def remark(self, problem: Problem) -> None:
        """A warning or a note about a file."""
        self.say(*str(problem).split("\n"))

    def detail(self, line: str) -> None:
        """A message for those who asked for it with -v."""
        if self.verbose:
            say(line)


def say_error(error: ScheduleError) -> None:
    """Prints the problems of an error on stderr."""
    say(*str(error).split("\n"))


def say(*lines: str) -> None:
    """Writes lines to stderr, each escaped."""
    print("\n".join(map(escaped, lines)), file=sys.stderr, flush=True)


PATIENCE = 0.5
"""Seconds before a progress bar appears."""


@contextmanager
def progress(notes: Notes) -> Iterator[Callable[[str], Callable[[int, int], None] | None]]:
    """Gives a function that makes the progress callback of one simulation.

    A bar is shown on stderr if that is a terminal and the work takes longer than `PATIENCE`, and removed at the end.
    """
    if notes.quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    began = time.monotonic()
    bar: Any = None

    def of(name: str) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                if time.monotonic() - began < PATIENCE or done == total:
                    return
                from rich.console import Console
                from rich.progress import Progress

                columns, rows = width(sys.stderr), height(sys.stderr)  # rich itself fails on an odd COLUMNS
                console = Console(stderr=True, markup=False, emoji=False, width=columns, height=rows)
                bar = Progress(console=console, transient=True)
                bar.add_task("")
                bar.start()
            bar.update(bar.task_ids[0], description=escaped(name).replace("[", r"\["), completed=done, total=total)

        return tell

    try:
        yield of
    finally:
        if bar is not None:
            bar.stop()
