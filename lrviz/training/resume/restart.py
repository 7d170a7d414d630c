"""A restarted training: a new optimizer and scheduler, what was saved of the old ones, and the loop that goes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lrviz.alike import ROUNDING
from lrviz.engine.backend import Backend
from lrviz.engine.build import attach
from lrviz.engine.shortcut import MANY_CALLS
from lrviz.engine.simulate import step_of_run
from lrviz.schedule.model import Phases, Schedule

CHECKPOINT, EARLY = "checkpoint.pt", "early.pt"
"""What was saved when the training stopped, and one call of the scheduler earlier."""


def calls_before(schedule: Schedule, tick: int) -> int:
    """The calls of `scheduler.step()` before a tick. A PhasedLR is called at every tick."""
    return tick if isinstance(schedule.scheduler, Phases) else tick // schedule.run.every


def save(path: str, optimizer: Any, scheduler: Any) -> None:
    """Saves the states of both, as a training script does; a run without a scheduler has that of the optimizer."""
    import torch

    state = {"optimizer": optimizer.state_dict()}
    if scheduler is not None:
        state["scheduler"] = scheduler.state_dict()
    torch.save(state, path)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a real training saved: the file by its name, and its `state` as `torch.load` gives it.

    - `times`: how often a call of the loop steps the scheduler: Accelerate does so once for each process.
    - `rounding`: learning rates in fewer bits than a double differ by this fraction from the plan, and follow it.
    """

    name: str
    state: Mapping[str, Any]
    times: int = 1
    rounding: float = ROUNDING

    def write(self, folder: str) -> None:
        """Saves the state as the first training did."""
        import torch

        torch.save(dict(self.state), os.path.join(folder, CHECKPOINT))


@dataclass
class Restart:
    """The objects of a training that goes on at `tick` of a schedule, while an act by act makes and restores them.

    `folder` holds what was saved: `CHECKPOINT` and `EARLY`. With `saved`, that is the checkpoint of a real training.
    """

    schedule: Schedule
    tick: int
    folder: str
    backend: Backend
    saved: Saved | None = None
    optimizer: Any = None
    scheduler: Any = None
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    rates: list[Any] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The calls of the scheduler that were made before."""
        return calls_before(self.schedule, self.tick)

    def load(self, name: str) -> None:
        """Reads what was saved, as `torch.load` does by itself."""
        import torch

        self.checkpoint = torch.load(os.path.join(self.folder, name), weights_only=True)

    def make_optimizer(self) -> None:
        """Makes the optimizer anew, as the file says."""
        self.optimizer = self.backend.make_optimizer(self.schedule.optimizer)

    def make_scheduler(self, last_epoch: int | None = None) -> None:
        """Makes the scheduler of the schedule, with another argument `last_epoch` if it is given."""
        schedule = self.schedule
        if last_epoch is not None and schedule.scheduler is not None:
            if isinstance(schedule.scheduler, Phases):
                raise TypeError("PhasedLR takes no last_epoch")
            arguments = {**schedule.scheduler.arguments, "last_epoch": last_epoch}
            schedule = replace(schedule, scheduler=replace(schedule.scheduler, arguments=arguments))
        self.scheduler = attach(schedule, self.optimizer, self.backend).scheduler

    def call_again(self) -> None:
        """Makes one call of the scheduler more: the last one, with its own metric."""
        ticks_a_call = 1 if isinstance(self.schedule.scheduler, Phases) else self.schedule.run.every
        last = max(self.start, 1) * ticks_a_call
        self._run(last - ticks_a_call, last)

    def replay(self) -> None:
        """Makes all the calls that were made before, with their metrics."""
        self._run(0, self.tick)

    def going_on(self) -> Callable[[], object]:
        """What the loop calls after each tick from here on."""
        return self._stepper(self.tick)

    def _run(self, first: int, stop: int) -> None:
        step = self._stepper(first)
        for _ in range(first, stop):
            step()

    def _stepper(self, start: int) -> Callable[[], object]:
        """What a loop calls after each tick from `start` on; of a long run the shortcut, with the same bits."""
        many = self.schedule.run.ticks >= MANY_CALLS
        step = step_of_run(self.schedule, self.scheduler, shortcut=many, start=start)
        times = self.saved.times if self.saved is not None else 1
        return step if times == 1 else lambda: [step() for _ in range(times)]
