"""The validated schedule: what a file says, after every check that needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import eq
from typing import Any, Literal, overload

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.reach import Reach
from lrviz.run import Run
from lrviz.schedule.expect import Expectations
from lrviz.schedule.imported import Imported
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.expression import Expression, ExpressionValueError, Value
from lrviz.schedule.train.written import NOTHING_WRITTEN, WrittenTraining


@dataclass(frozen=True, slots=True)
class Scheduler:
    """A scheduler as the file names it: a class of the catalogue and the arguments that torch is given.

    `arguments` holds the arguments of the file plus those that follow from the run (named in `filled`); all others keep
    torch's defaults. `durations` holds the text of arguments written with a unit, `written` every argument as it
    stands in the file. `children` are the `schedulers` of a SequentialLR or ChainedScheduler. `own` marks a class or
    function of the user's, named by its path.
    """

    type: str
    arguments: Mapping[str, Any]
    where: Position
    children: tuple[Scheduler, ...] = ()
    filled: frozenset[str] = frozenset()
    durations: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    written: Node | None = None

    def where_of(self, argument: str, index: int | None = None) -> Position:
        """Where the value of an argument, or one member of its list, begins; if unknown, where the scheduler does."""
        node = self.written.get(argument) if self.written is not None else None
        if node is not None and index is not None and node.is_list and index < len(node.value):
            node = node.value[index]
        return node.where if node is not None else self.where

    def walk(self) -> Iterator[Scheduler]:
        """The scheduler itself and all inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Function:
    """A factor as an expression in `argument`; `values` gives the value of every other name that it may use."""

    expression: Expression
    argument: str
    values: Mapping[str, Value]
    where: Position

    def __str__(self) -> str:
        return self.expression.text


@dataclass(frozen=True, eq=False)
class ComputedMetric(Sequence[float]):
    """A metric that the file gives as an expression: one value for each of `calls` calls.

    A value is computed whenever it is asked for, and none is kept. Raises `ScheduleError` for a call at which the
    expression has no value.
    """

    function: Function
    calls: int

    @cached_property
    def _at(self) -> Callable[..., float]:
        return self.function.expression.function(self.function.argument, self.function.values)

    def __len__(self) -> int:
        return self.calls

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[float, ...]: ...
    def __getitem__(self, index: int | slice) -> float | tuple[float, ...]:
        calls = range(self.calls)[index]
        if isinstance(calls, range):
            return tuple(map(self._value, calls))
        return self._value(calls)

    def _value(self, call: int) -> float:
        try:
            return float(self._at(call))
        except ExpressionValueError as error:
            message = f"metric: {error.message} at call {call}"
            raise ScheduleError.at(self.function.where, message) from None

    def __eq__(self, other: object) -> bool:
        """True if another sequence, such as the list of a metric that is not computed, has the same values."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[ComputedMetric], tuple[Function, int]]:
        return type(self), (self.function, self.calls)  # the compiled function cannot be pickled


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """One phase of a schedule: `scheduler` (None holds the learning rate) for `calls` calls of the run from `start`.

    `base` says where it begins: at what the phase before "reached", at the optimizer's own lr ("base"), or at one
    learning rate for each group. `every` is the number of calls of the run to one call of the phase's scheduler,
    `written` its length as the file has it, and `name` what the file calls it.
    """

    scheduler: Scheduler | None
    start: int
    calls: int
    where: Position
    base: Literal["reached", "base"] | tuple[float, ...] = "reached"
    every: int = 1
    written: str | None = None
    name: str | None = None

    @property
    def calls_inside(self) -> range:
        """The calls of the run, from 0, at which the phase's scheduler is stepped."""
        return range((self.start // self.every + 1) * self.every - 1, self.start + self.calls, self.every)


@dataclass(frozen=True, slots=True)
class Phases:
    """Schedulers one after the other, driven by `PhasedLR`."""

    phases: tuple[PhaseSpec, ...]
    where: Position
    type: str = "PhasedLR"

    def walk(self) -> Iterator[Scheduler]:
        """Every scheduler of every phase, outermost first."""
        for phase in self.phases:
            if phase.scheduler is not None:
                yield from phase.scheduler.walk()


@dataclass(frozen=True, slots=True)
class Group:
    """A param group: its name (its index where the file gives none), and its own optimizer options."""

    name: str
    options: Mapping[str, Any]


WITHOUT_GROUPS = (Group("0", {}),)
"""The groups of a file that has none."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """The optimizer: a class of `torch.optim`, its keyword arguments, and at least one group.

    `lr` stands in `options`, or in every group's own.
    """

    type: str
    options: Mapping[str, Any]
    groups: tuple[Group, ...]
    where: Position

    @property
    def is_one_for_all(self) -> bool:
        """True for a file without `groups`, whose values are those of every param group."""
        return self.groups == WITHOUT_GROUPS


@dataclass(frozen=True, slots=True)
class Ignored:
    """The code of a finding that a schedule accepts."""

    code: str
    where: Position


@dataclass(frozen=True, slots=True)
class Schedule:
    """One learning-rate schedule: a run, an optimizer, and the scheduler that drives it.

    `scheduler` is None if the file says `none`: the learning rate is constant. `reach` says which files its file may
    name. `metric` gives the values that a ReduceLROnPlateau is stepped with, one per call. `expect` is what must hold
    of the curve, `ignore` holds the codes of accepted findings. `remarks` are warnings and notes about the file,
    accepted ones included. `written` holds its keys as they stand in the file, inherited ones included. `swept` holds
    the values of a sweep, with which its name ends. `key` is where in a larger file it stands,
    `imported` how it was read from the config of another program. `train` is that key of the whole file, unread.
    """

    name: str
    where: Position
    run: Run
    optimizer: Optimizer
    scheduler: Scheduler | Phases | None
    reach: Reach
    metric: Sequence[float] | None = None
    title: str | None = None
    source: str | None = None
    expect: Expectations = field(default_factory=Expectations)
    ignore: tuple[Ignored, ...] = ()
    remarks: tuple[Problem, ...] = ()
    written: Node | None = None
    swept: str = ""
    key: str = ""
    imported: Imported | None = None
    train: WrittenTraining = NOTHING_WRITTEN

    @property
    def file(self) -> str:
        """The file that the schedule stands in, as it was named; `<stdin>` for standard input."""
        return self.where.file

    @property
    def name_in_file(self) -> str:
        """`name` without the values of a sweep."""
        return self.name.removesuffix(f" {self.swept}") if self.swept else self.name

    def accepts(self, code: str) -> bool:
        """True if `ignore` names this code."""
        return any(each.code == code for each in self.ignore)
