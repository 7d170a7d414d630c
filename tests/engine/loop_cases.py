"""Schedules as a file says them, and the torch code that a training script has in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from loops import parameter
from torch.optim import lr_scheduler, swa_utils

# torch takes more than its annotations say, such as a momentum for each group
torch_lr: Any = lr_scheduler
SWALR: Any = swa_utils.SWALR
optim: Any = torch.optim

CALLS = 42


@dataclass(frozen=True)
class Case:
    """`text` is the file's `scheduler`, `make` torch's."""

    text: str
    make: Callable[[Any], Any]
    metric: tuple[float, ...] | None = None
    on_source: bool = True


LOSSES = tuple(max(1.0 - 0.07 * call, 0.4) + 0.003 * (call * 7 % 5) for call in range(CALLS))
ACCURACIES = tuple(min(0.5 + 0.04 * call, 0.8) - 0.002 * (call % 3) for call in range(CALLS))

FOR_ANY_GROUPS = {
    "LambdaLR": Case(
        "{type: LambdaLR, lr_lambda: 0.3}",
        lambda opt: torch_lr.LambdaLR(opt, lambda epoch: 0.3),
    ),
    "MultiplicativeLR": Case(
        "{type: MultiplicativeLR, lr_lambda: 0.95}",
        lambda opt: torch_lr.MultiplicativeLR(opt, lambda epoch: 0.95),
    ),
    "StepLR": Case(
        "{type: StepLR, step_size: 7}",
        lambda opt: torch_lr.StepLR(opt, 7),
    ),
    "StepLR-gamma": Case(
        "{type: StepLR, step_size: 3, gamma: 0.7}",
        lambda opt: torch_lr.StepLR(opt, step_size=3, gamma=0.7),
    ),
    "MultiStepLR": Case(
        "{type: MultiStepLR, milestones: [5, 11, 11, 30], gamma: 0.3}",
        lambda opt: torch_lr.MultiStepLR(opt, milestones=[5, 11, 11, 30], gamma=0.3),
    ),
    "MultiStepLR-at-0": Case(
        "{type: MultiStepLR, milestones: [9, 0]}",
        lambda opt: torch_lr.MultiStepLR(opt, milestones=[9, 0]),
    ),
    "ConstantLR": Case(
        "{type: ConstantLR}",
        lambda opt: torch_lr.ConstantLR(opt),
    ),
    "ConstantLR-factor": Case(
        "{type: ConstantLR, factor: 0.1, total_iters: 13}",
        lambda opt: torch_lr.ConstantLR(opt, factor=0.1, total_iters=13),
    ),
    "LinearLR": Case(
        "{type: LinearLR}",
        lambda opt: torch_lr.LinearLR(opt),
    ),
    "LinearLR-down": Case(
        "{type: LinearLR, start_factor: 1, end_factor: 0, total_iters: 30}",
        lambda opt: torch_lr.LinearLR(opt, start_factor=1, end_factor=0, total_iters=30),
    ),
    "ExponentialLR": Case(
        "{type: ExponentialLR, gamma: 0.93}",
        lambda opt: torch_lr.ExponentialLR(opt, gamma=0.93),
    ),
    "PolynomialLR": Case(
        "{type: PolynomialLR}",
        lambda opt: torch_lr.PolynomialLR(opt),
    ),
    "PolynomialLR-power": Case(
        "{type: PolynomialLR, total_iters: 40, power: 0.9}",
        lambda opt: torch_lr.PolynomialLR(opt, total_iters=40, power=0.9),
    ),
    "CosineAnnealingLR-of-the-run": Case(
        "{type: CosineAnnealingLR}",
        lambda opt: torch_lr.CosineAnnealingLR(opt, T_max=CALLS),
    ),
    "CosineAnnealingLR-past-T_max": Case(
        "{type: CosineAnnealingLR, T_max: 11, eta_min: 1e-4}",
        lambda opt: torch_lr.CosineAnnealingLR(opt, T_max=11, eta_min=1e-4),
    ),
    "CosineAnnealingWarmRestarts": Case(
        "{type: CosineAnnealingWarmRestarts, T_0: 9}",
        lambda opt: torch_lr.CosineAnnealingWarmRestarts(opt, T_0=9),
    ),
    "CosineAnnealingWarmRestarts-T_mult": Case(
        "{type: CosineAnnealingWarmRestarts, T_0: 5, T_mult: 2, eta_min: 1e-5}",
        lambda opt: torch_lr.CosineAnnealingWarmRestarts(opt, T_0=5, T_mult=2, eta_min=1e-5),
    ),
    "CyclicLR-triangular": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 6}",
        lambda opt: torch_lr.CyclicLR(opt, base_lr=0.01, max_lr=0.1, step_size_up=6),
    ),
    "CyclicLR-triangular2": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 4, step_size_down: 9, mode: triangular2,"
        " base_momentum: 0.6, max_momentum: 0.99}",
        lambda opt: torch_lr.CyclicLR(
            opt, 0.01, 0.1, step_size_up=4, step_size_down=9, mode="triangular2", base_momentum=0.6, max_momentum=0.99
        ),
    ),
    "CyclicLR-exp_range": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 5, mode: exp_range, gamma: 0.97}",
        lambda opt: torch_lr.CyclicLR(opt, 0.01, 0.1, step_size_up=5, mode="exp_range", gamma=0.97),
    ),
    "CyclicLR-scale_fn": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 5, scale_fn: 0.5, scale_mode: iterations}",
        lambda opt: torch_lr.CyclicLR(opt, 0.01, 0.1, step_size_up=5, scale_fn=lambda x: 0.5, scale_mode="iterations"),
    ),
    "CyclicLR-momentum-alone": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 6, cycle_momentum: false}",
        lambda opt: torch_lr.CyclicLR(opt, 0.01, 0.1, step_size_up=6, cycle_momentum=False),
    ),
    "OneCycleLR-of-the-run": Case(
        "{type: OneCycleLR, max_lr: 0.5}",
        lambda opt: torch_lr.OneCycleLR(opt, max_lr=0.5, total_steps=CALLS),
    ),
    "OneCycleLR-epochs": Case(
        "{type: OneCycleLR, max_lr: 0.5, epochs: 6, steps_per_epoch: 8, pct_start: 0.4, div_factor: 10}",
        lambda opt: torch_lr.OneCycleLR(opt, 0.5, epochs=6, steps_per_epoch=8, pct_start=0.4, div_factor=10),
    ),
    "OneCycleLR-linear": Case(
        "{type: OneCycleLR, max_lr: 0.5, total_steps: 42, anneal_strategy: linear, final_div_factor: 100}",
        lambda opt: torch_lr.OneCycleLR(opt, 0.5, total_steps=42, anneal_strategy="linear", final_div_factor=100),
    ),
    "OneCycleLR-three_phase": Case(
        "{type: OneCycleLR, max_lr: 0.5, total_steps: 43, three_phase: true, base_momentum: 0.5, max_momentum: 0.9}",
        lambda opt: torch_lr.OneCycleLR(
            opt, 0.5, total_steps=43, three_phase=True, base_momentum=0.5, max_momentum=0.9
        ),
    ),
    "OneCycleLR-momentum-alone": Case(
        "{type: OneCycleLR, max_lr: 0.5, cycle_momentum: false}",
        lambda opt: torch_lr.OneCycleLR(opt, 0.5, total_steps=CALLS, cycle_momentum=False),
    ),
    "OneCycleLR-momentum-moved-once": Case(
        "{type: OneCycleLR, max_lr: 0.5, base_momentum: 0.8, max_momentum: 0.8}",
        lambda opt: torch_lr.OneCycleLR(opt, 0.5, total_steps=CALLS, base_momentum=0.8, max_momentum=0.8),
    ),
    "CyclicLR-momentum-left-where-it-was": Case(
        "{type: CyclicLR, base_lr: 0.01, max_lr: 0.1, step_size_up: 6, base_momentum: 0.9, max_momentum: 0.9}",
        lambda opt: torch_lr.CyclicLR(opt, 0.01, 0.1, step_size_up=6, base_momentum=0.9, max_momentum=0.9),
    ),
    "ReduceLROnPlateau": Case(
        "{type: ReduceLROnPlateau, factor: 0.5, patience: 3}",
        lambda opt: torch_lr.ReduceLROnPlateau(opt, factor=0.5, patience=3),
        LOSSES,
    ),
    "ReduceLROnPlateau-max": Case(
        "{type: ReduceLROnPlateau, mode: max, factor: 0.3, patience: 1, threshold: 0.01, threshold_mode: abs,"
        " cooldown: 2, min_lr: 1e-4, eps: 1e-6}",
        lambda opt: torch_lr.ReduceLROnPlateau(
            opt,
            mode="max",
            factor=0.3,
            patience=1,
            threshold=0.01,
            threshold_mode="abs",
            cooldown=2,
            min_lr=1e-4,
            eps=1e-6,
        ),
        ACCURACIES,
    ),
    "SequentialLR": Case(
        "{type: SequentialLR, milestones: [5, 30], schedulers: [{type: LinearLR, start_factor: 0.1},"
        " {type: CosineAnnealingLR, T_max: 25}, {type: ExponentialLR, gamma: 0.5}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.LinearLR(opt, start_factor=0.1),
                torch_lr.CosineAnnealingLR(opt, T_max=25),
                torch_lr.ExponentialLR(opt, gamma=0.5),
            ],
            milestones=[5, 30],
        ),
    ),
    "SequentialLR-from-0": Case(
        "{type: SequentialLR, milestones: [0, 20], schedulers: [{type: ConstantLR, factor: 0.1},"
        " {type: MultiplicativeLR, lr_lambda: 0.9}, {type: MultiplicativeLR, lr_lambda: 0.8}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.ConstantLR(opt, factor=0.1),
                torch_lr.MultiplicativeLR(opt, lambda epoch: 0.9),
                torch_lr.MultiplicativeLR(opt, lambda epoch: 0.8),
            ],
            milestones=[0, 20],
        ),
    ),
    "SequentialLR-odd-milestones": Case(
        "{type: SequentialLR, milestones: [9, 4, 4, 30], schedulers: [{type: ConstantLR, factor: 0.5},"
        " {type: ExponentialLR, gamma: 0.9}, {type: LinearLR}, {type: PolynomialLR, total_iters: 9},"
        " {type: StepLR, step_size: 2, gamma: 0.5}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.ConstantLR(opt, factor=0.5),
                torch_lr.ExponentialLR(opt, gamma=0.9),
                torch_lr.LinearLR(opt),
                torch_lr.PolynomialLR(opt, total_iters=9),
                torch_lr.StepLR(opt, step_size=2, gamma=0.5),
            ],
            milestones=[9, 4, 4, 30],
        ),
    ),
    "SequentialLR-of-OneCycleLR-and-CyclicLR": Case(
        "{type: SequentialLR, milestones: [4, 24], schedulers: [{type: LinearLR, start_factor: 0.5, total_iters: 4},"
        " {type: OneCycleLR, max_lr: 1, total_steps: 20},"
        " {type: CyclicLR, base_lr: 0.01, max_lr: 0.2, step_size_up: 5}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.LinearLR(opt, start_factor=0.5, total_iters=4),
                torch_lr.OneCycleLR(opt, max_lr=1, total_steps=20),
                torch_lr.CyclicLR(opt, base_lr=0.01, max_lr=0.2, step_size_up=5),
            ],
            milestones=[4, 24],
        ),
    ),
    "SequentialLR-first-in-SequentialLR": Case(
        "{type: SequentialLR, milestones: [20], schedulers: [{type: SequentialLR, milestones: [1, 6], schedulers:"
        " [{type: ConstantLR, factor: 0.5}, {type: LinearLR}, {type: ExponentialLR, gamma: 0.9}]},"
        " {type: CosineAnnealingWarmRestarts, T_0: 7}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.SequentialLR(
                    opt,
                    [
                        torch_lr.ConstantLR(opt, factor=0.5),
                        torch_lr.LinearLR(opt),
                        torch_lr.ExponentialLR(opt, gamma=0.9),
                    ],
                    milestones=[1, 6],
                ),
                torch_lr.CosineAnnealingWarmRestarts(opt, T_0=7),
            ],
            milestones=[20],
        ),
    ),
    "ChainedScheduler-first-in-SequentialLR": Case(
        "{type: SequentialLR, milestones: [9], schedulers: [{type: ChainedScheduler, schedulers:"
        " [{type: ConstantLR, factor: 0.5}, {type: ExponentialLR, gamma: 0.9}]}, {type: StepLR, step_size: 4}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.ChainedScheduler([torch_lr.ConstantLR(opt, factor=0.5), torch_lr.ExponentialLR(opt, 0.9)]),
                torch_lr.StepLR(opt, step_size=4),
            ],
            milestones=[9],
        ),
    ),
    "ChainedScheduler": Case(
        "{type: ChainedScheduler, schedulers: [{type: LinearLR, start_factor: 0.1}, {type: StepLR, step_size: 10},"
        " {type: CosineAnnealingLR}]}",
        lambda opt: torch_lr.ChainedScheduler(
            [
                torch_lr.LinearLR(opt, start_factor=0.1),
                torch_lr.StepLR(opt, step_size=10),
                torch_lr.CosineAnnealingLR(opt, T_max=CALLS),
            ]
        ),
    ),
    "ChainedScheduler-of-SequentialLR": Case(
        "{type: ChainedScheduler, schedulers: [{type: ExponentialLR, gamma: 0.98}, {type: SequentialLR,"
        " milestones: [8], schedulers: [{type: LinearLR, total_iters: 8}, {type: PolynomialLR, total_iters: 30}]}]}",
        lambda opt: torch_lr.ChainedScheduler(
            [
                torch_lr.ExponentialLR(opt, gamma=0.98),
                torch_lr.SequentialLR(
                    opt,
                    [torch_lr.LinearLR(opt, total_iters=8), torch_lr.PolynomialLR(opt, total_iters=30)],
                    milestones=[8],
                ),
            ]
        ),
    ),
    "ChainedScheduler-of-absolute-ones": Case(
        "{type: ChainedScheduler, schedulers: [{type: CosineAnnealingWarmRestarts, T_0: 10},"
        " {type: LinearLR, start_factor: 0.1}, {type: OneCycleLR, max_lr: 0.3}, {type: ExponentialLR, gamma: 0.9}]}",
        lambda opt: torch_lr.ChainedScheduler(
            [
                torch_lr.CosineAnnealingWarmRestarts(opt, T_0=10),
                torch_lr.LinearLR(opt, start_factor=0.1),
                torch_lr.OneCycleLR(opt, max_lr=0.3, total_steps=CALLS),
                torch_lr.ExponentialLR(opt, gamma=0.9),
            ]
        ),
    ),
    "SWALR": Case(
        "{type: SWALR, swa_lr: 0.05}",
        lambda opt: SWALR(opt, swa_lr=0.05),
        on_source=False,
    ),
    "SWALR-linear-after-cosine": Case(
        "{type: SequentialLR, milestones: [20], schedulers: [{type: CosineAnnealingLR, T_max: 30},"
        " {type: SWALR, swa_lr: 0.05, anneal_epochs: 8, anneal_strategy: linear}]}",
        lambda opt: torch_lr.SequentialLR(
            opt,
            [
                torch_lr.CosineAnnealingLR(opt, T_max=30),
                SWALR(opt, swa_lr=0.05, anneal_epochs=8, anneal_strategy="linear"),
            ],
            milestones=[20],
        ),
        on_source=False,
    ),
}
"""What any number of param groups can have."""

FOR_THREE_GROUPS = {
    "LambdaLR": Case(
        "{type: LambdaLR, lr_lambda: [1, 0.5, 0.25]}",
        lambda opt: torch_lr.LambdaLR(opt, [lambda epoch: 1, lambda epoch: 0.5, lambda epoch: 0.25]),
    ),
    "MultiplicativeLR": Case(
        "{type: MultiplicativeLR, lr_lambda: [0.9, 0.95, 1]}",
        lambda opt: torch_lr.MultiplicativeLR(opt, [lambda epoch: 0.9, lambda epoch: 0.95, lambda epoch: 1]),
    ),
    "CyclicLR": Case(
        "{type: CyclicLR, base_lr: [0.01, 0.02, 0.03], max_lr: [0.1, 0.2, 0.05], step_size_up: 6,"
        " base_momentum: [0.7, 0.8, 0.85], max_momentum: [0.9, 0.95, 0.9]}",
        lambda opt: torch_lr.CyclicLR(
            opt,
            base_lr=[0.01, 0.02, 0.03],
            max_lr=[0.1, 0.2, 0.05],
            step_size_up=6,
            base_momentum=[0.7, 0.8, 0.85],
            max_momentum=[0.9, 0.95, 0.9],
        ),
    ),
    "OneCycleLR": Case(
        "{type: OneCycleLR, max_lr: [0.1, 0.2, 0.3], base_momentum: [0.7, 0.8, 0.85], max_momentum: [0.9, 0.95, 0.9]}",
        lambda opt: torch_lr.OneCycleLR(
            opt,
            max_lr=[0.1, 0.2, 0.3],
            total_steps=CALLS,
            base_momentum=[0.7, 0.8, 0.85],
            max_momentum=[0.9, 0.95, 0.9],
        ),
    ),
    "ReduceLROnPlateau": Case(
        "{type: ReduceLROnPlateau, factor: 0.5, patience: 1, min_lr: [0.05, 0.001, 0]}",
        lambda opt: torch_lr.ReduceLROnPlateau(opt, factor=0.5, patience=1, min_lr=[0.05, 0.001, 0]),
        LOSSES,
    ),
    "SWALR": Case(
        "{type: SWALR, swa_lr: [0.05, 0.02, 0.01], anneal_epochs: 5}",
        lambda opt: SWALR(opt, swa_lr=[0.05, 0.02, 0.01], anneal_epochs=5),
        on_source=False,
    ),
}
"""What has a value of its own for each of three param groups."""

OPTIMIZERS: dict[str, tuple[str, Callable[[], torch.optim.Optimizer]]] = {
    "SGD": (
        "{type: SGD, lr: 0.1, momentum: 0.9}",
        lambda: optim.SGD([parameter()], lr=0.1, momentum=0.9),
    ),
    "AdamW": (
        "{type: AdamW, lr: 3e-3, betas: [0.87, 0.98]}",
        lambda: optim.AdamW([parameter()], lr=3e-3, betas=(0.87, 0.98)),
    ),
    "SGD-three-groups": (
        "{momentum: 0.8, groups: [{lr: 0.1}, {name: b, lr: 0.01, momentum: 0}, {lr: 7e-5}]}",
        lambda: optim.SGD(
            [
                {"params": [parameter()], "lr": 0.1},
                {"params": [parameter()], "lr": 0.01, "momentum": 0},
                {"params": [parameter()], "lr": 7e-5},
            ],
            momentum=0.8,
        ),
    ),
    "AdamW-three-groups": (
        "{type: AdamW, lr: 3e-3, groups: [{name: a}, {name: b, lr: 1e-5}, {name: c, betas: [0.5, 0.9]}]}",
        lambda: optim.AdamW(
            [
                {"params": [parameter()]},
                {"params": [parameter()], "lr": 1e-5},
                {"params": [parameter()], "betas": (0.5, 0.9)},
            ],
            lr=3e-3,
        ),
    ),
}
