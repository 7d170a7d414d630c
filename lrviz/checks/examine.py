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
        found += (_related(each, schedule) for each in expectations(schedule.expect, curve, name))
        found += compare(schedule, curve, name, torch)
    yield from sorted(found, key=lambda each: each.where)


def _related(found: Finding | Held, schedule: Schedule) -> Finding | Held:
    """A failed expectation about a config that the file names, with the place in that config which decides."""
    imported = schedule.imported
    if isinstance(found, Held) or imported is None or imported.file == schedule.file:
        return found
    if found.code in ("expect.epochs", "expect.steps", "expect.calls"):
        return found._replace(related=imported.place_of("steps", "epochs"))
    if found.code in ("expect.max", "expect.min"):
        return found._replace(related=imported.place_of("optimizer", "scheduler"))
    return found._replace(related=imported.place_of("scheduler", "optimizer"))


def refusals(error: ScheduleError, schedule: str | None = None) -> Iterator[Finding]:
    """The problems of an input that cannot be read or run, as findings."""
    for problem in error.problems:
        yield Finding.of(problem, schedule, "input", "input")
