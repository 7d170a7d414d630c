"""The exit statuses of every verb."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """What the shell is told. With several files, the highest of 3, 2, 1, 0."""

    OK = 0
    FAILED = 1  # an expectation failed, a log left the plan, or two schedules differ
    BAD_INPUT = 2  # the command or an input is wrong
    FAULT = 3  # a fault of lrviz itself
    INTERRUPTED = 130
