"""The file of a checkpoint, in the formats of `torch.save`: its object, and single numbers of its tensors.

Of a file of any size, the table of contents is read, the pickle, and the few numbers that are asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Final

from lrviz.files import UnreadableError
from lrviz.training.checkpoint.contents import Entry, contents_of, place_of
from lrviz.training.checkpoint.inert import EPSILONS, FORMS, Rounded, Storage, Tensor
from lrviz.training.checkpoint.unpickle import DAMAGED, SMALLER, unpickled

MAX_PICKLE: Final = 64_000_000
"""The most bytes of a pickle: each tensor takes about 200, wherever its numbers are."""

MAX_NUMBERS: Final = 100_000
"""The most numbers that are read from tensors: a few for each param group."""

LEGACY: Final = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
"""How a file of `torch.save` begins that is no archive: a pickle of its magic number."""

_WANTED: Final = "a checkpoint is what torch.save wrote: a .pt, .pth, .ckpt or .bin with the state of an optimizer"


@dataclass
class Content:
    """The object of a checkpoint, as inert values, and where numbers of its tensors are.

    `place` gives, for the key of a storage, where in the file it begins and how many bytes it has; None if unknown.
    `names` are those of all classes and functions in it.
    """

    root: Any
    names: set[str]
    file: BinaryIO
    place: Callable[[str], tuple[int, int] | None]
    order: str = "<"
    numbers_read: int = 0

    def number(self, tensor: Tensor) -> float | int | None:
        """The number of a tensor that has one; None where the file lacks it, or has it in an unknown form."""
        form = FORMS.get(tensor.storage.kind)
        if form is None or not tensor.is_one_number or self.numbers_read >= MAX_NUMBERS:
            return None
        place = self.place(tensor.storage.key)
        size = struct.calcsize(self.order + form)
        if place is None or not 0 <= tensor.first <= place[1] // size - 1:
            return None
        self.numbers_read += 1
        self.file.seek(place[0] + tensor.first * size)
        data = self.file.read(size)
        if len(data) < size:
            return None
        if tensor.storage.kind == "BFloat16Storage":
            data, form = (b"\0\0" + data if self.order == "<" else data + b"\0\0"), "f"
        number: float | int = struct.unpack(self.order + form, data)[0]
        epsilon = EPSILONS.get(tensor.storage.kind)
        return number if epsilon is None else Rounded(number, epsilon)


def read_content(file: BinaryIO) -> Content:
    """What a file holds. Raises `UnreadableError` for what `torch.save` did not write, and for what is damaged."""
    head = file.read(512)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _read_archive(file)
    if head.startswith(LEGACY):
        return _read_legacy(file)
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        read = unpickled(BytesIO(file.read(MAX_PICKLE)))
        return Content(read.root, read.names, file, lambda key: None)
    raise UnreadableError(*_no_checkpoint(head))


def _no_checkpoint(head: bytes) -> tuple[str, str]:
    """Why a file that begins like this is no checkpoint, and what to hand in."""
    if not head:
        return "is empty", "it was perhaps still being written"
    if head[8:9] == b"{":
        return (
            "is a file of safetensors, which holds weights only",
            "hand in what holds the state of the optimizer and of the scheduler",
        )
    if head.startswith(b"\x89HDF"):
        return "is a file of HDF5, not of torch.save", _WANTED
    if head[257:262] == b"ustar":
        return "is a tar file, as torch wrote until 0.1", "load it with an old torch, and save it again"
    return "is no checkpoint", _WANTED


def _read_archive(file: BinaryIO) -> Content:
    entries = contents_of(file)
    if any(name.endswith(("/constants.pkl", "/code/__torch__.py")) for name in entries):
        raise UnreadableError("is a TorchScript program, which holds weights only", _WANTED)
    pickles = [name for name in entries if name.endswith("/data.pkl") or name == "data.pkl"]
    if len(pickles) != 1:
        raise UnreadableError("is an archive, but none of torch.save", _WANTED)
    folder = pickles[0].removesuffix("data.pkl")

    def place(key: str) -> tuple[int, int] | None:
        entry: Entry | None = entries.get(f"{folder}data/{key}")
        return place_of(file, entry) if entry is not None else None

    begin, size = place_of(file, entries[pickles[0]])
    if size > MAX_PICKLE:
        raise UnreadableError(f"has a pickle of {size:,} bytes, more than {MAX_PICKLE:,}", SMALLER)
    file.seek(begin)
    read = unpickled(BytesIO(file.read(size)))
    order = entries.get(f"{folder}byteorder")
    if order is not None:
        file.seek(place_of(file, order)[0])
    return Content(read.root, read.names, file, place, ">" if order is not None and file.read(3) == b"big" else "<")


def _read_legacy(file: BinaryIO) -> Content:
    """A file as torch wrote until 1.5: pickles of the object and of the keys of its storages, which follow."""
    head = BytesIO(file.read(MAX_PICKLE))
    for _ in ("magic number", "protocol", "system"):
        unpickled(head)
    read = unpickled(head)
    keys = unpickled(head).root
    if not isinstance(keys, list):
        raise UnreadableError(DAMAGED)
    places = dict(_places(keys, read.storages, head.tell()))
    return Content(read.root, read.names, file, places.get)


def _places(keys: list[Any], storages: dict[str, Storage], begin: int) -> Iterable[tuple[str, tuple[int, int]]]:
    """Where each storage begins; behind one of a type that we do not know, nothing is known."""
    for key in keys:
        storage = storages.get(key) if isinstance(key, str) else None
        form = FORMS.get(storage.kind) if storage is not None else None
        if storage is None or form is None:
            return
        size = storage.size * struct.calcsize("<" + form)
        yield storage.key, (begin + 8, size)
        begin += 8 + size
