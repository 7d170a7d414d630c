"""What a command names: the log of a real run, and how it is read."""

from __future__ import annotations

from typing import NamedTuple

from lrviz.checks.finding import Finding, Held
from lrviz.curve import Curve
from lrviz.log.follow import follow
from lrviz.log.read import read_log
from lrviz.schedule.model import Schedule


class LoggedRun(NamedTuple):
    """What a real run logged, and how it is read.

    `column` holds the learning rates and `step_column` the steps or epochs, each found by its name where it is None.
    `group` is the param group that was logged, the first where it is None. The log's step s is the plan's s + `shift`.
    """

    path: str
    column: str | None = None
    step_column: str | None = None
    group: str | None = None
    shift: int = 0

    def follow(self, schedule: Schedule, curve: Curve, name: str) -> list[Finding | Held]:
        """How the run followed the plan, as `follow` finds it. Raises `ScheduleError` for an unreadable log too."""
        log = read_log(self.path, self.column, self.step_column)
        return follow(schedule, curve, log, name, group=self.group, shift=self.shift)
