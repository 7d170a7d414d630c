"""The contents of git's objects, one `git cat-file --batch` for all of them."""

from __future__ import annotations

import hashlib
import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lrviz.errors import ScheduleError
from lrviz.files import MAX_BYTES, UnreadableError, open_regular, read_rest, stands_for
from lrviz.review.git import WHERE, command, environment


@dataclass
class Blobs:
    """Reads the objects of a commit by their id.

    `lfs` is the folder in which Git LFS keeps the contents that it has downloaded.
    """

    folder: str
    lfs: Path
    commit: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_process": None}  # another process starts its own

    def read(self, name: str) -> bytes:
        """The content of an object. Raises `UnreadableError` for one that this clone does not have, that is too large,
        or that stands for a file of Git LFS which is not here."""
        data = self._content(name)
        oid = stands_for(data)
        if oid is None:
            return data
        try:
            with open_regular(self.lfs / oid[:2] / oid[2:4] / oid) as file:
                stored = read_rest(file)
        except OSError:
            stored = b""
        if hashlib.sha256(stored).hexdigest() != oid:
            raise UnreadableError(
                "is kept by Git LFS, which has not downloaded it", f"git lfs fetch origin {self.commit} downloads it"
            )
        return stored

    def close(self) -> None:
        """Ends the process of git."""
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()
            self._process.communicate()
            self._process = None

    def _content(self, name: str) -> bytes:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{name}\n".encode())
            process.stdin.flush()
            head = process.stdout.readline().split()
        except OSError:
            head = []
        if len(head) != 3:
            self.close()
            raise UnreadableError("is not in this clone", "a clone that has all objects: git fetch --refetch")
        size = int(head[2])
        if size > MAX_BYTES:
            self.close()  # rather than to read it to its end
            raise UnreadableError("is larger than 100 MB")
        data = process.stdout.read(size)
        process.stdout.read(1)
        if len(data) < size:
            self.close()
            raise UnreadableError("cannot be read by git")
        return data

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    command(self.folder, "cat-file", "--batch"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment(),
                )
            except OSError as error:
                raise ScheduleError.at(WHERE, f"git cannot be run: {os.strerror(error.errno or 0)}") from None
        return self._process


def id_of(data: bytes, like: str) -> str:
    """The id that git gives to a content, by the hash function of the repository, of which `like` is an id."""
    digest = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return digest(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
