"""The input of a lint rule: a schedule, its curve, and every scheduler with the time in which it is active."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from math import prod
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.run import Interval, Run
from lrviz.schedule.catalogue import OPTIMIZERS, SCHEDULERS
from lrviz.schedule.model import Phases, PhaseSpec, Schedule, Scheduler
from lrviz.words import moment, rate

OWN_LENGTH: Final = {
    "ConstantLR": "total_iters",
    "CosineAnnealingLR": "T_max",
    "LinearLR": "total_iters",
    "OneCycleLR": "total_steps",
    "PolynomialLR": "total_iters",
    "SWALR": "anneal_epochs",
}
"""The argument that gives the length of a scheduler in calls."""


CallUnit: TypeAlias = Interval | Literal["call"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A scheduler and its place in the run.

    It is active for `calls` of its own calls, from its own call `start` of the run on. It is called once in every
    `every` ticks of the run, and each of its calls lasts one `unit`; "call" if that is no epoch or step. `parents` are
    the schedulers around it, outermost first, and `index` is its place among its siblings. `phase` is its phase, None
    outside of phases.
    """

    scheduler: Scheduler
    start: int
    calls: int
    every: int
    unit: CallUnit
    parents: tuple[Scheduler, ...] = ()
    index: int = 0
    phase: PhaseSpec | None = None

    @property
    def type(self) -> str:
        """The scheduler's class, as the file names it: `StepLR`."""
        return self.scheduler.type

    @property
    def parent(self) -> Scheduler | None:
        """The composite that it is directly in, None at the top."""
        return self.parents[-1] if self.parents else None

    @property
    def ticks(self) -> int:
        """The number of ticks of the curve for which it is active."""
        return self.phase.calls if self.phase and not self.parents else self.calls * self.every

    def tick_of(self, call: int) -> int:
        """The tick of the curve that holds the learning rate after its call `call`; 0 is before any."""
        tick = (self.start + call) * self.every
        return max(tick, self.phase.start) if self.phase else tick

    @property
    def length(self) -> int | None:
        """The number of its calls after which it is over; None if it has no end."""
        if self.scheduler.own or self.type not in OWN_LENGTH:
            return None
        length = self.argument(OWN_LENGTH[self.type])
        if length is None and self.type == "OneCycleLR":
            length = self.argument("epochs") * self.argument("steps_per_epoch")
        return int(length)

    @property
    def is_warmup(self) -> bool:
        """True if it starts below its base and raises the learning rate."""
        if self.type == "LinearLR":
            return bool(self.argument("start_factor") < self.argument("end_factor"))
        return self.type == "ConstantLR" and bool(self.argument("factor") < 1)

    def argument(self, name: str) -> Any:
        """The value passed to torch, or torch's default; None for an argument of a user's own class."""
        entry = SCHEDULERS.get(self.type)
        argument = entry.argument(name) if entry is not None else None
        default = argument.default if argument is not None and not argument.required else None
        return self.scheduler.arguments.get(name, default)

    def given(self, name: str) -> bool:
        """True if the file itself gives an argument; lengths filled in from the run are not given."""
        return name in self.scheduler.arguments and name not in self.scheduler.filled

    def bare(self, name: str) -> list[int] | None:
        """The numbers of a length that the file gives without a unit; None if it gives none such."""
        value = self.scheduler.arguments.get(name)
        if value is None or not self.given(name) or name in self.scheduler.durations:
            return None
        return value if isinstance(value, list) else [value]

    def written(self, name: str, index: int) -> str:
        """One item of a list as the file writes it, with its unit if it has one."""
        node = self.scheduler.written.get(name) if self.scheduler.written is not None else None
        assert node is not None
        return str(node.value[index].value)

    def within(self, kind: str) -> bool:
        """True if it stands directly inside a scheduler of this class."""
        return self.parent is not None and self.parent.type == kind


