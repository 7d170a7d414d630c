"""Every optimizer of torch: its keyword arguments with defaults and ranges. Data only.

A learning-rate schedule needs little of an optimizer, but a file may contain only what the class accepts. A test
compares names and defaults with the installed torch. `stand_in=False` marks classes that check more than these ranges
say, or that are newer than the oldest torch lrviz works with: for them the engine uses torch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrviz.schedule.catalogue.entry import Argument, Entry

LR = Argument(name="lr", kind="number", low=0, unit="learning rate", meaning="the learning rate")
WEIGHT_DECAY = Argument(name="weight_decay", kind="number", default=0, low=0, meaning="L2 penalty or decay")
EPS = Argument(name="eps", kind="number", default=1e-8, low=0, meaning="added to the denominator")
BETAS = Argument(
    name="betas",
    kind="float",
    default=(0.9, 0.999),
    many=2,
    low=0,
    below=1,
    meaning="decay of the running means of gradient and square",
)
MOMENTUM = Argument(name="momentum", kind="number", default=0, low=0, meaning="momentum")


def _with(argument: Argument, **changes: Any) -> Argument:
    return replace(argument, **changes)


def _flags(*names: str, nullable: tuple[str, ...] = ("foreach", "fused")) -> tuple[Argument, ...]:
    """Switches of the implementation, off by default; `foreach` and `fused` are left to torch."""
    return tuple(
        Argument(
            name=name,
            kind="flag",
            default=None if name in nullable else False,
            nullable=name in nullable,
            meaning="see torch's documentation",
        )
        for name in names
    )


OPTIMIZERS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name="SGD",
            summary="Stochastic gradient descent.",
            arguments=(
                LR,
                MOMENTUM,
                Argument(name="dampening", kind="number", default=0, meaning="dampening of the momentum"),
                WEIGHT_DECAY,
                *_flags("nesterov", "maximize", "foreach", "differentiable", "fused"),
            ),
        ),
        Entry(
            name="Adam",
            summary="Adam.",
            arguments=(
                LR,
                BETAS,
                EPS,
                WEIGHT_DECAY,
                *_flags(
                    "amsgrad",
                    "foreach",
                    "maximize",
                    "capturable",
                    "differentiable",
                    "fused",
                    "decoupled_weight_decay",
                ),
            ),
        ),
        Entry(
            name="AdamW",
            summary="Adam with decoupled weight decay.",
            arguments=(
                LR,
                BETAS,
                EPS,
                _with(WEIGHT_DECAY, default=0.01),
                *_flags("amsgrad", "maximize", "foreach", "capturable", "differentiable", "fused"),
            ),
        ),
        Entry(
            name="Adamax",
            summary="Adam with the infinity norm.",
            arguments=(
                LR,
                BETAS,
                EPS,
                WEIGHT_DECAY,
                *_flags("foreach", "maximize", "differentiable", "capturable"),
            ),
        ),
        Entry(
            name="NAdam",
            summary="Adam with Nesterov momentum.",
            arguments=(
                LR,
                BETAS,
                EPS,
                WEIGHT_DECAY,
                Argument(
                    name="momentum_decay",
                    kind="number",
                    default=4e-3,
                    low=0,
                    meaning="decay of the momentum",
                ),
                *_flags("decoupled_weight_decay", "foreach", "maximize", "capturable", "differentiable"),
            ),
        ),
        Entry(
            name="RAdam",
            summary="Adam with a rectified adaptive rate.",
            arguments=(
                LR,
                BETAS,
                EPS,
                WEIGHT_DECAY,
                *_flags("decoupled_weight_decay", "foreach", "maximize", "capturable", "differentiable"),
            ),
        ),
        Entry(
            name="SparseAdam",
            summary="Adam for sparse gradients.",
            arguments=(
                _with(LR, low=None, above=0),
                BETAS,
                _with(EPS, low=None, above=0),
                *_flags("maximize"),
            ),
        ),
        Entry(
            name="Adagrad",
            summary="Adagrad.",
            arguments=(
                LR,
                Argument(name="lr_decay", kind="number", default=0, low=0, meaning="decay of the learning rate"),
                WEIGHT_DECAY,
                Argument(
                    name="initial_accumulator_value",
                    kind="number",
                    default=0,
                    low=0,
                    meaning="start of the sum of squares",
                ),
                _with(EPS, default=1e-10),
                *_flags("foreach", "maximize", "differentiable", "fused"),
            ),
        ),
        Entry(
            name="Adadelta",
            summary="Adadelta.",
            arguments=(
                LR,
                Argument(
                    name="rho",
                    kind="number",
                    default=0.9,
                    low=0,
                    high=1,
                    meaning="decay of the running mean of squares",
                ),
                _with(EPS, default=1e-6),
                WEIGHT_DECAY,
                *_flags("foreach", "capturable", "maximize", "differentiable"),
            ),
        ),
        Entry(
            name="RMSprop",
            summary="RMSprop.",
            arguments=(
                LR,
                Argument(
                    name="alpha",
                    kind="number",
                    default=0.99,
                    low=0,
                    meaning="decay of the running mean of squares",
                ),
                EPS,
                WEIGHT_DECAY,
                MOMENTUM,
                *_flags("centered", "capturable", "foreach", "maximize", "differentiable"),
            ),
        ),
        Entry(
            name="ASGD",
            summary="Averaged stochastic gradient descent.",
            arguments=(
                LR,
                Argument(name="lambd", kind="number", default=1e-4, meaning="decay term"),
                Argument(name="alpha", kind="number", default=0.75, meaning="power of the update of eta"),
                Argument(name="t0", kind="number", default=1e6, meaning="where averaging starts"),
                WEIGHT_DECAY,
                *_flags("foreach", "maximize", "differentiable", "capturable"),
            ),
        ),
        Entry(
            name="Rprop",
            summary="Resilient backpropagation.",
            stand_in=False,
            arguments=(
                LR,
                Argument(
                    name="etas",
                    kind="number",
                    default=(0.5, 1.2),
                    many=2,
                    above=0,
                    meaning="factors of decrease and increase",
                ),
                Argument(
                    name="step_sizes",
                    kind="number",
                    default=(1e-6, 50),
                    many=2,
                    low=0,
                    meaning="smallest and largest step",
                ),
                *_flags("capturable", "foreach", "maximize", "differentiable"),
            ),
        ),
        Entry(
            name="LBFGS",
            summary="L-BFGS; it takes only one param group.",
            stand_in=False,
            arguments=(
                LR,
                Argument(name="max_iter", kind="whole", default=20, low=1, meaning="iterations per step"),
                Argument(
                    name="max_eval",
                    kind="whole",
                    default=None,
                    nullable=True,
                    low=1,
                    meaning="function evaluations per step",
                ),
                Argument(name="tolerance_grad", kind="number", default=1e-7, low=0, meaning="when to stop"),
                Argument(name="tolerance_change", kind="number", default=1e-9, low=0, meaning="when to stop"),
                Argument(name="history_size", kind="whole", default=100, low=1, meaning="size of the history"),
                Argument(
                    name="line_search_fn",
                    kind="choice",
                    default=None,
                    nullable=True,
                    choices=("strong_wolfe",),
                    meaning="the line search",
                ),
            ),
        ),
        Entry(
            name="Adafactor",
            summary="Adafactor (torch 2.5 and later).",
            stand_in=False,
            arguments=(
                LR,
                Argument(
                    name="beta2_decay",
                    kind="number",
                    default=-0.8,
                    high=0,
                    meaning="decay of the running mean of squares",
                ),
                Argument(
                    name="eps",
                    kind="number",
                    default=(None, 1e-3),
                    many=2,
                    nullable=True,
                    low=0,
                    meaning="regularization of square and of scale",
                ),
                Argument(name="d", kind="number", default=1.0, low=1, meaning="clipping threshold"),
                _with(WEIGHT_DECAY, default=0.0),
                *_flags("foreach", "maximize"),
            ),
        ),
        Entry(
            name="Muon",
            summary="Muon, for matrices (torch 2.9 and later).",
            stand_in=False,
            arguments=(
                LR,
                _with(WEIGHT_DECAY, default=0.1),
                _with(MOMENTUM, default=0.95),
                Argument(name="nesterov", kind="flag", default=True, meaning="Nesterov momentum"),
                Argument(
                    name="ns_coefficients",
                    kind="number",
                    default=(3.4445, -4.775, 2.0315),
                    many=3,
                    meaning="coefficients of the Newton-Schulz iteration",
                ),
                _with(EPS, default=1e-7),
                Argument(
                    name="ns_steps",
                    kind="whole",
                    default=5,
                    low=1,
                    meaning="Newton-Schulz iterations",
                ),
                Argument(
                    name="adjust_lr_fn",
                    kind="choice",
                    default=None,
                    nullable=True,
                    choices=("original", "match_rms_adamw"),
                    meaning="how the learning rate is scaled for a matrix",
                ),
            ),
        ),
    )
}
