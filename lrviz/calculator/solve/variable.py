"""The argument that `lrviz solve` solves for: its place in the file, its kind, and the range of its values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from lrviz.duration import DurationError, parse_duration
from lrviz.errors import Position, ScheduleError
from lrviz.loading import Editable
from lrviz.run import AMOUNTS
from lrviz.schedule.catalogue import SCHEDULE, Argument
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.override import KeyPath, argument_at, replaced, value_at
from lrviz.schedule.reading.run import Length
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node

if TYPE_CHECKING:
    from lrviz.curve import Curve

Number: TypeAlias = int | float


@dataclass(frozen=True, slots=True)
class Variable:
    """One value of a schedule; `schedule()` gives the schedule with any other value instead.

    - `document`: the file with this schedule alone.
    - `unit`: the unit of a length: `epochs`, `steps`, `tokens`, `samples` or `%`; empty for a plain number.
    - `present`: the value in the file, or torch's default; None if that is not a number.
    - `calls`: the calls of the scheduler in the run with the present value.
    - `read`: reads the schedule of such a document.
    """

    document: Node
    path: KeyPath
    where: Position
    argument: Argument | None
    unit: str
    whole: bool
    present: Number | None
    calls: int
    read: Callable[[Node], Schedule]

    def __str__(self) -> str:
        return str(self.path)

    def written(self, value: Number) -> str:
        """A value as it is written in a file."""
        unit = self.unit if self.unit in ("", "%") else f" {self.unit.removesuffix('s') if value == 1 else self.unit}"
        return f"{value!r}{unit}"

    def schedule(self, value: Number) -> Schedule:
        """The schedule with this value. Raises `ScheduleError` if the value is not allowed."""
        node = Node(self.written(value) if self.unit else value, self.where)
        return self.read(replaced(self.document, self.path.keys, node))


def variable_of(document: Editable, schedule: Schedule, key: str, length: Length | None = None) -> Variable:
    """The number of a schedule that a key names, as in `--set`; `length` is that of the command line.

    Raises `ScheduleError` if the key names no number, or more than one.
    """
    where = Position(f"lrviz solve {key}")
    path = document.find(key, where)
    own = schedule.imported is None or schedule.imported.file != schedule.file
    argument = _argument(document.root, path) if own else None
    node = value_at(document.root, path.keys)
    unit, present = _present(node, argument)
    numeric = argument.kind in _REAL | _WHOLE if argument is not None else present is not None
    listed = node.is_list if node is not None else argument is not None and argument.many not in (None, "groups")
    if numeric and listed:
        raise ScheduleError.at(where, f"{path} is a list", f"name one of its members: {path}[0]")
    if not numeric or (node is not None and node.is_mapping):
        hint = "" if own or node is not None else f"the config does not say it; start from a value: --set {path}=0.1"
        raise ScheduleError.at(where, f"{path} is not a number, so lrviz cannot solve for it", hint)
    if length is not None and argument in SCHEDULE.arguments and argument.name in Length._fields:
        raise ScheduleError.at(where, f"the length of the run comes from the command line, which overrides {path}")
    whole = bool(unit) or (argument.kind in _WHOLE if argument is not None else isinstance(present, int))
    return Variable(document.root, path, where, argument, unit, whole, present, schedule.run.calls, document.read)


_REAL: Final = {"number", "float"}
_WHOLE: Final = {"whole", "calls", "steps"}

_OF_PHASES: Final = {
    "for": Argument(name="for", kind="calls", low=1, unit="calls", meaning="length of the phase"),
    "from": Argument(name="from", kind="number", low=0, unit="learning rate", meaning="where the phase begins"),
}


def _argument(document: Node, path: KeyPath) -> Argument | None:
    return argument_at(document, path.keys) or _OF_PHASES.get(str(path.keys[-1]))


def _present(node: Node | None, argument: Argument | None) -> tuple[str, Number | None]:
    """The unit of a value, and the value as a number; None if it is not a number."""
    written = node.value if node is not None else argument.default if argument is not None else None
    try:
        duration = parse_duration(written) if isinstance(written, str) else None
        if duration is not None:
            number = float(duration.value)
            return duration.unit, int(number) if number.is_integer() else number
        return "", values.number(written)
    except (DurationError, values.WrongValueError):
        return "", None


def range_of(variable: Variable, schedule: Schedule, curve: Curve) -> tuple[Number, Number]:
    """The range that is searched by default: what the catalogue allows, made finite.

    `curve` is the curve with the present value. A length goes up to the length of the run, a learning rate up to ten
    times the peak of the run, any other number up to ten times its present value, and at least to 10.
    """
    argument, present = variable.argument, variable.present or 0
    lows = (argument.low, argument.above) if argument is not None else ()
    highs = (argument.high, argument.below) if argument is not None else ()
    low: Number = next((limit for limit in lows if limit is not None), min(0, 10 * present))
    high = next((limit for limit in highs if limit is not None), None)
    if variable.whole:
        run = schedule.run
        lengths = {"epochs": run.total_epochs, "steps": run.total_steps, "%": 100}
        for amount in AMOUNTS:
            per_step = run.per_step(amount)
            lengths[amount] = per_step * (run.total_steps or 0) if per_step is not None else None
        known = lengths.get(variable.unit)
        if known is None and argument is not None and argument.kind == "calls":
            known = run.calls
        if known is None:
            known = 10 * max(10, math.ceil(present))
        low = 1 if variable.unit else math.ceil(low)
        return low, max(math.ceil(present), known) if high is None else math.floor(high)
    if high is None:
        finite = [rate for rate in curve.peak.tolist() if math.isfinite(rate)]
        unit = max(finite, default=1.0) if argument is not None and argument.unit == "learning rate" else 1.0
        high = 10 * max(abs(present), unit)
    return float(low), float(high)
