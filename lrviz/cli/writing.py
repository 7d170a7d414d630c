"""Files are written whole or not at all: beside their place first, then moved there."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lrviz.cli.output import standard_output
from lrviz.cli.streams import Notes
from lrviz.errors import Position, ScheduleError
from lrviz.foreign import escaped

PREFIX, SUFFIX = ".lrviz-", ".tmp"
TEMPORARY = re.compile(rf"{re.escape(PREFIX)}[0-9a-f]{{16}}{re.escape(SUFFIX)}")
"""The names of temporary files."""

LEFT_OVER = 3600.0
"""Seconds after which a temporary file is of a command that was killed."""


def write_file(path: str, data: bytes, *, shown: str = "") -> None:
    """Writes `data` to `path`, so that no half-written file is ever seen; `shown` is the name of the file in messages.

    A link stays a link, a file keeps its permissions, a device or pipe is written to as it is. Raises
    `ScheduleError` if it cannot be written.
    """
    target = Path(os.path.realpath(path))
    with _writable(shown or path, target):
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            target.write_bytes(data)
            return
        with _beside(target, data, mode) as temporary:
            os.replace(temporary, target)


def write_picture(path: str, draw: Callable[[], bytes], notes: Notes) -> None:
    """Draws a picture and writes it to `path`; a signal that comes before it is written is told, and raised."""
    try:
        write_file(path, draw())
    except KeyboardInterrupt:
        notes.say(f"lrviz: interrupted; {path} is not written")
        raise


def check_place(path: str) -> None:
    """Raises `ScheduleError` if `path` is a folder, or is in one that is not there: before what takes long."""
    _check_place(path, Path(os.path.realpath(path)))


def write_new(path: str, data: bytes) -> None:
    """Writes `data` to a `path` at which there is nothing; of two that write it at once, one succeeds.

    Raises `FileExistsError` if there is something, and `ScheduleError` if it cannot be written.
    """
    target = Path(path)
    with _writable(path, target), _beside(target, data) as temporary:
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:  # the file system has no hard links: take the name, then fill it
            target.open("xb").close()
            os.replace(temporary, target)


def write_or_print(output: str | None, text: bytes, command: str) -> None:
    """Writes a new file and prints its name; without one, or for `-`, prints the text.

    `command` is what was run. Raises `ScheduleError` if the file exists.
    """
    if output is None or output == "-":
        with standard_output():
            print(text.decode(), end="")
        return
    try:
        write_new(output, text)
    except FileExistsError:
        message = f"this file exists already, and {command.split()[1]} never overwrites"
        raise ScheduleError.at(Position(output), message, f"name another file: {command} -o FILE") from None
    with standard_output():
        print(escaped(output))


@contextmanager
def _writable(shown: str, target: Path) -> Iterator[None]:
    _check_place(shown, target)
    where = Position(shown)
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        hint = f"you may not write into {str(target.parent)!r}" if isinstance(error, PermissionError) else ""
        raise ScheduleError.at(where, f"the file cannot be written: {error.strerror}", hint) from None


def _check_place(shown: str, target: Path) -> None:
    where = Position(shown)
    if target.is_dir():
        raise ScheduleError.at(where, "this is a folder, not a file")
    if not target.parent.is_dir():
        raise ScheduleError.at(where, f"there is no folder {str(Path(shown).parent)!r}", "make it first")


@contextmanager
def _beside(target: Path, data: bytes, mode: int | None = None) -> Iterator[Path]:
    """A new file with `data` in the folder of `target`, which is removed unless it is moved away.

    `mode` is that of the file to replace; without one, the umask decides. The name is random and the file new, so that
    nothing that others put there, such as a link, is ever written to.
    """
    _remove_left_over(target.parent)
    temporary = target.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    readable = 0o666 if mode is None else 0o600  # the file to replace may be private
    try:
        with open(temporary, "xb", opener=lambda path, flags: os.open(path, flags, readable)) as file:
            file.write(data)
            if mode is not None:
                os.chmod(file.fileno() if os.chmod in os.supports_fd else temporary, stat.S_IMODE(mode))
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _remove_left_over(folder: Path) -> None:
    """Removes temporary files of commands that were killed, if they are our own."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if TEMPORARY.fullmatch(entry.name) and _is_left_over(entry):
                os.unlink(entry.path)


def _is_left_over(entry: os.DirEntry[str]) -> bool:
    known = entry.stat(follow_symlinks=False)
    ours = not hasattr(os, "geteuid") or known.st_uid == os.geteuid()
    return stat.S_ISREG(known.st_mode) and ours and time.time() - known.st_mtime > LEFT_OVER
