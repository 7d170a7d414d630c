"""How each schedule is trained: what the command line says, then the key `train` of its file, then the problem."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrviz.lessons.problems import OPTION, problem_of
from lrviz.lessons.sessions import Sessions
from lrviz.schedule.catalogue import DEFAULT_PROBLEM
from lrviz.schedule.model import Schedule
from lrviz.schedule.train.settings import NamedProblem, TrainingSettings


@dataclass(frozen=True)
class Arrangement:
    """What the command line says of all trainings; None leaves it to each file, and then to the problem.

    `seed` is the first of `seeds` seeds, `epochs` or `steps` the length of a training; `trust` allows problems of
    the user's own.
    """

    problem: str | None = None
    seeds: int | None = None
    seed: int | None = None
    epochs: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    trust: bool = False
    _made: dict[object, Sessions] = field(default_factory=dict, init=False, compare=False)

    def sessions_of(self, schedule: Schedule, settings: TrainingSettings) -> Sessions:
        """The sessions in which a schedule is trained; those of schedules with the same settings are one object.

        Raises `ScheduleError` for a problem that does not exist or cannot be made.
        """
        named = NamedProblem(self.problem, OPTION) if self.problem is not None else settings.problem
        problem, where = named or NamedProblem(DEFAULT_PROBLEM, OPTION)
        first = next((each for each in (self.seed, settings.seed) if each is not None), 0)
        seeds = range(first, first + (self.seeds or settings.seeds or 1))
        size = self.batch_size or settings.batch_sizes.get(schedule.name_in_file)
        epochs = self.epochs or (settings.epochs if self.steps is None else None)
        key = problem, seeds, size, epochs
        if key not in self._made:
            self._made[key] = Sessions(problem_of(problem, where, trust=self.trust), seeds, size, epochs, self.steps)
        return self._made[key]
