"""`--stretch`: a stretched file is, bit for bit, a plain torch loop whose arguments were scaled by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from loops import curve_bits, loop_bits, parameter, run
from torch.optim import SGD, lr_scheduler

from lrviz.engine.simulate import simulate
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.stretch.factor import stretch_of

torch_lr: Any = lr_scheduler


@dataclass(frozen=True)
class Case:
    """The scheduler of a run of 40 epochs, the factor, and torch's scheduler of the stretched run, written by hand."""

    text: str
    factor: str
    make: Callable[[Any], Any]
    keep_warmup: bool = False
    more: str = ""


def sequential(opt: Any, milestones: list[int], *makes: Callable[[Any], Any]) -> Any:
    return torch_lr.SequentialLR(opt, [make(opt) for make in makes], milestones)


CASES = {
    "StepLR": Case("{type: StepLR, step_size: 15, gamma: 0.5}", "2", lambda o: torch_lr.StepLR(o, 30, 0.5)),
    "StepLR-rounds": Case("{type: StepLR, step_size: 15}", "0.5", lambda o: torch_lr.StepLR(o, 8)),
    "StepLR-unit": Case("{type: StepLR, step_size: 5 epochs}", "3", lambda o: torch_lr.StepLR(o, 15)),
    "StepLR-percent": Case("{type: StepLR, step_size: 25%}", "150%", lambda o: torch_lr.StepLR(o, 15)),
    "StepLR-arithmetic": Case("{type: StepLR, step_size: 2 * 5}", "2", lambda o: torch_lr.StepLR(o, 20)),
    "MultiStepLR": Case(
        "{type: MultiStepLR, milestones: [0, 11, 20 epochs, 75%, 39]}", "1/2",
        lambda o: torch_lr.MultiStepLR(o, [0, 6, 10, 15, 20]),
    ),
    "ConstantLR": Case(
        "{type: ConstantLR, total_iters: 4}", "2.5", lambda o: torch_lr.ConstantLR(o, total_iters=10)
    ),
    "ConstantLR-default": Case("{type: ConstantLR}", "2", lambda o: torch_lr.ConstantLR(o, total_iters=10)),
    "LinearLR-default": Case("{type: LinearLR}", "0.5", lambda o: torch_lr.LinearLR(o, total_iters=3)),
    "ExponentialLR": Case(
        "{type: ExponentialLR, gamma: 0.9}", "2", lambda o: torch_lr.ExponentialLR(o, 0.9 ** (1 / 2))
    ),
    "ExponentialLR-shorter": Case(
        "{type: ExponentialLR, gamma: 0.9}", "1/4", lambda o: torch_lr.ExponentialLR(o, 0.9**4)
    ),
    "PolynomialLR": Case(
        "{type: PolynomialLR, total_iters: 40, power: 0.9}", "2",
        lambda o: torch_lr.PolynomialLR(o, total_iters=80, power=0.9),
    ),
    "CosineAnnealingLR": Case(
        "{type: CosineAnnealingLR, T_max: 40, eta_min: 1e-4}", "1.5",
        lambda o: torch_lr.CosineAnnealingLR(o, 60, 1e-4),
    ),
    "CosineAnnealingLR-of-the-run": Case(
        "{type: CosineAnnealingLR}", "0.3", lambda o: torch_lr.CosineAnnealingLR(o, 12)
    ),
    "CosineAnnealingWarmRestarts": Case(
        "{type: CosineAnnealingWarmRestarts, T_0: 5, T_mult: 2}", "2",
        lambda o: torch_lr.CosineAnnealingWarmRestarts(o, 10, 2),
    ),
    "CyclicLR-exp_range": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 4, step_size_down: 6, mode: exp_range, gamma: 0.95,"
        " cycle_momentum: false}", "2",
        lambda o: torch_lr.CyclicLR(
            o, 0.01, 0.1, 8, 12, mode="exp_range", gamma=0.95 ** (1 / 2), cycle_momentum=False
        ),
    ),
    "CyclicLR-scale_fn-of-the-cycle": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 4, scale_fn: 0.5 ** x, cycle_momentum: false}", "2",
        lambda o: torch_lr.CyclicLR(o, 0.01, 0.1, 8, scale_fn=lambda x: math.pow(0.5, x), cycle_momentum=False),
    ),
    "CyclicLR-default": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, cycle_momentum: false}", "1/100",
        lambda o: torch_lr.CyclicLR(o, 0.01, 0.1, 20, cycle_momentum=False),
    ),
    "OneCycleLR": Case("{type: OneCycleLR, max_lr: 1}", "2", lambda o: torch_lr.OneCycleLR(o, 1, total_steps=80)),
    "OneCycleLR-total_steps": Case(
        "{type: OneCycleLR, max_lr: 1, total_steps: 41}", "2", lambda o: torch_lr.OneCycleLR(o, 1, total_steps=82)
    ),
    "OneCycleLR-epochs": Case(
        "{type: OneCycleLR, max_lr: 1, epochs: 10, steps_per_epoch: 4}", "2",
        lambda o: torch_lr.OneCycleLR(o, 1, epochs=20, steps_per_epoch=4),
    ),
    "OneCycleLR-epochs-not-whole": Case(
        "{type: OneCycleLR, max_lr: 1, epochs: 10, steps_per_epoch: 4}", "1/4",
        lambda o: torch_lr.OneCycleLR(o, 1, total_steps=10),
    ),
    "OneCycleLR-keep": Case(
        "{type: OneCycleLR, max_lr: 1, pct_start: 0.25}", "2",
        lambda o: torch_lr.OneCycleLR(o, 1, total_steps=80, pct_start=0.125), keep_warmup=True,
    ),
    "MultiplicativeLR": Case(
        "{type: MultiplicativeLR, lr_lambda: 0.9}", "2",
        lambda o: torch_lr.MultiplicativeLR(o, lambda t: 0.9 ** (1 / 2)),
    ),
    "MultiplicativeLR-arithmetic": Case(
        "{type: MultiplicativeLR, lr_lambda: 0.5 ** (1 / 10)}", "3",
        lambda o: torch_lr.MultiplicativeLR(o, lambda t: (0.5 ** (1 / 10)) ** (1 / 3)),
    ),
    "LambdaLR": Case(
        "{type: LambdaLR, lr_lambda: (1 - t / T) ** 0.9}", "2",
        lambda o: torch_lr.LambdaLR(o, lambda t: math.pow(1 - t / 80, 0.9)),
    ),
    "LambdaLR-shifted": Case(
        "{type: LambdaLR, lr_lambda: (t + 1) / N}", "2", lambda o: torch_lr.LambdaLR(o, lambda t: (t + 1) / 80)
    ),
    "LambdaLR-number": Case("{type: LambdaLR, lr_lambda: 0.3}", "2", lambda o: torch_lr.LambdaLR(o, lambda t: 0.3)),
    "SequentialLR": Case(
        "{type: SequentialLR, milestones: [5], schedulers: [{type: LinearLR}, {type: CosineAnnealingLR, T_max: 35}]}",
        "2",
        lambda o: sequential(
            o, [10], lambda o: torch_lr.LinearLR(o, total_iters=10), lambda o: torch_lr.CosineAnnealingLR(o, 70)
        ),
    ),
    "SequentialLR-rounds": Case(  # the cosine ends with the run: 20 - 3 calls, and not 35 / 2 rounded
        "{type: SequentialLR, milestones: [5], schedulers: [{type: LinearLR}, {type: CosineAnnealingLR, T_max: 35}]}",
        "1/2",
        lambda o: sequential(
            o, [3], lambda o: torch_lr.LinearLR(o, total_iters=3), lambda o: torch_lr.CosineAnnealingLR(o, 17)
        ),
    ),
    "SequentialLR-keep": Case(
        "{type: SequentialLR, milestones: [8, 24], schedulers: [{type: LinearLR, total_iters: 8},"
        " {type: StepLR, step_size: 4}, {type: ExponentialLR, gamma: 0.9}]}", "2",
        lambda o: sequential(  # 32 calls become 72: by 2.25
            o, [8, 44], lambda o: torch_lr.LinearLR(o, total_iters=8), lambda o: torch_lr.StepLR(o, 9),
            lambda o: torch_lr.ExponentialLR(o, 0.9 ** (1 / 2.25)),
        ),
        keep_warmup=True,
    ),
    "ChainedScheduler": Case(
        "{type: ChainedScheduler, schedulers: [{type: LinearLR}, {type: StepLR, step_size: 10}]}", "2",
        lambda o: torch_lr.ChainedScheduler([torch_lr.LinearLR(o, total_iters=10), torch_lr.StepLR(o, 20)], o),
    ),
    "phases": Case(
        "[{type: LinearLR, for: 5}, {type: CosineAnnealingLR, for: 35}]", "2",
        lambda o: sequential(
            o, [10], lambda o: torch_lr.LinearLR(o, total_iters=10), lambda o: torch_lr.CosineAnnealingLR(o, 70)
        ),
    ),
    "phases-with-units": Case(
        "[{type: LinearLR, for: 12.5%}, {type: CosineAnnealingLR}, {type: none, for: 5 epochs}]", "2",
        lambda o: sequential(
            o, [10, 70], lambda o: torch_lr.LinearLR(o, total_iters=10), lambda o: torch_lr.CosineAnnealingLR(o, 60),
            lambda o: torch_lr.LambdaLR(o, lambda t: 0.0),
        ),
    ),
    "phases-keep": Case(
        "[{type: LinearLR, for: 5}, {type: CosineAnnealingLR, for: 35}]", "3",
        lambda o: sequential(
            o, [5], lambda o: torch_lr.LinearLR(o, total_iters=5), lambda o: torch_lr.CosineAnnealingLR(o, 115)
        ),
        keep_warmup=True,
    ),
    "phases-keep-percent-inside": Case(
        "[{type: LinearLR, total_iters: 5%, for: 10%}, {type: CosineAnnealingLR}]", "2",
        lambda o: sequential(
            o, [4], lambda o: torch_lr.LinearLR(o, total_iters=2), lambda o: torch_lr.CosineAnnealingLR(o, 76)
        ),
        keep_warmup=True,
    ),
    "phases-keep-percent": Case(
        "[{type: LinearLR, for: 12.5%}, {type: CosineAnnealingLR, for: 87.5%}]", "2",
        lambda o: sequential(
            o, [5], lambda o: torch_lr.LinearLR(o, total_iters=5), lambda o: torch_lr.CosineAnnealingLR(o, 75)
        ),
        keep_warmup=True,
    ),
}  # fmt: skip


