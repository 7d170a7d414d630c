"""Schedules of the command line, each with how it is to be trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrviz.cli.failures import COMMAND, Failures
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.schedule.train.settings import TrainingSettings

if TYPE_CHECKING:
    from lrviz.cli.sources import Loaded
    from lrviz.lessons.sessions import Sessions
    from lrviz.lessons.settings import Arrangement


class Arranged(NamedTuple):
    """A schedule by its name, and how it is trained."""

    name: str
    schedule: Schedule
    sessions: Sessions
    settings: TrainingSettings


def arranged_of(arrangement: Arrangement, loaded: Loaded, failures: Failures) -> list[Arranged]:
    """The schedules that can be trained. What is wrong under `train` of a file is a failure of that file."""
    read: dict[int, TrainingSettings | None] = {}
    found = []
    for name, schedule in loaded.schedules:
        key = id(schedule.train)
        if key not in read:
            read[key] = None
            with failures.caught(Position(schedule.file)):
                read[key] = arrangement.settings_of(schedule)
        settings = read[key]
        if settings is not None:
            found.append(Arranged(name, schedule, arrangement.sessions_of(schedule, settings), settings))
    return found


def refuse_mixture(arranged: Sequence[Arranged]) -> None:
    """Raises `ScheduleError` unless one table can hold them all: of one problem, and as many epochs of it."""
    problems = dict.fromkeys(each.sessions.problem.name for each in arranged)
    lengths = dict.fromkeys(each.sessions.length.epochs for each in arranged)
    if len(problems) > 1:
        what, option = f"several problems ({', '.join(problems)})", "--problem"
    elif len(lengths) > 1:
        what, option = f"several lengths ({', '.join(f'{each:g}' for each in lengths)} epochs)", "--length"
    else:
        return
    raise ScheduleError.at(
        COMMAND,
        f"the schedules are trained on {what}, and only those of one can be compared",
        f"give {option} for all of them, or --check, which trains each file on its own",
    )
