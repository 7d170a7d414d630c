"""Follows a run: reads on as its log grows, until it deviates from the plan or has come to its end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np

from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.errors import Position, Problem, ScheduleError, Severity
from lrviz.log.case import LogCase
from lrviz.log.causes import NONE, TOO_FEW, explain
from lrviz.log.follow import group_of, values_words
from lrviz.log.growing.logs import GrowingLog, growing_log
from lrviz.log.growing.verdict import deviates, is_complete
from lrviz.log.intervals import CalledAt
from lrviz.log.lengths import OfLength
from lrviz.log.log import Log
from lrviz.log.logged import LoggedRun
from lrviz.log.source import is_stdin
from lrviz.log.table import NoColumnError, NotThereError
from lrviz.log.text import NoRecordsError, Wanted
from lrviz.schedule.model import Schedule
from lrviz.words import counted

SHORTEST, LONGEST = 0.1, 1.0
"""Seconds between two looks at a log: at first, and when nothing has come for long."""

REST: Final = 10
"""After the records were judged, this many times as long passes until they are again: a large log costs 10% of a core.
"""

PATIENCE: Final = 5.0
"""Seconds after which it is said that a log holds nothing so far."""

TELLING: Final = 3
"""Fewer records that deviate do not tell why."""

BACK: Final = 3
"""After so many records on the plan, a run is back on it."""


class Stop(NamedTuple):
    """When to leave a run that follows: after `timeout` seconds in which nothing came, never where it is None.

    With `keep_going`, a run that deviates is followed too.
    """

    timeout: float | None = None
    keep_going: bool = False


class Followed(NamedTuple):
    """How far a run has come: `records` so far, the farthest at `place` of `total`, a `fraction` of the run."""

    records: int = 0
    place: str = ""
    total: str = ""
    fraction: float = 0.0
    deviates: bool = False

    def __str__(self) -> str:
        """In words: `step 12,300 of 100,000, on plan`."""
        if not self.records:
            return "no records so far"
        return f"{self.place}{self.total}, {'off the plan' if self.deviates else 'on plan'}"


class Listener(Protocol):
    """Whom a run that is followed tells what it does."""

    def look(self) -> None:
        """Is called at each look at the log; may raise a KeyboardInterrupt."""

    def progress(self, followed: Followed) -> None:
        """Is told after each look at new records."""

    def say(self, message: str) -> None:
        """Is told what happens to the log itself."""

    def event(self, problem: Problem) -> None:
        """Is told that a run that is kept being followed leaves the plan, for another cause, or is back on it."""

    def clear(self) -> None:
        """Is told that the run is not followed any longer."""


@dataclass(frozen=True)
class FollowedRun:
    """A run that is followed while it writes its log; else as `LoggedRun`."""

    run: LoggedRun
    stop: Stop
    listener: Listener

    def follow(
        self, schedule: Schedule, curve: Curve, name: str, called_at: CalledAt, of_length: OfLength | None = None
    ) -> list[Finding | Held]:
        """What `LoggedRun.follow` finds in the records until the first deviation, or until the end.

        Raises `ScheduleError` for a log that cannot be read or does not come, and the KeyboardInterrupt that ends it.
        """
        group = curve.groups[0] if self.run.group is None else self.run.group
        wanted = Wanted(self.run.name, self.run.column, self.run.step_column, group, tuple(curve.groups))
        following = _Following(self, wanted, schedule, curve, called_at)
        try:
            log, ended = following.to_the_end()
        except KeyboardInterrupt:
            self.listener.say(f"stopped: {following.followed}")
            raise
        finally:
            self.listener.clear()
        found = self.run.compare(log, schedule, curve, name, called_at, of_length)
        return found if ended else [_so_far(each, following.deviate) for each in found if each.code != "log-ends-early"]


def _so_far(found: Finding | Held, deviate: int) -> Finding | Held:
    """A finding on a run that goes on, of which so many records `deviate` so far."""
    if isinstance(found, Finding) and found.hint in (TOO_FEW, NONE) and deviate < TELLING:
        return found._replace(hint=f"{TOO_FEW}; --keep-going reads on until they do")
    return found


class _Following:
    """One run, while it is followed."""

    def __init__(self, run: FollowedRun, wanted: Wanted, schedule: Schedule, curve: Curve, called_at: CalledAt) -> None:
        self.followed = Followed()
        self.deviate = 0
        self._run, self._stop, self._listener = run.run, run.stop, run.listener
        self._wanted = wanted
        self._schedule, self._curve, self._called_at = schedule, curve, called_at
        self._log: GrowingLog | None = None
        self._restarts = 0
        self._nothing: ScheduleError | None = None
        self._sure = False
        self._events: dict[str, _Events] = {}

    def to_the_end(self) -> tuple[Log, bool]:
        """The records until the first deviation, or all and True."""
        came = judged = time.monotonic()
        cost, pause, pending, told = 0.0, SHORTEST, False, False
        while True:
            self._listener.look()
            now = time.monotonic()
            if self._take():
                came, pause, pending = now, 0.0, True
            elif self._log is not None and self._log.ended:
                break
            else:
                pause = min(max(2 * pause, SHORTEST), LONGEST)
            if pending and now - judged >= REST * cost:
                pending = False
                began = time.monotonic()
                log, case = self._judged()
                judged = time.monotonic()
                cost = judged - began
                if log is not None and self._is_over():
                    return log, False
                if case is not None and self._is_complete(case):
                    self._take()
                    break
            if self._nothing is not None and not told and now - came > PATIENCE:
                told = True
                self._listener.say(f"waiting for records: {self._nothing.problems[0].message}")
            left = LONGEST if self._stop.timeout is None else self._stop.timeout - (time.monotonic() - came)
            if left <= 0:
                self._timed_out()
                break
            self._wait(min(max(pause, SHORTEST if pending else 0.0), left))
        assert self._log is not None
        log = self._log.log(ended=True)
        if self._stop.keep_going:
            self._judge(log)
        return log, True

    def _take(self) -> bool:
        """Reads what is new; False if nothing is."""
        if self._log is None:
            self._log = growing_log(self._run.path, self._wanted, self._run.pattern)
            if self._log is None:
                return False
        try:
            some = self._log.take()
        except NotThereError as error:
            self._nothing = error
            return False
        if self._log.restarts > self._restarts:
            self._restarts = self._log.restarts
            self._listener.say(f"{self._run.name} began anew, and is read from its start")
        return some

    def _wait(self, seconds: float) -> None:
        if self._log is None:
            time.sleep(seconds)
        elif seconds > 0:
            self._log.wait(seconds)

    def _judged(self) -> tuple[Log | None, LogCase | None]:
        """The records so far, and beside the plan; None as long as there are none."""
        assert self._log is not None
        try:
            log = self._log.log()
        except (NoColumnError, NoRecordsError, NotThereError) as error:
            self._nothing = error
            return None, None
        self._nothing = None
        return log, self._judge(log)

    def _judge(self, log: Log) -> LogCase | None:
        """The records of the first param group beside the plan, after those of all were judged."""
        assert self._log is not None
        cases: list[LogCase] = []
        self._sure = off = False
        self.deviate = 0
        for name, each in self._run.by_group(log, self._curve).items():
            group = group_of(self._schedule, self._curve, name)
            case = LogCase.of(self._schedule, self._curve, each, group, self._run.shift)
            if not len(case):
                continue
            cases.append(case)
            sure = deviates(case, redrawn=self._log.may_be_redrawn, from_1=self._log.may_count_from_1)
            self._sure |= sure
            self.deviate += int(case.deviates.sum())
            if self._stop.keep_going:
                events = self._events.setdefault(name, _Events(self._called_at, self._listener))
                if sure:
                    events.tell(case)
                off |= events.off
        if not cases:
            return None
        case = cases[0]
        farthest = int(case.at.argmax())
        fraction = int(case.low[farthest]) / case.plan.ticks
        off |= self._sure and not self._stop.keep_going
        self.followed = Followed(len(case), case.place(farthest), _total(case), fraction, off)
        self._listener.progress(self.followed)
        return case

    def _is_over(self) -> bool:
        return self._sure and not self._stop.keep_going

    def _is_complete(self, case: LogCase) -> bool:
        """True if the run's last step came. Who writes to standard input is let write to its end."""
        return not is_stdin(self._run.path) and is_complete(case)

    def _timed_out(self) -> None:
        waited = f"nothing came for {span(self._stop.timeout or 0.0)}"
        if self._log is None:
            raise ScheduleError.at(Position(self._run.path), f"there is no such file, and {waited}")
        self._listener.say(f"{waited}: {self._run.name} is not followed any longer")


