"""Where in the plan a training is, by counting its optimizer steps, those that AMP skipped among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

from lrviz.errors import Position as Where
from lrviz.errors import ScheduleError

Counting: TypeAlias = Literal["both", "all", "moved"]
"""What the training counts as a step where a GradScaler skips one.

- "all": the scheduler is called after a skipped step too, as in most loops.
- "moved": it is not, as where `scheduler.step()` stands under `if` or Accelerate calls it.
- "both": none was skipped yet, or the learning rate does not tell.
"""


class Position:
    """The next optimizer step: `step` counts all, from 0, and `skipped` those before it that AMP skipped."""

    __slots__ = ("counting", "skipped", "step")

    def __init__(self, step: int, per_epoch: bool) -> None:
        self.step = step
        self.skipped = 0
        # an epoch ends with its last batch, whatever was skipped
        self.counting: Counting = "all" if per_epoch else "both"

    def candidates(self) -> list[tuple[Counting, int]]:
        """The steps of the plan that the next step may be, by what counts."""
        if not self.skipped:
            return [(self.counting, self.step)]
        by: list[tuple[Counting, int]] = [("all", self.step), ("moved", self.step - self.skipped)]
        return [each for each in by if self.counting in ("both", each[0])]

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint has to keep to go on counting."""
        return {"step": self.step, "skipped": self.skipped, "counting": self.counting}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Raises `ScheduleError` for what is no state of a guard, and changes nothing then."""
        try:
            step, skipped, counting = state["step"], state["skipped"], state["counting"]
            numbers = all(isinstance(each, int) and not isinstance(each, bool) for each in (step, skipped))
            fine = numbers and 0 <= skipped <= step and counting in get_args(Counting)
        except (TypeError, KeyError):
            fine = False
        if not fine:
            message = "this is not what guard.state_dict() returns"
            raise ScheduleError.at(Where("state_dict"), message, "save guard.state_dict() beside the optimizer's state")
        self.step, self.skipped, self.counting = step, skipped, counting
