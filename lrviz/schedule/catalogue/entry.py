"""Entries of the catalogue: a class with its arguments, their kinds, units, defaults and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
"""Stands for the default of an argument that must be given."""

Kind: TypeAlias = Literal[
    "number",  # a finite real number; stays an int if written as one
    "float",  # the same, passed on as a float, because torch requires that type
    "whole",  # a whole number; `1e2` and `100.0` are whole numbers too
    "calls",  # a length, counted in calls of `scheduler.step()`
    "steps",  # the length of a run in optimizer steps; may have a unit: `3.2T tokens`
    "flag",  # true or false
    "interval",  # epoch, step, or a length: `500 steps`
    "choice",  # one of a few words
    "text",
    "function",  # a factor as a function of the call; one number is a constant function
    "schedulers",  # a list of schedulers
    "any",  # read by code of its own
]


Stretching: TypeAlias = Literal["", "length", "decay", "none"]
"""How a value changes when the whole plan is made longer: a "length" is multiplied by the factor, a "decay", which is a
factor of each call, becomes the root of it; "" follows from the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a class, or one key of a mapping in the file.

    A value satisfies `low <= value <= high` and `above < value < below`. `many` allows or requires a list: "groups"
    means one value or a list with one for each param group, "list" a list of any length, a number a list of that
    length. `own_length` marks the scheduler's own length, which may follow from the run (or the phase). `stretch` says
    how `--stretch` changes it; see `is_length` and `is_decay`.
    """

    name: str
    kind: Kind
    meaning: str
    default: Any = REQUIRED
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    many: Literal["groups", "list"] | int | None = None
    nullable: bool = False
    own_length: bool = False
    stretch: Stretching = ""

    @property
    def is_length(self) -> bool:
        """True if a plan of twice the length has twice as much of it: a number of calls, the length of a run."""
        return self.stretch == "length" or (not self.stretch and self.kind in ("calls", "steps"))

    @property
    def is_decay(self) -> bool:
        """True for a factor of each call, which a plan of twice the length has the square root of."""
        return self.stretch == "decay"

    @property
    def required(self) -> bool:
        """True if a file has to give it."""
        return self.default is REQUIRED

    def allows(self, value: Any) -> bool:
        """True if a value is in the range, or is not a number."""
        if not isinstance(value, int | float):
            return True
        return (
            (self.low is None or value >= self.low)
            and (self.above is None or value > self.above)
            and (self.high is None or value <= self.high)
            and (self.below is None or value < self.below)
        )

    @property
    def range_text(self) -> str:
        """The valid range in words: `at least 1`, `above 0 and at most 1`; empty if there are no limits."""
        limits = [
            f"{word} {f'{limit:,}' if isinstance(limit, int) else f'{limit:g}'}"
            for word, limit in (
                ("at least", self.low),
                ("above", self.above),
                ("at most", self.high),
                ("below", self.below),
            )
            if limit is not None
        ]
        return " and ".join(limits)


@dataclass(frozen=True, slots=True)
class Edge:
    """The learning rate at one call of a scheduler: at the start, at the end of its length, or past it.

    `call` and `value` are expressions in the arguments and `base`; `lr_lambda(t)` stands for the value of that
    function. With `holds`, the value stays from that call on; `relation` is ">" if `value` is only a lower bound.
    """

    call: str
    value: str
    words: str
    holds: bool = False
    relation: Literal["=", ">"] = "="


@dataclass(frozen=True, slots=True)
class Example:
    """A run that shows a scheduler: the value of the key `scheduler`, the length in epochs, the metric if any.

    It is long enough for every edge of the entry. A thumbnail draws the first `drawn` calls (None: all). It runs
    `quick`, which has the same curve, if running the class itself would import all of torch.
    """

    scheduler: str
    epochs: int
    metric: str = ""
    drawn: int | None = None
    quick: str = ""

    @property
    def file(self) -> str:
        """The run as a schedule file."""
        return self._file(self.scheduler)

    @property
    def quick_file(self) -> str:
        """A schedule file with the same curve that runs without importing torch."""
        return self._file(self.quick or self.scheduler)

    def _file(self, scheduler: str) -> str:
        head = f"epochs: {self.epochs}\noptimizer: {{type: SGD, lr: {BASE}, momentum: 0.9}}\n"
        return f"{head}scheduler: {scheduler}\n" + (f"metric: {self.metric}\n" if self.metric else "")


BASE: Final = 0.1
"""The learning rate of the optimizer in every example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One class of torch, or one mapping of the file, with its arguments.

    `aliases` are other common names. `stand_in` is true if the engine may run without the class itself, because the
    learning rate depends on nothing but these arguments. Only schedulers have `edges`, `use`, `avoid` and `example`.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    formula: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()
    module: str = ""
    stand_in: bool = True
    edges: tuple[Edge, ...] = ()
    use: str = ""
    avoid: str = ""
    example: Example | None = None

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, None if the class has none."""
        return next((argument for argument in self.arguments if argument.name == name), None)
