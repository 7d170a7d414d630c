"""The keys that say how long a run is -> `Run`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from lrviz.duration import Duration, DurationError, nearest, shown, steps_of
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.run import MAX_CALLS, Data, Interval, Run
from lrviz.schedule.catalogue import SCHEDULE
from lrviz.schedule.reading.arguments import check_rounding
from lrviz.schedule.reading.data import read_data, says_size
from lrviz.schedule.reading.fields import meant
from lrviz.schedule.text.document import Node
from lrviz.words import show


class Length(NamedTuple):
    """A length from the command line, in place of the file's. One of the two is None.

    Steps may be a duration, which `data` of each schedule makes a number; `written` is then how it was given.
    """

    epochs: int | None = None
    steps: int | Duration | None = None
    written: Node | None = None


def whole_argument(value: Any, argument: str) -> int:
    """A whole number of at least 1 that was given in Python, such as 90, 1e6 or a number of numpy.

    Raises `ScheduleError`, whose position is the name of the argument.
    """
    try:
        number = 0 if isinstance(value, bool) else int(value) if float(value).is_integer() else 0
    except (TypeError, ValueError, OverflowError):
        number = 0
    if number < 1 or isinstance(value, str):
        raise ScheduleError.at(Position(argument), f"expected a whole number of at least 1 (got {value!r})")
    return number


LENGTHS = ("epochs", "steps", "steps_per_epoch", "interval")


def read_run(
    node: Node,
    keys: Mapping[str, Any],
    length: Length | None,
    problems: Problems,
    remarks: Problems,
    *,
    changed: bool = False,
) -> Run | None:
    """The run of a schedule, or None where something about it is wrong.

    `keys` are the valid keys of the schedule; the others are already reported. A `length` changes how long the run is,
    not when the scheduler is called. `changed` is true if other values of the schedule come from the command line.
    """
    data = read_data(node.get("data"), problems)
    data_wrong = data is None and node.get("data") is not None
    known = len(problems)
    epochs, steps = keys.get("epochs"), keys.get("steps")
    if isinstance(steps, Duration):
        unread = length is not None or data_wrong
        steps = 1 if unread else _steps(node.value["steps"].value, steps, data, problems, remarks)
    _check_length(node, epochs, steps, length, problems)
    steps_per_epoch = keys.get("steps_per_epoch")
    if steps_per_epoch is not None and says_size(node.get("data")):
        problems.at(node.value["data"].key, "`data` and `steps_per_epoch` say the same thing; keep one of them")
    elif steps_per_epoch is None and data is not None:
        steps_per_epoch = data.steps_per_epoch
    interval, every = keys.get("interval") or _usual_interval(epochs, steps, length), 1
    if length is not None:
        epochs, steps = length.epochs, None if isinstance(length.steps, Duration) else length.steps
        if isinstance(length.steps, Duration):
            steps = 1 if data_wrong else _steps(length.written or node, length.steps, data, problems, remarks)
    if isinstance(interval, Duration):
        where = node.value["interval"].value
        interval, every = _interval(where, interval, steps_per_epoch, data, problems) or ("step", 1)
    in_file = keys.get("epochs") is not None or keys.get("steps") is not None
    overridden = (length is not None and in_file) or _is_set(node)
    run = Run(epochs, steps, steps_per_epoch, interval, data, overridden, changed or overridden, every)
    wrong = [name for name in LENGTHS if node.get(name) is not None and name not in keys]
    length_known = epochs is not None or steps is not None
    if wrong or not length_known or len(problems) > known or data_wrong:
        return None
    if steps_per_epoch is None and interval != ("epoch" if epochs is not None else "step"):
        _missing_steps_per_epoch(node, run, length, problems)
        return None
    if run.every > run.ticks and not overridden:
        what = f"the scheduler is called after {run.every:,} {run.interval}s, but the run has only {run.ticks:,}"
        problems.at(node.value["interval"].value, what, "write a shorter interval, or `scheduler: none`")
        return None
    if run.ticks > MAX_CALLS:
        name = "epochs" if epochs is not None else "steps"
        where = node.get(name) if length is None else None
        problems.at(where or node, f"a run may have at most {MAX_CALLS:,} calls (this one has {run.ticks:,})")
        return None
    return run


def _is_set(node: Node) -> bool:
    """True if the length of the run was given by `--set` rather than by the file."""
    given = (node.get(name) for name in ("epochs", "steps"))
    return any(each is not None and each.where.file != node.where.file for each in given)


def _check_length(node: Node, epochs: int | None, steps: int | None, length: Length | None, problems: Problems) -> None:
    if epochs is not None and steps is not None:
        where = max(node.value["epochs"].key.where, node.value["steps"].key.where)
        problems.at(
            where,
            "`epochs` and `steps` both say how long the run is; keep one of them",
            "`epochs` with `interval: step` steps the scheduler after every optimizer step",
        )
    given = {"epochs", "steps"} & {*node.value, *meant(node, SCHEDULE)}
    if not given and length is None:
        problems.at(
            node,
            "the length of the run is missing",
            "write `epochs: 30` or `steps: 10000`, or give --epochs or --steps",
        )


def _usual_interval(epochs: int | None, steps: int | None, length: Length | None) -> Any:
    if epochs is None and steps is None:
        epochs = length.epochs if length else None
    return "epoch" if epochs is not None else "step"


def _missing_steps_per_epoch(node: Node, run: Run, length: Length | None, problems: Problems) -> None:
    unit = "epochs" if run.epochs is not None else "steps"
    where = node.get("interval") or node.get(unit) or node
    given = f"--{unit}" if length is not None else f"`{unit}`"
    problems.at(
        where,
        f"a run in {unit} ({given}) whose scheduler is called after every {run.interval} "
        f"needs to know how many steps an epoch has",
        "write `steps_per_epoch: 500`, or `data: {samples: 50000, batch_size: 100}`",
    )


def _interval(
    node: Node, duration: Duration, steps_per_epoch: int | None, data: Data | None, problems: Problems
) -> tuple[Interval, int] | None:
    """The unit of a tick, and the ticks to one call; None, with a problem, if they are not whole."""
    value, unit = duration
    if unit == "epochs" and value.denominator == 1 and value > 0:
        return "epoch", int(value)
    try:
        if unit == "tokens" or unit == "samples":
            value = steps_of(value, unit, data)
    except DurationError as error:
        problems.at(node, f"interval: {error.message} (got {show(node.value)})", error.hint)
        return None
    if unit == "epochs" and steps_per_epoch is None:
        problems.at(
            node,
            f"interval is {shown(value)} epochs (got {show(node.value)})",
            "write a whole number of epochs, at least 1; or give the run `steps_per_epoch` or `data`",
        )
        return None
    known = len(problems)
    every = whole_interval(node, value * (steps_per_epoch or 1) if unit == "epochs" else value, "step", problems)
    return ("step", every) if len(problems) == known else None


def whole_interval(node: Node, exact: Fraction, unit: Interval, problems: Problems) -> int:
    """The epochs or steps between two calls; 1, with a problem, if that is not a whole number of them."""
    if exact >= 1 and exact.denominator == 1:
        return int(exact)
    problems.at(
        node,
        f"interval is {shown(exact)} {unit}s (got {show(node.value)})",
        f"a scheduler is called after a whole number of {unit}s, at least 1",
    )
    return 1


def _steps(node: Node, duration: Duration, data: Data | None, problems: Problems, remarks: Problems) -> int | None:
    """The length of a run as a whole number of optimizer steps; None, with a problem, if `data` cannot tell."""
    value, unit = duration
    try:
        exact = steps_of(value, unit, data) if unit == "tokens" or unit == "samples" else value
    except DurationError as error:
        problems.at(node, f"steps: {error.message} (got {show(node.value)})", error.hint)
        return None
    steps = nearest(exact)
    if exact <= 0:
        problems.at(node, f"steps must be at least 1 (got {show(node.value)})")
    else:
        check_rounding(node, exact, steps, "steps", remarks, problems, "steps")
    return steps
