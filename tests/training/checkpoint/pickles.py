"""Archives as `torch.save` writes them, around any pickle."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import torch


def archive_of(pickle: bytes, **more: bytes) -> bytes:
    """An archive of `torch.save` with this pickle in place of its own, and more entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {"data.pkl": pickle, "byteorder": b"little", "version": b"3\n", **more}.items():
            archive.writestr(f"archive/{name}", data)
    return made.getvalue()


def saved(value: object, **options: bool) -> bytes:
    """What `torch.save` writes."""
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def sparse(path: Path, checkpoint: bytes, size: int) -> None:
    """A checkpoint with one more tensor of `size` bytes in it, of which the disk holds nothing.

    Its entry lies behind the others; what comes behind it is in ZIP64, as `torch.save` writes it for such a tensor.
    """
    with zipfile.ZipFile(io.BytesIO(checkpoint)) as archive:
        entries = [(each.filename, archive.read(each)) for each in archive.infolist()]
    places = []
    with path.open("wb") as file:
        for name, data, length in [
            *((name, data, len(data)) for name, data in entries),
            ("archive/data/999", b"", size),
        ]:
            at = file.tell()
            extra = struct.pack("<HHQQ", 1, 16, length, length)
            head = (0x04034B50, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
            file.write(struct.pack("<L5H3L2H", *head) + name.encode() + extra + data)
            file.seek(at + 30 + len(name) + len(extra) + length)
            places.append((name, at, length))
        begin = file.tell()
        for name, at, length in places:
            extra = struct.pack("<HHQQQ", 1, 24, length, length, at)
            fields = (0x02014B50, 45, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra), 0, 0, 0, 0)
            file.write(struct.pack("<L6H3L5H2L", *fields, 0xFFFFFFFF) + name.encode() + extra)
        end = file.tell()
        count = len(places)
        file.write(struct.pack("<LQ2H2L4Q", 0x06064B50, 44, 45, 45, 0, 0, count, count, end - begin, begin))
        file.write(struct.pack("<LLQL", 0x07064B50, 0, end, 1))
        file.write(struct.pack("<L4H2LH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
