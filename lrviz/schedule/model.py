"""The validated schedule: what a file says, after every check that needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lrviz.schedule.errors import Position
from lrviz.schedule.run import Run


@dataclass(frozen=True, slots=True)
class Scheduler:
    """A scheduler as the file names it: a class of the catalogue and the arguments that torch is handed.

    `arguments` holds those of the file plus those that the run filled in (`filled`); what is in neither
    keeps torch's default. `children` are the `schedulers` of a SequentialLR or ChainedScheduler.
    """

    type: str
    arguments: Mapping[str, Any]
    where: Position
    children: tuple[Scheduler, ...] = ()
    filled: frozenset[str] = frozenset()

    def walk(self) -> Iterator[Scheduler]:
        """This scheduler and all inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


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
class Schedule:
    """One learning-rate schedule: a run, an optimizer, and the scheduler that drives it.

    `scheduler` is None where the file says `none`: the learning rate is constant. `metric` is what a
    ReduceLROnPlateau is stepped with, one value a call. `expect` and `ignore` are kept as written.
    """

    name: str
    where: Position
    run: Run
    optimizer: Optimizer
    scheduler: Scheduler | None
    metric: tuple[float, ...] | None = None
    title: str | None = None
    source: str | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file that the schedule stands in, as it was named; `<stdin>` for standard input."""
        return self.where.file
