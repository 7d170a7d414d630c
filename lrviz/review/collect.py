"""What the command line names -> the schedule files of the working tree, each beside what it was at the revision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.loading import is_recognized, read_file
from lrviz.review.blobs import id_of
from lrviz.review.files import PairOfFiles, Source, Text, in_folder, in_other_repository, renamed
from lrviz.review.revision import LINK, SUBMODULE, Revision


@dataclass
class Collected:
    """The schedule files: those that `changed`, and those that are the `same` as at the revision.

    `wrong` is what is wrong with a file, `passed_over` the names of those that belong to another repository.
    """

    changed: list[PairOfFiles] = field(default_factory=list)
    same: list[Text] = field(default_factory=list)
    wrong: list[Problem] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def collect(sources: Sequence[Source], folders: Sequence[str], revision: Revision) -> Collected:
    """Compares the files that are here, and in these folders, with those of the revision.

    A file that was found and is no schedule is passed over, and so is one that git ignores or that is of a submodule.
    """
    return _Collector(revision).collect(sources, folders)


@dataclass
class _Collector:
    revision: Revision
    result: Collected = field(default_factory=Collected)
    added: list[tuple[Text, str | None]] = field(default_factory=list)
    removed: dict[str, Text] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    repositories: dict[str, bool] = field(default_factory=dict)

    def collect(self, sources: Sequence[Source], folders: Sequence[str]) -> Collected:
        for source in sources:
            try:
                self._add(source)
            except ScheduleError as error:
                self.result.wrong += error.problems
        for folder in folders:
            for file, path in in_folder(folder, self.revision):
                if path not in self.seen and not os.path.islink(self.revision.repository.top / path):
                    self._remove(file, path)
        if self.removed:
            left_out = self.revision.repository.left_out()
            self.removed = {path: text for path, text in self.removed.items() if path not in left_out}
        ignored = self.revision.repository.ignored([path for _, path in self.added if path is not None])
        kept = [text for text, path in self.added if path not in ignored]
        self.result.changed += renamed(list(self.removed.values()), kept)
        return self.result

    def _add(self, source: Source) -> None:
        """Notes one file that is here, or, if it is named and is not, that it was removed."""
        file, key, found = source
        where = Position(file)
        path = self.revision.followed(file)
        if path is None:
            hint = "name files of one repository, or run it in the other one"
            raise ScheduleError.at(where, f"this lies outside of the repository {self.revision.repository.top}", hint)
        if in_other_repository(path, self.revision.repository.top, self.repositories):
            if found:
                self.result.passed_over.append(file)
                return
            raise ScheduleError.at(where, "this lies in a repository of its own, such as a submodule", "run it there")
        if not os.path.lexists(file) and path in self.revision.entries:
            self._remove(file, path, key)
            return
        data = read_file(file, regular=True)
        if found and not is_recognized(data, file):
            return
        self.seen |= {str(self.revision.inside(each)) for each in (file, os.path.realpath(file))}
        entry = self.revision.entries.get(path)
        if entry is not None and entry.id == id_of(data, entry.id):
            self.result.same.append(Text(file, data, key))
            return
        before = self._before(file, path)
        if before is None or (found and not is_recognized(before, file)):
            where_it_lies = self.revision.inside(os.path.realpath(file))  # git is told of no path beyond a link
            self.added.append((Text(file, data, key), where_it_lies if found else None))
        elif before.replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n"):
            self.result.same.append(Text(file, data, key))
        else:
            self.result.changed.append(PairOfFiles(Text(file, before, key), Text(file, data, key)))

    def _before(self, file: str, path: str) -> bytes | None:
        """The content of a file at the revision; None if there was none, or a link that leads nowhere."""
        entry = self.revision.entries.get(path)
        if entry is None or entry.mode in (LINK, SUBMODULE):
            return None
        try:
            return self.revision.read(self.revision.repository.top / path)
        except (OSError, UnreadableError) as error:
            raise self._unreadable(file, error) from None

    def _remove(self, file: str, path: str, key: str = "") -> None:
        """Notes a file of the revision that is no schedule now."""
        if in_other_repository(path, self.revision.repository.top, self.repositories):
            return
        try:
            data = self.revision.read(self.revision.repository.top / path)
        except (OSError, UnreadableError) as error:
            self.result.wrong += self._unreadable(file, error).problems
            return
        if is_recognized(data, file):
            self.removed[path] = Text(file, data, key)

    def _unreadable(self, file: str, error: OSError | UnreadableError) -> ScheduleError:
        said = str(error) if isinstance(error, UnreadableError) else f"cannot be read: {error.strerror}"
        hint = error.hint if isinstance(error, UnreadableError) else ""
        return ScheduleError.at(Position(file), f"at {self.revision.base} this {said}", hint)
