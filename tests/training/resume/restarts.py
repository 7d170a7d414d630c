"""What `lrviz resume` is held against: plain torch, with each way to restart written out as people write it.

Nothing here uses lrviz but for PhasedLR, whose restarts are tried too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.optim import lr_scheduler

import lrviz

torch_lr: Any = lr_scheduler

CALLS = 24
LOSSES = tuple(1.0 / (1 + call) + (0.2 if call > 5 else 0.0) for call in range(CALLS))

OPTIMIZER = "{type: SGD, momentum: 0.9, groups: [{name: body, lr: 0.1}, {name: head, lr: 0.5}]}"


def new_optimizer(lrs: Sequence[float] = (0.1, 0.5)) -> torch.optim.Optimizer:
    """The optimizer of `OPTIMIZER`."""
    return torch.optim.SGD(
        [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in lrs], lr=0.1, momentum=0.9
    )


@dataclass(frozen=True)
class Case:
    """`text` is the scheduler of a file, `make` torch's; `more` of it is `last_epoch`."""

    text: str
    make: Callable[..., Any]
    metric: tuple[float, ...] | None = None


CASES = {
    "StepLR": Case(
        "{type: StepLR, step_size: 5, gamma: 0.5}",
        lambda opt, **more: torch_lr.StepLR(opt, step_size=5, gamma=0.5, **more),
    ),
    "MultiStepLR": Case(
        "{type: MultiStepLR, milestones: [3, 8, 8, 20], gamma: 0.3}",
        lambda opt, **more: torch_lr.MultiStepLR(opt, milestones=[3, 8, 8, 20], gamma=0.3, **more),
    ),
    "CosineAnnealingLR": Case(
        "{type: CosineAnnealingLR, T_max: 24, eta_min: 1e-3}",
        lambda opt, **more: torch_lr.CosineAnnealingLR(opt, T_max=24, eta_min=1e-3, **more),
    ),
    "OneCycleLR": Case(
        "{type: OneCycleLR, max_lr: 0.5, total_steps: 24}",
        lambda opt, **more: torch_lr.OneCycleLR(opt, max_lr=0.5, total_steps=24, **more),
    ),
    "LinearLR": Case(
        "{type: LinearLR, start_factor: 0.1, total_iters: 8}",
        lambda opt, **more: torch_lr.LinearLR(opt, start_factor=0.1, total_iters=8, **more),
    ),
    "ExponentialLR": Case(
        "{type: ExponentialLR, gamma: 0.9}",
        lambda opt, **more: torch_lr.ExponentialLR(opt, gamma=0.9, **more),
    ),
    "SequentialLR": Case(
        "{type: SequentialLR, milestones: [5], schedulers: [{type: LinearLR, start_factor: 0.1, total_iters: 5},"
        " {type: CosineAnnealingLR, T_max: 19}]}",
        lambda opt, **more: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.LinearLR(opt, start_factor=0.1, total_iters=5),
                torch_lr.CosineAnnealingLR(opt, T_max=19),
            ],
            milestones=[5],
            **more,
        ),
    ),
    "ChainedScheduler": Case(
        "{type: ChainedScheduler, schedulers: [{type: LinearLR, start_factor: 0.1, total_iters: 5},"
        " {type: ExponentialLR, gamma: 0.9}]}",
        lambda opt, **more: torch_lr.ChainedScheduler(
            [
                torch_lr.LinearLR(opt, start_factor=0.1, total_iters=5),
                torch_lr.ExponentialLR(opt, gamma=0.9),
            ],
            **more,
        ),
    ),
    "LambdaLR": Case(
        "{type: LambdaLR, lr_lambda: 0.95 ** epoch}",
        lambda opt, **more: torch_lr.LambdaLR(opt, lambda epoch: 0.95**epoch, **more),
    ),
    "MultiplicativeLR": Case(
        "{type: MultiplicativeLR, lr_lambda: 0.95}",
        lambda opt, **more: torch_lr.MultiplicativeLR(opt, lambda epoch: 0.95, **more),
    ),
    "ReduceLROnPlateau": Case(
        "{type: ReduceLROnPlateau, factor: 0.5, patience: 1}",
        lambda opt, **more: torch_lr.ReduceLROnPlateau(opt, factor=0.5, patience=1, **more),
        LOSSES,
    ),
    "CosineAnnealingWarmRestarts": Case(
        "{type: CosineAnnealingWarmRestarts, T_0: 5, T_mult: 2}",
        lambda opt, **more: torch_lr.CosineAnnealingWarmRestarts(opt, T_0=5, T_mult=2, **more),
    ),
    "CyclicLR": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 4, step_size_down: 3, base_momentum: 0.6}",
        lambda opt, **more: torch_lr.CyclicLR(
            opt, base_lr=0.01, max_lr=0.1, step_size_up=4, step_size_down=3, base_momentum=0.6, **more
        ),
    ),
    "PhasedLR": Case(
        "[{type: LinearLR, start_factor: 0.1, total_iters: 5, for: 5}, {type: StepLR, step_size: 3, gamma: 0.5}]",
        lambda opt, **more: lrviz.PhasedLR(
            opt,
            [
                lrviz.Phase(lambda opt: torch_lr.LinearLR(opt, start_factor=0.1, total_iters=5), calls=5),
                lrviz.Phase(lambda opt: torch_lr.StepLR(opt, step_size=3, gamma=0.5)),
            ],
            **more,
        ),
    ),
}


