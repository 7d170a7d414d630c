"""The inputs of a drawing: its files, their contents, and the folders in which a save can be noticed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from lrviz.cli.own_modules import OwnModules
from lrviz.cli.sources import Selection, chosen_in, files_of
from lrviz.cli.streams import Notes
from lrviz.errors import Problems, ScheduleError
from lrviz.files import UnreadableError, open_regular
from lrviz.loading import file_and_key, is_config, load_text, read_file
from lrviz.reach import allowed
from lrviz.schedule.reading.override import parse_overrides, variants
from lrviz.schedule.references import references_of
from lrviz.schedule.text.document import parse
from lrviz.schedule.text.key import value_of

State: TypeAlias = dict[str, str | None]
"""The files by name, each with a digest of its contents; None for a missing file."""

SETTLED = 2_000_000_000
"""Nanoseconds after a change, after which another change is certain to have a different time."""


LISTED = 3
"""The largest number of files that are named one by one."""


class _Seen(NamedTuple):
    """A file as last seen: its data in the file system, if those can be relied on, and a digest of its bytes."""

    stamp: tuple[int, ...]
    settled: bool
    digest: str


class Watched:
    """The files that a selection is read from: the schedule files themselves and the files that they name.

    They name files of metrics, with `snapshots` also snapshots, and with `trust` the Python files of own classes. What
    runs logged is in `logs`.
    Only contents count: a save that changes nothing is not a change.
    """

    def __init__(self, selection: Selection, *, snapshots: bool, logs: Sequence[str] = ()) -> None:
        self._selection = selection
        self._logs = logs
        self._snapshots = snapshots
        self._seen: dict[str, _Seen] = {}
        self._named: dict[tuple[str, str], tuple[str | None, set[str], set[str]]] = {}
        self.own = OwnModules() if selection.trust else None

    def look(self) -> State:
        """The files as they are now."""
        sources = [
            file_and_key(source)
            for source in files_of(self._selection.files, Notes(True, False), lambda problem: None)
            if source is not None
        ]
        state = {file: self._digest(file) for file in (*(file for file, _ in sources), *self._logs)}
        types: set[str] = set()
        for source in sources:
            digest = state[source[0]]
            if source not in self._named or self._named[source][0] != digest:
                self._named[source] = (digest, *self._named_in(*source))
            _, beside, own = self._named[source]
            types |= own
            state |= {each: self._digest(each) for each in sorted(beside)}
        if self.own is not None:
            state |= {each: self._digest(each) for each in sorted(self.own.files(types))}
        return state

    def _digest(self, file: str) -> str | None:
        try:
            known = os.stat(file)
            stamp = (known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns)
            before = self._seen.get(file)
            if before is None or before.stamp != stamp or not before.settled:
                settled = time.time_ns() - max(stamp[-2:]) > SETTLED
                with open_regular(file) as opened:
                    before = _Seen(stamp, settled, hashlib.file_digest(opened, "blake2b").hexdigest())
                self._seen[file] = before
            return before.digest
        except (OSError, UnreadableError):
            return None

    def _named_in(self, file: str, key: str) -> tuple[set[str], set[str]]:
        """The files that a file names, or the schedule at a key in it, and its own classes.

        Both are empty if it cannot be read.
        """
        try:
            data = read_file(file, regular=True)
            if b"config" in data or is_config(data, file, self._selection.program):
                return self._of_config(data, file, key), set()
            root = value_of(parse(data, file, Problems()), key)
            try:
                overrides = parse_overrides(self._selection.settings)
                documents = [each.root for each in variants(root, overrides, chosen_in(file, self._selection))]
            except ScheduleError:
                documents = [root]
        except ScheduleError:
            return set(), set()
        named = [references_of(document) for document in documents]
        files = {each.path for references in named for each in references.metrics}
        if self._snapshots:
            files |= {each.path for references in named for each in references.snapshots}
        return set(map(str, files)), {each for references in named for each in references.classes}

    def _of_config(self, data: bytes, file: str, key: str) -> set[str]:
        """The files that the config of another program is composed of, as long as it can be read: if it cannot, those
        that it was composed of before."""
        selection = self._selection
        try:
            found = load_text(
                data,
                file,
                selection.length,
                parse_overrides(selection.settings),
                chosen_in(file, selection),
                trust=selection.trust,
                allow_path=allowed(selection.allow_path),
                key=key,
                given=selection.given,
            )
        except ScheduleError:
            return self._named[(file, key)][1] if (file, key) in self._named else set()
        read = [each.imported for each in found if each.imported is not None]
        return {name for each in read for name in (each.file, *each.files)} - {file}

    def folders(self, state: State) -> dict[str, tuple[int, int]]:
        """The folders in which a change of these files, or a new file, can be noticed, each with its identity now.

        Renaming a file over another one, or changing where a link leads, changes the folder and not the file.
        """
        places = [os.path.abspath(file) for file in state]
        places += [inside for named in self._selection.files for inside in _inside(named)]
        folders = {os.path.realpath(folder) for place in places for folder in _around(place)}
        return {folder: (known.st_dev, known.st_ino) for folder in sorted(folders) if (known := _stat(folder))}


def python_of(state: State) -> State:
    """The Python files among them."""
    return {file: digest for file, digest in state.items() if file.endswith(".py")}


def listed(state: State, everything: bool) -> str:
    """The existing files as a note lists them, or their number if there are many."""
    there = [os.path.relpath(file) if os.path.isabs(file) else file for file, digest in state.items() if digest]
    if len(there) > LISTED and not everything:
        return f"{len(there)} files"
    return ", ".join(there)


def _inside(named: str) -> Iterator[str]:
    """A path in each folder where a schedule file may appear; hidden folders are skipped."""
    for folder, folders, _ in os.walk(named):
        folders[:] = [each for each in folders if not each.startswith(".")]
        yield os.path.join(os.path.abspath(folder), "new")


def _around(place: str, links: int = 0) -> Iterator[str]:
    """The folder of a path, or the nearest one above it that exists; the same for every link on the way."""
    folder = os.path.dirname(place)
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    yield folder
    for path in _upward(place):
        if links < 20 and os.path.islink(path):
            yield from _around(os.path.join(os.path.dirname(path), os.readlink(path)), links + 1)
            yield os.path.dirname(path)


def _upward(path: str) -> Iterable[str]:
    return [path, *map(str, Path(path).parents)]


def _stat(folder: str) -> os.stat_result | None:
    try:
        return os.stat(folder)
    except OSError:
        return None
