"""What a command writes arrives once and in order, also where a signal or a full pipe comes between."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO, TextIOWrapper
from threading import Thread

import pytest

from lrviz.cli.output import safe_streams

LONG = "long " * 20_000
STREAMS = ("stdout", "stderr")


def received(write: Callable[[], None], prepare: Callable[[int, int], None]) -> str:
    """What arrives at the end of a pipe that is both standard streams while `write` runs."""
    ours, theirs = os.pipe()
    prepare(ours, theirs)
    chunks: list[bytes] = []
    reader = Thread(target=lambda: chunks.extend(iter(lambda: os.read(ours, 10_000), b"")))
    reader.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in STREAMS:
            patch.setattr(sys, name, TextIOWrapper(FileIO(theirs, "wb", closefd=False), line_buffering=True))
            patch.setattr(sys, f"__{name}__", getattr(sys, name))
        try:
            with safe_streams():
                write()
        finally:
            os.close(theirs)
            reader.join()
            os.close(ours)
    return b"".join(chunks).decode()


class StopError(Exception):
    """What the signal raises."""


@contextmanager
def signals() -> Iterator[Callable[[int, int], None]]:
    """Prepares a pipe so that every write to it sends this process a signal, of which the first raises `StopError`."""
    came = 0

    def stop(*_: object) -> None:
        nonlocal came
        came += 1
        if came == 1:
            raise StopError

    def prepare(ours: int, _: int) -> None:
        fcntl.fcntl(ours, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)

    before = signal.signal(signal.SIGIO, stop)
    yield prepare
    signal.signal(signal.SIGIO, before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems send no signal for a pipe")
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("text", ["short\n", "a line\n" * 10_000, LONG])
def test_what_is_being_written_when_a_signal_comes_is_not_written_again(stream: str, text: str) -> None:
    def write() -> None:
        with pytest.raises(StopError):
            print(text, end="", flush=True, file=getattr(sys, stream))
        print("then", file=getattr(sys, stream), flush=True)

    with signals() as prepare:
        said = received(write, prepare).removesuffix("then\n")
    assert said == text[: len(said)]
    assert len(said) >= min(len(text), 4096)


def test_a_full_stream_that_does_not_block_is_waited_for() -> None:
    def write() -> None:
        for text in ("short", "a line\n" * 10_000, LONG):
            print(text, file=sys.stderr)
            print(text, flush=True)
        sys.stdout.buffer.write("é".encode() * 100_000)
        sys.stdout.flush()

    twice = "".join(f"{text}\n" * 2 for text in ("short", "a line\n" * 10_000, LONG))
    assert received(write, lambda _, theirs: os.set_blocking(theirs, False)) == twice + "é" * 100_000
