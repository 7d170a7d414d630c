"""Reads files whole, up to a limit on their size."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 100_000_000


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
