"""A checkpoint beside the schedule that it is compared with: which states, which param groups, which call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lrviz.curve import Curve
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.schedule.model import Phases, Schedule
from lrviz.training.checkpoint.checkpoint import Checkpoint, OptimizerState, SchedulerState
from lrviz.training.groups import fitted, matched
from lrviz.words import listed


@dataclass(frozen=True, slots=True)
class Case:
    """One optimizer and one scheduler of a checkpoint, or one of them, and the plan.

    `schedule` has the param groups of the checkpoint; `columns` says for each which column of `curve` is its plan.
    """

    checkpoint: Checkpoint
    optimizer: OptimizerState | None
    scheduler: SchedulerState | None
    schedule: Schedule
    curve: Curve
    columns: tuple[int, ...]

    @classmethod
    def of(cls, checkpoint: Checkpoint, schedule: Schedule, curve: Curve, part: str = "") -> Case:
        """The case of a part of a checkpoint, which may be left out where there is one optimizer and one scheduler.

        Raises `ScheduleError` where it is not said which part is meant, and for other param groups than the file's.
        """
        optimizer, scheduler = chosen(checkpoint, part)
        held = _Held([dict(group) for group in _groups(optimizer, scheduler)])
        try:
            columns, own = matched(schedule, held), fitted(schedule, held)
        except ScheduleError as error:
            raise _of_checkpoint(error, checkpoint.path) from None
        return cls(checkpoint, optimizer, scheduler, own, curve, columns)

    @property
    def where(self) -> Position:
        """The place of findings about the checkpoint as a whole."""
        return Position(self.checkpoint.path)

    @property
    def every(self) -> int:
        """The ticks of the run to one call of the scheduler; a PhasedLR is called after each of them."""
        return 1 if isinstance(self.schedule.scheduler, Phases) else self.schedule.run.every

    @property
    def calls(self) -> int:
        """The calls of the scheduler in the whole run."""
        return self.schedule.run.ticks // self.every

    @property
    def rates(self) -> Sequence[Any]:
        """The learning rate of each param group: the optimizer's, or the scheduler's last where there is none."""
        if self.optimizer is not None:
            return self.optimizer.lr
        return (self.scheduler.last_lr if self.scheduler is not None else None) or ()

    @property
    def follows_metric(self) -> bool:
        """True if the learning rates depend on a metric, so that no plan says them."""
        specs = self.schedule.scheduler.walk() if self.schedule.scheduler is not None else ()
        return any(spec.type == "ReduceLROnPlateau" for spec in specs)

    def group(self, index: int) -> str:
        """A param group in a sentence; "" where there is one. A scheduler may have more of them than the optimizer."""
        groups = self.schedule.optimizer.groups
        if index < len(groups) == 1:
            return ""
        named = index < len(groups) and groups[index].name != str(index)
        return f" of group {groups[index].name!r}" if named else f" of group {index}"


@dataclass
class _Held:
    """All of an optimizer that tells which group of the file each of its groups is."""

    param_groups: list[dict[str, Any]]


def chosen(checkpoint: Checkpoint, part: str) -> tuple[OptimizerState | None, SchedulerState | None]:
    """The optimizer and the scheduler that belong together: those of `part`, or the only ones.

    The scheduler of the second optimizer is the second. Raises `ScheduleError` where that does not say which.
    """
    optimizers, schedulers = checkpoint.optimizers, checkpoint.schedulers
    parts = [each.part for each in optimizers] + [each.part for each in schedulers]
    if part not in ("", *parts):
        raise ScheduleError.at(
            Position(checkpoint.path), f"the checkpoint has no part {part!r}", f"it has {listed(parts)}"
        )
    if not part and (len(optimizers) > 1 or len(schedulers) > 1):
        raise ScheduleError.at(
            Position(checkpoint.path),
            f"the checkpoint has several optimizers or schedulers: {listed(parts)}",
            f"name one of them: --checkpoint '{checkpoint.path}#{parts[-1]}'",
        )
    index = parts.index(part) if part else 0
    index = index if index < len(optimizers) else index - len(optimizers)
    return _one(optimizers, index), _one(schedulers, index)


State = TypeVar("State", OptimizerState, SchedulerState)


def _one(states: Sequence[State], index: int) -> State | None:
    return states[0] if len(states) == 1 else states[index] if index < len(states) else None


def _groups(optimizer: OptimizerState | None, scheduler: SchedulerState | None) -> Sequence[Mapping[str, Any]]:
    if optimizer is not None:
        return optimizer.groups
    last = scheduler.last_lr if scheduler is not None else None
    return [{} for _ in last or (None,)]


def _of_checkpoint(error: ScheduleError, path: str) -> ScheduleError:
    """An error about an optimizer as one about the checkpoint that it is in."""
    problems = (
        Problem(
            Position(path),
            problem.message.replace("its param groups are", "the param groups of the checkpoint are", 1),
            "is it the checkpoint of another model? A file without `groups` fits any number of param groups",
            code="checkpoint-groups",
        )
        for problem in error.problems
    )
    return ScheduleError(problems)