def file_of(case: Case, calls: int = CALLS, optimizer: str = OPTIMIZER) -> str:
    """The schedule of a case as a file has it."""
    metric = f"metric: {list(case.metric)}\n" if case.metric is not None else ""
    return f"epochs: {calls}\noptimizer: {optimizer}\nscheduler: {case.text}\n{metric}"


# --- training -----------------------------------------------------------------------------------------------------

Rows = list[list[float]]


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def row(optimizer: torch.optim.Optimizer) -> list[float]:
    """The learning rates of all groups, and their momentum."""
    return [float(group[key]) for key in ("lr", "momentum") for group in optimizer.param_groups]


def call(scheduler: Any, case: Case, at: int) -> None:
    """The call after an epoch, from 0."""
    if case.metric is None:
        scheduler.step()
    else:
        scheduler.step(case.metric[at])


def train(optimizer: Any, scheduler: Any, case: Case, epochs: range) -> tuple[Rows, Exception | None]:
    """The loop of a tutorial, over these epochs: what they used, and what torch raised."""
    rows = []
    for epoch in epochs:
        rows.append(row(optimizer))
        optimizer.step()
        try:
            call(scheduler, case, epoch)
        except Exception as error:
            return rows, error
    return rows, None


@dataclass(frozen=True)
class Saved:
    """A training that was stopped: `path` has its state before `epoch`, `early` that before the last call."""

    case: Case
    epoch: int
    path: Path
    early: Path

    def load(self) -> Any:
        return torch.load(self.path, weights_only=True)


def stopped(case: Case, epoch: int, folder: Path) -> Saved:
    """Trains up to an epoch, and saves."""
    saved = Saved(case, epoch, folder / "checkpoint.pt", folder / "early.pt")
    optimizer = new_optimizer()
    scheduler = case.make(optimizer)

    def save(path: Path) -> None:
        torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, path)

    for at in range(epoch):
        optimizer.step()
        save(saved.early)
        call(scheduler, case, at)
    save(saved.path)
    return saved


# --- the ways -----------------------------------------------------------------------------------------------------


def full(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    scheduler = saved.case.make(optimizer)
    checkpoint = saved.load()
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    return optimizer, scheduler


def full_late(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    checkpoint = saved.load()
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler = saved.case.make(optimizer)
    scheduler.load_state_dict(checkpoint["scheduler"])
    return optimizer, scheduler


def optimizer_only(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    scheduler = saved.case.make(optimizer)
    optimizer.load_state_dict(saved.load()["optimizer"])
    return optimizer, scheduler


def optimizer_late(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    optimizer.load_state_dict(saved.load()["optimizer"])
    return optimizer, saved.case.make(optimizer)


def scheduler_only(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    scheduler = saved.case.make(optimizer)
    scheduler.load_state_dict(saved.load()["scheduler"])
    return optimizer, scheduler


def last_epoch(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    optimizer.load_state_dict(saved.load()["optimizer"])
    return optimizer, saved.case.make(optimizer, last_epoch=saved.epoch - 1)


def last_epoch_off_by_one(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    optimizer.load_state_dict(saved.load()["optimizer"])
    return optimizer, saved.case.make(optimizer, last_epoch=saved.epoch)


def last_epoch_alone(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    return optimizer, saved.case.make(optimizer, last_epoch=saved.epoch - 1)


def last_epoch_initial_lr(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    return optimizer, saved.case.make(optimizer, last_epoch=saved.epoch - 1)


def counter(saved: Saved) -> tuple[Any, Any]:
    optimizer, scheduler = optimizer_late(saved)
    scheduler.last_epoch = saved.epoch - 1
    return optimizer, scheduler


def nothing(saved: Saved) -> tuple[Any, Any]:
    optimizer = new_optimizer()
    return optimizer, saved.case.make(optimizer)


def replayed(saved: Saved) -> tuple[Any, Any]:
    optimizer, scheduler = nothing(saved)
    for at in range(saved.epoch):
        call(scheduler, saved.case, at)
    return optimizer, scheduler


def full_replayed(saved: Saved) -> tuple[Any, Any]:
    optimizer, scheduler = full(saved)
    for at in range(saved.epoch):
        call(scheduler, saved.case, at)
    return optimizer, scheduler


def call_repeated(saved: Saved) -> tuple[Any, Any]:
    optimizer, scheduler = full(saved)
    call(scheduler, saved.case, max(saved.epoch - 1, 0))
    return optimizer, scheduler


def call_lost(saved: Saved) -> tuple[Any, Any]:
    return full(Saved(saved.case, saved.epoch, saved.early, saved.early))


WAYS: dict[str, Callable[[Saved], tuple[Any, Any]]] = {
    "full": full,
    "full-late": full_late,
    "optimizer": optimizer_only,
    "optimizer-late": optimizer_late,
    "scheduler": scheduler_only,
    "last-epoch": last_epoch,
    "last-epoch-off-by-one": last_epoch_off_by_one,
    "last-epoch-alone": last_epoch_alone,
    "last-epoch-initial-lr": last_epoch_initial_lr,
    "counter": counter,
    "nothing": nothing,
    "replayed": replayed,
    "full-replayed": full_replayed,
    "call-repeated": call_repeated,
    "call-lost": call_lost,
}
"""Each way by the key that lrviz gives it."""
