"""A place in a run as people write it -> `Place`: `5 epochs`, `500 steps`, `50%`, `last`, `end`, or a number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pydantic_core import PydanticCustomError

from lrviz.duration import DurationError, calls, parse_duration
from lrviz.errors import Problems, show
from lrviz.run import Run
from lrviz.schedule.expectation import Place
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean

PLACES = "5 epochs, 500 steps, 50%, last, end"


def read_place(node: Node, run: Run | None, problems: Problems, *, end: bool = False) -> Place | None:
    """A place in a run; None where it is none, or where the run itself is wrong (None). What is wrong is a problem.

    `end` says whether the moment after the last call may be named. A number counts epochs in a run that steps per
    epoch, steps in a run in steps; elsewhere only 0 has no unit. Whether it is inside of the run is not looked at.
    """
    text = text_of(node.value)
    if node.value == "end" and not end:
        problems.at(node, "`end` is no place of the run; only `at` looks at it", "write `last`")
        return None
    if node.value in ("last", "end"):
        after = node.value == "end"
        return Place(Fraction(run.calls - (not after)), text, node.where, after) if run else None
    if isinstance(node.value, bool) or not isinstance(node.value, str | int | float):
        problems.at(node, f"a place is expected here (got {show(node.value)})", f"such as {PLACES}")
        return None
    try:
        duration = parse_duration(node.value) if isinstance(node.value, str) else None
        if duration is not None:
            return Place(calls(duration, run, run.interval), text, node.where) if run else None
    except DurationError as error:
        problems.at(node, f"{error.message} (got {show(node.value)})", error.hint)
        return None
    return _of_number(node, run, problems)


def _of_number(node: Node, run: Run | None, problems: Problems) -> Place | None:
    text = text_of(node.value)
    try:
        number = values.number(node.value)
    except PydanticCustomError as error:
        hint = (error.context or {})["hint"] or did_you_mean(str(node.value), ("last", "end"))
        hint = hint if hint.startswith("did") else f"such as {PLACES}"
        problems.at(node, f"a place is expected here (got {show(node.value)})", hint)
        return None
    if number < 0:
        message = f"a place is not before the start (got {show(node.value)})"
        problems.at(node, message, "the run begins at 0")
        return None
    if run is None:
        return None
    if number and (run.epochs is not None) != (run.interval == "epoch"):
        problems.at(
            node,
            f"{text} of what? this is a run in {'epochs' if run.epochs is not None else 'steps'} that calls the "
            f"scheduler once {'an epoch' if run.interval == 'epoch' else 'a step'}",
            f"write `{text} epochs` or `{text} steps`",
        )
        return None
    return Place(Fraction(number), text, node.where)


def last_place(run: Run) -> str:
    """The last place of a run in its own unit: `epoch 29`, `step 999`."""
    return f"{run.interval} {run.calls - 1:,}"


def text_of(key: Any) -> str:
    """A key of a mapping as it is written."""
    return key if isinstance(key, str) else show(key)
