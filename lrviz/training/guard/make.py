"""Makes a guard: looks at every argument before it touches the optimizer."""

from __future__ import annotations

from os import PathLike
from typing import Any, get_args

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.training.build import torch_optimizer
from lrviz.training.guard.guard import Guard, On
from lrviz.training.guard.log import RunLog
from lrviz.training.guard.plan import Plan
from lrviz.training.guard.scaler import is_scaler
from lrviz.training.guard.start import start_of


def make_guard(
    optimizer: Any,
    schedule: Schedule,
    *,
    on: On,
    loader: Any,
    steps_per_epoch: int | None,
    scaler: Any,
    log: str | PathLike[str] | None,
    scheduler: Any,
    at: int | str | None,
) -> Guard:
    """The guard that `lrviz.guard` describes."""
    problems: list[Problem] = []
    if on not in get_args(On):
        words = ", ".join(map(repr, get_args(On)))
        problems.append(Problem(Position("on"), f"expected one of {words} (got {on!r})"))
    if scaler is not None and not is_scaler(scaler):
        got = type(scaler).__name__
        problems.append(Problem(Position("scaler"), f"expected a GradScaler (got {got})", "torch.amp.GradScaler()"))
    bare = None
    try:
        bare = torch_optimizer(optimizer)
    except ScheduleError as error:
        problems += error.problems
    if bare is None or problems:
        raise ScheduleError(problems)
    plan = Plan.of(schedule, bare, loader, steps_per_epoch)
    start, notes = start_of(plan, scheduler, at)
    written = None
    if log is not None:
        written = RunLog(log, plan.names, steps_per_epoch=plan.run.steps_per_epoch, momentum=bool(plan.momenta))
    return Guard(bare, plan, on, start=start, notes=notes, scaler=scaler, log=written)
