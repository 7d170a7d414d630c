"""A problem that trains in milliseconds: three classes of points in the plane, by a network with dropout."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.data import DataLoader, TensorDataset

from lrviz.lessons.setup import Setup, TrainingProblem

PER_EPOCH = 3
"""Batches of an epoch."""


def points() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(17)
    y = torch.arange(23) % 3
    centres = torch.tensor([[0.0, 1.0], [1.0, -0.5], [-1.0, -0.5]])
    return centres[y] + 0.7 * torch.randn(23, 2, generator=generator), y


def make(seed: int, batch_size: int | None) -> Setup:
    """Dropout and the shuffled loaders, also that of the validation, draw from torch's one generator."""
    x, y = points()
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))
    batches = DataLoader(TensorDataset(x, y), batch_size=batch_size or 8, shuffle=True)
    held_out = DataLoader(TensorDataset(x + 0.1, y), batch_size=23, shuffle=True)

    def validate(model: Any) -> tuple[float, float]:
        ((x, y),) = held_out
        said = model(x)
        return float(cross_entropy(said, y)), float((said.argmax(1) == y).float().mean())

    return Setup(model, batches, lambda model, batch: cross_entropy(model(batch[0]), batch[1]), validate)


TINY = TrainingProblem("tiny", 4, 8, make)


def make_line(seed: int, batch_size: int | None) -> Setup:
    x = torch.linspace(-1, 1, 8).reshape(8, 1)
    model = nn.Linear(1, 1)
    return Setup(
        model,
        [(x, 3 * x)] * 2,
        lambda model, batch: mse_loss(model(batch[0]), batch[1]),
        lambda model: float(mse_loss(model(x), 3 * x)),
    )


LINE = TrainingProblem("line", 3, None, make_line)
"""A line through points, which diverges at a learning rate of 1 and more, and has no accuracy; 2 steps an epoch."""
DEEP = TrainingProblem(
    "deep",
    2,
    None,
    lambda seed, size: Setup(
        nn.Sequential(*(nn.Linear(1, 1) for _ in range(20))),
        [torch.ones(1, 1)] * 4,
        lambda model, batch: model(batch).square().mean(),
        lambda model: (float(model(torch.ones(1, 1)).square().mean()), 1.0),
    ),
)
"""More layers than any file of the gallery has param groups, and an accuracy for a plateau; 4 steps an epoch."""
