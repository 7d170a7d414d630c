"""Random phases, and what torch makes of them without PhasedLR: its own SequentialLR, or schedulers switched by hand.

Neither knows PhasedLR's rule of rounding. In plans `at_base` every phase begins at the optimizer's own learning rate,
where a warmup comes only close to it: SequentialLR itself is the truth. In plans `elsewhere` no scheduler that begins
from its base does so there, and the truth is a loop that drops a scheduler and makes the next one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from hypothesis import strategies as st
from loops import Rows, bits, curve_bits, parameter, ways
from torch.optim import lr_scheduler as torch_lr

from lrviz.curve import Curve
from lrviz.loading import load_text

Make = Callable[[Any, int, float], Any]

BEGIN: dict[str, tuple[str, Make]] = {
    "LinearLR": ("start_factor: {x}", lambda opt, calls, x: torch_lr.LinearLR(opt, x, total_iters=calls)),
    "ConstantLR": ("factor: {x}", lambda opt, calls, x: torch_lr.ConstantLR(opt, x, total_iters=calls)),
    "StepLR": ("step_size: 2, gamma: {x}", lambda opt, calls, x: torch_lr.StepLR(opt, 2, x)),
    "MultiStepLR": ("milestones: [0, 2], gamma: {x}", lambda opt, calls, x: torch_lr.MultiStepLR(opt, [0, 2], x)),
    "ExponentialLR": ("gamma: {x}", lambda opt, calls, x: torch_lr.ExponentialLR(opt, x)),
    "PolynomialLR": ("power: {x}", lambda opt, calls, x: torch_lr.PolynomialLR(opt, calls, x)),
    "CosineAnnealingLR": (
        "eta_min: {x} * 1e-3",
        lambda opt, calls, x: torch_lr.CosineAnnealingLR(opt, calls, x * 1e-3),
    ),
    "CosineAnnealingWarmRestarts": (
        "T_0: 3, eta_min: {x} * 1e-3",
        lambda opt, calls, x: torch_lr.CosineAnnealingWarmRestarts(opt, 3, eta_min=x * 1e-3),
    ),
    "LambdaLR": (
        "lr_lambda: {x} ** t + t / T",
        lambda opt, calls, x: torch_lr.LambdaLR(opt, lambda t: x**t + t / calls),
    ),
}
"""Schedulers that begin from their base: as a file writes them, and as torch makes them for `calls` calls."""

CONTINUE: dict[str, tuple[str, Make]] = {
    "none": ("", lambda opt, calls, x: None),
    "MultiplicativeLR": ("lr_lambda: '{x}'", lambda opt, calls, x: torch_lr.MultiplicativeLR(opt, lambda t: x)),
    "ReduceLROnPlateau": (
        "factor: {x}, patience: 1",
        lambda opt, calls, x: torch_lr.ReduceLROnPlateau(opt, factor=x, patience=1),
    ),
    "ChainedScheduler": (
        "schedulers: [{{type: ConstantLR, factor: {x}, total_iters: 2}}, {{type: ExponentialLR, gamma: 0.9}}]",
        lambda opt, calls, x: torch_lr.ChainedScheduler(
            [torch_lr.ConstantLR(opt, x, 2), torch_lr.ExponentialLR(opt, 0.9)]
        ),
    ),
    "OneCycleLR": ("max_lr: {x}", lambda opt, calls, x: torch_lr.OneCycleLR(opt, x, total_steps=calls)),
}
"""Schedulers that continue from what was reached, or bring their own learning rates."""

KINDS = BEGIN | CONTINUE


class Planned(NamedTuple):
    kind: str
    calls: int
    x: float
    start: str

    def line(self) -> str:
        arguments = KINDS[self.kind][0].format(x=self.x)
        begins = f", from: {self.start}" if self.start != "reached" else ""
        return f"  - {{type: {self.kind}{', ' * bool(arguments)}{arguments}, for: {self.calls}{begins}}}"


def _planned(kinds: dict[str, tuple[str, Make]], starts: list[str]) -> st.SearchStrategy[list[Planned]]:
    one = st.builds(
        Planned,
        st.sampled_from(sorted(kinds)),
        st.integers(4, 9),
        st.integers(1, 99).map(lambda percent: percent / 100),
        st.sampled_from(starts),
    )
    return st.lists(one, min_size=1, max_size=4)


rates = st.lists(st.integers(1, 999).map(lambda thousandths: thousandths / 1000), min_size=1, max_size=3)
"""The optimizer's own learning rates, one for each group."""


