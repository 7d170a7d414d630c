"""What becomes of a deviation while the training goes on: when it ends, and its cause.

A training that is one call late is on its plan wherever the plan holds: it has returned only after it followed the plan
through some changes. The cause is found by the code that explains logs, each time that half as many changes again
were seen.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import Any, Final

import numpy as np

from lrviz.engine.called import called_at
from lrviz.log.case import LogCase
from lrviz.log.causes import NONE, TOO_FEW, explain
from lrviz.log.log import Log, LogClock
from lrviz.training.guard.plan import Plan
from lrviz.training.guard.tolerance import DOUBLE, epsilon

RETURNED: Final = 3
"""A training that followed its plan through so many changes has returned to it."""

KEPT: Final = 4_096
"""So many stretches are kept; of more, every second of the older ones."""

BEFORE: Final = 400
"""Steps that followed the plan that are explained beside those that left it: half of them the last ones."""

PATIENT: Final = 24
"""After so many changes without a cause, it is said that none fits."""

MANY_TICKS: Final = 200_000
"""In a longer run, other intervals are not simulated to explain it."""


class Story:
    """A deviation from its first step, `first`, to its end.

    `off` counts the steps that deviated, `back` is the first of those that follow the plan since then. `records` are
    kept where a cause is looked for.
    """

    def __init__(self, plan: Plan, first: int, records: Records | None) -> None:
        self.plan, self.first, self.records = plan, first, records
        self.off = 0
        self.back = first
        self._changes = 0
        self._is_back = False

    def leave(self) -> None:
        """Takes a step that deviates."""
        self.off += 1
        self._is_back, self._changes = False, 0

    def follow(self, step: int) -> None:
        """Takes a step that follows the plan."""
        if not self._is_back:
            self.back, self._is_back = step, True
        self._changes += self.plan.changes_at(step)

    @property
    def is_over(self) -> bool:
        """True once the plan was followed through `RETURNED` changes, or will not change any more."""
        last = self.plan.run.tick_of_step(self.back) >= self.plan.last_change
        return self._is_back and (self._changes >= RETURNED or last)


class Records:
    """The steps of one param group since it left the plan at `first`; from `begun` to there it followed.

    Those of a stretch with one learning rate are kept as its first and its last.
    """

    def __init__(self, plan: Plan, group: int, begun: int, first: int) -> None:
        self.plan, self.group, self.begun, self.first = plan, group, begun, first
        self._steps: list[int] = []
        self._rates: list[float] = []
        self._eps = 0.0
        self._held: tuple[float, float] | None = None
        self._longer = False
        self._changes, self._next = 0, 2.0
        self._told = ""

    def see(self, step: int, lr: Any) -> str:
        """Takes what a step used, and returns the cause where it is now known, and was not told before; else ""."""
        used, planned = float(lr), self.plan.columns[self.group][self.plan.run.tick_of_step(step)]
        self._eps = max(self._eps, epsilon(lr))
        if self._held == (used, planned):
            if self._longer:
                self._steps[-1] = step
            else:
                self._longer = True
                self._keep(step, used)
            return ""
        self._held, self._longer = (used, planned), False
        self._changes += 1
        self._keep(step, used)
        if self._changes <= self._next:
            return ""
        self._next *= 1.5
        return self._explained()

    def _keep(self, step: int, used: float) -> None:
        self._steps.append(step)
        self._rates.append(used)
        if len(self._steps) > 2 * KEPT:
            older = len(self._steps) - KEPT
            self._steps[:older] = self._steps[:older:2]
            self._rates[:older] = self._rates[:older:2]

    def _explained(self) -> str:
        run = self.plan.run
        near = replace(self.plan.schedule.expect, tolerance=max(DOUBLE, self._eps))
        schedule = replace(self.plan.schedule, expect=near)
        case = LogCase.of(schedule, self.plan.curve, self._log(), self.plan.match[self.group], 0)
        if not case.deviates.any():
            return ""
        cause = explain(case, called_at if run.ticks <= MANY_TICKS else None)
        if cause == TOO_FEW or cause == self._told or (cause == NONE and (self._changes < PATIENT or self._told)):
            return ""
        self._told = cause
        return cause.replace("record", "step")  # what explains logs calls a step a record

    def _log(self) -> Log:
        """The steps as the log of a run."""
        before = self._before()
        steps = [*before.tolist(), *self._steps]
        column, tick = self.plan.columns[self.group], self.plan.run.tick_of_step
        rates = array("d", [*(column[tick(step)] for step in before.tolist()), *self._rates])
        half = array("d", (abs(rate) * self._eps * bool(self._eps) for rate in rates))
        clock = LogClock("step", "step", array("d", steps))
        none = array("d", bytes(8 * len(rates)))
        lines = array("q", bytes(8 * len(rates)))
        return Log("guard", "lr", rates, half, none, lines, (clock,), live=True)

    def _before(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Some of the steps that followed the plan: the first and the last of ticks, and the last ones."""
        if self.first == self.begun:
            return np.arange(0)
        per_tick = self.plan.run.steps_per_tick
        ticks = np.unique(np.linspace(self.begun // per_tick, (self.first - 1) // per_tick, BEFORE // 4).astype(int))
        edges = np.concatenate([ticks * per_tick, ticks * per_tick + per_tick - 1])
        steps = np.union1d(edges, np.arange(self.first - BEFORE // 2, self.first))
        found: np.ndarray[Any, np.dtype[np.int64]] = steps[(steps >= self.begun) & (steps < self.first)]
        return found