def stretched(text: str, factor: str, *, keep_warmup: bool = False) -> Schedule:
    (found,) = load_text(text, "f.yaml", stretch=stretch_of(factor, keep_warmup=keep_warmup))
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_is_a_plain_loop_with_scaled_arguments(case: Case) -> None:
    text = f"epochs: 40\noptimizer: {{type: SGD, lr: 0.1, momentum: 0.9}}\nscheduler: {case.text}\n{case.more}"
    read = stretched(text, case.factor, keep_warmup=case.keep_warmup)
    curve = simulate(read)
    plain = run(case.make, SGD([parameter()], lr=0.1, momentum=0.9), len(curve))
    assert curve_bits(curve) == loop_bits(plain)


def test_a_plateau_keeps_patience_and_cooldown() -> None:
    losses = [1.0, 0.9, *[0.8] * 38]
    text = (
        "epochs: 20\noptimizer: {type: SGD, lr: 0.1}\nscheduler: {type: ReduceLROnPlateau, patience: 3, cooldown: 2}\n"
        f"metric: {losses}\n"
    )
    read = stretched(text, "2")
    plain = run(lambda o: torch_lr.ReduceLROnPlateau(o, patience=3, cooldown=2), SGD([parameter()], lr=0.1), 40, losses)
    assert curve_bits(simulate(read)) == loop_bits(plain)
    assert [(each.severity, each.code) for each in read.remarks] == [("note", "stretch-kept")]
