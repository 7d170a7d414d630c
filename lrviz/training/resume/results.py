"""What follows the ways to restart one schedule, beside its plan."""

from __future__ import annotations

from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.training.resume.departure import Departure


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """What follows a restart in one way.

    - `way`, `name`, `lines`: its key, its name and the code that a person writes.
    - `curve`: the whole run, up to the restart that of what was saved; NaN after a call that is refused. None if the
      restart itself is refused.
    - `refusal`: what is refused, in torch's own words; `refused_at` is the tick whose call it was, None for a restart.
    - `departure`: how it leaves the plan; None if it does not, or if the restart is refused.
    - `identical`: True if it is the plan bit for bit.
    - `keeps_state`: True if the optimizer has its own state again, with the buffers that no learning rate shows.
    """

    way: str
    name: str
    lines: tuple[str, ...]
    curve: Curve | None
    departure: Departure | None = None
    refusal: str = ""
    refused_at: int | None = None
    identical: bool = False
    keeps_state: bool = True

    @property
    def follows(self) -> bool:
        """True if it follows the plan up to the end of the run, but for rounding."""
        return self.curve is not None and self.departure is None and not self.refusal


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """The ways to restart one schedule at a tick, beside its plan.

    `start` is the number of calls of the scheduler that were made before; `saving` and `loop` are the code around every
    way. `checkpoint` is the file that a real training saved, if there is one. Of a restart `into` another file, the
    plan is that of the file, `into` says what is other in it, and `old` is the plan of the file that was saved, at
    `old_tick`.
    """

    schedule: Schedule
    tick: int
    start: int
    plan: Curve
    ways: tuple[Followed, ...]
    saving: tuple[str, ...]
    loop: tuple[str, ...]
    into: str = ""
    old: Curve | None = None
    old_tick: int = 0
    checkpoint: str = ""

    @property
    def name(self) -> str:
        """The name of the schedule."""
        return self.schedule.name

    @property
    def run(self) -> Run:
        """The run of the schedule."""
        return self.schedule.run

    @property
    def right(self) -> Followed | None:
        """The first way that follows the plan, if there is one with the optimizer's own state."""
        following = [each for each in self.ways if each.follows]
        return next((each for each in following if each.keeps_state), following[0] if following else None)

    def as_old(self, followed: Followed) -> bool:
        """True if what follows is the plan of the old file, as far as both reach, and not that of the new one."""
        if self.old is None or followed.curve is None or followed.departure is None:
            return False
        if self.old.run.interval != self.plan.run.interval or len(self.old.groups) != len(self.plan.groups):
            return False
        count = min(len(self.old) - self.old_tick, len(self.plan) - self.tick)
        return count > 0 and all(
            new[self.tick : self.tick + count].tobytes() == old[self.old_tick : self.old_tick + count].tobytes()
            for new, old in zip(followed.curve.columns, self.old.columns, strict=True)
        )
