"""How each schedule is trained: what the command line says, then the key `train` of its file, then the problem."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrviz.errors import Problems, ScheduleError
from lrviz.files import UnreadableError
from lrviz.lessons.problems import OPTION, problem_of
from lrviz.lessons.sessions import Sessions
from lrviz.lessons.setup import TrainingProblem
from lrviz.schedule.catalogue import DEFAULT_PROBLEM, PROBLEMS
from lrviz.schedule.model import Schedule
from lrviz.schedule.train.reading import read_training
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
    _sessions: dict[object, Sessions] = field(default_factory=dict, init=False, compare=False)

    def settings_of(self, schedule: Schedule) -> TrainingSettings:
        """What the file of a schedule says. Raises `ScheduleError` with everything that is wrong in it, a problem that
        cannot be trained included."""
        problems = Problems()
        settings = read_training(schedule.train, problems)
        try:
            self._problem(schedule, settings)
        except ScheduleError as error:
            problems += error.problems
        if problems:
            raise ScheduleError(problems)
        return settings

    def sessions_of(self, schedule: Schedule, settings: TrainingSettings) -> Sessions:
        """The sessions in which a schedule is trained; those of schedules with the same settings are one object."""
        problem = self._problem(schedule, settings)
        first = next((each for each in (self.seed, settings.seed) if each is not None), 0)
        seeds = range(first, first + (self.seeds or settings.seeds or 1))
        size = self.batch_size or settings.batch_sizes.get(schedule.name_in_file)
        epochs = self.epochs or (settings.epochs if self.steps is None else None)
        made = Sessions(problem, seeds, size, epochs, self.steps)
        return self._sessions.setdefault((problem.name, seeds, size, epochs), made)

    def _problem(self, schedule: Schedule, settings: TrainingSettings) -> TrainingProblem:
        if self.problem is not None:
            return problem_of(self.problem, OPTION, trust=self.trust)
        if settings.problem is None:
            return problem_of(DEFAULT_PROBLEM, OPTION, trust=self.trust)
        return problem_of(_named_by(schedule, settings.problem), settings.problem.where, trust=self.trust)


def _named_by(schedule: Schedule, problem: NamedProblem) -> str:
    """The problem that a file names; its data lies beside the file, and in its project."""
    name, _, folder = problem.name.partition(":")
    if ":" not in PROBLEMS.get(name, "") or not folder or problem.where.file != schedule.file:
        return problem.name
    try:
        schedule.reach.resolve(folder)
    except UnreadableError as error:
        raise ScheduleError.at(problem.where, f"{folder} {error}", error.hint) from None
    return f"{name}:{schedule.reach.path(folder)}"
