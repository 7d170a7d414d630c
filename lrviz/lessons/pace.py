"""A schedule at the length of a training: when its scheduler is called.

The plan keeps its shape, and only its clock is another one: at every step of the training, the scheduler has been
called as often as at that fraction of the plan. So it is torch's own scheduler, with the file's own numbers, whatever
its class. A plan as long as the training is called as in any loop: after every step, or after every epoch.
"""

from __future__ import annotations

from dataclasses import dataclass

from lrviz.run import Run
from lrviz.words import counted


@dataclass(frozen=True, slots=True)
class TrainingLength:
    """The length of a training: `steps` optimizer steps, of which an epoch has `steps_per_epoch`."""

    steps: int
    steps_per_epoch: int

    @property
    def epochs(self) -> float:
        """The epochs; not a whole number if the last one is cut short."""
        return self.steps / self.steps_per_epoch

    def __str__(self) -> str:
        steps = counted(self.steps, "step")
        whole, rest = divmod(self.steps, self.steps_per_epoch)
        return steps if rest else f"{counted(whole, 'epoch')} ({steps})"


@dataclass(frozen=True, slots=True)
class Tempo:
    """The ticks of a plan over the steps of a training."""

    run: Run
    length: TrainingLength

    def ticks(self, steps: int) -> int:
        """The ticks of the plan that are over after so many steps of the training.

        Of a plan whose last epoch is cut short, that epoch is not over at the end.
        """
        run = self.run
        if run.total_steps is None:
            return steps * run.ticks // self.length.steps
        return steps * run.total_steps // (run.steps_per_tick * self.length.steps)

    @property
    def stretched(self) -> bool:
        """True unless the plan has the length of the training, in the plan's own unit."""
        run = self.run
        if run.interval == "step" or run.epochs is None:
            return run.total_steps != self.length.steps
        return run.epochs * self.length.steps_per_epoch != self.length.steps

    @property
    def words(self) -> str:
        """The length of the plan, as its file has it."""
        run = self.run
        if run.epochs is None:
            return counted(run.steps or 0, "step")
        steps = f" ({counted(run.total_steps or 0, 'step')})" if run.interval == "step" else ""
        return f"{counted(run.epochs, 'epoch')}{steps}"