@dataclass(frozen=True)
class Subject:
    """The schedule that the rules look at. `curve` is None if torch refuses to run it."""

    schedule: Schedule
    curve: Curve | None

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every scheduler of the schedule with its place, outermost first."""
        return tuple(_all(self.schedule))

    def of_type(self, *types: str) -> Iterator[Placed]:
        """The schedulers of one of these classes of torch, outermost first; an own class of the same name is none."""
        return (placed for placed in self.placed if placed.type in types and not placed.scheduler.own)

    def children_of(self, parent: Placed) -> list[Placed]:
        """The schedulers directly inside another one that are active at all."""
        return self._children.get(id(parent.scheduler), [])

    def parent_of(self, placed: Placed) -> Placed | None:
        """The scheduler directly around another one; None for an outermost one."""
        return self.by_scheduler.get(id(placed.parent))

    @cached_property
    def by_scheduler(self) -> dict[int, Placed]:
        """Every scheduler with its place, by the scheduler's `id`."""
        return {id(placed.scheduler): placed for placed in self.placed}

    @cached_property
    def _children(self) -> dict[int, list[Placed]]:
        found: dict[int, list[Placed]] = {}
        for placed in self.placed:
            if placed.parent is not None and placed.calls:
                found.setdefault(id(placed.parent), []).append(placed)
        return found

    def milestones_of(self, placed: Placed) -> frozenset[int]:
        """The milestones of a scheduler, for looking them up; empty if it has none."""
        known = self._milestones.get(id(placed.scheduler))
        if known is None:
            known = self._milestones[id(placed.scheduler)] = frozenset(placed.argument("milestones") or ())
        return known

    @cached_property
    def _milestones(self) -> dict[int, frozenset[int]]:
        return {}

    def active_at(self, tick: int) -> Placed | None:
        """The scheduler that sets the learning rate at a tick: a child of a SequentialLR, else the outermost."""
        begins, owners = self._active
        index = bisect_right(begins, tick) - 1
        return owners[index] if index >= 0 else None

    @cached_property
    def _active(self) -> tuple[list[int], list[Placed | None]]:
        """The ticks at which another scheduler becomes active, and the one that is active from each tick on."""
        alone = [each for each in self.placed if all(parent.type == "SequentialLR" for parent in each.parents)]
        spans = [(each.tick_of(0), each.tick_of(0) + each.ticks) for each in alone]
        ahead = sorted((begin, index) for index, (begin, _) in enumerate(spans))[::-1]
        begins, owners = sorted({tick for span in spans for tick in span}), []
        running: list[int] = []  # a heap of negative indices: the last of several is the innermost
        for tick in begins:
            while ahead and ahead[-1][0] <= tick:
                heappush(running, -ahead.pop()[1])
            while running and spans[-running[0]][1] <= tick:
                heappop(running)
            owners.append(alone[-running[0]] if running else None)
        return begins, owners

    def rates(self, group: int) -> NDArray[np.float64]:
        """The learning rate of a group at every tick, without a copy; read-only. Needs a curve."""
        assert self.curve is not None
        return np.frombuffer(self.curve.columns[group])

    def is_still(self, placed: Placed, group: int | None = None) -> bool:
        """True if the learning rate of a group is the same at every tick at which a scheduler is active."""
        begin = placed.tick_of(0)
        rates = self.rates(self.example if group is None else group)[begin : begin + placed.ticks]
        return bool((rates == rates[:1]).all())

    @cached_property
    def groups_differ(self) -> bool:
        """True if the groups' learning rates differ at any tick of the curve."""
        return self.curve is not None and self.curve.groups_differ

    def whose(self, group: int | None = None) -> str:
        """` of group 'head'` if the groups' learning rates differ, else nothing; by default for the `example` group."""
        assert self.curve is not None
        name = self.curve.groups[self.example if group is None else group]
        return f" of group {name!r}" if self.groups_differ else ""

    @cached_property
    def example(self) -> int:
        """The group that stands for all of them in a sentence: the first that is not frozen with an lr of 0."""
        return next((group for group, lr in enumerate(self.base_lrs()) if lr), 0)

    def rate_at(self, tick: int, group: int | None = None) -> str:
        """The learning rate at a tick as a message writes it, by default of the `example` group."""
        assert self.curve is not None
        return rate(self.curve.lr_at(self.example if group is None else group, tick))

    def lr_is(self, tick: int, group: int | None = None) -> str:
        """`the learning rate is 0.1 at epoch 30`, by default of the `example` group."""
        assert self.curve is not None
        return f"the learning rate{self.whose(group)} is {self.rate_at(tick, group)} at {moment(self.curve.run, tick)}"

    def by_group(self, value: float | list[float]) -> tuple[float, ...]:
        """An argument that torch takes once for all param groups or once for each, as one value for each."""
        groups = len(self.schedule.optimizer.groups)
        return tuple(map(float, value)) if isinstance(value, list) else (float(value),) * groups

    def momentum_of(self, group: int) -> tuple[str, float] | None:
        """The name of a group's momentum, `momentum` or `beta1`, its value in the optimizer; None if it has none."""
        optimizer = self.schedule.optimizer
        given = {**optimizer.options, **optimizer.groups[group].options}
        for name, key in (("beta1", "betas"), ("momentum", "momentum")):
            argument = OPTIMIZERS[optimizer.type].argument(key)
            if argument is not None:
                value = given.get(key, argument.default)
                return name, float(value[0] if key == "betas" else value)
        return None

    def readings(self, placed: Placed) -> NDArray[np.float64]:
        """The values of the metric that a scheduler is stepped with, call by call, up to one that has none; read-only.

        Empty without a metric.
        """
        known = self._readings.get(id(placed.scheduler))
        if known is None:
            known = self._readings[id(placed.scheduler)] = np.fromiter(self._metric(placed), dtype=np.float64)
            known.flags.writeable = False
        return known

    @cached_property
    def _readings(self) -> dict[int, NDArray[np.float64]]:
        return {}

    def _metric(self, placed: Placed) -> Iterator[float]:
        metric = self.schedule.metric or ()
        calls = range(placed.calls) if placed.phase is None else placed.phase.calls_inside
        try:
            yield from (metric[call] for call in calls if call < len(metric))
        except ScheduleError:
            return  # torch never got there: the curve is missing, and the error says why

    def base_lrs(self) -> tuple[float, ...]:
        """The optimizer's own lr of every param group."""
        optimizer = self.schedule.optimizer
        return tuple(float(group.options.get("lr", optimizer.options.get("lr"))) for group in optimizer.groups)

    def where_of_option(self, name: str) -> Position:
        """The position of the optimizer's own value of an option, else of the optimizer."""
        written = self.schedule.written
        optimizer = written.get("optimizer") if written is not None else None
        value = optimizer.get(name) if optimizer is not None else None
        return value.where if value is not None else self.schedule.optimizer.where

    def base_of(self, placed: Placed) -> tuple[float, ...]:
        """The base learning rate of a scheduler for every group: the optimizer's own, or its phase's."""
        phase = placed.phase
        if phase is None or phase.base == "base" or (phase.start == 0 and phase.base == "reached"):
            return self.base_lrs()
        if isinstance(phase.base, tuple):
            return tuple(map(float, phase.base))
        if self.curve is None:
            return self.base_lrs()
        # the phase before reached the first value of this one, divided by its factor at call 0
        factor = _first_factor(phase.scheduler) if phase.scheduler else 1.0
        return tuple(column[phase.start] / factor if factor else 0.0 for column in self.curve.columns)


