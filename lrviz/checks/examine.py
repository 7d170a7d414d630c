"""All checks of one schedule and its curve: expectations, snapshot, lint."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lrviz.checks.expect import expectations
from lrviz.checks.finding import Finding, Held
from lrviz.checks.lint import lint
from lrviz.checks.snapshot import compare
from lrviz.curve import Curve
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule


def examine(
    schedule: Schedule, curve: Curve | None, name: str, torch: str, ignore: Collection[str] = ()
) -> Iterator[Finding | Held]:
    """The findings of a schedule and its expectations that hold, in the order of the file.

    `curve` is None if torch refuses to run the schedule; then only the lint runs. `name` is the name of the schedule in
    the report, `torch` the version that ran it, `ignore` what the project accepts of the lint.
    """
    found: list[Finding | Held] = list(lint(schedule, curve, name, ignore))
    if curve is not None:
        found += expectations(schedule.expect, curve, name)
        found += compare(schedule, curve, name, torch)
    yield from sorted(found, key=lambda each: each.where)


def refusals(error: ScheduleError, schedule: str | None = None) -> Iterator[Finding]:
    """The problems of an input that cannot be read or run, as findings."""
    for problem in error.problems:
        yield Finding.of(problem, schedule, "input", "input")
