"""A schedule -> torch's own scheduler on the optimizer of a training."""

from __future__ import annotations

import warnings
from typing import Any

from lrviz.engine.backend import imported_backend
from lrviz.engine.build import attach
from lrviz.engine.factor import picklable
from lrviz.engine.wrappers import optimizers_in
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.training.groups import fitted
from lrviz.training.length import run_of
from lrviz.training.optimizer import hold, unchanged_on_error


def build(
    schedule: Schedule,
    optimizer: Any,
    *,
    loader: Any = None,
    steps_per_epoch: int | None = None,
    override: bool = False,
) -> Any:
    """The scheduler of a schedule on an optimizer, as `lrviz.Schedule.build` describes it."""
    bare = torch_optimizer(optimizer)
    with unchanged_on_error(bare):
        run_of(schedule, loader, steps_per_epoch)
        hold(schedule, bare, override=override)
        scheduler = attach(fitted(schedule, bare), bare, imported_backend(), picklable).scheduler
        return scheduler if scheduler is not None else _constant(bare)


def torch_optimizer(given: Any) -> Any:
    """The optimizer of torch in what a library made of it. Raises `ScheduleError`, whose position is `optimizer`."""
    import torch

    *_, bare = optimizers_in(given)
    if not isinstance(bare, torch.optim.Optimizer):
        raise ScheduleError.at(
            Position("optimizer"), f"expected an optimizer of torch (got {type(bare).__name__})", "torch.optim.SGD(...)"
        )
    return bare


def _constant(optimizer: Any) -> Any:
    """A scheduler that holds the learning rate, to the last bit, so that a training loop may call it all the same."""
    from torch.optim.lr_scheduler import ConstantLR

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ConstantLR(optimizer, factor=1.0, total_iters=1)