def _first_factor(scheduler: Scheduler) -> float:
    """The factor of a scheduler on its base before any call."""
    if scheduler.type == "ChainedScheduler":
        return prod(map(_first_factor, scheduler.children))
    if scheduler.type == "SequentialLR":
        return _first_factor(scheduler.children[0])
    if scheduler.type == "MultiStepLR":
        return float(scheduler.arguments.get("gamma", 0.1) ** scheduler.arguments["milestones"].count(0))
    name = {"LinearLR": "start_factor", "ConstantLR": "factor"}.get(scheduler.type)
    if name is None:
        return 1.0
    argument = SCHEDULERS[scheduler.type].argument(name)
    assert argument is not None
    return float(scheduler.arguments.get(name, argument.default))


def _all(schedule: Schedule) -> Iterator[Placed]:
    spec, run = schedule.scheduler, schedule.run
    if isinstance(spec, Phases):
        for index, phase in enumerate(spec.phases):
            if phase.scheduler is not None:
                start = phase.start // phase.every
                calls = (phase.start + phase.calls) // phase.every - start
                unit = _unit(run, phase.every)
                yield from _placed(Placed(phase.scheduler, start, calls, phase.every, unit, (), index, phase))
    elif spec is not None:
        yield from _placed(Placed(spec, 0, run.calls, run.every, _unit(run, run.every)))


def _unit(run: Run, every: int) -> CallUnit:
    """What lasts from one call of a scheduler to the next that is called once in every `every` ticks."""
    if every == 1:
        return run.interval
    return "epoch" if run.interval == "step" and every == run.steps_per_epoch else "call"


def _placed(placed: Placed) -> Iterator[Placed]:
    yield placed
    spec = placed.scheduler
    spans = [(0, placed.calls)] * len(spec.children)
    if spec.type == "SequentialLR":
        spans = _spans(spec.arguments.get("milestones", []), placed.calls)
    for index, child in enumerate(spec.children):
        start, calls = placed.start + spans[index][0], spans[index][1] - spans[index][0]
        parents = (*placed.parents, spec)
        yield from _placed(Placed(child, start, calls, placed.every, placed.unit, parents, index, placed.phase))


def _spans(milestones: list[int], calls: int) -> list[tuple[int, int]]:
    """The calls of its parent, from and up to, for which each child of a SequentialLR is active.

    torch finds the child by bisection, which skips some if the milestones are not in order.
    """
    edges: list[int] = []
    for at in sorted({0, *milestones}):
        edges += [min(at, calls)] * (bisect_right(milestones, at) + 1 - len(edges))
    return list(pairwise([*edges, calls]))
