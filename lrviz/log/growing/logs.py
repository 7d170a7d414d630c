"""The logs that are followed, each by its kind: a file or a stream, JSON that is written anew, event files."""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import PurePath
from typing import Protocol

from lrviz.errors import Position, ScheduleError
from lrviz.log.growing.arrivals import Arrivals, GrowingFile, Stream
from lrviz.log.growing.content import Content
from lrviz.log.log import Log
from lrviz.log.read import read_log, readable
from lrviz.log.source import is_stdin, name_of
from lrviz.log.table import NotThereError
from lrviz.log.tensorboard import Events, is_tensorboard
from lrviz.log.text import Wanted, pattern_format

BUDGET = 0.5
"""Seconds in which what is new is read before it is judged; the rest comes next."""


class GrowingLog(Protocol):
    """A log that may grow. `restarts` counts how often it began anew."""

    restarts: int

    @property
    def ended(self) -> bool:
        """True once nothing more can come."""

    def take(self) -> bool:
        """Reads what is new; False if nothing is. Raises `ScheduleError`."""

    def wait(self, seconds: float) -> None:
        """Waits until more may be there, for so long at most."""

    def log(self, *, ended: bool = False) -> Log:
        """The records so far. Raises as `read_log` does."""

    @property
    def may_be_redrawn(self) -> bool:
        """See `Content`."""

    @property
    def may_count_from_1(self) -> bool:
        """See `Content`."""


def growing_log(path: str, wanted: Wanted, pattern: str | None) -> GrowingLog | None:
    """The log at a path; None if there is nothing yet. Raises `ScheduleError`."""
    format = None if pattern is None else pattern_format(pattern)
    if is_stdin(path):
        return _Bytes(Stream(sys.stdin.fileno()), Content(path, wanted, format))
    with readable(name_of(path)):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            return None
        if is_tensorboard(path):
            if format is not None:
                raise ScheduleError.at(Position(path), "event files are no text", "leave out --pattern")
            return _EventFiles(path, wanted)
        if not stat.S_ISREG(mode):
            return _Bytes(Stream(os.open(path, os.O_RDONLY)), Content(path, wanted, format))
        if format is None and PurePath(path).suffix.lower() == ".json":
            return _Rewritten(path, wanted)
        return _Bytes(GrowingFile(path), Content(path, wanted, format))


class _Bytes:
    """A log that grows at its end."""

    def __init__(self, arrivals: Arrivals, content: Content) -> None:
        self.restarts = 0
        self._arrivals = arrivals
        self._content = content

    @property
    def ended(self) -> bool:
        return self._arrivals.ended

    @property
    def may_be_redrawn(self) -> bool:
        return self._content.may_be_redrawn

    @property
    def may_count_from_1(self) -> bool:
        return self._content.may_count_from_1

    def take(self) -> bool:
        began, some = time.monotonic(), False
        with readable(self._content.name):
            for data in self._arrivals.take():
                some = True
                if data is None:
                    self.restarts += 1
                    self._content.anew()
                else:
                    self._content.feed(data)
                if time.monotonic() - began > BUDGET:
                    break
        return some

    def wait(self, seconds: float) -> None:
        self._arrivals.wait(seconds)

    def log(self, *, ended: bool = False) -> Log:
        return self._content.log(ended=ended)


class _Polled:
    """A log that is looked at now and then."""

    ended = False
    restarts = 0
    may_be_redrawn = False
    may_count_from_1 = False

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


class _Rewritten(_Polled):
    """JSON that is written anew each time, as a `trainer_state.json` is: read whole at each change."""

    def __init__(self, path: str, wanted: Wanted) -> None:
        self._path = path
        self._wanted = wanted
        self._known: tuple[int, ...] = ()
        self._last: Log | None = None

    def take(self) -> bool:
        with suppress(FileNotFoundError):
            now = os.stat(self._path)
            known = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
            if known != self._known:
                self._known = known
                return True
        return False

    def log(self, *, ended: bool = False) -> Log:
        _, column, step_column, group, groups = self._wanted
        try:
            self._last = read_log(self._path, column, step_column, group, groups=groups)
        except ScheduleError as error:  # it may be half written
            if ended:
                raise
            if self._last is None:
                raise NotThereError(error.problems) from None
        return self._last


class _EventFiles(_Polled):
    def __init__(self, path: str, wanted: Wanted) -> None:
        self._events = Events(path, wanted.column, wanted.step_column, wanted.group)
        self._path = path

    def take(self) -> bool:
        with readable(self._path):
            return self._events.take()

    def log(self, *, ended: bool = False) -> Log:
        return self._events.log()
