"""Which files a file may name: regular files inside its project, and never below `.git`.

What the command line names may lie anywhere and be a pipe. A schedule file may come from a stranger (a pull request),
so what *it* names must lie where the stranger's own files do: else a message, a curve or a snapshot could hold, or
replace, what lies elsewhere on the machine. `--allow-path` opens more folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from lrviz.errors import Position, ScheduleError
from lrviz.files import UnreadableError, open_regular, read_rest, refuse_pointer

MARKS = (".git", "pyproject.toml")
"""A folder with one of these is a project."""

OUTSIDE = "lies outside of the project"
OPEN = "move it into the project, or open its folder with --allow-path DIR (allow_path= in Python)"


class Files(Protocol):
    """Where files come from: from the disk, or from a revision (`lrviz/review/revision.py`)."""

    def real(self, path: str | Path) -> Path:
        """A path without links; the file need not exist."""
        ...

    def exists(self, path: str | Path) -> bool:
        """True if there is something at a path, be it a link that leads nowhere."""
        ...

    def is_file(self, path: str | Path) -> bool:
        """True if there is a regular file at a path, or where it leads."""
        ...

    def read(self, real: Path) -> bytes:
        """The content of the file at a path without links. Raises `OSError`, and `UnreadableError` for what is no
        regular file, or became a link meanwhile, or is too large, or is only a pointer of Git LFS."""
        ...


class Disk:
    """The files as they are now."""

    def real(self, path: str | Path) -> Path:
        """The path without links."""
        return Path(os.path.realpath(path))

    def exists(self, path: str | Path) -> bool:
        """True for whatever is there, a broken link too."""
        return os.path.lexists(path)

    def is_file(self, path: str | Path) -> bool:
        """True for a regular file, or a link to one."""
        return os.path.isfile(path)

    def read(self, real: Path) -> bytes:
        """The bytes of a regular file. Raises `UnreadableError` where a folder on the way became a link meanwhile."""
        with open_regular(real, follow=False) as file:
            if os.path.realpath(real) != str(real):  # a folder on the way became a link meanwhile
                raise UnreadableError(OUTSIDE, OPEN)
            data = read_rest(file)
            refuse_pointer(data)
            return data


DISK: Final = Disk()


@dataclass(frozen=True)
class Reach:
    """The files that a schedule file may name.

    `file` is the schedule file as it was named, or the name of a text that is no file, such as `<stdin>`. `allowed` are
    the folders that the caller opens besides the project. `base` is the folder that stands for that of the file.
    `opened` holds the paths of the files that were read, or looked for, so far. They are read from `files`.
    """

    file: str
    allowed: tuple[str, ...] = ()
    base: str | None = None
    opened: list[str] = field(default_factory=list, compare=False, repr=False)
    files: Files = field(default=DISK, compare=False, repr=False)

    def path(self, name: str) -> Path:
        """Where a named file lies: a relative name begins at the folder of the schedule file, or, for standard input, a
        pipe or a text, at the working directory."""
        if self.base is not None:
            return Path(self.base) / name
        if os.path.exists(self.file) and not os.path.isfile(self.file):
            return Path(name)
        return Path(self.file).parent / name

    @cached_property
    def project(self) -> Path:
        """The folder of the project, without links: the nearest one upward with one of `MARKS`; else the working
        directory, if the schedule file lies in it; else the folder of the schedule file."""
        here = Path(os.path.realpath(os.curdir))
        folder = self.files.real(self.file).parent if self.files.is_file(self.file) else here
        if self.base is not None:
            folder = Path(os.path.realpath(self.base))
        marked = (each for each in (folder, *folder.parents) if any(self.files.exists(each / mark) for mark in MARKS))
        return next(marked, here if folder.is_relative_to(here) else folder)

    def resolve(self, name: str) -> Path:
        """The path of a named file without links; the file need not exist.

        Raises `UnreadableError` if the file lies outside of what may be named. Whether it exists then shows nowhere.
        """
        real = self.files.real(self.path(name))
        opened = (self.project, *(Path(os.path.realpath(folder)) for folder in self.allowed))
        if not any(real.is_relative_to(folder) for folder in opened):
            raise UnreadableError(OUTSIDE, OPEN)
        if any(real.is_relative_to(each) for each in self._repositories()) or any(map(_is_git, self._own(real))):
            raise UnreadableError("lies below .git, from which nothing is read")
        return real

    def read(self, name: str) -> bytes:
        """The content of a named file.

        Raises `OSError`, and `UnreadableError` for what `resolve` refuses, for what is no regular file, and for a file
        that is too large.
        """
        real = self.resolve(name)
        self.opened.append(str(self.path(name)))
        return self.files.read(real)

    def _own(self, real: Path) -> Iterator[Path]:
        """A path and the folders that it lies in, up to the project's; a project may itself be a worktree in `.git`."""
        for each in (real, *real.parents):
            if each == self.project:
                return
            yield each

    def _repositories(self) -> Iterator[Path]:
        """Where the project's `.git` leads, if it is a link, or the file of a worktree (`gitdir: path`)."""
        mark = self.project / ".git"
        if os.path.islink(mark):
            yield Path(os.path.realpath(mark))
        try:
            with open_regular(mark) as file:
                key, _, path = file.read(4096).decode(errors="surrogateescape").partition(":")
        except (OSError, UnreadableError):
            return
        if key == "gitdir":
            yield Path(os.path.realpath(self.project / path.strip()))


def _is_git(path: Path) -> bool:
    """True for `.git`, however the file system lets it be spelled."""
    if path.name.casefold() == ".git":
        return True
    try:
        return os.path.samefile(path, path.with_name(".git"))
    except (OSError, ValueError):
        return False


def allowed(folders: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """The folders of `--allow-path`. Raises `ScheduleError` for one that does not exist."""
    named = tuple(os.fspath(folder) for folder in folders)
    for folder in named:
        if not os.path.isdir(folder):
            raise ScheduleError.at(Position("lrviz"), f"--allow-path: there is no folder {folder!r}")
    return named
