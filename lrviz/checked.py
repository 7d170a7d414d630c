"""Simulated schedules -> what a check finds: the one pipeline of the verbs, the pytest plugin and the library."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from lrviz.checks import snapshot
from lrviz.checks.examine import examine, refusals
from lrviz.checks.finding import Finding, Held, Results
from lrviz.checks.report.options import ReportOptions
from lrviz.checks.report.summary import summary
from lrviz.checks.report.text import write
from lrviz.curve import Curve
from lrviz.engine.called import called_at, of_length
from lrviz.engine.side_by_side import Simulated
from lrviz.engine.torch_source import torch_version
from lrviz.errors import ScheduleError
from lrviz.files import UnreadableError
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import lines_of, lines_to_quote

if TYPE_CHECKING:
    from lrviz.log.intervals import CalledAt  # few checks have a log
    from lrviz.log.lengths import OfLength
    from lrviz.training.checkpoint.compare import NamedCheckpoint

Store: TypeAlias = Callable[[Path, Path, str], None]
"""Writes a snapshot: its path as messages show it, the file without links, the text. Raises `ScheduleError` where it
cannot."""


class Logged(Protocol):
    """What a real run logged: a `LoggedRun`, or one that is followed while it runs."""

    def follow(
        self, schedule: Schedule, curve: Curve, name: str, called_at: CalledAt, of_length: OfLength | None = None
    ) -> list[Finding | Held]:
        """How it followed the plan. Raises `ScheduleError` for an unreadable log."""


class Checker:
    """Checks schedules one by one.

    With `store`, a snapshot that is missing or does not hold is written first, unless `target_of` forbids it; two
    schedules with one snapshot are a finding. Each curve is compared with what the `runs` logged, and with
    `checkpoints`.
    """

    def __init__(
        self,
        *,
        store: Store | None = None,
        runs: Sequence[Logged] = (),
        checkpoints: Sequence[NamedCheckpoint] = (),
        ignore: Collection[str] = (),
    ) -> None:
        self._store = store
        self._runs = runs
        self._checkpoints = checkpoints
        self._ignore = ignore
        self._owners: dict[str, str] = {}

    def results(self, simulated: Simulated) -> list[Finding | Held]:
        """What a check finds in a schedule. Raises its fault if it has one."""
        blocked = list(_taken(simulated, self._owners))
        if self._store is not None and not blocked:
            blocked += _stored(simulated, self._store)
        refused, examined = _results(simulated, self._ignore)
        kept = [found for found in examined if not (blocked and found.code == snapshot.CODE)]
        followed: list[Finding | Held] = []
        if simulated.curve is not None:
            for run in self._runs:
                followed += _followed(run, simulated.schedule, simulated.curve, simulated.name)
            for checkpoint in self._checkpoints:
                followed += _compared(checkpoint, simulated.schedule, simulated.curve, simulated.name)
        return [*refused, *blocked, *kept, *followed]


def results_of(simulated: Simulated, ignore: Collection[str] = ()) -> list[Finding | Held]:
    """What a check finds in one schedule alone: that torch refuses to run it, then expectations, snapshot and lint.

    `ignore` is what the project accepts of the lint. Raises the schedule's fault if it has one.
    """
    refused, examined = _results(simulated, ignore)
    return [*refused, *examined]


def _results(simulated: Simulated, ignore: Collection[str]) -> tuple[list[Finding], list[Finding | Held]]:
    if simulated.fault is not None:
        raise simulated.fault
    schedule, curve, name = simulated.schedule, simulated.curve, simulated.name
    refused = list(refusals(simulated.refusal, name)) if simulated.refusal is not None else []
    return refused, list(examine(schedule, curve, name, _torch(), ignore))


def _torch() -> str:
    return torch_version() or "unknown"


def _taken(simulated: Simulated, owners: dict[str, str]) -> Iterator[Finding]:
    """That the schedule of another file, the owner, has the same snapshot. (Within a file, reading it says so.)"""
    schedule, name = simulated.schedule, simulated.name
    expected = schedule.expect.snapshot
    if expected is None:
        return
    owner = owners.setdefault(os.path.realpath(snapshot.path_of(schedule)), name)
    if owner != name:
        message = f"{expected.path!r} is the snapshot of {owner!r} already"
        hint = f"give each its own: snapshot: {schedule.name}.csv"
        yield Finding(expected.where, name, snapshot.CODE, "error", message, hint, "input")


def _stored(simulated: Simulated, store: Store) -> Iterator[Finding]:
    """Stores the snapshot of a schedule where it is missing or does not hold; why it cannot be written is a finding."""
    schedule, curve = simulated.schedule, simulated.curve
    expected = schedule.expect.snapshot
    if expected is None or curve is None or schedule.run.changed or snapshot.still_holds(schedule, curve, _torch()):
        return
    try:
        target = snapshot.target_of(schedule)
        store(snapshot.path_of(schedule), target, snapshot.snapshot_of(schedule, curve, _torch()))
    except UnreadableError as error:
        message = f"{expected.path!r} {error}"
        yield Finding(expected.where, simulated.name, snapshot.CODE, "error", message, error.hint, "input")
    except ScheduleError as error:
        yield from refusals(error, simulated.name)


def _followed(run: Logged, schedule: Schedule, curve: Curve, name: str) -> Iterator[Finding | Held]:
    try:
        yield from run.follow(schedule, curve, name, called_at, of_length)
    except ScheduleError as error:
        yield from refusals(error, name)


def _compared(checkpoint: NamedCheckpoint, schedule: Schedule, curve: Curve, name: str) -> Iterator[Finding | Held]:
    try:
        yield from checkpoint.compare(schedule, curve, name)
    except ScheduleError as error:
        yield from refusals(error, name)


# --- the report ----------------------------------------------------------------------------------------------


class CheckError(AssertionError):
    """A check that failed, in a test. Its text is the report."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report


@dataclass(frozen=True, repr=False)
class Report(Results):
    """Everything that a check found; its text is what `lrviz check` prints.

    `ok` says whether nothing failed. `findings` are what was found, of which `errors`, `warnings` and `notes` are
    parts; `held` are the expectations that hold. `texts` are the bytes of the files that were read, by their names.
    """

    texts: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        found: Iterable[Finding | Held],
        schedules: Iterable[tuple[str, str]],
        texts: Mapping[str, bytes],
        *,
        strict: bool = False,
        require_expect: bool = False,
    ) -> Report:
        """The report on the schedules of some files. `schedules` are those that could be read: file and name.

        With `strict`, warnings fail too; with `require_expect`, a schedule that expects nothing is an error.
        """
        found = list(found)
        findings = tuple(each for each in found if isinstance(each, Finding))
        if require_expect:
            findings = tuple(finding.required() for finding in findings)
        unread = (each.where.file for each in findings if each.schedule is None)
        return cls(
            files=tuple(dict.fromkeys([*texts, *unread])),
            schedules=tuple(schedules),
            findings=findings,
            held=tuple(each for each in found if isinstance(each, Held)),
            strict=strict,
            texts=texts,
        )

    def raise_if_failed(self) -> None:
        """Raises `CheckError`, whose text is this report, unless the check is `ok`."""
        if not self.ok:
            raise CheckError(self)

    def lines(self, file: str) -> Sequence[str]:
        """The lines of a file, none where it was not read or has no schedule."""
        text = self.texts.get(file, b"")
        return lines_of(text) if any(read == file for read, _ in self.schedules) else lines_to_quote(text)

    def __str__(self) -> str:
        return write(self, ReportOptions(self.lines)).rstrip("\n")

    def __repr__(self) -> str:
        return f"<Report: {summary(self)}>"
