"""Rosenbrock's function: a curved valley in the plane, which is easy to find and hard to follow.

f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, with its minimum at (1, 1). It and the start at (-1.2, 1) are those of H. H.
Rosenbrock, "An Automatic Method for Finding the Greatest or Least Value of a Function" (1960).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrviz.errors import Position
from lrviz.lessons.problems.layers import numbers_in_layers
from lrviz.lessons.setup import Setup, TrainingProblem

if TYPE_CHECKING:
    import torch

START = (-1.2, 1.0)

EPOCHS, STEPS_PER_EPOCH = 20, 100
"""There is no data, so that an epoch is only a number of steps. Plain SGD follows the valley with a learning rate of
0.001; with 0.004 it jumps across and ends higher, and with 0.01 it flies out."""


def problem(rest: str, where: Position) -> TrainingProblem:
    """The problem `rosenbrock`. It has no data and no chance in it: all seeds give the same training."""
    return TrainingProblem("rosenbrock", EPOCHS, None, _make, surface=surface)


def surface(x: Any, y: Any) -> Any:
    """The function, for numbers, arrays and tensors."""
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def _make(seed: int, batch_size: int | None) -> Setup:
    return Setup(
        numbers_in_layers([(each,) for each in START]),
        range(STEPS_PER_EPOCH),
        lambda model, batch: _loss(model),
        lambda model: float(_loss(model)),
    )


def _loss(model: Any) -> torch.Tensor:
    x, y = model.parameters()
    loss: torch.Tensor = surface(x, y).sum()
    return loss
