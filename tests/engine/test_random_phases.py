"""Random phases: a file with them is what schedulers switched by hand in a plain loop give, on every way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from loops import parameter, ways
from torch.optim import lr_scheduler as torch_lr

from lrviz.curve import Curve
from lrviz.schedule.load import load_text

KINDS: dict[str, tuple[str, Callable[[Any, int, float], Any]]] = {
    "LinearLR": ("start_factor: {x}", lambda opt, calls, x: torch_lr.LinearLR(opt, x, total_iters=calls)),
    "ConstantLR": ("factor: {x}", lambda opt, calls, x: torch_lr.ConstantLR(opt, x, total_iters=calls)),
    "StepLR": ("step_size: 2, gamma: {x}", lambda opt, calls, x: torch_lr.StepLR(opt, 2, x)),
    "ExponentialLR": ("gamma: {x}", lambda opt, calls, x: torch_lr.ExponentialLR(opt, x)),
    "PolynomialLR": ("power: {x}", lambda opt, calls, x: torch_lr.PolynomialLR(opt, calls, x)),
    "CosineAnnealingLR": ("eta_min: {x}e-3", lambda opt, calls, x: torch_lr.CosineAnnealingLR(opt, calls, x * 1e-3)),
    "CosineAnnealingWarmRestarts": ("T_0: 3", lambda opt, calls, x: torch_lr.CosineAnnealingWarmRestarts(opt, 3)),
    "OneCycleLR": ("max_lr: {x}", lambda opt, calls, x: torch_lr.OneCycleLR(opt, x, total_steps=calls)),
    "LambdaLR": (
        "lr_lambda: {x} ** t + t / T",
        lambda opt, calls, x: torch_lr.LambdaLR(opt, lambda t: x**t + t / calls),
    ),
    "none": ("", lambda opt, calls, x: None),
}

phases = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.integers(4, 9),
        st.integers(1, 99).map(lambda percent: percent / 100),
        st.sampled_from(["reached", "base", "1e-2"]),
    ),
    min_size=1,
    max_size=4,
)


def by_hand(plan: list[tuple[str, int, float, str]], rates: list[float]) -> list[list[float]]:
    opt = torch.optim.SGD([{"params": [parameter()], "lr": lr} for lr in rates], lr=0.1, momentum=0.9)
    rows, base = [], list(rates)
    for kind, calls, x, start in plan:
        if start == "base" and kind != "OneCycleLR":
            base = list(rates)
        elif start == "1e-2" and kind != "OneCycleLR":
            base = [1e-2] * len(rates)
        for group, lr in zip(opt.param_groups, base, strict=True):
            group["lr"] = group["initial_lr"] = lr
            group["momentum"] = 0.9
        scheduler = KINDS[kind][1](opt, calls, x)
        for call in range(calls):
            rows.append([group["lr"] for group in opt.param_groups])
            opt.step()
            if scheduler is not None and not (kind == "OneCycleLR" and call == calls - 1):
                scheduler.step()
        base = [group["lr"] for group in opt.param_groups]
    return rows


@pytest.mark.filterwarnings("ignore:Detected call of")
@given(phases, st.sampled_from([[0.1], [0.1, 0.02, 3e-4]]))
@settings(max_examples=60, deadline=None)
def test_random_phases_are_schedulers_switched_by_hand(
    plan: list[tuple[str, int, float, str]], rates: list[float]
) -> None:
    lines = [f"epochs: {sum(calls for _, calls, _, _ in plan)}", "scheduler:"]
    for kind, calls, x, start in plan:
        arguments = KINDS[kind][0].format(x=x)
        begins = f", from: {start}" if start != "reached" and kind != "OneCycleLR" else ""
        lines.append(f"  - {{type: {kind}{', ' * bool(arguments)}{arguments}, for: {calls}{begins}}}")
    groups = ", ".join(f"{{lr: {lr}}}" for lr in rates)
    lines.append(f"optimizer: {{type: SGD, momentum: 0.9, groups: [{groups}]}}")
    (schedule,) = load_text("\n".join(lines), "random.yaml")
    expected = by_hand(plan, rates)
    for way, curve in ways(schedule):
        assert isinstance(curve, Curve), (way, str(curve))
        for row, values in zip(expected, zip(*curve.columns, strict=True), strict=True):
            assert all(
                math.isclose(value, hand, rel_tol=1e-9, abs_tol=1e-15) for value, hand in zip(values, row, strict=True)
            ), (way, lines)
