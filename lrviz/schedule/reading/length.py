"""The length of a run from the command line, in place of the file's: what `epochs` and `steps` of a file may be."""

from __future__ import annotations

from lrviz.errors import Position, Problems, ScheduleError
from lrviz.schedule.catalogue import SCHEDULE
from lrviz.schedule.reading.fields import check
from lrviz.schedule.reading.override import placed
from lrviz.schedule.reading.run import Length
from lrviz.schedule.text.document import Item, Node, parse


def length_of(epochs: str | None, steps: str | None) -> Length | None:
    """The length that `--epochs` or `--steps` gives, written as in a file; None if neither is given.

    Raises `ScheduleError` if both are, or if one is no length, with the errors of a file.
    """
    given = {name: text for name, text in (("epochs", epochs), ("steps", steps)) if text is not None}
    if not given:
        return None
    if len(given) > 1:
        raise ScheduleError.at(
            Position("lrviz"), "--epochs and --steps both set the length of the run", "give one of them"
        )
    ((name, text),) = given.items()
    where = Position(f"--{name}")
    written = placed(parse(text, where.file), where)
    problems = Problems()
    read = check(Node({name: Item(Node(name, where), written)}, where), SCHEDULE, problems)
    if read is None:
        raise ScheduleError(problems)
    return Length(**read, written=written)
