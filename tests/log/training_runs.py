"""Real training loops of real torch that log their learning rate, and the mistakes that people make in them.

Nothing here uses lrviz to make or to step a scheduler, but for PhasedLR, which is a scheduler of lrviz's own.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch.optim import lr_scheduler as torch_lr

import lrviz
from lrviz.checks.finding import Finding, Held
from lrviz.engine.called import called_at
from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.log import follow, read_log

Rows = list[tuple[float, float]]
Make = Callable[..., Any]
"""Makes a scheduler for an optimizer; some take `last_epoch` too."""

STEPS = 100

PLANS: dict[str, tuple[str, Make]] = {
    "cosine": ("{type: CosineAnnealingLR}", lambda opt, **more: torch_lr.CosineAnnealingLR(opt, 100, **more)),
    "cosine-floor": (
        "{type: CosineAnnealingLR, eta_min: 0.001}",
        lambda opt, **more: torch_lr.CosineAnnealingLR(opt, 100, eta_min=0.001, **more),
    ),
    "step": (
        "{type: StepLR, step_size: 12, gamma: 0.5}", lambda opt, **more: torch_lr.StepLR(opt, 12, 0.5, **more)
    ),
    "multi-step": (
        "{type: MultiStepLR, milestones: [20, 50, 70, 80], gamma: 0.2}",
        lambda opt, **more: torch_lr.MultiStepLR(opt, [20, 50, 70, 80], 0.2, **more),
    ),
    "exponential": (
        "{type: ExponentialLR, gamma: 0.95}", lambda opt, **more: torch_lr.ExponentialLR(opt, 0.95, **more)
    ),
    "polynomial": (
        "{type: PolynomialLR, power: 2, total_iters: 100}",
        lambda opt, **more: torch_lr.PolynomialLR(opt, 100, 2, **more),
    ),
    "linear": (
        "{type: LinearLR, start_factor: 0.1, total_iters: 90}",
        lambda opt, **more: torch_lr.LinearLR(opt, 0.1, total_iters=90, **more),
    ),
    "one-cycle": ("{type: OneCycleLR, max_lr: 0.1}", lambda opt, **more: torch_lr.OneCycleLR(opt, 0.1, 100, **more)),
    "restarts": (
        "{type: CosineAnnealingWarmRestarts, T_0: 15, T_mult: 2}",
        lambda opt, **more: torch_lr.CosineAnnealingWarmRestarts(opt, 15, 2, **more),
    ),
    "lambda": (
        "{type: LambdaLR, lr_lambda: 1 / (1 + t) ** 0.5}",
        lambda opt, **more: torch_lr.LambdaLR(opt, lambda call: 1 / (1 + call) ** 0.5, **more),
    ),
    "sequential": (
        "{type: SequentialLR, milestones: [20], schedulers: [{type: LinearLR, start_factor: 0.1, total_iters: 20}, "
        "{type: CosineAnnealingLR, T_max: 80}]}",
        lambda opt: torch_lr.SequentialLR(
            opt, [torch_lr.LinearLR(opt, 0.1, total_iters=20), torch_lr.CosineAnnealingLR(opt, 80)], [20]
        ),
    ),
    "phases": (
        "[{type: LinearLR, start_factor: 0.1, for: 20}, {type: CosineAnnealingLR}]",
        lambda opt: lrviz.PhasedLR(
            opt,
            [
                lrviz.Phase(lambda inner: torch_lr.LinearLR(inner, 0.1, total_iters=20), 20),
                lrviz.Phase(lambda inner: torch_lr.CosineAnnealingLR(inner, 80)),
            ],
        ),
    ),
}  # fmt: skip
"""Schedules of 100 steps from a learning rate of 0.1: as a file says them, and as training code makes them."""


def text_of(plan: str, run: str = f"steps: {STEPS}") -> str:
    return f"{run}\noptimizer: {{lr: 0.1}}\nscheduler: {PLANS[plan][0]}\n"


class Run:
    """One training run: its optimizer, its scheduler, and what it logged."""

    def __init__(self, make: Make, lr: float = 0.1) -> None:
        self.make = make
        self.lr = lr
        self.rows: Rows = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.optimizer = self.new_optimizer()
            self.scheduler = make(self.optimizer)

    def new_optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=self.lr)

    def train(
        self, until: int, calls: int = 1, every: int = 1, scheduler_first: bool = False, stepped: bool = True
    ) -> Run:
        """Optimizer steps up to `until`, each with its record; after every so many, so many calls of the scheduler.

        A OneCycleLR is not called beyond its last call, as Accelerate's wrapper sees to.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for step in range(len(self.rows), until):
                for _ in range(calls if scheduler_first else 0):
                    self._call()
                self.rows.append((step, self.optimizer.param_groups[0]["lr"]))
                self.optimizer.step()
                if stepped and not scheduler_first and (step + 1) % every == 0:
                    for _ in range(calls):
                        self._call()
        return self

    def _call(self) -> None:
        if getattr(self.scheduler, "total_steps", math.inf) > self.scheduler.last_epoch:
            self.scheduler.step()

    def resume(self, recipe: str, last_epoch: int | None = None) -> Run:
        """A restart. The letters are the order: `O` and `S` load the optimizer's and the scheduler's state, `n` makes
        a new scheduler for a new optimizer."""
        optimizer, scheduler = self.optimizer.state_dict(), self.scheduler.state_dict()
        more = {} if last_epoch is None else {"last_epoch": last_epoch}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.optimizer = self.new_optimizer()
            for letter in recipe:
                if letter == "O":
                    self.optimizer.load_state_dict(optimizer)
                elif letter == "S":
                    self.scheduler.load_state_dict(scheduler)
                else:
                    self.scheduler = self.make(self.optimizer, **more)
        return self


def outcome(
    folder: Path,
    text: str,
    rows: Iterable[tuple[object, float]],
    write: Callable[[float], str] = repr,
    clock: str = "step",
    **options: Any,
) -> list[Finding | Held]:
    """What becomes of a log against the one schedule of a text."""
    lines = [f"{clock},lr", *(f"{at},{write(lr)}" for at, lr in rows)]
    (folder / "log.csv").write_text("".join(f"{line}\n" for line in lines))
    (schedule,) = load_text(text, "plan.yaml")
    log = read_log(str(folder / "log.csv"))
    return follow(schedule, simulate(schedule), log, schedule.name, called_at=called_at, **options)


def hint(folder: Path, text: str, rows: Iterable[tuple[object, float]], **options: Any) -> str | None:
    """The cause that is told; None where the log held."""
    first, *_ = outcome(folder, text, rows, **options)
    return first.hint if isinstance(first, Finding) else None
