"""What a command names: the log of a real run, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.errors import Problem, ScheduleError
from lrviz.log.case import LogCase
from lrviz.log.follow import ENDS_EARLY, first_deviation, follow, group_of, is_cut_off, values_words
from lrviz.log.history.told import STRETCH
from lrviz.log.intervals import CalledAt
from lrviz.log.lengths import OfLength
from lrviz.log.log import Log
from lrviz.log.read import read_log
from lrviz.log.source import name_of
from lrviz.schedule.model import Schedule

if TYPE_CHECKING:
    from lrviz.log.plan import Floats


TOLD = ("log-read", "log-ranks")
"""The codes of what a picture cannot show of how a log was read."""


class Records(NamedTuple):
    """The records of a log on the plan of its param group `group`; arrays have one value a record within the run.

    `ticks` are places of the plan, which may lie between two ticks, `lr` what was logged there, `away` how far that is
    from the plan, 0 where it follows. `first` is the index of the first record that deviates, None if none does or
    if it lies outside of the run; `words` say where and by how much. `outside` counts the records outside of the run.
    """

    group: int
    ticks: Floats
    lr: Floats
    away: Floats
    first: int | None
    words: str
    outside: int


class LoggedRun(NamedTuple):
    """What a real run logged, and how it is read.

    `column` holds the learning rates and `step_column` the steps or epochs, each found by its name where it is None.
    `group` is the param group that was logged, the first where it is None. The log's step s is the plan's s + `shift`;
    where that is None, the log counts as its program does. `pattern` says how its lines read. `others` are the paths of
    more logs, which may be later starts of the same run.
    """

    path: str
    column: str | None = None
    step_column: str | None = None
    group: str | None = None
    shift: int | None = None
    pattern: str | None = None
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The log in messages and pictures."""
        return name_of(self.path)

    def _log(self, curve: Curve) -> Log:
        group = curve.groups[0] if self.group is None else self.group
        return read_log(self.path, self.column, self.step_column, group, groups=curve.groups, pattern=self.pattern)

    def follow(
        self, schedule: Schedule, curve: Curve, name: str, called_at: CalledAt, of_length: OfLength | None = None
    ) -> list[Finding | Held]:
        """How the run followed the plan, as `follow` finds it. Raises `ScheduleError` for an unreadable log too.

        Where the lines of a text have the learning rates of all param groups, and no group is asked for, all are
        compared.
        """
        return self.compare(self._log(curve), schedule, curve, name, called_at, of_length)

    def compare(
        self,
        log: Log,
        schedule: Schedule,
        curve: Curve,
        name: str,
        called_at: CalledAt,
        of_length: OfLength | None = None,
    ) -> list[Finding | Held]:
        """The same of a log that was read."""
        found = self._compared(log, schedule, curve, name, called_at, of_length)
        early = any(isinstance(each, Finding) and each.code == ENDS_EARLY for each in found)
        if early and self._goes_on(log, schedule, curve):
            return [each for each in found if each.code != ENDS_EARLY]
        return found

    def _goes_on(self, log: Log, schedule: Schedule, curve: Curve) -> bool:
        """True if another log begins later than this one, at the latest with its next record, and goes on from there.

        What is wrong with the other log is told where it is compared.
        """
        group = group_of(schedule, curve, self.group)
        mine = LogCase.of(schedule, curve, log, group, self.shift)
        last = int(mine.high.max())
        for path in self.others:
            with suppress(ScheduleError):
                case = LogCase.of(schedule, curve, self._replace(path=path)._log(curve), group, self.shift)
                if mine.low.min() < case.low.min() <= last + mine.gap and case.high.max() > last:
                    return True
        return False

    def _compared(
        self,
        log: Log,
        schedule: Schedule,
        curve: Curve,
        name: str,
        called_at: CalledAt,
        of_length: OfLength | None,
    ) -> list[Finding | Held]:
        logs = self.by_group(log, curve)
        compared = partial(follow, schedule, curve, shift=self.shift, called_at=called_at, of_length=of_length)
        if len(logs) < 2:
            return compared(log, name, group=self.group)
        found: list[Finding | Held] = []
        for group, each in logs.items():
            for result in compared(each, name, group=group):
                if not isinstance(result, Finding) or result.severity != "note" or result.code == STRETCH:
                    found.append(result._replace(message=f"param group {group!r}: {result.message}"))
                elif each is log:
                    found.append(result)
        return found

    def by_group(self, log: Log, curve: Curve) -> dict[str, Log]:
        """The logs to compare, by param group."""
        return _different(log, curve) if self.group is None else {self.group: log}

    def records(self, schedule: Schedule, curve: Curve, tell: Callable[[Problem], None] | None = None) -> Records:
        """The records on the plan. Raises `ScheduleError` as `follow` does. `tell` is told how a text was read."""
        log = self._log(curve)
        for problem in log.notes:
            if tell is not None and problem.code in TOLD:
                tell(problem)
        case = LogCase.of(schedule, curve, log, group_of(schedule, curve, self.group), self.shift)
        case = case.without_last() if is_cut_off(case) else case
        kept = np.flatnonzero(case.inside & (case.ticks <= curve.run.duration))
        away = np.maximum(case.lower - case.logged, case.logged - case.upper).clip(0)
        away[~case.deviates] = 0.0
        first, words = None, ""
        if case.deviates.any():
            index = first_deviation(case)
            words = f"{case.place(index)}: {values_words(case, index)}"
            first = int(np.searchsorted(kept, index)) if index in kept else None
        outside = len(case) - len(kept)
        return Records(case.group, case.ticks[kept], case.logged[kept], away[kept], first, words, outside)


def _different(log: Log, curve: Curve) -> dict[str, Log]:
    """The logs of param groups that differ, in the plan or in the log, from those before; with the first."""
    found: dict[str, Log] = {}
    seen = []
    for group, each in {curve.groups[0]: log, **log.others}.items():
        both = (curve.columns[curve.groups.index(group)], each.lr)
        if both not in seen:
            seen.append(both)
            found[group] = each
    return found
