"""Writing results to standard output: a reader that closes the pipe is not an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter, FileIO, TextIOWrapper
from select import select
from typing import Any

from lrviz.cli import signals


@contextmanager
def standard_output() -> Iterator[None]:
    """Wraps everything that writes results, which comes last: raises `OutputLostError` where they cannot be written."""
    signals.check()
    yield
    sys.stdout.flush()


class OutputLostError(Exception):
    """Standard output cannot be written: `closed` by a reader that has seen enough (`| head`), or for a `reason`."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror)
        self.closed = isinstance(error, BrokenPipeError)
        self.reason = error.strerror


class _Stream(BufferedWriter):
    """The buffer of a standard stream, which fails once at most, whoever writes to it: what comes after is discarded.

    `stdout` raises `OutputLostError`, which unlike an `OSError` typer leaves to us. `stderr` raises nothing, because no
    one would read it.

    What is below the buffer must not be written in Python. A signal could raise there after a write and before the
    buffer knows of it, which would then write the same again.
    """

    def __init__(self, stream: TextIOWrapper, name: str) -> None:
        super().__init__(FileIO(stream.fileno(), "wb", closefd=False))
        self._raises = name == "stdout"
        self.lost = False

    def write(self, data: Any) -> int:
        rest = whole = memoryview(data).cast("B")
        while rest and not self.lost:
            try:
                rest = rest[super().write(rest) :]
            except BlockingIOError as full:
                rest = rest[full.characters_written :]
                self._wait()
            except OSError as error:
                self._lose(error)
        return len(whole)

    def flush(self) -> None:
        while not self.lost:
            try:
                return super().flush()
            except BlockingIOError:
                self._wait()
            except OSError as error:
                self._lose(error)
        return None

    def _wait(self) -> None:
        """Waits for room where a full stream does not block."""
        select([], [self], [])

    def _lose(self, error: OSError) -> None:
        self.lost = True
        if self._raises:
            raise OutputLostError(error) from None


@contextmanager
def safe_streams() -> Iterator[None]:
    """Makes streams that are closed or fail discard their output, and replaces characters that an encoding lacks.

    What has not been flushed at the end is discarded too. Streams that are not the process's own stay as they are.
    """
    made: dict[str, tuple[TextIOWrapper, _Stream]] = {}
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - it stays open as long as the process
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            if stream is getattr(sys, f"__{name}__"):
                made[name] = stream, _Stream(stream, name)
                setattr(sys, name, _like(stream, made[name][1]))
    try:
        yield
    finally:
        for name, (stream, buffer) in made.items():
            buffer.lost = True
            setattr(sys, name, stream)


def _like(stream: TextIOWrapper, buffer: BufferedWriter) -> TextIOWrapper:
    by_line = stream.line_buffering or stream.write_through
    return TextIOWrapper(buffer, stream.encoding, stream.errors, line_buffering=by_line)