class _Events:
    """Where a run leaves its plan, for which cause, and where it is back."""

    def __init__(self, called_at: CalledAt, listener: Listener) -> None:
        self.off = False
        self._called_at = called_at
        self._listener = listener
        self._from = 0
        self._count = 0
        self._hint = ""

    def tell(self, case: LogCase) -> None:
        """Tells what is new, of all records so far."""
        off = np.flatnonzero(case.deviates[self._from :]) + self._from
        if not len(off):
            return
        count = len(off)
        if not self.off:
            self.off, self._count = True, count
            self._hint = explain(case, self._called_at) if count >= TELLING else ""
            first = int(off[0])
            self._event(case, first, f"{case.place(first)}: {values_words(case, first)}", self._hint)
        elif count >= 2 * self._count:
            hint = explain(case, self._called_at)
            if hint != self._hint:
                self._hint = hint
                last = int(off[-1])
                self._event(case, last, f"{case.place(last)}: {values_words(case, last)}", hint)
            self._count = count
        if len(case) - 1 - int(off[-1]) >= BACK:
            self.off, self._from = False, int(off[-1]) + 1
            self._event(case, self._from, f"{case.place(self._from)}: back on the plan", "", "note")

    def _event(self, case: LogCase, index: int, message: str, hint: str, severity: Severity = "error") -> None:
        self._listener.event(Problem(case.log.where(int(case.rows[index])), message, hint, severity, "log"))


def _total(case: LogCase) -> str:
    """How long the run is, in what the log counts: ` of 100,000`."""
    run = case.curve.run
    total = {"step": run.total_steps, "epoch": run.total_epochs}.get(case.unit)
    return f" of {total:,.8g}" if total is not None else ""


def span(seconds: float) -> str:
    """A time to wait, in words: `90 seconds`, `10 minutes`, `1 hour`."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return counted(int(seconds // size), unit)
    return f"{seconds:,.6g} second{'' if seconds == 1 else 's'}"
