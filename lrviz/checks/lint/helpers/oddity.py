"""A finding of a rule: the problem as users read it, and the part of the schedule it is about."""

from __future__ import annotations

from typing import NamedTuple

from lrviz.errors import Position, Severity
from lrviz.schedule.model import Scheduler


class Oddity(NamedTuple):
    """One finding of a rule.

    `schedulers` are the schedulers it is about, `argument` is their argument. Without schedulers it is about the
    schedule as a whole; with `whole` too, although it names its cause. `code` is set for a finding about a code.
    """

    where: Position
    message: str
    hint: str = ""
    severity: Severity = "error"
    schedulers: tuple[Scheduler, ...] = ()
    argument: str = ""
    whole: bool = False
    code: str = ""
