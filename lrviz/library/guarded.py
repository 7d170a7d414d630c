"""`guard`: holds a training to the plan of a schedule."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from lrviz.library.schedules import Schedule, given_schedule

if TYPE_CHECKING:
    from lrviz.training.guard import Guard


def guard(
    optimizer: Any,
    schedule: Schedule,
    *,
    on: Literal["raise", "warn", "record"] = "raise",
    loader: Any = None,
    steps_per_epoch: int | None = None,
    scaler: Any = None,
    log: str | PathLike[str] | None = None,
    scheduler: Any = None,
    at: int | str | None = None,
) -> Guard:
    """Compares the learning rates of a training with their plan, at every `optimizer.step()`.

    A hook of torch looks at every param group before the step (and at momentum or beta1, where the schedule moves it):
    the learning rate that step s uses must be that of the curve at step s. At the first that is not, the guard tells
    what was planned, what is, at which step and epoch, and the usual causes that fit so far. It changes nothing: not
    the optimizer, not its parameters, no random number.

    - `schedule`: how many steps an epoch has is known from it, or from `loader` (its batches, divided by the file's
      `accumulate`) or `steps_per_epoch`.
    - `on`: "raise" raises `DeviationError` before the step moves anything. "warn" issues a `DeviationWarning`, trains
      on, and issues another as soon as a few more steps tell the cause, and where the training returns to its plan.
      "record" says nothing: `first` and `off_plan` of the guard hold what it saw.
    - `scaler`: the `GradScaler` of the training, so that the guard knows of steps that it skipped. The scheduler may be
      called after such a step, or not: either is right, but for a schedule per epoch, whose epochs have as many steps
      as batches. Without `scaler`, the guard counts calls of `optimizer.step()`: a scaler makes none for a step that it
      skips, but for a fused optimizer, whose hook fires although nothing moves.
    - `log`: a CSV file that gets a line for each step, at once, with what it used: `lrviz check FILE --run run.csv`
      reads it. A file that exists is only continued, by a training that is resumed. Of several processes, let the first
      one write.
    - `at`: where a resumed training begins, a number of optimizer steps or a place (`"5 epochs"`); or `scheduler`, once
      it has loaded its state, to take that from its `last_epoch`: the guard then has to trust what it should check, and
      says so in `notes`. Or load the guard's own `state_dict()`, which knows.

    A learning rate may differ by 1e-10 of the planned one, a tensor by the rounding of its type. To look at one on a
    GPU waits for it. Accelerate's and Lightning's wrappers are taken off. Where a phase is driven by a metric, nothing
    is compared from its first call on; a schedule that is so from the start cannot be guarded. Steps after the end of
    the plan deviate. Raises `ScheduleError`, whose position is the argument, for what does not fit together.

    >>> import torch
    >>> plan = {"steps": 30, "optimizer": {"lr": 0.1}, "scheduler": {"type": "StepLR", "step_size": 10}}
    >>> schedule = lrviz.load(plan).only
    >>> optimizer = torch.optim.SGD(torch.nn.Linear(2, 1).parameters(), lr=0.1)
    >>> scheduler = schedule.build(optimizer)
    >>> with lrviz.guard(optimizer, schedule):
    ...     for step in range(30):
    ...         optimizer.step()
    ...         scheduler.step()
    ...         scheduler.step()
    Traceback (most recent call last):
    ...
    lrviz.DeviationError: the learning rate left its plan at step 5, counted from 0
      used:    0.01, in param group '0'
      planned: 0.1, by schedule of <schedule>
      before:  the 5 steps before it followed
      what fits so far:
      - scheduler.step() is called 2 times a step: in two places, or for each of 2 processes (Accelerate)
      - scheduler.step() is called after every batch, not after every step: does a step take 2 of them?
      on="warn" trains on, and names the cause after a few more steps
    """
    from lrviz.training.guard import make_guard

    return make_guard(
        optimizer,
        given_schedule(schedule)._schedule,
        on=on,
        loader=loader,
        steps_per_epoch=steps_per_epoch,
        scaler=scaler,
        log=log,
        scheduler=scheduler,
        at=at,
    )
