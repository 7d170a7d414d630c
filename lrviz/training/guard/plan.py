"""The plan of a guard: what every param group of the optimizer should have at every optimizer step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve, checksum
from lrviz.engine.recorder import momentum, names_of
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.run import Run
from lrviz.schedule.model import Phases, Schedule
from lrviz.training.groups import matched
from lrviz.training.guard.tolerance import epsilon, slack
from lrviz.training.length import run_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """The curve of a schedule, in the optimizer's param groups.

    - `schedule`, `curve`: their run knows how many steps an epoch has.
    - `match`: for each param group of the optimizer, its group in the curve; `names`: what the group is called.
    - `known`: the ticks that are planned; fewer than those of the run where a metric takes over.
    """

    schedule: Schedule
    curve: Curve
    match: tuple[int, ...]
    names: tuple[str, ...]
    known: int

    @classmethod
    def of(cls, schedule: Schedule, optimizer: Any, loader: Any, steps_per_epoch: int | None) -> Plan:
        """Simulates the schedule. Raises `ScheduleError` where it does not fit the optimizer or the training."""
        match = matched(schedule, optimizer)
        run = run_of(schedule, loader, steps_per_epoch)
        if run.total_steps is None:
            raise ScheduleError.at(
                Position("steps_per_epoch"),
                f"schedule {schedule.name!r} of {schedule.file} counts epochs, and the guard must know how many "
                "optimizer steps an epoch has",
                "loader=loader, or steps_per_epoch=500",
            )
        known = _known(schedule, run)
        schedule = replace(schedule, run=run)
        curve = replace(simulate(schedule), run=run)
        return cls(schedule, curve, match, tuple(names_of(optimizer.param_groups)), known)

    @property
    def run(self) -> Run:
        """The length of the plan, and when its scheduler is called."""
        return self.curve.run

    @cached_property
    def steps(self) -> int:
        """The optimizer steps of the run."""
        assert self.run.total_steps is not None
        return self.run.total_steps

    @cached_property
    def known_steps(self) -> int:
        """The optimizer steps that are planned."""
        return self.steps if self.known >= len(self.curve) else min(self.steps, self.known * self.run.steps_per_tick)

    @cached_property
    def checksum(self) -> str:
        """A digest of the curve, by which a saved state tells whether the plan is still the same."""
        return checksum(self.curve)

    @property
    def every(self) -> int:
        """The ticks to one call of `scheduler.step()`. A PhasedLR is called at every tick."""
        return 1 if isinstance(self.schedule.scheduler, Phases) else self.run.every

    @cached_property
    def columns(self) -> tuple[memoryview, ...]:
        """The planned learning rates of each param group of the optimizer, one a tick."""
        return tuple(self.curve.columns[group] for group in self.match)

    @cached_property
    def momenta(self) -> tuple[memoryview, ...]:
        """The same for momentum or beta1; empty where the plan does not move it."""
        columns = self.curve.momentum_columns
        return tuple(columns[group] for group in self.match) if columns is not None else ()

    @cached_property
    def peaks(self) -> tuple[float, ...]:
        """The largest planned learning rate of each param group."""
        peaks = [_peak(np.frombuffer(column)) for column in self.curve.columns]
        return tuple(peaks[group] for group in self.match)

    @cached_property
    def last_change(self) -> int:
        """The last tick at which any planned learning rate is another than before; 0 where none ever is."""
        changes = [np.flatnonzero(np.diff(np.frombuffer(column)[: self.known])) for column in self.curve.columns]
        return max((int(each[-1]) + 1 for each in changes if len(each)), default=0)

    def changes_at(self, step: int) -> bool:
        """True if any planned learning rate is another than at the step before."""
        tick = self.run.tick_of_step(step)
        if step % self.run.steps_per_tick or not tick:
            return False
        return any(column[tick] != column[tick - 1] for column in self.curve.columns)

    def near(self, group: int, tick: int, lr: Any) -> bool:
        """True if a param group follows the plan with this learning rate."""
        planned = self.columns[group][tick]
        return is_near(float(lr), planned, slack(planned, self.peaks[group], epsilon(lr), tick // self.every))

    def near_momentum(self, group: int, tick: int, value: Any) -> bool:
        """True if a param group follows the plan with this momentum, or has none."""
        planned = self.momenta[group][tick]
        return value is None or is_near(float(value), planned, slack(planned, 1.0, epsilon(value), tick // self.every))

    def follows(self, groups: Sequence[dict[str, Any]], tick: int) -> bool:
        """True if every param group follows the plan of a tick."""
        return all(self.near(index, tick, group["lr"]) for index, group in enumerate(groups)) and all(
            self.near_momentum(index, tick, momentum(group)) for index, group in enumerate(groups) if self.momenta
        )

    def calls(self, step: int) -> int:
        """The calls of `scheduler.step()` before an optimizer step."""
        return step // self.run.steps_per_tick // self.every

    def by_call(self, group: int) -> Floats:
        """The learning rate of a param group after 0, 1, 2 ... calls of `scheduler.step()`, as far as it is planned."""
        end = self.curve.end_lr[self.match[group]]
        column = np.append(np.frombuffer(self.columns[group])[:: self.every], end)[: self.run.ticks // self.every + 1]
        return column[: -(-self.known // self.every)] if self.known < len(self.curve) else column

    def place(self, step: int) -> str:
        """An optimizer step in a sentence: `step 5,010 (epoch 1.001)`."""
        per_epoch = self.run.steps_per_epoch
        return f"step {step:,}" + (f" (epoch {step / per_epoch:,.6g})" if per_epoch else "")


def is_near(value: float, planned: float, room: float) -> bool:
    """True if two values differ by no more than `room`; NaN is near NaN, and an infinite value itself."""
    if value == planned or (math.isnan(value) and math.isnan(planned)):
        return True
    return math.isfinite(value) and math.isfinite(planned) and abs(value - planned) <= room


def _peak(column: Floats) -> float:
    finite = column[np.isfinite(column)]
    return float(np.abs(finite).max()) if len(finite) else 0.0


def _known(schedule: Schedule, run: Run) -> int:
    """The ticks before a metric decides. Raises `ScheduleError` where it does from the first call on."""
    scheduler = schedule.scheduler
    if schedule.metric is None or scheduler is None:
        return run.ticks
    if not isinstance(scheduler, Phases):
        by_metric = any(each.own or each.type == "ReduceLROnPlateau" for each in scheduler.walk())
        known = 0 if by_metric else run.ticks
    else:
        plateaus = (
            phase.calls_inside.start + 1
            for phase in scheduler.phases
            if phase.scheduler is not None and any(each.type == "ReduceLROnPlateau" for each in phase.scheduler.walk())
        )
        known = min(plateaus, default=run.ticks)
        known = 0 if known <= 1 else known
    if not known:
        raise ScheduleError.at(
            Position("schedule"),
            f"schedule {schedule.name!r} of {schedule.file} is driven by a metric, which the training only knows when "
            "it has measured it: there is no plan to compare with",
            "guard needs a schedule without ReduceLROnPlateau, or with phases before it, which are guarded",
        )
    return min(known, run.ticks)
