"""The training loop: one schedule, one seed, on real torch objects.

The order is that of torch's documentation: forward, backward, `optimizer.step()`, `scheduler.step()`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lrviz.engine.recorder import momentum
from lrviz.engine.refusal import refused_at
from lrviz.engine.shortcut import MANY_CALLS, phased_step, step_of
from lrviz.engine.simulate import takes_metric
from lrviz.errors import Position, ScheduleError
from lrviz.lessons.optimizer import descend, optimizer_of
from lrviz.lessons.pace import Tempo, TrainingLength
from lrviz.lessons.results import Training, Validation
from lrviz.lessons.setup import Setup, TrainingProblem, Walk
from lrviz.lessons.warned import Warned, collected
from lrviz.schedule.model import Phases, Schedule, Scheduler
from lrviz.training.build import build

Tell = Callable[[int], None]
"""Called with the steps that are done: after every epoch, and at least `TOLD` times."""

TOLD = 100

MAX_STEPS = 10_000_000
"""The most steps of a training: hours of them, and a few numbers of each are kept."""


def length_of(
    problem: TrainingProblem, batch_size: int | None, epochs: int | None = None, steps: int | None = None
) -> TrainingLength:
    """The length of a training: so many epochs or steps, or else the problem's own.

    Raises `ScheduleError` for a batch size if the problem has none.
    """
    if batch_size is not None and problem.batch_size is None:
        what = f"the batches of {problem.name} have no size that could be set (got {batch_size})"
        raise ScheduleError.at(Position("--batch-size"), what, "leave it out, also under `train` of a file")
    with seeded(0):
        per_epoch = len(problem.make(0, batch_size).batches)
    if per_epoch < 1:
        raise ScheduleError.at(Position("--problem"), f"{problem.name} has no batches")
    length = TrainingLength(steps if steps is not None else (epochs or problem.epochs) * per_epoch, per_epoch)
    if length.steps > MAX_STEPS:
        what = f"a training of {length} is longer than {MAX_STEPS:,} steps"
        raise ScheduleError.at(Position("lrviz"), what, f"{problem.name} trains for {problem.epochs} epochs by itself")
    return length


def train(
    schedule: Schedule,
    problem: TrainingProblem,
    length: TrainingLength,
    seed: int,
    batch_size: int | None = None,
    *,
    into: list[Training],
    tell: Tell | None = None,
) -> None:
    """Trains once, and adds what it saw to `into`; also if it is interrupted after the first epoch.

    A loss that is not finite ends the training. Raises `ScheduleError` if torch refuses the optimizer or the scheduler,
    when they are constructed or in the middle of the run.
    """
    with seeded(seed), collected() as warned:
        setup = Setup(*problem.make(seed, batch_size))
        run = _Run(schedule, problem, setup, length, seed, batch_size)
        try:
            run.train(tell)
        except KeyboardInterrupt:
            if run.epochs_done:
                into.append(run.result(warned, complete=False))
            raise
        into.append(run.result(warned))


def endless(setup: Setup, problem: TrainingProblem) -> Iterator[Any]:
    """The batches of one epoch after the other."""
    per_epoch = len(setup.batches)
    while True:
        seen = 0
        for seen, batch in enumerate(setup.batches, 1):
            yield batch
            if seen == per_epoch:
                break
        if seen < per_epoch:
            what = f"{problem.name}: an epoch ends after {seen} of its {per_epoch} batches"
            raise ScheduleError.at(Position("--problem"), what, "its length is the number of its batches")


class seeded:  # noqa: N801 - used as a function, like `torch.random.fork_rng`
    """Seeds torch, numpy and `random`, and puts them back as they were at the end."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __enter__(self) -> None:
        import torch

        self._states = torch.get_rng_state(), np.random.get_state(), random.getstate()
        torch.manual_seed(self._seed)
        np.random.seed(self._seed % 2**32)
        random.seed(self._seed)

    def __exit__(self, *_: object) -> None:
        import torch

        torch.set_rng_state(self._states[0])
        np.random.set_state(self._states[1])
        random.setstate(self._states[2])


