"""Models that are nothing but numbers: what `quadratic` and `rosenbrock` train."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def numbers_in_layers(layers: Iterable[Sequence[float]]) -> torch.nn.Module:
    """A model of these layers, each with one vector of parameters that begins with these numbers."""
    import torch
    from torch import nn

    return nn.ModuleList(nn.ParameterList([torch.tensor(each)]) for each in layers)
