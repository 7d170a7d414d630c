"""What a guard saw when a training left its plan, and whether numbers of calls of the scheduler explain it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lrviz.training.guard.plan import Floats, Plan, is_near
from lrviz.training.guard.tolerance import epsilon, slack

Steps = NDArray[np.int64]

MANY_STEPS: Final = 200_000
"""Of a longer history, the last steps and as many others, evenly, are compared."""


@dataclass(frozen=True)
class Seen:
    """The steps from `begun` on, which followed the plan, and `step`, the first that left it.

    `used` are the learning rates of the param groups there. `knows_skips` is True where the guard knows of the steps
    that AMP skipped.
    """

    plan: Plan
    begun: int
    step: int
    used: tuple[Any, ...]
    knows_skips: bool

    @cached_property
    def groups(self) -> dict[int, int]:
        """A param group for each of the plan's: groups that share a plan are seen once."""
        return {planned: own for own, planned in enumerate(self.plan.match)}

    @cached_property
    def history(self) -> Steps:
        """The steps that followed the plan."""
        if self.step - self.begun <= MANY_STEPS:
            return np.arange(self.begun, self.step)
        spread = np.linspace(self.begun, self.step - 1, MANY_STEPS // 2).astype(np.int64)
        return np.union1d(spread, np.arange(self.step - MANY_STEPS // 2, self.step))

    @cached_property
    def first_call(self) -> int:
        """The calls that were made before the guard began."""
        return self.plan.calls(self.begun)

    def calls(self, steps: Steps) -> Steps:
        """The planned calls before each step."""
        return steps // self.plan.run.steps_per_tick // self.plan.every

    @cached_property
    def now(self) -> int:
        """The planned calls before this step."""
        return self.plan.calls(self.step)

    def is_call(self, call: int) -> bool:
        """True if every param group has what the plan has after so many calls."""
        return all(self._is(own, float(rates[call])) for own, rates in self._by_call if 0 <= call < len(rates)) and (
            0 <= call < min(len(rates) for _, rates in self._by_call)
        )

    def is_rate(self, rates: Sequence[float]) -> bool:
        """True if every param group has this learning rate; `rates` are by group of the optimizer."""
        return all(self._is(own, rates[own]) for own in self.groups.values())

    def fits(self, calls_at: Callable[[Steps], Steps]) -> bool:
        """True if this number of calls before each step explains all that was seen."""
        return self.is_call(int(calls_at(np.array([self.step]))[0])) and self.followed(calls_at(self.history))

    def followed(self, calls: Steps) -> bool:
        """True if these numbers of calls before the steps of the history give what the plan has there."""
        if not len(calls):
            return True
        right = self.calls(self.history)
        for own, rates in self._by_call:
            inside = (calls >= 0) & (calls < len(rates))
            if not inside.all():
                return False
            eps, peak = epsilon(self.used[own]), self.plan.peaks[own]
            wanted, found = rates[right], rates[calls]
            differ = np.flatnonzero((wanted != found) & ~(np.isnan(wanted) & np.isnan(found)))
            for index in differ.tolist():
                room = slack(float(wanted[index]), peak, eps, int(right[index]))
                if not is_near(float(found[index]), float(wanted[index]), room):
                    return False
        return True

    def _is(self, own: int, rate: float) -> bool:
        used = self.used[own]
        return is_near(float(used), rate, slack(rate, self.plan.peaks[own], epsilon(used), self.now))

    @cached_property
    def _by_call(self) -> list[tuple[int, Floats]]:
        return [(own, self.plan.by_call(own)) for own in self.groups.values()]

    def equal_calls(self) -> list[int]:
        """The numbers of calls after which the plan has what every param group has, the nearest to now first."""
        found: Steps | None = None
        for own, rates in self._by_call:
            used = float(self.used[own])
            room = slack(used, self.plan.peaks[own], epsilon(self.used[own]), self.now)
            (near,) = np.nonzero(np.abs(rates - used) <= room)
            found = near if found is None else np.intersect1d(found, near)
        return [] if found is None else sorted(found.tolist(), key=lambda call: (abs(call - self.now), call))