class _Run:
    """The state of one training."""

    def __init__(
        self,
        schedule: Schedule,
        problem: TrainingProblem,
        setup: Setup,
        length: TrainingLength,
        seed: int,
        batch_size: int | None,
    ) -> None:
        self.schedule, self.problem, self.setup, self.length = schedule, problem, setup, length
        self.seed, self.batch_size = seed, batch_size
        self.model = setup.model
        self.optimizer = optimizer_of(schedule, setup.model, problem.name)
        self.scheduler = build(schedule, self.optimizer)
        self.calls = _Calls(schedule, self.scheduler, Tempo(schedule.run, length), self.metric)
        self.steps = self.taken = 0  # `taken` counts a last step of which only the loss is known
        self.stopped: int | None = None
        self.validations: list[Validation] = []
        self.seen: Validation | None = None
        self.losses = np.full(length.steps, np.nan)
        groups = len(self.optimizer.param_groups)
        self.lr, self.momentum = (np.full((length.steps, groups), np.nan) for _ in range(2))
        self.path = np.full((length.steps + 1, 2), np.nan) if problem.surface is not None else None

    @property
    def epochs_done(self) -> int:
        return self.steps // self.length.steps_per_epoch

    def train(self, tell: Tell | None) -> None:
        per_epoch, told_every = self.length.steps_per_epoch, max(1, self.length.steps // TOLD)
        if not self._validate():
            what = f"{self.problem.name}: the validation loss is not finite before the first step"
            raise ScheduleError.at(Position("--problem"), what)
        batches = endless(self.setup, self.problem)
        for step in range(self.length.steps):
            self._walked(step)
            if not self._step(step, next(batches)):
                return
            self.steps = step + 1
            self._walked(self.steps)
            if (self.steps % per_epoch == 0 or self.steps == self.length.steps) and not self._validate():
                return
            self.calls.after(step)
            if tell is not None and (self.steps % per_epoch == 0 or self.steps % told_every == 0):
                tell(self.steps)

    def _step(self, step: int, batch: Any) -> bool:
        """Makes one optimizer step; False if the loss is not finite, and it was not made."""
        loss = self.setup.loss(self.model, batch)
        value = float(loss.detach())
        self.losses[step] = value
        for index, group in enumerate(self.optimizer.param_groups):
            self.lr[step, index] = float(group["lr"])
            held = momentum(group)
            self.momentum[step, index] = math.nan if held is None else float(held)
        self.taken = step + 1
        if not math.isfinite(value):
            self.stopped = step
            return False
        descend(self.schedule, self.problem, self.optimizer, loss, step)
        return True

    def _walked(self, step: int) -> None:
        if self.path is not None:
            self.path[step] = [float(x) for each in self.model.parameters() for x in each.detach().flatten()]

    def _validate(self) -> bool:
        """Validates the model; False if the loss is not finite."""
        self.seen = validation = self._validated()
        if not math.isfinite(validation.loss):
            self.stopped = self.steps
            return False
        self.validations.append(validation)
        return True

    def _validated(self) -> Validation:
        import torch

        random_numbers = torch.get_rng_state()  # a loader draws one, and every schedule is to see the same batches
        training = self.model.training
        self.model.eval()
        with torch.no_grad():
            found = self.setup.validate(self.model)
        self.model.train(training)
        torch.set_rng_state(random_numbers)
        loss, accuracy = found if isinstance(found, tuple) else (found, None)
        return Validation(self.steps, float(loss), None if accuracy is None else float(accuracy))

    def metric(self) -> float:
        """What a ReduceLROnPlateau is stepped with: the validation loss as it is now; the accuracy with `mode: max`."""
        if self.seen is None or self.seen.step != self.steps:
            self.seen = self._validated()
        now = self.seen
        plateau = plateau_of(self.schedule)
        if plateau is None or not reads_accuracy(self.schedule):
            return now.loss
        if now.accuracy is None:
            what = f"schedule {self.schedule.name!r}: mode max needs an accuracy, and {self.problem.name} has none"
            raise ScheduleError.at(plateau.where, what, "mode: min")
        return now.accuracy

    def result(self, warned: Warned, *, complete: bool = True) -> Training:
        lr, held = self.lr[: self.taken], self.momentum[: self.taken]
        exact = None
        if self.problem.exact is not None:
            exact = self.problem.exact(Walk(self.schedule, lr, held), self.batch_size)
        return Training(
            seed=self.seed,
            losses=self.losses[: self.taken],
            lr=lr,
            momentum=held,
            validations=tuple(self.validations),
            stopped=self.stopped,
            complete=complete,
            path=self.path[: self.steps + 1] if self.path is not None else None,
            exact=exact,
            warned=tuple(warned),
        )


class _Calls:
    """Calls `scheduler.step()` after the steps of a training, as often as the plan says."""

    def __init__(self, schedule: Schedule, scheduler: Any, tempo: Tempo, metric: Callable[[], float]) -> None:
        self._schedule, self._tempo = schedule, tempo
        # a PhasedLR counts the ticks itself
        self._every = 1 if isinstance(schedule.scheduler, Phases) else schedule.run.every
        self._call: Callable[[], object] | None = None
        many = schedule.run.calls >= MANY_CALLS
        if isinstance(schedule.scheduler, Phases):
            self._call = lambda: scheduler.step(metric() if scheduler.reads_metric() else None)
            if many:
                self._call = phased_step(scheduler, self._call)
        elif schedule.scheduler is not None and takes_metric(scheduler):
            self._call = lambda: scheduler.step(metric())
        elif schedule.scheduler is not None:
            self._call = step_of(scheduler) if many else scheduler.step

    def after(self, step: int) -> None:
        """What a training loop does behind `optimizer.step()` of this step, from 0."""
        if self._call is None:
            return
        call, due = (self._tempo.ticks(each) // self._every for each in (step, step + 1))
        try:
            while call < due:
                self._call()
                call += 1
        except ScheduleError:
            raise
        except (Exception, SystemExit) as error:
            number = (call + 1) * self._every // self._schedule.run.every
            raise refused_at(self._schedule, (), number, error) from error


def plateau_of(schedule: Schedule) -> Scheduler | None:
    """The first ReduceLROnPlateau of a schedule."""
    specs = schedule.scheduler.walk() if schedule.scheduler is not None else ()
    return next((each for each in specs if each.type == "ReduceLROnPlateau"), None)


def reads_accuracy(schedule: Schedule) -> bool:
    """True if the ReduceLROnPlateau of a schedule waits for its metric to rise: it is given the accuracy."""
    plateau = plateau_of(schedule)
    return plateau is not None and plateau.arguments.get("mode") == "max"
