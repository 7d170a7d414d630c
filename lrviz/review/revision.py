"""The files of a repository as they were at a revision, read from git's objects without a checkout."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from lrviz.errors import ScheduleError
from lrviz.files import UnreadableError
from lrviz.reach import DISK
from lrviz.review import git
from lrviz.review.blobs import Blobs, id_of
from lrviz.review.git import GitError
from lrviz.review.repository import BASE, Base, Repository

LINK, SUBMODULE = "120000", "160000"

MOST_LINKS: Final = 40
"""A path that leads through more links leads nowhere, as on a disk."""


class Entry(NamedTuple):
    """What a tree of git has at a path: its mode and the id of the object."""

    mode: str
    id: str


@dataclass(frozen=True)
class Revision:
    """The files at a revision, as `Files` of a `Reach`.

    A link leads where it led at that revision. What lies outside of the repository has no revision, and neither has a
    file that git ignores; these are read as they are now.
    """

    repository: Repository
    base: Base
    blobs: Blobs = field(repr=False, compare=False)
    _tops: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, repository: Repository, base: Base) -> Revision:
        """The files of a repository at a revision."""
        return cls(repository, base, Blobs(str(repository.top), repository.git / "lfs" / "objects", base.short))

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every file of the revision by its path from the top. Raises `ScheduleError` if git cannot list them."""
        try:
            listed = git.run(str(self.repository.top), "ls-tree", "-r", "-z", "--full-tree", self.base.commit)
        except GitError as error:
            raise ScheduleError.at(BASE, f"git cannot list {self.base}: {error.said}") from None
        found = {}
        for line in listed.split(b"\0"):
            head, _, path = line.partition(b"\t")
            if path:
                mode, _, name = head.decode().split(" ")
                found[os.fsdecode(path)] = Entry(mode, name)
        return found

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder of the revision by its path from the top, which is the empty one."""
        found = {""}
        for path in self.entries:
            while (path := path.rpartition("/")[0]) not in found:
                found.add(path)
        return frozenset(found)

    def inside(self, path: str | Path) -> str | None:
        """A path from the top, with the links in it; None outside of the repository."""
        whole = os.path.join(os.getcwd(), path)
        parts = whole.split(os.sep)
        for count in range(1, len(parts) + 1):
            before = os.sep.join(parts[:count]) or os.sep
            if before not in self._tops:
                self._tops[before] = os.path.realpath(before) == str(self.repository.top)
            if self._tops[before]:
                return "/".join(part for part in parts[count:] if part not in ("", "."))
        return None

    def followed(self, path: str | Path) -> str | None:
        """A path from the top, without the links of the revision; with them where they lead nowhere."""
        try:
            return self.inside(self.real(path))
        except (OSError, UnreadableError):
            return self.inside(path)

    # --- as `Files` ---------------------------------------------------------------------------------------------

    def real(self, path: str | Path) -> Path:
        """The path without links, those of the revision; outside of the repository, those of the disk."""
        inside = self.inside(path)
        if inside is None:
            return DISK.real(path)
        return self._led(inside)

    def exists(self, path: str | Path) -> bool:
        """True if the revision has a file or folder there."""
        inside = self.inside(path)
        if inside is None or inside == ".git":
            return DISK.exists(path)
        return inside in self.entries or inside in self.folders

    def is_file(self, path: str | Path) -> bool:
        """True for a file of the revision, or one that git ignores, which is the same at every revision."""
        real = self.real(path)
        inside = self.inside(real)
        if inside is None:
            return DISK.is_file(real)
        return inside in self.entries or self._is_ignored(inside)

    def read(self, real: Path) -> bytes:
        """The bytes of the file at the revision. Raises `UnreadableError` for a link, and for a part of a submodule."""
        inside = self.inside(real)
        if inside is None:
            return DISK.read(real)
        entry = self.entries.get(inside)
        if entry is None:
            if any(self._is_submodule(each) for each in _parents(inside)):
                raise UnreadableError("lies in a submodule, of which a review reads nothing")
            if inside in self.folders:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(real))
            if self._is_ignored(inside):
                return DISK.read(real)
            raise FileNotFoundError(errno.ENOENT, f"{os.strerror(errno.ENOENT)} at {self.base.short}", str(real))
        if entry.mode in (LINK, SUBMODULE):
            raise UnreadableError("is not a regular file")
        return self.blobs.read(entry.id)

    def holds(self, real: Path, data: bytes) -> bool:
        """True if the file at a path has this content at the revision, but for line ends that git may convert."""
        inside = self.inside(real)
        entry = self.entries.get(inside) if inside is not None else None
        if entry is not None and entry.id == id_of(data, entry.id):
            return True
        try:
            return _lines(self.read(real)) == _lines(data)
        except (OSError, UnreadableError):
            return False

    def _is_ignored(self, inside: str) -> bool:
        """True for a file that is there now, and that git ignores: it has no revision."""
        there = os.path.isfile(self.repository.top / inside)
        return there and bool(self.repository.ignored([inside]))

    def _is_submodule(self, path: str) -> bool:
        entry = self.entries.get(path)
        return entry is not None and entry.mode == SUBMODULE

    def _led(self, inside: str) -> Path:
        """Where a path leads through the links of the revision."""
        waiting, known, links = inside.split("/")[::-1], list[str](), 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not known:
                    return DISK.real(self.repository.top.parent.joinpath(*reversed(waiting)))
                known.pop()
                continue
            entry = self.entries.get("/".join((*known, part)))
            if entry is None or entry.mode != LINK:
                known.append(part)
                continue
            links += 1
            target = os.fsdecode(self.blobs.read(entry.id))
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), inside)
            if os.path.isabs(target):
                whole = os.path.join(target, *reversed(waiting))
                again = self.inside(whole)
                if again is None:
                    return DISK.real(whole)
                waiting, known = again.split("/")[::-1], []
            else:
                waiting += target.split("/")[::-1]
        return self.repository.top.joinpath(*known)


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
