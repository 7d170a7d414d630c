"""How long a trainer trains, and with which batches: its numbers, held against the file of the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from lrviz.errors import Position, Problem
from lrviz.schedule.model import Schedule
from lrviz.words import counted


@dataclass(frozen=True, slots=True)
class Names:
    """What a trainer calls its numbers; `call` takes those that are arguments."""

    call: str
    accumulate: str
    batch_size: str
    data: str
    epochs: str


@dataclass(frozen=True, slots=True)
class Trained:
    """The numbers of a training, None where the trainer does not know them or they change on the way.

    - `accumulate`, `devices`, `batch_size`: as under `data` in a file; the batch is that of a device.
    - `batches`: of a process in an epoch.
    - `epochs`, `max_steps`: the training ends with the first of them that is reached.
    """

    names: Names
    accumulate: int | None
    devices: int
    batch_size: int | None
    batches: int | None
    epochs: float | None
    max_steps: int | None

    @property
    def steps_per_epoch(self) -> int | None:
        """Optimizer steps of an epoch; a rest of batches at its end makes one too."""
        if self.batches is None or self.accumulate is None:
            return None
        return max(1, ceil(self.batches / self.accumulate))

    def contradictions(self, schedule: Schedule) -> Iterator[Problem]:
        """Every number that is not the file's, at the argument that says it.

        What one of the two does not say contradicts nothing.
        """
        data = schedule.run.data
        for key in ("accumulate", "devices", "batch_size") if data is not None and data.batch_size is not None else ():
            have, want = getattr(self, key), getattr(data, key)
            if have is None or have == want:
                continue
            correct = f"`{key}: {have}` under `data` in the file"
            if key == "devices":
                said, hint = f"the training has {counted(have, 'device')}", f"train on {want}, or {correct}"
                yield _problem(schedule, key, said, f"`{key}: {want}`", hint)
            else:
                name = getattr(self.names, key)
                hint = f"{self.names.call}({name}={want}), or {correct}"
                yield _problem(schedule, name, f"it is {have}", f"`{key}: {want}`", hint)
        yield from self._length(schedule)

    def _length(self, schedule: Schedule) -> Iterator[Problem]:
        run, per_epoch = schedule.run, self.steps_per_epoch
        if None not in (run.steps_per_epoch, per_epoch) and run.steps_per_epoch != per_epoch:
            want = f"{counted(run.steps_per_epoch or 0, 'step')} an epoch"
            yield _problem(schedule, self.names.data, self._epoch(), want, _corrected(schedule, per_epoch))
            return  # the length follows from it
        per_epoch = run.steps_per_epoch or per_epoch
        if per_epoch is None and run.steps is None:
            if self.epochs is not None and self.epochs != run.epochs:
                want = counted(run.epochs or 0, "epoch")
                yield _problem(schedule, self.names.epochs, f"it is {self.epochs:g}", want, self._as_long(schedule))
            return
        planned = run.steps if run.steps is not None else (run.epochs or 0) * (per_epoch or 1)
        by_epochs = ceil(self.epochs * per_epoch) if self.epochs is not None and per_epoch is not None else None
        if self.max_steps is not None and (by_epochs is None or self.max_steps <= by_epochs):
            name, steps, said = "max_steps", self.max_steps, f"it is {self.max_steps:,}"
        elif by_epochs is not None:
            name, steps, said = self.names.epochs, by_epochs, f"{self.epochs:g} epochs are {counted(by_epochs, 'step')}"
        else:
            return
        if steps != planned:
            yield _problem(schedule, name, said, counted(planned, "step"), self._as_long(schedule, planned, steps))

    def _epoch(self) -> str:
        batches, steps = self.batches or 0, self.steps_per_epoch or 0
        made, be = (f"{batches:,} batches", "are") if batches != 1 else ("1 batch", "is")
        each = f", {self.accumulate} to a step," if self.accumulate != 1 else ""
        return f"{made}{each} {be} {counted(steps, 'step')} an epoch"

    def _as_long(self, schedule: Schedule, planned: int | None = None, steps: int | None = None) -> str:
        """The lines that make the training as long as the run, or the run as long as the training."""
        call, epochs = self.names.call, self.epochs
        in_epochs = epochs is not None and epochs == int(epochs) and schedule.run.epochs is not None
        if (in_epochs and steps != self.max_steps) or planned is None:
            return f"{call}({self.names.epochs}={schedule.run.epochs}), or lrviz.load(..., epochs={epochs:g})"
        return f"{call}(max_steps={planned}), or lrviz.load(..., steps={steps})"


def _corrected(schedule: Schedule, steps: int | None) -> str:
    data = schedule.run.data
    if schedule.imported is None and data is not None and data.steps_per_epoch is not None:
        return "correct `data` in the file: samples, batch_size, devices, accumulate, drop_last"
    argument = "data" if schedule.imported is not None else "set"
    return f"correct the file, or lrviz.load(..., {argument}={{'steps_per_epoch': {steps}}})"


def _problem(schedule: Schedule, argument: str, said: str, want: str, hint: str) -> Problem:
    message = f"{said}; schedule {schedule.name!r} of {schedule.file} has {want}"
    return Problem(Position(argument), message, hint)
