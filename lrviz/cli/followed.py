"""`check --follow`: the options of a run that is followed while it writes its log, and what is shown meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from lrviz.ansi import CLEAR_LINE
from lrviz.cli import signals
from lrviz.cli.streams import Notes, say, width
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.foreign import escaped
from lrviz.words import show

if TYPE_CHECKING:
    from lrviz.checked import Logged
    from lrviz.log.growing import Followed
    from lrviz.log.logged import LoggedRun

UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}

DEFAULT_TIMEOUT: Final = 3600.0
"""Seconds in which nothing comes after which a run is left: a job of a CI ends."""

OFTEN: Final = 0.2
"""Seconds between two states of the line on a terminal."""

EVERY_SO_OFTEN: Final = 60.0
"""Seconds after which there is another line of progress where stderr is no terminal, with -v; or a tenth of the run."""


def _seconds(text: str | float) -> float:
    """A time to wait: `90`, `10m`, `1.5h`; infinite for `never`."""
    if isinstance(text, float):
        return text
    if text == "never":
        return float("inf")
    number = text.rstrip("smhd")
    try:
        seconds = float(number) * UNITS[text[len(number) :].strip()]
    except (ValueError, KeyError):
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise typer.BadParameter(f"{show(text)} is not a time to wait: 90, 10m, 1h, never")
    return seconds


FollowOption = Annotated[
    bool,
    typer.Option(
        "--follow",
        help="Read on while the run writes its log: ends with status 1 at the first deviation, else with the run.",
    ),
]
KeepGoingOption = Annotated[
    bool,
    typer.Option("--keep-going", help="With --follow: go on after a deviation, and tell if the run comes back."),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        parser=_seconds,
        metavar="TIME",
        help="With --follow: end when nothing came for so long, 90, 10m, never; status 0 if all followed.",
        show_default="1h",
    ),
]


class FollowOptions(NamedTuple):
    """The values of these options."""

    follow: bool = False
    keep_going: bool = False
    timeout: float | None = None

    def of(self, runs: Sequence[LoggedRun], notes: Notes) -> Sequence[Logged]:
        """The runs, followed if that was asked for. Raises `ScheduleError` unless there is exactly one then."""
        if not self.follow:
            if self.keep_going or self.timeout is not None:
                raise ScheduleError.at(Position("lrviz"), "--keep-going and --timeout need --follow")
            return runs
        if len(runs) != 1:
            raise ScheduleError.at(Position("lrviz"), "--follow needs one log", "name it with --run train.log")
        from lrviz.log.growing import FollowedRun, Stop

        timeout = DEFAULT_TIMEOUT if self.timeout is None else self.timeout
        stop = Stop(None if timeout == float("inf") else timeout, self.keep_going)
        return [FollowedRun(runs[0], stop, Shown(notes))]


class Shown:
    """Shows how far a run is: in one line of a terminal, else every so often with -v."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._on_terminal = sys.stderr.isatty() and not notes.quiet
        self._last = float("-inf")
        self._text = ""
        self._drawn = ""
        self._tenth = self._shown = -1

    def look(self) -> None:
        """Raises if a signal came; draws what is new."""
        signals.check()
        if self._text != self._drawn:
            self._show()

    def progress(self, followed: Followed) -> None:
        """Remembers how far the run is, for the line that is redrawn."""
        self._text, self._tenth = str(followed), int(10 * followed.fraction)

    def _show(self) -> None:
        now = time.monotonic()
        is_new = self._on_terminal or self._tenth == self._shown
        if now - self._last < (OFTEN if self._on_terminal else EVERY_SO_OFTEN) and is_new:
            return
        self._last, self._drawn, self._shown = now, self._text, self._tenth
        if self._on_terminal:
            columns = (width(sys.stderr) or 80) - 1
            sys.stderr.write(f"{CLEAR_LINE}{escaped(self._text)[:columns]}")
            sys.stderr.flush()
        else:
            self._notes.detail(f"lrviz: {self._text}")

    def say(self, message: str) -> None:
        """Says a sentence above the line of progress."""
        self.clear()
        self._notes.say(f"lrviz: {message}")

    def event(self, problem: Problem) -> None:
        """Says what was found in the log, above the line of progress, as a report would."""
        self.clear()
        say(*str(problem).split("\n"))

    def clear(self) -> None:
        """Removes the line from the terminal."""
        if self._on_terminal and self._drawn:
            sys.stderr.write(CLEAR_LINE)
            sys.stderr.flush()
        self._drawn = ""
