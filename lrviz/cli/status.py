"""The exit statuses of every verb, and the one of a check."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrviz.checks.finding import Results


class Status(IntEnum):
    """The exit status. With several files, the highest of 3, 2, 1, 0."""

    OK = 0
    FAILED = 1  # an expectation failed, the lint found an error, a log deviates from the plan, or two schedules differ
    BAD_INPUT = 2  # the command or an input is wrong, or a schedule must expect something and does not
    FAULT = 3  # a fault of lrviz itself
    INTERRUPTED = 130  # 128 + SIGINT, as shells count
    TERMINATED = 143  # 128 + SIGTERM


def status_of(results: Results) -> Status:
    """The exit status of a check. What cannot be checked is worse than a check that fails; a fault is worst."""
    if any(each.kind == "internal" for each in results.findings):
        return Status.FAULT
    if any(each.kind == "input" for each in results.findings):
        return Status.BAD_INPUT
    return Status.OK if results.ok else Status.FAILED
