"""What is new in a file that grows: its bytes, and that it began anew since it was rotated or truncated."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from select import select
from typing import BinaryIO, Final, Protocol

from lrviz.log.source import BLOCK

REMEMBERED: Final = 256
"""So many bytes before the place that was reached are compared: a file written anew may be longer than the old one."""


class Arrivals(Protocol):
    """Bytes in the order in which they come. `ended` is True once no more will come, as from a pipe."""

    ended: bool

    def take(self) -> Iterator[bytes | None]:
        """What is there and was not taken yet, in blocks; None where the file began anew."""

    def wait(self, seconds: float) -> None:
        """Waits until more may be there, for so long at most."""


class GrowingFile:
    """A regular file, which need not exist yet. A file that was renamed is read to its end, then the one in its place.

    A file that is shorter than what was read of it, or in which something else stands there, is read from its start.
    """

    ended = False

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._at = 0
        self._before = b""

    def take(self) -> Iterator[bytes | None]:
        """The bytes that have arrived since the last call; None between them where the file began anew."""
        if self._file is None and not self._open():
            return
        yield from self._more()
        if self._is_replaced():
            yield from self._more()  # what was written until it was renamed
            if self._open():
                yield None
                yield from self._more()

    def wait(self, seconds: float) -> None:
        """Waits so many seconds: of a file, nothing tells that it has grown."""
        time.sleep(seconds)

    def _open(self) -> bool:
        """Opens the file that the path names now; False if there is none."""
        try:
            file = open(self._path, "rb", buffering=0)  # noqa: SIM115 - it stays open
        except FileNotFoundError:
            return False
        self.close()
        self._file, self._at, self._before = file, 0, b""
        return True

    def _is_replaced(self) -> bool:
        assert self._file is not None
        try:
            named = os.stat(self._path)
        except OSError:
            return False  # renamed, and the next one is not there yet
        return not os.path.samestat(named, os.fstat(self._file.fileno())) and stat.S_ISREG(named.st_mode)

    def _more(self) -> Iterator[bytes | None]:
        assert self._file is not None
        file = self._file
        size = os.fstat(file.fileno()).st_size
        if size == self._at:
            return
        file.seek(self._at - len(self._before))
        if size < self._at or file.read(len(self._before)) != self._before:
            file.seek(0)
            self._at, self._before = 0, b""
            yield None
        while block := file.read(BLOCK):
            self._at += len(block)
            self._before = (self._before + block[-REMEMBERED:])[-REMEMBERED:]
            yield block

    def close(self) -> None:
        """Closes the file, if it is there by now."""
        if self._file is not None:
            self._file.close()


class Stream:
    """Standard input, a pipe or a device: it ends when whoever writes to it has closed it."""

    def __init__(self, file: int) -> None:
        self.ended = False
        self._file = file

    def take(self) -> Iterator[bytes | None]:
        """The bytes that have arrived since the last call. A stream never begins anew."""
        while not self.ended and select([self._file], [], [], 0)[0]:
            try:
                block = os.read(self._file, BLOCK)
            except BlockingIOError:
                return
            self.ended = not block
            if block:
                yield block

    def wait(self, seconds: float) -> None:
        """Waits until something arrives, at most so many seconds."""
        select([self._file], [], [], seconds)
