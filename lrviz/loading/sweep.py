"""The schedules of every document of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lrviz.errors import Problem, Problems, ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.override import Variant
from lrviz.schedule.text.document import Node


def each_of(
    documents: Sequence[Variant], read: Callable[[Node], list[Schedule]], key: str, problems: Sequence[Problem]
) -> list[Schedule]:
    """The schedules of every document of a sweep, each once, in the order of the file."""
    problems = Problems(problems)
    schedules: dict[str, dict[str, Schedule]] = {}
    for document in documents:
        try:
            for schedule in read(document.root):
                swept = document.swept_of(schedule.name)
                named = replace(schedule, name=f"{schedule.name} {swept}".strip(), swept=swept, key=key)
                schedules.setdefault(schedule.name, {}).setdefault(swept, named)
        except ScheduleError as error:
            problems += error.problems
    if problems:
        raise ScheduleError(problems)
    return [schedule for variants_of_one in schedules.values() for schedule in variants_of_one.values()]
