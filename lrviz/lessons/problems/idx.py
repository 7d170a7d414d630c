"""Reads idx files, the format of MNIST and of what follows it: bytes in an array, gzipped or not.

A file begins with two zero bytes, the type of its numbers (8: unsigned bytes), the number of dimensions, and the length
of each as 4 bytes, the highest first (http://yann.lecun.com/exdb/mnist/). What follows is the array.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from lrviz.files import LONGEST_POINTER, UnreadableError, open_regular, refuse_pointer

MAX_SIZE = 200_000_000
"""The most bytes that an array may have; the pictures of MNIST have 47,040,000."""

UNSIGNED_BYTES = 8
CHUNK = 1 << 20


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array of unsigned bytes in a file, with so many dimensions.

    Memory follows what is in the file, whatever its head says, up to `MAX_SIZE`. Raises `OSError`, and
    `UnreadableError` for a file that is none of these, is cut off, or goes on.
    """
    with open_regular(path) as file:
        begin = file.read(LONGEST_POINTER)
        refuse_pointer(begin)
        file.seek(0)
        if begin[:2] != b"\x1f\x8b":
            return _read(file, dimensions)
        try:
            with gzip.open(file) as unpacked:
                return _read(unpacked, dimensions)  # type: ignore[arg-type]
        except EOFError:
            raise UnreadableError("is cut off: its gzip data does not end", "download it again") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableError(f"is broken: {error}", "download it again") from None


def _read(file: BinaryIO, dimensions: int) -> NDArray[np.uint8]:
    head = file.read(4 + 4 * dimensions)
    asked = bytes((0, 0, UNSIGNED_BYTES, dimensions))
    if head[:4] != asked:
        kind = f"its first bytes are {head[:4].hex(' ')}, not {asked.hex(' ')}" if head else "it is empty"
        raise UnreadableError(f"is not an idx file of unsigned bytes in {dimensions} dimensions: {kind}")
    if len(head) < 4 + 4 * dimensions:
        raise UnreadableError(f"is cut off in its head, after {len(head)} bytes", "download it again")
    shape = tuple(int(each) for each in np.frombuffer(head, ">u4", offset=4))
    said = " x ".join(map(str, shape))
    count = math.prod(shape)
    if count == 0:
        raise UnreadableError(f"is empty: its head says {said}")
    if count > MAX_SIZE:
        raise UnreadableError(f"is too large: its head says {said} bytes, and at most {MAX_SIZE:,} are read")
    data = bytearray()
    while len(data) < count and (chunk := file.read(min(CHUNK, count - len(data)))):
        data += chunk
    if len(data) < count:
        raise UnreadableError(
            f"is cut off: its head says {said} = {count:,} bytes, and {len(data):,} follow", "download it again"
        )
    if file.read(1):
        raise UnreadableError(f"goes on behind the {said} = {count:,} bytes of which its head speaks")
    return np.frombuffer(data, np.uint8).reshape(shape)
