"""The records of a log beside the plan: `follow` reports on them, and causes are fitted to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.log.log import Log, LogClock, Unit
from lrviz.log.plan import GroupPlan, agree, ticks_of
from lrviz.schedule.model import Schedule
from lrviz.words import moment

if TYPE_CHECKING:
    from lrviz.log.plan import Floats, Mask, Ticks

NEXT_TO_NOTHING = 1e-5
"""A step, in epochs of unknown length: with it, what is logged at the end of an epoch is of that epoch."""

TRAINER_LOG = "trainer_state.json"
"""The file in which Hugging Face's Trainer keeps its log."""


@dataclass(frozen=True, slots=True, eq=False)
class LogCase:
    """A log beside the plan of one param group; every array has one value a record, in the order of the log.

    - `unit`: what the `clock` of the log is taken to count. Time `at` of the log is `at + shift` of the plan, less
      `behind` steps where the unit is no step. `asked` is True if the caller gave the shift.
    - `rows`: the indices of the records in the log.
    - `at`: when they were made, as the log counts.
    - `logged`: their learning rates; `half`: the rounding error of each.
    - `low`, `high`: the first and the last tick that `at` may mean; they differ only where epochs were rounded.
    - `inside`: True for records within the run.
    - `lower`, `upper`: the smallest and the largest learning rate planned from `low` to `high`; NaN outside the run.
    - `deviates`: True for records that deviate from the plan.
    """

    schedule: Schedule
    curve: Curve
    log: Log
    group: int
    plan: GroupPlan
    clock: LogClock
    unit: Unit
    shift: int
    behind: int
    asked: bool
    rows: Ticks
    at: Floats
    logged: Floats
    half: Floats
    low: Ticks
    high: Ticks
    inside: Mask
    lower: Floats
    upper: Floats
    deviates: Mask

    @classmethod
    def of(cls, schedule: Schedule, curve: Curve, log: Log, group: int, shift: int | None = None) -> LogCase:
        """The records of a log that have a time, beside the plan. Without a `shift`, the log's own counts.

        Where the log does not say whether it counts steps or epochs, they are steps, unless as steps some record
        deviates and as epochs none does. The steps in the Trainer's own log of a run by its config are counted from 1,
        as its releases since 4.47 write them, unless they fit better from 0. Raises `ScheduleError` if the run does not
        know the unit of the log.
        """
        clock, unit = _clock(schedule, curve, log)
        if shift is not None:
            case = cls._counted(schedule, curve, log, group, clock, unit, shift, asked=True)
        else:
            case = cls._as_logged(schedule, curve, log, group, clock, unit)
        if not shift and unit == "step" and case.deviates.any() and is_of_trainer(schedule, log):
            from_1 = cls._counted(schedule, curve, log, group, clock, unit, -1)
            return from_1 if from_1.deviates.sum() <= case.deviates.sum() else case
        if shift is None and unit == "step" and case.deviates.any():
            parts = cls._in_parts(schedule, curve, log, group)
            if parts is not None and not parts.deviates.any():
                return parts
        if clock.unit == "count" and unit == "step" and curve.run.total_epochs is not None and case.deviates.any():
            other = cls._counted(schedule, curve, log, group, clock, "epoch", case.shift, asked=case.asked)
            return case if other.deviates.any() else other
        return case

    def beside(self, schedule: Schedule, curve: Curve, group: int) -> LogCase:
        """The same records beside another plan, at the same times."""
        clock, unit, shift, behind = self.clock, self.unit, self.shift, self.behind
        if clock.unit == "count":
            other = LogCase.of(schedule, curve, self.log, group, shift)
        else:
            other = LogCase._counted(schedule, curve, self.log, group, clock, unit, shift, behind, asked=self.asked)
        first, last = np.searchsorted(other.rows, self.rows[[0, -1]])
        return other.part(int(first), int(last) + 1)

    @classmethod
    def _in_parts(cls, schedule: Schedule, curve: Curve, log: Log, group: int) -> LogCase | None:
        """The records in parts of an epoch, if the log counts other parts than the plan's steps: batches of which a
        step takes several, or samples."""
        run = curve.run
        for clock in log.clocks:
            if clock.per_epoch and clock.per_epoch != run.steps_per_epoch and run.total_epochs is not None:
                return cls._as_logged(schedule, curve, log, group, clock, "epoch")
        return None

    @classmethod
    def _as_logged(cls, schedule: Schedule, curve: Curve, log: Log, group: int, clock: LogClock, unit: Unit) -> LogCase:
        """The records as the program counts that wrote the log: of several ways, the one that fits best."""
        cases: list[LogCase] = []
        for behind in log.behind:
            cases.append(cls._counted(schedule, curve, log, group, clock, unit, -clock.first, behind))
            if not cases[-1].deviates.any():
                break
        return min(cases, key=lambda case: int(case.deviates.sum()))

    @classmethod
    def _counted(
        cls,
        schedule: Schedule,
        curve: Curve,
        log: Log,
        group: int,
        clock: LogClock,
        unit: Unit,
        shift: int,
        behind: int = 0,
        *,
        asked: bool = False,
    ) -> LogCase:
        if unit == "step":
            shift, behind = shift - behind, 0
        at = np.frombuffer(clock.at)
        rows = np.flatnonzero(~np.isnan(at))
        clock_half = clock.half if isinstance(clock.half, float) else np.frombuffer(clock.half)[rows]
        low, high, inside = ticks_of(curve, unit, at[rows] + shift - _lag(curve, clock, behind), clock_half)
        logged, half = np.frombuffer(log.lr)[rows], np.frombuffer(log.half)[rows]
        plan = GroupPlan.of(schedule, curve, group)
        lower, upper = (np.where(inside, bound, np.nan) for bound in plan.between(low, high))
        deviates = ~agree(logged, half, lower, upper, plan)
        return cls(
            schedule,
            curve,
            log,
            group,
            plan,
            clock,
            unit,
            shift,
            behind,
            asked,
            rows,
            at[rows],
            logged,
            half,
            low,
            high,
            inside,
            lower,
            upper,
            deviates,
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def gap(self) -> int:
        """How many ticks records usually are apart, at least 1."""
        steps = np.diff(self.low)
        return max(1, int(np.median(steps[steps > 0]))) if (steps > 0).any() else 1

    @property
    def ticks(self) -> Floats:
        """Where each record lies on the plan, in ticks, between two of them too."""
        run, at = self.curve.run, self.at + self.shift - _lag(self.curve, self.clock, self.behind)
        if self.unit == "step":
            return at / run.steps_per_tick
        return at * run.tick_of_epoch(1) if self.unit == "epoch" else at

    def part(self, first: int, stop: int) -> LogCase:
        """The records from `first` on and before `stop`."""
        arrays = ("rows", "at", "logged", "half", "low", "high", "inside", "lower", "upper", "deviates")
        return replace(self, **{name: getattr(self, name)[first:stop] for name in arrays})

    def without_last(self) -> LogCase:
        """The same case without its last record."""
        return self.part(0, len(self) - 1)

    def planned(self, index: int) -> float:
        """The planned learning rate of a record: the one nearest to it from `lower` to `upper`."""
        return float(max(self.lower[index], min(self.logged[index], self.upper[index])))

    def times(self, index: int) -> float:
        """The logged learning rate as a multiple of the planned one; infinite where 0 is planned."""
        planned = self.planned(index)
        return float(self.logged[index]) / planned if planned else math.inf

    def place(self, index: int) -> str:
        """When a record was made, as the log counts: `step 5,005 (epoch 1)`."""
        at = self.at[index]
        if self.unit == "call":
            return moment(self.curve.run, int(at))
        if self.unit == "epoch":
            return f"epoch {at:,.8g}"
        epochs = (at + self.shift) / self.curve.run.steps_per_epoch if self.curve.run.steps_per_epoch else None
        return f"step {int(at):,}" + (f" (epoch {epochs:,.6g})" if epochs is not None else "")


def _clock(schedule: Schedule, curve: Curve, log: Log) -> tuple[LogClock, Unit]:
    """The clock to use, and what it counts: of the clocks that the run knows, the one that most records have."""
    known = {
        "step": curve.run.total_steps is not None,
        "epoch": curve.run.total_epochs is not None,
        "count": True,
        "call": True,
    }
    clocks = [clock for clock in log.clocks if known[clock.unit]]
    if clocks:
        clock = max(clocks, key=lambda each: sum(not math.isnan(at) for at in each.at))
        if clock.unit != "count":
            return clock, clock.unit
        whole = all(at.is_integer() for at in clock.at if not math.isnan(at))
        return clock, "step" if known["step"] and (whole or not known["epoch"]) else "epoch"
    counted = log.clocks[0]
    hint = "give the run `steps_per_epoch` or `data`"
    if counted.unit == "step":
        hint += f"; if {counted.column!r} counts epochs, pass --step-column {counted.column}"
    raise ScheduleError.at(
        Position(log.path),
        f"the log counts {counted.unit}s, but {schedule.name} is a run in {'steps' if known['step'] else 'epochs'}",
        hint,
    )


def _lag(curve: Curve, clock: LogClock, behind: int) -> float:
    """How many epochs a log is behind that counts epochs: where nobody knows their length, next to nothing."""
    per_epoch = clock.per_epoch or curve.run.steps_per_epoch
    return behind / per_epoch if per_epoch else behind * NEXT_TO_NOTHING


def is_of_trainer(schedule: Schedule, log: Log) -> bool:
    """True for the log that Hugging Face's Trainer writes itself, of a run by a config."""
    return schedule.imported is not None and PurePath(log.path).name == TRAINER_LOG
