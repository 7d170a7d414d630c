"""Plans of all kinds: the gallery with the schedulers that `build` makes, phases, and the config of another program."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler as torch_lr
from trained import per_epoch, sgd, train

import lrviz
from lrviz.engine.backend import imported_backend

ROOT = Path(__file__).parents[3]
MANY_STEPS = 1_000

lr: Any = torch_lr


def gallery() -> dict[str, lrviz.Schedule]:
    """The schedules that are short enough to train."""
    found = {}
    for file in sorted((ROOT / "schedules").rglob("*.yaml")):
        for name, each in lrviz.load(file).items():
            run = each._schedule.run
            steps = run.total_steps if run.total_steps is not None else 2 * (run.total_epochs or 0)
            if steps <= MANY_STEPS and not each.takes_metric:
                found[f"{file.stem}-{name}"] = each
    return found


def test_the_gallery_trains_under_guard() -> None:
    trained = 0
    for name, plan in gallery().items():
        optimizer = imported_backend().make_optimizer(plan._schedule.optimizer)
        run = plan._schedule.run
        known = {} if run.total_steps is not None else {"steps_per_epoch": 2}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scheduler = plan.build(optimizer)
            with lrviz.guard(optimizer, plan, **known) as guard:  # type: ignore[arg-type]
                steps = run.total_steps or 2 * (run.total_epochs or 0)
                per_tick = known.get("steps_per_epoch", run.steps_per_tick)
                for step in range(steps):
                    optimizer.step()
                    if (step + 1) % (per_tick * plan.every) == 0:
                        scheduler.step()
        assert (guard.step, guard.first) == (steps, None), name
        trained += 1
    assert trained > 10


PHASES = [
    {"type": "LinearLR", "start_factor": 0.1, "total_iters": 5, "for": 5},
    {"type": "none", "for": 4},
    {"type": "StepLR", "step_size": 3},
]


@pytest.mark.parametrize("interval", ["step", "epoch", "2 steps"])
def test_phases(interval: str) -> None:
    """Also where the file calls them every 2 steps: a PhasedLR counts by itself."""
    length = {"steps": 40, "steps_per_epoch": 2, "interval": interval}
    plan = lrviz.load({**length, "optimizer": {"lr": 0.1}, "scheduler": PHASES}).only
    for times in (1, 2):
        optimizer = sgd()
        scheduler = plan.build(optimizer)
        with lrviz.guard(optimizer, plan, on="record") as guard:
            train(optimizer, scheduler, 40, per_epoch(2 if interval == "epoch" else 1, times))
        assert (guard.first is None) == (times == 1)
        if guard.first is not None:
            assert any("is called 2 " in cause for cause in guard.first.causes)


def test_a_resume_in_phases() -> None:
    plan = lrviz.load({"steps": 40, "optimizer": {"lr": 0.1}, "scheduler": PHASES}).only
    optimizer = sgd()
    scheduler = plan.build(optimizer)
    train(optimizer, scheduler, 11)
    states = optimizer.state_dict(), scheduler.state_dict()
    optimizer = sgd()
    scheduler = plan.build(optimizer)
    optimizer.load_state_dict(states[0])
    scheduler.load_state_dict(states[1])
    with lrviz.guard(optimizer, plan, scheduler=scheduler) as guard:
        assert guard.step == 11
        train(optimizer, scheduler, 29)


def test_the_config_of_another_program() -> None:
    """Of Hugging Face's Trainer; the oracle is its own formula, as its source has it."""
    plan = lrviz.load(ROOT / "benchmarks/sft.yaml").only
    steps, warmup = 300, 30

    def factor(step: int) -> float:
        if step < warmup:
            return float(step) / float(max(1, warmup))
        progress = float(step - warmup) / float(max(1, steps - warmup))
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * 0.5 * 2.0 * progress)))

    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=2e-5)
    scheduler = lr.LambdaLR(optimizer, factor)
    with lrviz.guard(optimizer, plan) as guard:
        for _ in range(steps):
            optimizer.step()
            scheduler.step()
    assert guard.step == steps
