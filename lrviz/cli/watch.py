"""`lrviz plot --watch`: the drawing again, whenever one of its files is saved, until Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from lrviz.ansi import CLEAR_SCREEN
from lrviz.cli.changes import Changes, require_watchfiles
from lrviz.cli.destination import Destination, in_terminal, launch, room_in_terminal, save
from lrviz.cli.output import standard_output
from lrviz.cli.sources import USUAL
from lrviz.cli.streams import Notes, say, say_error, width
from lrviz.cli.watched import State, Watched, listed, python_of
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.schedule.load import read_file

if TYPE_CHECKING:
    from lrviz.cli.picture import Order, Sources

GRACE = 0.25
"""Seconds in which an error may mend itself: a file that is being written is empty, or breaks off, for a moment."""

PATIENCE = 2.0
"""Seconds after which an error is shown though the file is still changing."""

NOW_AND_THEN = 5.0
"""Seconds after which the files are looked at though nothing was heard of them."""

LEAST = 8
"""Rows of a drawing; where it would have fewer, an error has the window for itself."""

OLD = "lrviz: above is the last good drawing"


def watch(order: Order, destination: Destination, notes: Notes) -> NoReturn:
    """Draws an order, and again at every save of a file that it is read from, until a KeyboardInterrupt ends it.

    An error in a file is told of, on a page too, and the last drawing stays. Raises `ScheduleError` for a command that
    is wrong, before anything is drawn.
    """
    require_watchfiles()
    if destination.target == "-":
        raise _wrong("--watch draws many times, and standard output takes one picture", "save into a file: -o x.png")
    watching = _Watching(order._replace(selection=order.selection._replace(files=_named(order))), destination, notes)
    watching.forever()


def _named(order: Order) -> list[str]:
    """The files and folders to watch, each of which is there. What is not named is what is found now."""
    named = list(order.selection.files) or list(filter(os.path.isfile, USUAL))[:1]
    if not named:
        raise _wrong(f"there is no {USUAL[0]} here to watch", "lrviz init writes one")
    problems: list[Problem] = []
    for name in named:
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
    """Notes that are kept until there is a place for them."""

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes.quiet, notes.verbose)
        self.kept: list[str] = []

    def say(self, text: str) -> None:
        if not self.quiet:
            self.kept.append(text)

    def detail(self, text: str) -> None:
        if self.verbose:
            self.kept.append(text)


class _Watching:
    """One `plot --watch`: what it last drew, and what it says of it."""

    def __init__(self, order: Order, destination: Destination, notes: Notes) -> None:
        self.order = order
        self.destination = destination
        self.notes = notes
        self.watched = Watched(order.selection, snapshots=order.kind == "html")
        self.made: Sources | None = None
        self.below: list[str] = []
        self.watching = ""
        self.said = False
        self.error: ScheduleError | None = None
        self.resized = False
        self.interrupted = False
        self.clears = destination.terminal and sys.stdout.isatty()

    def forever(self) -> NoReturn:
        changes = Changes()
        self._listen()
        try:
            state = self._draw()
            gc.collect()
            gc.freeze()  # what is loaded by now stays
            while True:
                state = self._wait(changes, state)
                gc.collect()
        except KeyboardInterrupt:
            self._end()
            raise
        finally:
            changes.close()

    def _wait(self, changes: Changes, state: State) -> State:
        """Until the files are no longer as they were when they were drawn; then draws them."""
        folders = self.watched.folders(state)
        looked, took = time.monotonic(), 0.0
        while True:
            heard = changes.wait(folders)
            if self.interrupted:
                raise KeyboardInterrupt
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
        """Hears of Ctrl-C and of another size of the window."""
        sys.unraisablehook = _not_interrupted
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell has it ignored
            signal.signal(signal.SIGINT, self._interrupt)
        if self.clears and hasattr(signal, "SIGWINCH"):
            signal.signal(signal.SIGWINCH, self._resize)

    def _interrupt(self, *_: Any) -> None:
        self.interrupted = True  # what is raised may come to nothing: in a destructor, or under `except:`
        raise KeyboardInterrupt

    def _resize(self, *_: Any) -> None:
        self.resized = True

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self, before: State | None = None) -> State:
        """Draws what is in the files, and returns what they held before they were read.

        What is saved while it draws is therefore seen as a change. `before` is what they held the last time.
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
        """Whether the files change within the time of grace. They are looked at once more when it is over."""
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
        except ScheduleError:  # a page may be able to show what a terminal is not
            self.made = before
            raise
        if not again and self.destination.open and target is not None:
            launch(target, self.notes)

    def _write_error(self, error: ScheduleError) -> None:
        """Puts an error on the page, above what it showed last."""
        from lrviz.cli.picture import drawn

        if self.made is not None and self.order.kind == "html" and self.destination.target is not None:
            with suppress(ScheduleError):  # it may be that nothing can be written there
                page = drawn(self.order, self.made, Notes(True, False), live=True, error=str(error))
                save(page, self.destination.target)

    def _show(self, path: str | None = None) -> None:
        """What is to be seen now: the drawing in the terminal and what is said of it, or the error, below the last
        drawing where the window has room for both.

        `path` is printed as well. In a terminal, each takes the place of what was there.
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
            self._print(f"{path}\n")
        for text in below:
            self.notes.say(text)

    def _old_drawing(self, below: list[str]) -> str:
        """The last drawing, as large as it can be above some words; nothing where that is too small to be seen."""
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
        """A page that nobody writes any more does not reload itself; and the shell begins in a line of its own."""
        from lrviz.cli.picture import drawn

        if sys.stderr.isatty():
            say("")
        if self.made is not None and self.order.kind == "html" and self.destination.target is not None:
            save(drawn(self.order, self.made, Notes(True, False)), self.destination.target)


def _not_interrupted(unraisable: sys.UnraisableHookArgs) -> None:
    """In place of `sys.unraisablehook`: a Ctrl-C is no fault, wherever it comes."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)


def _rows(texts: list[str]) -> int:
    """How many rows of the terminal they take."""
    columns = width(sys.stdout) or 80
    return sum(1 + max(0, len(line) - 1) // columns for text in texts for line in text.split("\n"))
