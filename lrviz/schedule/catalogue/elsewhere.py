"""What other libraries have that torch has not, and what a schedule file has instead. Data only."""

from __future__ import annotations

_WARMUP = "{type: LambdaLR, lr_lambda: t / T, for: 500 steps}"
_LINEAR = f"[{_WARMUP}, {{type: LinearLR, start_factor: 1, end_factor: 0}}]"
_COSINE = f"[{_WARMUP}, {{type: CosineAnnealingLR}}]"
_FLOOR = f"[{_WARMUP}, {{type: CosineAnnealingLR, eta_min: 1e-5}}]"
_RESTARTS = f"[{_WARMUP}, {{type: CosineAnnealingWarmRestarts, T_0: 1000 steps}}]"
_CONSTANT = f"[{_WARMUP}, {{type: none}}]"
_POLYNOMIAL = f"[{_WARMUP}, {{type: PolynomialLR, power: 2}}]"
_INVERSE = f"[{_WARMUP}, {{type: LambdaLR, lr_lambda: (500 / n) ** 0.5}}]"
_STABLE = f"[{_WARMUP}, {{type: none}}, {{type: CosineAnnealingLR, for: 2000 steps}}]"

SCHEDULES_ELSEWHERE = {
    "get_constant_schedule": "none",
    "get_constant_schedule_with_warmup": _CONSTANT,
    "constant_with_warmup": _CONSTANT,
    "get_linear_schedule_with_warmup": _LINEAR,
    "linear_with_warmup": _LINEAR,
    "get_cosine_schedule_with_warmup": _COSINE,
    "cosine_with_warmup": _COSINE,
    "get_cosine_with_min_lr_schedule_with_warmup": _FLOOR,
    "cosine_with_min_lr": _FLOOR,
    "get_cosine_with_hard_restarts_schedule_with_warmup": _RESTARTS,
    "cosine_with_restarts": _RESTARTS,
    "get_polynomial_decay_schedule_with_warmup": _POLYNOMIAL,
    "get_inverse_sqrt_schedule": _INVERSE,
    "inverse_sqrt": _INVERSE,
    "get_wsd_schedule": _STABLE,
    "warmup_stable_decay": _STABLE,
    "get_reduce_on_plateau_schedule": "{type: ReduceLROnPlateau}, with a `metric` beside it",
}
"""The schedules of Hugging Face, by their functions and by `lr_scheduler_type`: the value of `scheduler` for each.
Their warmup begins from 0; the numbers are examples."""

WARMUPS = {
    "warmup": "",
    "warmup_epochs": "epochs",
    "warmup_epoch": "epochs",
    "n_warmup_epochs": "epochs",
    "num_warmup_epochs": "epochs",
    "warmup_t": "epochs",
    "warmup_steps": "steps",
    "n_warmup_steps": "steps",
    "num_warmup_steps": "steps",
    "warmup_iters": "steps",
    "warmup_iterations": "steps",
    "warmup_updates": "steps",
    "warmup_ratio": "%",
    "warmup_fraction": "%",
    "warmup_proportion": "%",
}
"""Keys by which other libraries give the length of a warmup, with its unit; empty where that is the run's own."""

OPTIMIZERS_ELSEWHERE = (
    "LAMB", "FusedLAMB", "LARS", "Lion", "Sophia", "SophiaG", "Shampoo", "SOAP", "CAME", "Adan", "Tiger", "Prodigy",
    "Ranger", "NovoGrad", "AdaBelief", "AdaBound", "FusedAdam", "FusedSGD", "DeepSpeedCPUAdam", "CPUAdam", "Adam8bit",
    "AdamW8bit", "SGD8bit", "Lion8bit", "PagedAdamW", "PagedAdamW8bit", "PagedAdamW32bit", "AdEMAMix", "DAdaptAdam",
    "DAdaptSGD", "AdamWScheduleFree", "SGDScheduleFree", "GaLoreAdamW", "AdaFactor8bit", "AdamP", "Yogi", "MADGRAD",
)  # fmt: skip
"""Optimizers of other packages whose names may look like a misspelt one of torch."""
