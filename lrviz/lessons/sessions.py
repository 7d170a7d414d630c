"""Trains schedules one after the other, each once for every seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lrviz.lessons.pace import Tempo, TrainingLength
from lrviz.lessons.results import TrainedSchedule, Training
from lrviz.lessons.setup import TrainingProblem
from lrviz.lessons.train import length_of, train
from lrviz.schedule.model import Schedule

Progress = Callable[[int, int], None]
"""Called after every epoch with (steps done, steps in total)."""


class InterruptedTrainingError(KeyboardInterrupt):
    """Ctrl-C in the middle of a training. `kept` is what was done before of the same schedule, if anything was."""

    def __init__(self, kept: TrainedSchedule | None) -> None:
        super().__init__()
        self.kept = kept


@dataclass(frozen=True)
class Sessions:
    """How schedules are trained: the problem, the seeds, the size of a batch, and the length in epochs or in steps (by
    default the problem's)."""

    problem: TrainingProblem
    seeds: Sequence[int] = (0,)
    batch_size: int | None = None
    epochs: int | None = None
    steps: int | None = None

    @cached_property
    def length(self) -> TrainingLength:
        """The length of every training."""
        return length_of(self.problem, self.batch_size, self.epochs, self.steps)

    def tempo(self, schedule: Schedule) -> Tempo:
        """The clock of a schedule at the length of the training."""
        return Tempo(schedule.run, self.length)

    def train(self, name: str, schedule: Schedule, progress: Progress | None = None) -> TrainedSchedule:
        """Trains one schedule with every seed.

        Raises `ScheduleError` if torch refuses it, and `InterruptedTrainingError` with what was done so far.
        """
        trainings: list[Training] = []
        total = self.length.steps * len(self.seeds)

        def tell(steps: int) -> None:
            if progress is not None:
                progress(len(trainings) * self.length.steps + steps, total)

        try:
            for seed in self.seeds:
                train(schedule, self.problem, self.length, seed, self.batch_size, into=trainings, tell=tell)
        except KeyboardInterrupt:
            raise InterruptedTrainingError(self._result(name, schedule, trainings) if trainings else None) from None
        return self._result(name, schedule, trainings)

    def _result(self, name: str, schedule: Schedule, trainings: Sequence[Training]) -> TrainedSchedule:
        size = self.batch_size or self.problem.batch_size
        return TrainedSchedule(name, schedule, self.problem, self.length, size, tuple(trainings))
