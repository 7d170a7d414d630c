"""Which files a review looks at: those that are here now, those of the revision, and which of them is which."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from lrviz.loading import SUFFIXES
from lrviz.reach import DISK, Files
from lrviz.review.revision import LINK, SUBMODULE, Revision

ALIKE: Final = 0.5
"""A file that is gone and a new one are the same file under another name if so much of their lines is alike."""

MOST_COMPARED: Final = 2_000
"""So many pairs of files at most are compared line by line."""


class Source(NamedTuple):
    """A file that is here: by its name, with the key of a schedule in it, or `found` in a folder."""

    file: str
    key: str = ""
    found: bool = False


@dataclass(frozen=True)
class Text:
    """The content of a schedule file on one side, under the name that messages have for it."""

    file: str
    data: bytes
    key: str = ""


@dataclass(frozen=True)
class PairOfFiles:
    """A schedule file at the revision and now. One of them is None if it was added or removed."""

    old: Text | None
    new: Text | None

    @property
    def file(self) -> str:
        """The name now, or that of the revision where the file is gone."""
        text = self.new or self.old
        assert text is not None
        return text.file

    @property
    def renamed(self) -> bool:
        """True if both sides have the file, under different names."""
        return self.old is not None and self.new is not None and self.old.file != self.new.file


@dataclass
class Seen:
    """`Files` that remember what was read of them: the content by the path that was asked for, which may be a link;
    None for what could not be read."""

    files: Files = DISK
    read_so_far: dict[str, bytes | None] = field(default_factory=dict)
    _asked: dict[Path, str] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"read_so_far": {}, "_asked": {}}  # a process that simulates needs no contents

    def real(self, path: str | Path) -> Path:
        """The path without links; the path that was asked for is remembered."""
        real = self.files.real(path)
        self._asked[real] = os.path.normpath(path)
        return real

    def exists(self, path: str | Path) -> bool:
        """As the files underneath answer."""
        return self.files.exists(path)

    def is_file(self, path: str | Path) -> bool:
        """As the files underneath answer."""
        return self.files.is_file(path)

    def read(self, real: Path) -> bytes:
        """The bytes of the file, which are kept under the path that was asked for."""
        path = self._asked.get(real, str(real))
        self.read_so_far[path] = None
        data = self.read_so_far[path] = self.files.read(real)
        return data


def in_folder(folder: str, revision: Revision) -> Iterator[tuple[str, str]]:
    """The schedule files of the revision in and below a folder: the name that they would have, and their path."""
    inside = revision.followed(folder)
    if inside is None:
        return
    before = f"{inside}/" if inside else ""
    for path, entry in revision.entries.items():
        rest = path.removeprefix(before)
        if not path.startswith(before) or not rest.endswith(SUFFIXES) or entry.mode in (LINK, SUBMODULE):
            continue
        if not any(part.startswith(".") for part in rest.split("/")):
            yield os.path.normpath(os.path.join(folder, rest)), path


def in_other_repository(path: str, top: Path, known: dict[str, bool]) -> bool:
    """True for a path from the top that lies in a repository of its own, such as a submodule."""
    folder = path.rpartition("/")[0]
    if not folder:
        return False
    if folder not in known:
        known[folder] = os.path.lexists(top / folder / ".git") or in_other_repository(folder, top, known)
    return known[folder]


def renamed(old: Sequence[Text], new: Sequence[Text]) -> Iterator[PairOfFiles]:
    """Pairs files that are gone with new ones: of the same content, or else those that are most alike.

    What is alone is a pair without the other. They come in the order of the new ones, then of the old.
    """
    left_old, pairs = list(old), dict[int, Text]()
    for index, text in enumerate(new):
        same = next((each for each in left_old if each.data == text.data and each.key == text.key), None)
        if same is not None:
            left_old.remove(same)
            pairs[index] = same
    others = [index for index in range(len(new)) if index not in pairs]
    if len(others) * len(left_old) <= MOST_COMPARED:
        scores = [
            (likeness, -index, each)
            for index in others
            for each in left_old
            if (likeness := _likeness(each.data, new[index].data)) >= ALIKE
        ]
        taken: list[Text] = []
        for _, minus, each in sorted(scores, key=lambda score: score[:2], reverse=True):
            if -minus not in pairs and each not in taken:
                taken.append(each)
                pairs[-minus] = each
        left_old = [each for each in left_old if each not in taken]
    yield from (PairOfFiles(pairs.get(index), text) for index, text in enumerate(new))
    yield from (PairOfFiles(each, None) for each in left_old)


def _likeness(a: bytes, b: bytes) -> float:
    """How many of the lines of two texts are the same, wherever they stand, from 0 to 1; in linear time."""
    one, other = Counter(a.splitlines()), Counter(b.splitlines())
    return 2 * (one & other).total() / max(1, one.total() + other.total())


NAMES: Final = re.compile(rb"""(?:file|config|snapshot)["']?\s*:|\?\s|\*\S+\s*:|\\|\0""")
"""What a schedule file of ours has that names another: one of these keys; or a key whose text is not seen, because
it is explicit, an alias, escaped, or in UTF-16."""


def may_name_files(data: bytes, file: str, is_config: Callable[[bytes, str], bool]) -> bool:
    """False for a schedule file that certainly names no other."""
    return NAMES.search(data) is not None or is_config(data, file)
