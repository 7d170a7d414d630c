"""`lrviz plot --watch` as a process of its own: what it says, line by line or in a window, and how it ends."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from typing import IO, Self

from process import environment

LIMIT = 40.0
"""Seconds after which something that should have happened has not."""


class Watching:
    """A running `lrviz plot --watch`, in a process group of its own as in a shell."""

    command: tuple[str, ...] = ("plot", "--watch")
    stdin: int = subprocess.DEVNULL

    def __init__(self, *arguments: str | Path, cwd: Path, **more: str) -> None:
        verb, *options = self.command
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lrviz", verb, *map(str, arguments), *options],
            cwd=cwd,
            env=environment(**more),
            stdin=self.stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._read = 0
        self._more = Condition()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            Thread(target=self._reads, args=(self.process.stdout, self.out), daemon=True),
            Thread(target=self._reads, args=(self.process.stderr, self.err), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _reads(self, stream: IO[bytes], lines: list[str]) -> None:
        for line in stream:
            with self._more:
                lines.append(line.decode().rstrip("\n"))
                self._more.notify_all()

    def says(self, pattern: str) -> list[str]:
        """Waits until a line on stderr matches; the lines up to it that were not read before."""
        began = time.monotonic()
        with self._more:
            while True:
                for index in range(self._read, len(self.err)):
                    if re.search(pattern, self.err[index]):
                        lines, self._read = self.err[self._read : index + 1], index + 1
                        return lines
                left = LIMIT - (time.monotonic() - began)
                assert left > 0, f"{pattern!r} was not said: {self.err} {self.out}"
                self._more.wait(left)

    def draws(self, *wanted: str) -> None:
        """Waits until the last drawing that it made on standard output has all of this."""
        until(lambda: all(each in "\n".join(self.out).rpartition("\n\n")[2] for each in wanted))

    def is_silent_for(self, seconds: float) -> bool:
        """Whether nothing more is said within so many seconds."""
        with self._more:
            return not self._more.wait_for(lambda: len(self.err) > self._read, seconds)

    def interrupt(self) -> int:
        """Ctrl-C, which goes to the whole process group; the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(LIMIT)
        for reader in self._readers:
            reader.join(LIMIT)
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(LIMIT)
        for reader in self._readers:
            reader.join(LIMIT)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def until(happened: Callable[[], bool]) -> None:
    """Waits for something that no line tells of."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < LIMIT
        time.sleep(0.01)


CLEAR = "\x1b[H\x1b[2J"


class Window:
    """A terminal of some size (columns, rows), and the `lrviz plot` in its foreground."""

    def __init__(self, *arguments: str, cwd: Path, size: tuple[int, int]) -> None:
        self.ours, theirs = os.openpty()
        self.before = termios.tcgetattr(self.ours)
        self.resize(*size)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lrviz", "plot", *arguments],
            cwd=cwd,
            env=environment(TERM="xterm"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def screens(self) -> int:
        """How often it was cleared."""
        return self.text.count(CLEAR)

    def shows(self, *wanted: str, after: int = 0) -> list[str]:
        """Waits until all of this is on a screen later than the first so many, and gives its lines."""
        began = time.monotonic()
        while self.screens() <= after or not all(each in self._screen() for each in wanted):
            assert time.monotonic() - began < LIMIT, self.text
            self._read()
        return self._screen().split("\r\n")

    def _screen(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.text.rpartition(CLEAR)[2])

    def _read(self) -> bool:
        """Takes what is there by now; whether there may be more."""
        if not select.select([self.ours], [], [], 0.1)[0]:
            return self.process.poll() is None
        try:
            self.text += self._decoder.decode(os.read(self.ours, 1 << 16))
        except OSError:  # nobody has the other end any more
            return False
        return True

    def ends(self) -> int:
        """Reads to the end; the exit status."""
        began = time.monotonic()
        while self._read():
            assert time.monotonic() - began < LIMIT
        return self.process.wait(LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(LIMIT)
        os.close(self.ours)


def _take_terminal() -> None:
    """Makes standard input the terminal that Ctrl-C and another size are heard from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
