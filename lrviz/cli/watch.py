"""`lrviz plot --watch`: redraws whenever one of the files is saved, until Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from lrviz.ansi import CLEAR_SCREEN
from lrviz.cli import signals
from lrviz.cli.changes import Changes, require_watchfiles
from lrviz.cli.destination import Destination, in_terminal, launch, room_in_terminal, save
from lrviz.cli.output import standard_output
from lrviz.cli.sources import USUAL
from lrviz.cli.streams import Notes, say, say_error, width
from lrviz.cli.watched import State, Watched, listed, python_of
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.foreign import escaped
from lrviz.loading import file_and_key, read_file

if TYPE_CHECKING:
    from lrviz.cli.picture import Order, Sources

GRACE = 0.25
"""Seconds before an error is shown: a file that is being written may be empty or cut off for a moment."""

PATIENCE = 2.0
"""Seconds after which an error is shown even if the file is still changing."""

NOW_AND_THEN = 5.0
"""Seconds after which the files are checked even without an event."""

LEAST = 8
"""Minimum rows of a drawing; with less room, an error has the window to itself."""

OLD = "lrviz: above is the last good drawing"


def watch(order: Order, destination: Destination, notes: Notes) -> NoReturn:
    """Draws an order, and again at every save of a file that it is read from, until a KeyboardInterrupt ends it.

    An error in a file is reported, on a page too, and the last drawing stays. Raises `ScheduleError` for an invalid
    command, before anything is drawn.
    """
    require_watchfiles()
    if destination.target == "-":
        raise _wrong("--watch draws many times, but standard output takes one picture", "save into a file: -o x.png")
    watching = _Watching(order._replace(selection=order.selection._replace(files=_named(order))), destination, notes)
    watching.forever()


def _named(order: Order) -> list[str]:
    """The files and folders to watch, all of which exist; if none is named, the usual file that exists now."""
    named = list(order.selection.files) or list(filter(os.path.isfile, USUAL))[:1]
    if not named:
        raise _wrong(f"there is no {USUAL[0]} here to watch", "lrviz init writes one")
    problems: list[Problem] = []
    for name, _ in map(file_and_key, named):
        try:
            if name == "-":
                raise _wrong("--watch cannot watch standard input", "name a file")
            if os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name)):
                raise ScheduleError.at(Position(name), "--watch cannot watch a pipe or device", "name a file")
            if not os.path.isdir(name):
                read_file(name)
        except ScheduleError as error:
            problems += error.problems
    if problems:
        raise ScheduleError(problems)
    return named


def _wrong(message: str, hint: str) -> ScheduleError:
    return ScheduleError.at(Position("lrviz"), message, hint)


class _Later(Notes):
    """Notes that are kept until they can be shown."""

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes.quiet, notes.verbose)
        self.kept: list[str] = []

    def say(self, *lines: str) -> None:
        if not self.quiet:
            self.kept += lines

    def detail(self, line: str) -> None:
        if self.verbose:
            self.kept.append(line)


class _Watching:
    """One `plot --watch`: its last drawing and the messages about it."""

    def __init__(self, order: Order, destination: Destination, notes: Notes) -> None:
        self.order = order
        self.destination = destination
        self.notes = notes
        self.watched = Watched(order.selection, snapshots=order.kind == "html", logs=order.runs.run)
        self.made: Sources | None = None
        self.below: list[str] = []
        self.watching = ""
        self.said = False
        self.error: ScheduleError | None = None
        self.resized = False
        self.clears = destination.terminal and sys.stdout.isatty()

    def forever(self) -> NoReturn:
        changes = Changes()
        self._listen()
        try:
            state = self._draw()
            gc.collect()
            gc.freeze()  # everything loaded so far stays
            while True:
                state = self._wait(changes, state)
                gc.collect()
        except KeyboardInterrupt:
            self._end()
            raise
        finally:
            changes.close()

    def _wait(self, changes: Changes, state: State) -> State:
        """Waits until the files differ from those last drawn, then draws them."""
        folders = self.watched.folders(state)
        looked, took = time.monotonic(), 0.0
        while True:
            heard = changes.wait(folders)
            signals.check()
            if self.resized:
                self._show()
            if not heard and time.monotonic() - looked < max(NOW_AND_THEN, 50 * took):
                continue
            began = time.monotonic()
            now = self.watched.look()
            if now != state:
                return self._draw(state)
            folders = self.watched.folders(state)
            looked, took = time.monotonic(), time.monotonic() - began

    def _listen(self) -> None:
        """Starts listening for a resized window."""
        if self.clears and hasattr(signal, "SIGWINCH"):
            signal.signal(signal.SIGWINCH, self._resize)

    def _resize(self, *_: Any) -> None:
        self.resized = True

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self, before: State | None = None) -> State:
        """Draws the files, and returns their state before they were read.

        A save while it draws is therefore seen as a change. `before` is their state at the last drawing.
        """
        patient_until = None
        while True:
            state = self.watched.look()
            self.watching = f"lrviz: watching {listed(state, self.notes.verbose)}; Ctrl-C ends it"
            if self.watched.own is not None and before is not None and python_of(before) != python_of(state):
                self.watched.own.forget()
            try:
                self._draw_once()
                return state
            except ScheduleError as error:
                of_the_command = all(each.where.file in ("lrviz", self.destination.target) for each in error.problems)
                if before is None and of_the_command:
                    raise
                patient_until = patient_until or time.monotonic() + PATIENCE
                if time.monotonic() > patient_until or not self._changes_soon(state):
                    self.error = error
                    self._write_error(error)
                    self._show()
                    return state
                before = state

    def _changes_soon(self, state: State) -> bool:
        """True if the files change within `GRACE`. They are checked once more when it is over."""
        until = time.monotonic() + GRACE
        while True:
            over = time.monotonic() >= until
            if self.watched.look() != state:
                return True
            if over:
                return False
            time.sleep(0.02)

    def _draw_once(self) -> None:
        from lrviz.cli.picture import drawn, sources

        began = time.monotonic()
        later, target = _Later(self.notes), self.destination.target
        made = sources(self.order, later)
        picture = drawn(self.order, made, later, live=True) if target is not None else b""
        before, again = self.made, self.made is not None
        if target is not None:
            save(picture, target)
        self.made, self.error = made, None
        if again and not (self.clears and target is None):
            what = f"{target} again" if target is not None else "again"
            later.say(f"lrviz: drew {what} ({time.monotonic() - began:.2f} s)")
        self.below = later.kept
        try:
            self._show(path=target if not again else None)
        except ScheduleError:  # a page may be able to show what a terminal cannot
            self.made = before
            raise
        if not again and self.destination.open and target is not None:
            launch(target, self.notes)

    def _write_error(self, error: ScheduleError) -> None:
        """Shows an error on the page, above its last contents."""
        from lrviz.cli.picture import drawn

        if self.made is not None and self.order.kind == "html" and self.destination.target is not None:
            with suppress(ScheduleError):  # the page may not be writable
                page = drawn(self.order, self.made, Notes(True, False), live=True, error=str(error))
                save(page, self.destination.target)

    def _show(self, path: str | None = None) -> None:
        """Shows the drawing in the terminal with its messages, or the error, below the last drawing if the window has
        room for both.

        `path` is printed as well. In a terminal, the new output replaces the old.
        """
        self.resized = False
        first, self.said = not self.said, True
        below = [] if self.error is not None else list(self.below)
        if not self.notes.quiet and (self.clears or first):
            below.append(self.watching)
        same_screen = self.clears and sys.stderr.isatty()
        if self.error is not None:
            if same_screen:
                old = self._old_drawing([str(self.error), OLD, *below])
                below[:0] = [OLD] if old else []
                self._print(CLEAR_SCREEN + old)
            say_error(self.error)
        elif self.destination.terminal and self.made is not None:
            after = [*(below if same_screen else []), *([path] if path is not None else [])]
            room = _rows(after) if self.clears else 1
            drawing = in_terminal(self.made.shown, self.order.look, self.destination.color, room)
            self._print((CLEAR_SCREEN if self.clears else "" if first else "\n") + drawing)
        if path is not None:
            self._print(f"{escaped(path)}\n")
        for line in below:
            self.notes.say(line)

    def _old_drawing(self, below: list[str]) -> str:
        """The last drawing, as large as fits above some lines of text; empty if it would be too small."""
        rows = _rows(below)
        room = room_in_terminal(rows)
        if self.made is None or room is None or room < LEAST:
            return ""
        return in_terminal(self.made.shown, self.order.look, self.destination.color, rows)

    @staticmethod
    def _print(text: str) -> None:
        with standard_output():
            sys.stdout.write(text)

    def _end(self) -> None:
        """Writes the page once more without reloading, and ends the line for the shell."""
        from lrviz.cli.picture import drawn

        if sys.stderr.isatty():
            say("")
        if self.made is not None and self.order.kind == "html" and self.destination.target is not None:
            save(drawn(self.order, self.made, Notes(True, False)), self.destination.target)


def _rows(texts: list[str]) -> int:
    """The rows that these texts take in the terminal."""
    columns = width(sys.stdout) or 80
    return sum(1 + max(0, len(line) - 1) // columns for text in texts for line in text.split("\n"))
