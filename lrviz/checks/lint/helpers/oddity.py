"""What a rule finds: the problem as people read it, and what in the schedule it is about."""

from __future__ import annotations

from typing import NamedTuple

from lrviz.errors import Position, Severity
from lrviz.schedule.model import Scheduler


class Oddity(NamedTuple):
    """One thing that a rule finds.

    `schedulers` are those that it is about, `argument` the argument of theirs. One that names no scheduler is about the
    schedule as a whole; with `whole`, so is one that names its cause. `code` is for a finding about another finding.
    """

    where: Position
    message: str
    hint: str = ""
    severity: Severity = "error"
    schedulers: tuple[Scheduler, ...] = ()
    argument: str = ""
    whole: bool = False
    code: str = ""
