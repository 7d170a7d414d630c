"""The validated schedule: what a file says, after every check that needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lrviz.errors import Position, Problem
from lrviz.reach import Reach
from lrviz.run import Run
from lrviz.schedule.expect import Expectations
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.expression import Expression, Value


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
        """This scheduler and all inside it, outermost first."""
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


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """One phase of a schedule: `scheduler` (None holds the learning rate) for `calls` calls of the run from `start`.

    `base` says where it begins: at what the phase before "reached", at the optimizer's own lr ("base"), or at one
    learning rate for each group. `every` is the number of calls of the run to one call of the phase's scheduler,
    `written` its length as the file has it.
    """

    scheduler: Scheduler | None
    start: int
    calls: int
    where: Position
    base: Literal["reached", "base"] | tuple[float, ...] = "reached"
    every: int = 1
    written: str | None = None


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


@dataclass(frozen=True, slots=True)
class Optimizer:
    """The optimizer: a class of `torch.optim`, its keyword arguments, and at least one group.

    `lr` stands in `options`, or in every group's own.
    """

    type: str
    options: Mapping[str, Any]
    groups: tuple[Group, ...]
    where: Position


@dataclass(frozen=True, slots=True)
class Ignored:
    """The code of a finding that a schedule accepts."""

    code: str
    where: Position


@dataclass(frozen=True, slots=True)
class Schedule:
    """One learning-rate schedule: a run, an optimizer, and the scheduler that drives it.

    `scheduler` is None if the file says `none`: the learning rate is constant. `reach` says which files its file may
    name. `metric` holds the values that a ReduceLROnPlateau is stepped with, one per call. `expect` is what must hold
    of the curve, `ignore` holds the codes of accepted findings. `remarks` are warnings and notes about the file,
    accepted ones included. `written` holds its keys as they stand in the file, inherited ones included. `swept` holds
    the values of a sweep, with which its name ends.
    """

    name: str
    where: Position
    run: Run
    optimizer: Optimizer
    scheduler: Scheduler | Phases | None
    reach: Reach
    metric: tuple[float, ...] | None = None
    title: str | None = None
    source: str | None = None
    expect: Expectations = field(default_factory=Expectations)
    ignore: tuple[Ignored, ...] = ()
    remarks: tuple[Problem, ...] = ()
    written: Node | None = None
    swept: str = ""

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
