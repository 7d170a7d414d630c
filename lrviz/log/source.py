"""Where a log is read from: a file, a pipe or standard input, opened once."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO, Final, Self

from lrviz.errors import Position, ScheduleError
from lrviz.files import MAX_BYTES, STDIN, UnreadableError, read_rest, refuse_pointer

HEAD: Final = 1 << 18
"""The bytes at the beginning of a file by which it is judged."""

BLOCK: Final = 1 << 18
"""Text is read in blocks of so many bytes."""

TABLES: Final = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
"""A file with one of these endings is a table, however wrong."""

GZIP: Final = b"\x1f\x8b"


def is_stdin(path: str) -> bool:
    """True for `-`."""
    return path == "-"


def name_of(path: str) -> str:
    """The name of a log in messages."""
    return STDIN if is_stdin(path) else path


def refuse(head: bytes, path: str) -> None:
    """Raises `ScheduleError` for the head of a compressed file, `UnreadableError` for that of a pointer of Git LFS."""
    if head.startswith(GZIP):
        hint = f"gunzip -c {path} | lrviz check FILE --run -"
        raise ScheduleError.at(Position(name_of(path)), "this file is compressed", hint)
    refuse_pointer(head)


class Source:
    """An open log, of which the first bytes are read. Use it in a `with`."""

    def __init__(self, file: BinaryIO, path: str, *, keep_open: bool = False) -> None:
        self._file = file
        self._path = path
        self._keep_open = keep_open
        self.head = _at_least(file, HEAD)

    @classmethod
    def of(cls, path: str) -> Source:
        """Opens a log.

        Raises `OSError`, `ScheduleError` for what is compressed, and `UnreadableError` for a pointer of Git LFS.
        """
        source = cls(sys.stdin.buffer, path, keep_open=True) if is_stdin(path) else cls(open(path, "rb"), path)  # noqa: SIM115
        try:
            refuse(source.head, path)
        except (ScheduleError, UnreadableError):
            source.close()
            raise
        return source

    @classmethod
    def of_bytes(cls, data: bytes, path: str = "") -> Source:
        """A log that is in memory already."""
        return cls(BytesIO(data), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file, unless it is standard input, which is not ours to close."""
        if not self._keep_open:
            self._file.close()

    @property
    def must_be_table(self) -> bool:
        """True if the name of the file says that it is a table."""
        return PurePath(self._path).suffix.lower() in TABLES

    @property
    def begins(self) -> str:
        """The text at the beginning."""
        return next(_decoded(iter([self.head])), "")

    def blocks(self) -> Iterator[str]:
        """The text from the beginning, in blocks; what is not in its encoding becomes U+FFFD."""
        return _decoded(self._bytes())

    def _bytes(self) -> Iterator[bytes]:
        yield self.head
        while block := self._file.read(BLOCK):
            yield block

    def all(self) -> bytes:
        """The whole content. Raises `UnreadableError` if it is larger than `MAX_BYTES`."""
        return read_rest(self._file, self.head)

    @property
    def is_short(self) -> bool:
        """True if the first bytes are all."""
        return len(self.head) < HEAD

    def again(self) -> bytes | None:
        """The whole content, after it was read once; None where that is not possible, or it is too large."""
        if self.is_short:
            return self.head
        if not self._file.seekable():
            return None
        self._file.seek(0)
        data = self._file.read(MAX_BYTES + 1)
        return data if len(data) <= MAX_BYTES else None


def _at_least(file: BinaryIO, count: int) -> bytes:
    """So many bytes, or all that there are; a pipe may give fewer at a time."""
    parts: list[bytes] = []
    while count > 0 and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _decoded(blocks: Iterator[bytes]) -> Iterator[str]:
    first = next(blocks, b"")
    wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")("replace")
    yield decoder.decode(first)
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)
