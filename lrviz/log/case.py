"""The records of a log beside the plan: what `follow` reports on, and what the causes are fitted to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.log.log import Clock, Log, Unit
from lrviz.log.plan import Plan, agree, ticks_of
from lrviz.schedule.model import Schedule
from lrviz.words import moment

if TYPE_CHECKING:
    from lrviz.log.plan import Floats, Mask, Ticks


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A log against the plan of one param group; every array has one value a record, in the order of the log.

    `rows` are the places of the records in the log, and `at` says when they were made, as the log counts it; the plan
    is `shift` later, and counts in `unit`. `low` and `high` are the ticks that this may be, the same but where epochs
    were rounded. `lower` and `upper` are the least and the most that is planned there, NaN for records that are not
    `inside` of the run, and `parts` marks the records that part from it.
    """

    schedule: Schedule
    curve: Curve
    log: Log
    group: int
    plan: Plan
    unit: Unit
    shift: int
    rows: Ticks
    at: Floats
    logged: Floats
    half: Floats
    low: Ticks
    high: Ticks
    inside: Mask
    lower: Floats
    upper: Floats
    parts: Mask

    @classmethod
    def of(cls, schedule: Schedule, curve: Curve, log: Log, group: int, shift: int) -> Case:
        """The records of a log that say when they were made, against the plan.

        A count that may be of steps or epochs is one of steps, but where they part from the plan and epochs do not.
        Raises `ScheduleError` where the log counts what the run does not know.
        """
        clock, unit = _clock(schedule, curve, log)
        case = cls._counted(schedule, curve, log, group, shift, clock, unit)
        if clock.unit == "count" and unit == "step" and curve.run.total_epochs is not None and case.parts.any():
            other = cls._counted(schedule, curve, log, group, shift, clock, "epoch")
            return case if other.parts.any() else other
        return case

    @classmethod
    def _counted(
        cls, schedule: Schedule, curve: Curve, log: Log, group: int, shift: int, clock: Clock, unit: Unit
    ) -> Case:
        at = np.frombuffer(clock.at)
        rows = np.flatnonzero(~np.isnan(at))
        low, high, inside = ticks_of(curve, unit, at[rows] + shift, clock.half)
        logged, half = np.frombuffer(log.lr)[rows], np.frombuffer(log.half)[rows]
        plan = Plan.of(schedule, curve, group)
        lower, upper = (np.where(inside, bound, np.nan) for bound in plan.between(low, high))
        parts = ~agree(logged, half, lower, upper, plan)
        return cls(
            schedule,
            curve,
            log,
            group,
            plan,
            unit,
            shift,
            rows,
            at[rows],
            logged,
            half,
            low,
            high,
            inside,
            lower,
            upper,
            parts,
        )

    def __len__(self) -> int:
        return len(self.rows)

    def without_last(self) -> Case:
        """The same but for the last record."""
        arrays = ("rows", "at", "logged", "half", "low", "high", "inside", "lower", "upper", "parts")
        return replace(self, **{name: getattr(self, name)[:-1] for name in arrays})

    def planned(self, index: int) -> float:
        """What is planned for a record: of all that it may be, what is nearest to the record."""
        return float(max(self.lower[index], min(self.logged[index], self.upper[index])))

    def times(self, index: int) -> float:
        """How many times the planned learning rate a record is; infinite for one that should be 0."""
        planned = self.planned(index)
        return float(self.logged[index]) / planned if planned else math.inf

    def place(self, index: int) -> str:
        """When a record was made, as the log counts it: `step 5,005 (epoch 1)`."""
        at = self.at[index]
        if self.unit == "call":
            return moment(self.curve.run, int(at))
        if self.unit == "epoch":
            return f"epoch {at:,.8g}"
        epochs = (at + self.shift) / self.curve.run.steps_per_epoch if self.curve.run.steps_per_epoch else None
        return f"step {int(at):,}" + (f" (epoch {epochs:,.6g})" if epochs is not None else "")


def _clock(schedule: Schedule, curve: Curve, log: Log) -> tuple[Clock, Unit]:
    """The clock of a log that the plan knows too, and what it counts: the one that more records have, else steps."""
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
        hint += f"; where {counted.column!r} counts epochs, say so with --step-column {counted.column}"
    raise ScheduleError.at(
        Position(log.path),
        f"the log counts {counted.unit}s, and {schedule.name} is a run in {'steps' if known['step'] else 'epochs'}",
        hint,
    )
