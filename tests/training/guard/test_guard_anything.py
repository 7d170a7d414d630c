"""Whatever a training does with its learning rates, `on="warn"` and "record" let it train on."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.amp import GradScaler
from trained import schedule, sgd

import lrviz

PLANS: list[dict[str, Any]] = [
    {"steps": 30, "scheduler": {"type": "StepLR", "step_size": 4}},
    {"steps": 30, "scheduler": {"type": "CosineAnnealingLR"}, "interval": "3 steps"},
    {"epochs": 10, "steps_per_epoch": 3, "scheduler": {"type": "ExponentialLR", "gamma": 0.8}},
    {"epochs": 10, "steps_per_epoch": 3, "interval": "2 epochs", "scheduler": {"type": "StepLR", "step_size": 1}},
    {"steps": 30, "scheduler": {"type": "ConstantLR", "factor": 1.0}},
    {"steps": 30, "scheduler": {"type": "ExponentialLR", "gamma": 1e12}},
    {"steps": 30, "scheduler": {"type": "LambdaLR", "lr_lambda": "0.0"}},
    {"steps": 30, "scheduler": {"type": "OneCycleLR", "max_lr": 0.3, "total_steps": 31},
     "optimizer": {"lr": 0.1, "momentum": 0.9}},
    {"steps": 30, "scheduler": [{"type": "LinearLR", "start_factor": 0.1, "total_iters": 4, "for": 4},
                                {"type": "CosineAnnealingLR"}]},
    {"steps": 30, "scheduler": {"type": "StepLR", "step_size": 4},
     "optimizer": {"groups": [{"lr": 0.1}, {"lr": 0.01}]}},
    {"steps": 1, "scheduler": {"type": "StepLR", "step_size": 4}},
]  # fmt: skip

USUAL = [0.1, 0.01, 0.001, 0.0, 0.08, 0.05, 0.2]
LR = st.sampled_from(USUAL) | st.floats() | st.sampled_from([float("nan"), float("inf"), -0.1, 5e-324, 1e308])


@given(
    plan=st.sampled_from(PLANS),
    lrs=st.lists(st.tuples(LR, LR), min_size=1, max_size=40),
    on=st.sampled_from(["warn", "record"]),
    at=st.sampled_from([None, 0, 12]),
    tensors=st.booleans(),
    scaled=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_training_goes_on(
    plan: dict[str, Any], lrs: list[tuple[float, float]], on: Any, at: int | None, tensors: bool, scaled: bool
) -> None:
    made = schedule(**plan)
    optimizer = sgd(0.1, 0.01, momentum=0.9, foreach=False)
    if "groups" not in plan.get("optimizer", {}):
        optimizer.param_groups[1]["lr"] = 0.1
    scaler = GradScaler("cpu", enabled=False) if scaled else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with lrviz.guard(optimizer, made, on=on, at=at if plan["steps" if "steps" in plan else "epochs"] > 1 else None,
                         scaler=scaler) as guard:  # fmt: skip
            begun = guard.step
            for pair in lrs:
                for group, lr in zip(optimizer.param_groups, pair, strict=True):
                    group["lr"] = torch.tensor(lr) if tensors else lr
                optimizer.step()
    assert guard.step == begun + len(lrs)
    assert (guard.first is None) == (guard.off_plan == 0)
    if guard.first is not None:
        assert str(guard.first)
