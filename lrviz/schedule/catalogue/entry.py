"""What the catalogue says of a class: its arguments with kinds, units, defaults and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()
"""The default of an argument that has none."""

Kind: TypeAlias = Literal[
    "number",  # a finite real number; stays an int where it is written as one
    "float",  # the same, handed on as a float, because torch asks for that type
    "whole",  # a whole number; `1e2` and `100.0` are whole numbers too
    "calls",  # a length, counted in calls of `scheduler.step()`
    "flag",  # true or false
    "choice",  # one of a few words
    "text",
    "function",  # a factor as a function of the call; one number is a constant function
    "schedulers",  # a list of schedulers
    "any",  # read by hand where it is used
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a class, or one key of a mapping in the file.

    A value lies in `low <= value <= high`, and strictly inside of `above` and `below`. `many` allows or asks
    for a list: "groups" for one value or a list with one for each param group, "list" for a list of any
    length, a number for exactly so many. `own_length` marks the length that a run (or a phase) knows.
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

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def allows(self, value: Any) -> bool:
        """Whether a value is in the range; one that is not a number always is."""
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
        """The valid range in words: `at least 1`, `above 0 and at most 1`; empty where anything goes."""
        limits = [
            f"{word} {limit:g}"
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
    """What the learning rate is at one call of a scheduler: at the start, at the end of its length, or past it.

    `call` and `value` are expressions in the arguments and `base`; `lr_lambda(t)` stands for its value. With
    `holds` the value stays from that call on; `relation` is ">" where the value is only a lower bound.
    """

    call: str
    value: str
    words: str
    holds: bool = False
    relation: Literal["=", ">"] = "="


@dataclass(frozen=True, slots=True)
class Example:
    """A run that shows a scheduler: what `scheduler` says in its file, the length in epochs, the metric if any.

    It is long enough for every edge of the entry. A thumbnail draws the first `drawn` calls (None: all), of
    `quick` where running the class itself means to import all of torch; its curve is the same.
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
    """One class of torch (or one mapping of the file): what it is, and what it takes.

    `aliases` are what people call it. `stand_in` says that the engine may work without the class itself,
    because nothing about the learning rate depends on it beyond these arguments. `edges`, `use`, `avoid` and
    `example` are those of a scheduler.
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
        return next((argument for argument in self.arguments if argument.name == name), None)
