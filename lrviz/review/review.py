"""The review itself: files of two sides -> schedules in pairs -> curves and findings -> what changed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Literal

from lrviz.calculator.difference import Difference, difference, side_of_curve
from lrviz.calculator.stats import Stats, stats_of
from lrviz.checked import results_of
from lrviz.checks.finding import Finding
from lrviz.curve import Curve
from lrviz.engine.side_by_side import Simulated
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.files import UnreadableError
from lrviz.reach import Files
from lrviz.review.causes import Cause, causes_of
from lrviz.review.files import PairOfFiles, Seen, Text, may_name_files
from lrviz.review.repository import Base
from lrviz.review.revision import Revision
from lrviz.schedule.model import ComputedMetric, Schedule

Verdict = Literal["curve", "same", "added", "removed"]
"""What became of a schedule: its curve changed, or is the same; it was added, or removed."""


@dataclass(frozen=True)
class Side:
    """A schedule at the revision, or now. `curve` is None if torch refuses to run it; its findings say why."""

    schedule: Schedule
    curve: Curve | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def stats(self) -> list[Stats]:
        return stats_of([self.curve]) if self.curve is not None else []


@dataclass(frozen=True)
class Reviewed:
    """A schedule that changed, or stands in a file that did.

    `difference` is None unless there are two curves with a clock in common; `apart` says why there is none. A schedule
    that is `untouched` says the same as before in every value, and was not simulated. `frozen` marks one that must not
    move.
    """

    name: str
    old: Side | None
    new: Side | None
    difference: Difference | None = None
    apart: str = ""
    causes: tuple[Cause, ...] = ()
    came: tuple[Finding, ...] = ()
    went: tuple[Finding, ...] = ()
    untouched: bool = False
    frozen: bool = False

    @property
    def schedule(self) -> Schedule:
        side = self.new or self.old
        assert side is not None
        return side.schedule

    @property
    def old_name(self) -> str:
        """How the schedule was called at the revision, if it is called otherwise now; else ""."""
        if self.old is None or self.new is None:
            return ""
        before = label_of(self.old.schedule)
        return "" if before == self.name else before

    @property
    def verdict(self) -> Verdict:
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        if self.untouched:
            return "same"
        if self.difference is not None:
            return "same" if self.difference.same and same_momentum(self.old.curve, self.new.curve) else "curve"
        return "same" if self.old.curve is None and self.new.curve is None else "curve"

    @property
    def moved(self) -> bool:
        """True if there was a curve that is another one now, or gone."""
        return self.verdict in ("curve", "removed")

    @property
    def where(self) -> Position:
        """The place in a file of today that caused it, as far as there is one; else that of the schedule."""
        places = (each.where for each in self.causes if each.where is not None)
        return next((each for each in places if each.line), self.schedule.where)


@dataclass(frozen=True)
class Unread:
    """A file that cannot be read at the revision: what is wrong with it there, and the names of its schedules now."""

    file: str
    problems: tuple[Problem, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Torches:
    """Two versions of torch: of one schedule, the curve of the first is the old one, that of the second the new."""

    own: str
    other: str


@dataclass(frozen=True)
class Review:
    """What a change does. `files` counts all schedule files, `changed` those that changed or name one that did."""

    base: Base | Torches
    files: int
    changed: int
    schedules: tuple[Reviewed, ...]
    unread: tuple[Unread, ...] = ()
    frozen: bool = False

    @property
    def told(self) -> tuple[Reviewed, ...]:
        """The schedules with something to tell: all but those that only share a file with what changed."""
        return tuple(each for each in self.schedules if not each.untouched or each.old_name)

    @property
    def untouched(self) -> tuple[Reviewed, ...]:
        return tuple(each for each in self.schedules if each.untouched and not each.old_name)

    @property
    def moved(self) -> tuple[Reviewed, ...]:
        """The schedules whose curve moved: with `frozen` ones only those of them count."""
        return tuple(each for each in self.schedules if each.moved and (each.frozen or not self.frozen))

    @property
    def refused(self) -> tuple[Reviewed, ...]:
        """The schedules that torch refuses to run now."""
        return tuple(each for each in self.schedules if each.new and not each.untouched and each.new.curve is None)


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
        configs = {
            os.path.normpath(path)
            for each in (old, new)
            if each.imported is not None
            for path in (each.imported.file, *each.imported.files)
        }
        for each in read.named:
            if not (causes and each.key in configs):
                causes.append(each)
        return tuple(causes)

    # --- comparing ----------------------------------------------------------------------------------------------

    def _compared(
        self, pairs: Sequence[tuple[Schedule | None, Schedule | None, tuple[Cause, ...]]]
    ) -> Iterator[Reviewed]:
        touched = [pair for pair in pairs if not _is_untouched(*pair)]
        wanted: list[tuple[str, Schedule]] = []
        for old, new, _ in touched:
            if new is not None:
                wanted.append((label_of(new), new))
            if old is not None and (new is None or not _is_one_curve(old, new)):
                wanted.append((f"{label_of(old)} at {self.revision.base.short}", old))
        curves: dict[int, Simulated] = {}
        for (_, schedule), simulated in zip(wanted, self.simulate(wanted), strict=True):
            curves[id(schedule)] = simulated
        for old, new, causes in pairs:
            name = label_of(new or old)
            frozen = self._is_frozen(old, new)
            if old is not None and new is not None and _is_untouched(old, new, causes):
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
        """Raises `ScheduleError` for a glob that no schedule has: what must not move would move without a word."""
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


@dataclass(frozen=True)
class _Read:
    """The schedules of a file on both sides, and the files named by them that changed."""

    old: list[Schedule]
    new: list[Schedule]
    named: tuple[Cause, ...] = field(default=())


def compared(
    name: str, old: Simulated | None, new: Simulated | None, causes: tuple[Cause, ...], ignore: frozenset[str]
) -> Reviewed:
    """What became of a schedule that was simulated on both sides. Raises the fault of either."""
    before, now = (None if each is None else _side(each, ignore) for each in (old, new))
    came, went = _came_and_went(before, now)
    between, apart = None, ""
    if before and now and before.curve is not None and now.curve is not None:
        try:
            between = difference(side_of_curve(before.curve), side_of_curve(now.curve))
        except ScheduleError as error:
            apart = error.problems[0].message
    return Reviewed(name, before, now, between, apart, causes, came, went)


def _side(simulated: Simulated, ignore: frozenset[str]) -> Side:
    found = results_of(simulated, ignore)
    findings = tuple(each for each in found if isinstance(each, Finding))
    return Side(simulated.schedule, simulated.curve, findings)


def no_schedule(glob: str) -> ScheduleError:
    """That no schedule has the name of a glob."""
    hint = "a glob names a schedule, its file, or FILE:NAME"
    return ScheduleError.at(Position("--expect-unchanged"), f"no schedule matches {glob!r}", hint)


def is_meant(sides: Sequence[Schedule], globs: Sequence[str]) -> bool:
    """True if one of some globs means a schedule, by the names that it has on any side."""
    return any(fnmatchcase(name, glob) for each in sides for name in names_of(each) for glob in globs)


def names_of(schedule: Schedule) -> list[str]:
    """The names by which a glob may mean a schedule."""
    short = os.path.relpath(schedule.file) if os.path.isabs(schedule.file) else schedule.file
    names = dict.fromkeys((schedule.name, schedule.name_in_file))
    return [*names, *(f"{short}:{name}" for name in names), short]


def label_of(schedule: Schedule | None) -> str:
    """The name of a schedule in a review: its file, and its own name where the file's does not say it."""
    assert schedule is not None
    file = schedule.file + (f"#{schedule.key}" if schedule.key else "")
    return file if PurePath(schedule.file).stem == schedule.name else f"{file}: {schedule.name}"


