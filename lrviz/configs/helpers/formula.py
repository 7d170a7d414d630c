"""A schedule that is one formula of the step, as a document of ours."""

from __future__ import annotations

from typing import Any

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value


def absolute(config: Config, formula: str, lr: Value, name: Value, program: str) -> dict[str, Any]:
    """The `optimizer` and `scheduler` of a program that sets the learning rate itself: those of an optimizer with a
    learning rate of 1, so that every bit is the program's. `lr` and `name` are where errors point."""
    how = f"{name.value} of {program}, which sets the learning rate itself"
    return {
        "optimizer": {"type": "AdamW", "lr": config.derived("optimizer.lr", 1.0, how, lr)},
        "scheduler": lambda_lr(formula, name, how),
    }


def factor(formula: str, lr: Value, name: Value, program: str) -> dict[str, Any]:
    """The `optimizer` and `scheduler` of a program that multiplies the learning rate, as a LambdaLR does."""
    how = f"{name.value} of {program}"
    return {
        "optimizer": {"type": "AdamW", "lr": lr},
        "scheduler": lambda_lr(formula, name, how),
    }


def lambda_lr(formula: str, name: Value, how: str) -> dict[str, Any]:
    """A `scheduler` that multiplies the learning rate by a formula of `t`; `how` says whose it is."""
    return {"type": "LambdaLR", "lr_lambda": Value(formula, name.key, name.where, "derived", how)}