@st.composite
def at_base(draw: st.DrawFn) -> list[Planned]:
    """A phase after a LinearLR, which ends at its base but for rounding, may begin from what was reached."""
    plan = draw(_planned(BEGIN, ["base"]))
    for index, each in enumerate(plan):
        if index == 0 or (plan[index - 1].kind == "LinearLR" and draw(st.booleans())):
            plan[index] = each._replace(start="reached")
    return plan


@st.composite
def elsewhere(draw: st.DrawFn) -> list[Planned]:
    plan = draw(_planned(KINDS, ["reached", "reached", "1e-2", "base"]))
    for index, each in enumerate(plan):
        after_base = index > 0 and plan[index - 1].kind in ("LinearLR", "ConstantLR")
        if each.kind == "OneCycleLR":
            plan[index] = each._replace(start="reached")
        elif each.kind in BEGIN and (each.start == "base" or after_base):
            plan[index] = each._replace(start="1e-2")
    return plan


def optimizer(own: list[float]) -> torch.optim.Optimizer:
    return torch.optim.SGD([{"params": [parameter()], "lr": lr} for lr in own], lr=0.1, momentum=0.9)


def sequential(plan: list[Planned], own: list[float]) -> Rows:
    """What SequentialLR makes of a plan at the base."""
    opt = optimizer(own)
    schedulers = [KINDS[each.kind][1](opt, each.calls, each.x) for each in plan]
    milestones = [sum(each.calls for each in plan[:index]) for index in range(1, len(plan))]
    scheduler = torch_lr.SequentialLR(opt, schedulers, milestones)
    rows = [[group["lr"] for group in opt.param_groups]]
    for _ in range(sum(each.calls for each in plan)):
        opt.step()
        scheduler.step()
        rows.append([group["lr"] for group in opt.param_groups])
    return rows


def by_hand(plan: list[Planned], own: list[float]) -> Rows | None:
    """What schedulers give that are made and dropped in a plain loop; None where one that begins comes to the base."""
    opt = optimizer(own)
    rows = []
    for index, each in enumerate(plan):
        for group, lr in zip(opt.param_groups, own, strict=True):
            group["lr"] = {"reached": group["lr"], "base": lr, "1e-2": 1e-2}[each.start]
            group["momentum"] = 0.9
            group.pop("initial_lr", None)
            if index and each.kind in BEGIN and math.isclose(group["lr"], lr):
                return None
        scheduler = KINDS[each.kind][1](opt, each.calls, each.x)
        for call in range(each.calls):
            rows.append([group["lr"] for group in opt.param_groups])
            opt.step()
            if each.kind == "ReduceLROnPlateau":
                scheduler.step(1.0)
            elif scheduler is not None and not (each.kind == "OneCycleLR" and call == each.calls - 1):
                scheduler.step()
    return [*rows, [group["lr"] for group in opt.param_groups]]


def text(plan: list[Planned], own: list[float]) -> str:
    """A plan as a file."""
    calls = sum(each.calls for each in plan)
    groups = ", ".join(f"{{lr: {lr}}}" for lr in own)
    lines = [f"epochs: {calls}", f"optimizer: {{type: SGD, momentum: 0.9, groups: [{groups}]}}", "scheduler:"]
    lines += [each.line() for each in plan]
    if any(each.kind == "ReduceLROnPlateau" for each in plan):
        lines.append(f"metric: {[1.0] * calls}")
    return "\n".join(lines)


def assert_equal_on_every_way(plan: list[Planned], own: list[float], expected: Rows) -> None:
    (schedule,) = load_text(text(plan, own), "random.yaml")
    for way, curve in ways(schedule):
        assert isinstance(curve, Curve), (way, str(curve))
        assert curve_bits(curve)[0] == bits(expected), (way, text(plan, own))
