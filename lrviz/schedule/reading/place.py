"""A place in a file -> `Place`; errors become problems of the file."""

from __future__ import annotations

from lrviz.errors import Problems
from lrviz.place import PLACES, Place, PlaceError, parse_place, place_of
from lrviz.run import Run
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.schedule.text.values import WrongValueError
from lrviz.words import show


def read_place(node: Node, run: Run | None, problems: Problems, *, end: bool = False) -> Place | None:
    """A place in a run; None if it is wrong, which is a problem, or if the run itself is wrong (`run` is None).

    `end` allows the moment after the last call. A place outside the run is not a problem here.
    """
    try:
        time = parse_place(node.value, _number, end=end)
        return place_of(time, node.value, run, node.where) if run else None
    except PlaceError as error:
        problems.at(node, error.message, error.hint)
        return None


def _number(value: str | float) -> int | float:
    """A number, given as such or as arithmetic."""
    try:
        return values.number(value)
    except WrongValueError as error:
        hint = error.hint or did_you_mean(str(value), ("last", "end"))
        hint = hint if hint.startswith("did") else f"such as {PLACES}"
        raise PlaceError(f"expected a place in the run (got {show(value)})", hint) from None