def same_momentum(a: Curve | None, b: Curve | None) -> bool:
    """True if two curves have the same momentum, or leave it alone."""
    one, other = (
        [] if each is None or each.momentum_columns is None else list(map(bytes, each.momentum_columns))
        for each in (a, b)
    )
    return one == other


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


def _is_untouched(old: Schedule | None, new: Schedule | None, causes: Sequence[Cause]) -> bool:
    """True if both sides say the same in every value, and name the same files of the same content."""
    return old is not None and new is not None and not causes and _is_one_curve(old, new)


def _is_one_curve(old: Schedule, new: Schedule) -> bool:
    """True if two schedules must have the same curve, because all that it follows from is equal."""
    if old.written is None or new.written is None or old.run != new.run:
        return False
    one, other = (_deciding(each.written) for each in (old, new) if each.written is not None)
    if repr(one) != repr(other):
        return False
    metric = old.metric
    return isinstance(metric, ComputedMetric) or repr(metric) == repr(new.metric)


IDLE = ("title", "source", "ignore", "expect")
"""Keys on which no curve depends."""


def _deciding(node: object) -> object:
    plain = node.plain()  # type: ignore[attr-defined]
    return {key: value for key, value in plain.items() if key not in IDLE}


def _came_and_went(old: Side | None, new: Side | None) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that only the new side has, and those that only the old one had, wherever they stand."""
    before, now = (() if side is None else side.findings for side in (old, new))
    return tuple(_only_in(now, before)), tuple(_only_in(before, now))


def _only_in(some: Sequence[Finding], others: Sequence[Finding]) -> Iterator[Finding]:
    left = Counter(map(_what, others))
    for each in some:
        if left[_what(each)]:
            left[_what(each)] -= 1
        else:
            yield each


def _what(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.severity, finding.message
