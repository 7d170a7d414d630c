"""Writing results: a file is replaced whole or not at all, and a reader that closes the pipe is not an error."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from lrviz.errors import Position, ScheduleError


def write_file(path: str, data: bytes) -> None:
    """Writes `data` to `path`: beside it first, then in its place, so that no half-written file is ever seen.

    A link stays a link, a file keeps its permissions, a device or pipe is written to as it is. Raises
    `ScheduleError` if it cannot be written.
    """
    target = Path(os.path.realpath(path))
    where = Position(path)
    if target.is_dir():
        raise ScheduleError.at(where, "this is a folder, not a file")
    if not target.parent.is_dir():
        raise ScheduleError.at(where, f"there is no folder {str(Path(path).parent)!r}", "make it first")
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            target.write_bytes(data)
            return
        _replace(target, data)
    except OSError as error:
        raise ScheduleError.at(where, f"the file cannot be written: {error.strerror}") from None


def _replace(target: Path, data: bytes) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(data)
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def standard_output() -> Iterator[None]:
    """Wraps everything that writes results: a reader that closes the pipe (`| head`) ends it silently."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        raise typer.Exit from None


def discard_output() -> None:
    """Discards standard output, so that its buffer does not fail once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
