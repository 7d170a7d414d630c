"""The table of contents of a zip archive, which is at its end, read without trust in what it says.

`torch.save` stores its entries uncompressed, so that each is a range of the file, and writes ZIP64 where it must.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final, NamedTuple

from lrviz.files import UnreadableError

MAX_CONTENTS: Final = 64_000_000
"""The most bytes of a table of contents: about 900,000 entries, of which each tensor has one."""

CUT_OFF: Final = "is cut off: it was still being written, or was copied only in part"
DAMAGED: Final = "is damaged: its table of contents is wrong"

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")

_WHOLE: Final = 0xFFFFFFFF
"""Stands for a number that is in the fields of ZIP64."""


class Entry(NamedTuple):
    """An entry of an archive: where its own header begins, its size, and how it is compressed (0: not at all)."""

    header: int
    size: int
    method: int


def contents_of(file: BinaryIO) -> dict[str, Entry]:
    """The entries of an archive by their names. Raises `UnreadableError` where there is no table, or it is wrong."""
    begin, size = _table(file)
    if size > MAX_CONTENTS:
        raise UnreadableError(f"has a table of contents of {size:,} bytes, more than {MAX_CONTENTS:,}")
    file.seek(begin)
    table = file.read(size)
    if len(table) < size:
        raise UnreadableError(DAMAGED)
    entries = {}
    at = 0
    while at < len(table):
        if len(table) - at < _ENTRY.size or table[at : at + 4] != b"PK\x01\x02":
            raise UnreadableError(DAMAGED)
        fields = _ENTRY.unpack_from(table, at)
        method, packed, whole, header = fields[4], fields[8], fields[9], fields[16]
        name_size, extra_size, comment_size = fields[10:13]
        at += _ENTRY.size
        name = table[at : at + name_size].decode("utf-8", "replace")
        extra = table[at + name_size : at + name_size + extra_size]
        at += name_size + extra_size + comment_size
        if _WHOLE in (packed, whole, header):
            whole, header = _zip64(extra, packed, whole, header)
        entries[name] = Entry(header, whole, method)
    return entries


def place_of(file: BinaryIO, entry: Entry) -> tuple[int, int]:
    """Where an entry begins, and its bytes. Raises `UnreadableError` for one that is compressed or not there."""
    if entry.method:
        raise UnreadableError("is compressed, which torch.save never does", "unpack it, or save it again")
    length = file.seek(0, 2)
    if entry.header >= length:
        raise UnreadableError(DAMAGED)
    file.seek(entry.header)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
        raise UnreadableError(DAMAGED)
    fields = _LOCAL.unpack(header)
    begin = entry.header + _LOCAL.size + fields[9] + fields[10]
    if begin + entry.size > length:
        raise UnreadableError(DAMAGED)
    return begin, entry.size


def _table(file: BinaryIO) -> tuple[int, int]:
    """Where the table begins, and its bytes, as the record at the end of the archive says."""
    length = file.seek(0, 2)
    first = max(0, length - _END.size - 0xFFFF)  # a comment may follow the record
    file.seek(first)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise UnreadableError(CUT_OFF)
    fields = _END.unpack_from(tail, at)
    size, begin = fields[5], fields[6]
    if at >= _LOCATOR.size and tail[at - _LOCATOR.size :][:4] == b"PK\x06\x07":
        record = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)[2]
        if record < length:
            file.seek(record)
            end = file.read(_END_64.size)
            if len(end) == _END_64.size and end[:4] == b"PK\x06\x06":
                size, begin = _END_64.unpack(end)[8:]
    if begin + size > first + at:
        raise UnreadableError(DAMAGED)
    return begin, size


def _zip64(extra: bytes, packed: int, whole: int, header: int) -> tuple[int, int]:
    """Size and place of an entry that has them in its fields of ZIP64, one for each that is missing in the table."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            values = extra[at + 4 : at + 4 + size]
            numbers = iter(struct.unpack(f"<{len(values) // 8}Q", values[: len(values) // 8 * 8]))
            try:
                whole = next(numbers) if whole == _WHOLE else whole
                packed = next(numbers) if packed == _WHOLE else packed
                header = next(numbers) if header == _WHOLE else header
            except StopIteration:
                break
            return whole, header
        at += 4 + size
    raise UnreadableError(DAMAGED)
