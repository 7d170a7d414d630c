"""The review itself: files of two sides -> schedules in pairs -> curves and findings -> what changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from lrviz.engine.side_by_side import Simulated
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.reach import Files
from lrviz.review.causes import Cause, causes_of
from lrviz.review.compare import compared, is_one_curve, is_untouched
from lrviz.review.files import PairOfFiles, Seen, Text, may_name_files
from lrviz.review.repository import Base
from lrviz.review.result import Review, Reviewed, Side, Unread, is_meant, label_of, names_of
from lrviz.review.revision import Revision
from lrviz.schedule.model import Schedule

Load = Callable[[Text, Files], list[Schedule]]
Simulate = Callable[[Sequence[tuple[str, Schedule]]], Iterable[Simulated]]
Guard = Callable[[Position, str | None], AbstractContextManager[None]]


@dataclass(frozen=True)
class Reviewer:
    """Reviews files.

    `load` reads the schedules of a text, whose named files come from somewhere; `simulate` gives their curves. What
    goes wrong with one file or schedule happens inside of a `guard` for its place. `wanted` says by the names of a
    schedule if it is reviewed, `frozen` are globs of those that must not move, `ignore` is what the project accepts of
    the lint.
    """

    revision: Revision
    load: Load
    simulate: Simulate
    guard: Guard
    is_config: Callable[[bytes, str], bool]
    wanted: Callable[[Sequence[str]], bool] = lambda names: True
    frozen: Sequence[str] = ()
    ignore: frozenset[str] = frozenset()

    def review(self, changed: Sequence[PairOfFiles], same: Sequence[Text]) -> Review:
        """What became of the schedules of changed files, and of those that name a changed one among the `same`."""
        read: list[_Read] = []
        unread: list[Unread] = []
        for pair in sorted([*changed, *self._touched(same)], key=lambda each: each.file):
            with self.guard(Position(pair.file), None):
                read += self._read(pair, unread)
        pairs = [(one, sides) for one in read for sides in _paired(one.old, one.new, self.wanted)]
        done = self._compared([(old, new, self._causes(one, old, new)) for one, (old, new) in pairs])
        review = Review(
            self.revision.base,
            len(changed) + len(same),
            len(read) + len(unread),
            tuple(done),
            tuple(unread),
            bool(self.frozen),
        )
        self._look_for_frozen(review, same)
        return review

    # --- reading ------------------------------------------------------------------------------------------------

    def _touched(self, same: Sequence[Text]) -> Iterator[PairOfFiles]:
        """The unchanged files that name another one which is not what it was."""
        for text in same:
            if may_name_files(text.data, text.file, self.is_config):
                seen = Seen()
                with suppress(ScheduleError):  # told of below, unless it was so before
                    _look_at_snapshots(self.load(text, seen))
                if any(not self._is_as_before(path, data) for path, data in seen.read_so_far.items()):
                    yield PairOfFiles(text, text)

    def _is_as_before(self, path: str, data: bytes | None) -> bool:
        try:
            real = self.revision.real(path)
            if data is not None:
                return self.revision.holds(real, data)
            self.revision.read(real)
        except (OSError, UnreadableError):
            return data is None
        return False

    def _read(self, pair: PairOfFiles, unread: list[Unread]) -> Iterator[_Read]:
        """The schedules of a file on both sides. What cannot be read at the revision is no error of today."""
        before, now = Seen(self.revision), Seen()
        old: list[Schedule] = []
        new: list[Schedule] = []
        wrong: tuple[Problem, ...] = ()
        if pair.old is not None:
            try:
                old = self.load(pair.old, before)
                _look_at_snapshots(old)
            except ScheduleError as error:
                wrong = error.problems
        if pair.new is not None:
            new = self.load(pair.new, now)
            _look_at_snapshots(new)
        if wrong:
            unread.append(Unread(pair.file, wrong, tuple(name for each in new for name in names_of(each))))
            return
        yield _Read(old, new, tuple(_files_changed(before, now, self.revision)))

    def _causes(self, read: _Read, old: Schedule | None, new: Schedule | None) -> tuple[Cause, ...]:
        if old is None or new is None:
            return ()
        causes = causes_of(old, new)
        configs = {path for each in (old, new) for path in _configs_of(each)}
        named = configs | {path for each in (old, new) for path in _data_of(each)}
        told = set() if not causes else configs  # the values of a config say what is other in it
        return (*causes, *(each for each in read.named if each.key in named - told))

    # --- comparing ----------------------------------------------------------------------------------------------

    def _compared(
        self, pairs: Sequence[tuple[Schedule | None, Schedule | None, tuple[Cause, ...]]]
    ) -> Iterator[Reviewed]:
        touched = [pair for pair in pairs if not is_untouched(*pair)]
        wanted: list[tuple[str, Schedule]] = []
        for old, new, _ in touched:
            if new is not None:
                wanted.append((label_of(new), new))
            if old is not None and (new is None or not is_one_curve(old, new)):
                wanted.append((f"{label_of(old)} at {self.revision.base.short}", old))
        curves: dict[int, Simulated] = {}
        for (_, schedule), simulated in zip(wanted, self.simulate(wanted), strict=True):
            curves[id(schedule)] = simulated
        for old, new, causes in pairs:
            name = label_of(new or old)
            frozen = self._is_frozen(old, new)
            if old is not None and new is not None and is_untouched(old, new, causes):
                yield Reviewed(name, Side(old), Side(new), untouched=True, frozen=frozen)
                continue
            if old is not None and id(old) not in curves:
                curves[id(old)] = replace(curves[id(new)], schedule=old)
            with self.guard(Position(name), name):
                one = compared(name, curves.get(id(old)), curves.get(id(new)), causes, self.ignore)
                yield replace(one, frozen=frozen)

    # --- what must not move -------------------------------------------------------------------------------------

    def _is_frozen(self, old: Schedule | None, new: Schedule | None) -> bool:
        return is_meant([each for each in (old, new) if each is not None], self.frozen)

    def _look_for_frozen(self, review: Review, same: Sequence[Text]) -> None:
        """Raises `ScheduleError` for a glob that no schedule has, and for a schedule that could not be read before.

        Either would move without a word.
        """
        names = {
            name
            for each in review.schedules
            for side in (each.old, each.new)
            if side is not None
            for name in names_of(side.schedule)
        }
        names |= {text.file for text in same}
        names |= {name for each in review.unread for name in (each.file, *each.names)}
        left = [glob for glob in self.frozen if not any(fnmatchcase(name, glob) for name in names)]
        for text in same if left else ():
            with suppress(ScheduleError):
                names = {name for schedule in self.load(text, Seen()) for name in names_of(schedule)}
                left = [glob for glob in left if not any(fnmatchcase(name, glob) for name in names)]
        for glob in left:
            with self.guard(Position("--expect-unchanged"), None):
                raise no_schedule(glob)
        for each in review.unread:
            if any(fnmatchcase(name, glob) for name in (each.file, *each.names) for glob in self.frozen):
                with self.guard(Position(each.file), None):
                    raise unknown_before(each.file, self.revision.base)


@dataclass(frozen=True)
class _Read:
    """The schedules of a file on both sides, and the files named by them that changed."""

    old: list[Schedule]
    new: list[Schedule]
    named: tuple[Cause, ...] = field(default=())


def _paired(
    old: Sequence[Schedule], new: Sequence[Schedule], wanted: Callable[[Sequence[str]], bool]
) -> Iterator[tuple[Schedule | None, Schedule | None]]:
    """The schedules of a file by name, in the order of the new ones, then of the old; a lone one is its own partner."""

    def is_wanted(*sides: Schedule | None) -> bool:
        return wanted([name for each in sides if each is not None for name in names_of(each)])

    there = {each.name: each for each in old}
    pairs: list[tuple[Schedule | None, Schedule | None]]
    if len(old) == len(new) == 1:
        pairs = [(old[0], new[0])]
    else:
        pairs = [(there.pop(each.name, None), each) for each in new]
        pairs += [(each, None) for each in there.values()]
    yield from (pair for pair in pairs if is_wanted(*pair))


def _look_at_snapshots(schedules: Sequence[Schedule]) -> None:
    """Reads the snapshots that schedules name, so that they are among the files that were seen."""
    for schedule in schedules:
        if schedule.expect.snapshot is not None:
            with suppress(OSError, UnreadableError, ValueError):
                schedule.reach.read(schedule.expect.snapshot.path)


def _files_changed(before: Seen, now: Seen, revision: Revision) -> Iterator[Cause]:
    """The named files that are others than they were."""
    for path in dict.fromkeys((*now.read_so_far, *before.read_so_far)):
        old, new = before.read_so_far.get(path), now.read_so_far.get(path)
        if old != new and revision.inside(path) is not None:
            yield Cause(path, old is not None, new is not None, is_file=True)


def _configs_of(schedule: Schedule) -> Iterator[str]:
    """The paths of another program's config that a schedule is read from, and of the files that this names."""
    if schedule.imported is not None:
        yield from map(os.path.normpath, (schedule.imported.file, *schedule.imported.files))


def _data_of(schedule: Schedule) -> Iterator[str]:
    """The paths of the metric and the snapshot that a schedule names."""
    metric = schedule.written.get("metric") if schedule.written is not None else None
    file = metric.get("file") if metric is not None else None
    snapshot = schedule.expect.snapshot
    for name in (file.value if file is not None else None, snapshot.path if snapshot is not None else None):
        if isinstance(name, str):
            yield os.path.normpath(schedule.reach.path(name))


def unknown_before(file: str, base: Base) -> ScheduleError:
    """That a schedule must not move, of which nobody knows where it was."""
    message = f"this must not move, and at {base} it cannot be read"
    return ScheduleError.at(Position(file), message, "without --expect-unchanged for it, what it is now counts")


def no_schedule(glob: str) -> ScheduleError:
    """That no schedule has the name of a glob."""
    hint = "a glob names a schedule, its file, or FILE:NAME"
    return ScheduleError.at(Position("--expect-unchanged"), f"no schedule matches {glob!r}", hint)
