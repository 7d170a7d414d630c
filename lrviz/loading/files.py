"""What a command line names -> bytes: files, standard input, a schedule inside of a larger file."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from lrviz.errors import Position, ScheduleError
from lrviz.files import STDIN, UnreadableError, open_regular
from lrviz.schedule.text.document import MAX_BYTES

SUFFIXES = (".yaml", ".yml")
"""Suffixes of schedule files."""


def file_and_key(named: str) -> tuple[str, str]:
    """`train.yaml#trainer.schedule` as a file and the key of a schedule in it; a file of that very name wins."""
    file, _, key = named.rpartition("#")
    inside = file and key and (file == "-" or os.path.exists(file)) and not os.path.lexists(named)
    return (file, key) if inside else (named, "")


def read_stdin() -> bytes:
    """The text of standard input, at most one byte more than a schedule file may have."""
    if sys.stdin is None:
        raise ScheduleError.at(Position(STDIN), "standard input is closed")
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def read_file(path: str | Path, *, regular: bool = False) -> bytes:
    """The text of a file, at most one byte more than a schedule file may have.

    What a command names may be a pipe, for which it waits; only a `regular` file is read of what it found in a folder.
    Raises `ScheduleError` if it cannot be read.
    """
    where = Position(str(path))
    try:
        with open_regular(path) if regular else open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ScheduleError.at(where, "this is a folder, not a file", "name a file in it") from None
    except FileNotFoundError:
        raise ScheduleError.at(where, "there is no such file", _near(str(path))) from None
    except UnreadableError as error:
        raise ScheduleError.at(where, f"this {error}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ScheduleError.at(where, f"the file cannot be read: {reason}") from None


MAX_NEIGHBOURS, MAX_NAME = 200, 255
"""So many names of a folder are compared with the one that is not there, and so long ones."""


def _near(path: str) -> str:
    """A hint: a file of this kind beside it that has nearly its name; empty if there is none."""
    folder, name = os.path.split(path)
    wanted, suffix = os.path.splitext(name)
    if len(name) > MAX_NAME:
        return ""
    try:
        with os.scandir(folder or ".") as beside:
            files = sorted(each.name for each in islice(beside, MAX_NEIGHBOURS) if each.is_file())
    except (OSError, ValueError):
        return ""
    kind = SUFFIXES if suffix in SUFFIXES else (suffix,)
    names = {stem: file for file in files for stem, ending in [os.path.splitext(file)] if ending in kind}
    near = get_close_matches(wanted, names, n=1, cutoff=0.75)
    return f"did you mean {os.path.join(folder, names[near[0]])}?" if near else ""
