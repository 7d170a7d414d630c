"""Reads files whole, up to a limit on their size; opens regular files without waiting for what is none."""

from __future__ import annotations

import os
import re
import stat
from io import BufferedReader
from pathlib import Path, PurePath
from typing import BinaryIO, Final

MAX_BYTES = 100_000_000

POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize \d+\n?"
)
"""What Git LFS stores in place of a file."""

LONGEST_POINTER: Final = 1024

STDIN = "<stdin>"
"""The name of standard input in errors."""


class UnreadableError(Exception):
    """A file that cannot be used; `hint` says what to do.

    If there is a place (`line` and `column`, from 1), the message is a sentence about it; else it completes a sentence
    about the file, such as "holds no records".
    """

    def __init__(self, message: str, hint: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.hint = hint
        self.line = line
        self.column = column

    def of(self, path: Path) -> str:
        """The message with the path of the file and the place in it."""
        return f"{path}:{self.line}:{self.column}: {self}" if self.line else f"{path} {self}"


def suffix_of(file: str, text: str | bytes = "") -> str:
    """The suffix that says how a file is parsed; standard input, which has none, is JSON if it begins so, else YAML."""
    is_json = file == STDIN and text[:100].lstrip()[:1] in ("{", b"{")
    return PurePath(file.strip("<>")).suffix.lower() or (".json" if is_json else ".yaml")


def open_regular(path: str | Path, *, follow: bool = True) -> BufferedReader:
    """Opens a regular file for reading; a pipe, socket or device is never waited for.

    Without `follow`, a path that is itself a link is not opened. Raises `OSError`, and `UnreadableError` for what is no
    regular file.
    """
    more = 0
    for name in ("O_NONBLOCK", "O_NOCTTY", *(() if follow else ("O_NOFOLLOW",))):
        more |= getattr(os, name, 0)  # Windows has none of them
    file = open(path, "rb", opener=lambda opened, flags: os.open(opened, flags | more))  # noqa: SIM115 - it is returned
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UnreadableError("is not a regular file")
    return file


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises `OSError`, and `UnreadableError` if it is larger than `MAX_BYTES`."""
    with open(path, "rb") as file:
        return read_rest(file)


def read_rest(file: BinaryIO, begun: bytes = b"") -> bytes:
    """`begun`, which was already read from an open file, and the rest of it. Raises as `read_bytes` does."""
    data = begun + file.read(MAX_BYTES + 1 - len(begun))
    if len(data) > MAX_BYTES:
        raise UnreadableError("is larger than 100 MB")
    return data


def stands_for(data: bytes) -> str | None:
    """The id of the file for which a pointer of Git LFS stands; None for what is no such pointer."""
    pointer = POINTER.fullmatch(data) if len(data) <= LONGEST_POINTER else None
    return None if pointer is None else pointer[1].decode()


def refuse_pointer(data: bytes) -> None:
    """Raises `UnreadableError` for a pointer of Git LFS."""
    if stands_for(data) is not None:
        raise UnreadableError("is kept by Git LFS, which has not downloaded it", "git lfs pull downloads it")


def undecodable(error: UnicodeDecodeError) -> UnreadableError:
    """That a file is not in its encoding, and in which line; its bytes are not quoted."""
    line = error.object[: error.start].decode(error.encoding, "replace").count("\n") + 1
    encoding = "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
    return UnreadableError(f"is not {encoding} in line {line:,}", "save it as UTF-8")
