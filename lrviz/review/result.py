"""What a review found: each schedule that changed, on both sides, and the whole."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Literal

from lrviz.calculator.difference import Difference
from lrviz.calculator.stats import Stats, stats_of
from lrviz.checks.finding import Finding
from lrviz.curve import Curve
from lrviz.errors import Position, Problem
from lrviz.review.causes import Cause
from lrviz.review.repository import Base
from lrviz.schedule.model import Schedule

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
        """The statistics of the curve by param group; none where there is no curve."""
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
        """The schedule now, or that of the revision where it was removed."""
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
        """What became of the schedule, in a word."""
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
        """The schedules of which nothing changed, neither values nor names."""
        return tuple(each for each in self.schedules if each.untouched and not each.old_name)

    @property
    def moved(self) -> tuple[Reviewed, ...]:
        """The schedules whose curve moved: with `frozen` ones only those of them count."""
        return tuple(each for each in self.schedules if each.moved and (each.frozen or not self.frozen))

    @property
    def refused(self) -> tuple[Reviewed, ...]:
        """The schedules that torch refuses to run now."""
        return tuple(each for each in self.schedules if each.new and not each.untouched and each.new.curve is None)


# --- names -----------------------------------------------------------------------------------------------------------


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
