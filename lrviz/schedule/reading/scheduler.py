"""The key `scheduler` -> one `Scheduler`, or `Phases` where it is a list."""

from __future__ import annotations

from lrviz.errors import Problems
from lrviz.schedule.catalogue import SCHEDULE
from lrviz.schedule.model import Phases, Scheduler
from lrviz.schedule.reading.context import Context
from lrviz.schedule.reading.fields import meant
from lrviz.schedule.reading.one_scheduler import EXAMPLE, is_none, read_one
from lrviz.schedule.reading.phases import read_phases
from lrviz.schedule.text.document import Node


def read_scheduler(node: Node, context: Context, problems: Problems) -> Scheduler | Phases | None:
    """The scheduler of a schedule; None for `scheduler: none`, or where something about it is wrong."""
    scheduler = node.get("scheduler")
    if scheduler is None:
        if "scheduler" not in meant(node, SCHEDULE):
            problems.at(node, "scheduler is missing", f"{EXAMPLE}; or `scheduler: none` for a constant LR")
        return None
    if is_none(scheduler):
        return None
    if scheduler.is_list:
        return read_phases(scheduler, context, problems)
    return read_one(scheduler, context, problems)
