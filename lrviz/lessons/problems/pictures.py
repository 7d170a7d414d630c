"""A small network that learns to tell pictures apart: what the problems `digits` and `mnist` share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from lrviz.lessons.setup import Setup

if TYPE_CHECKING:
    import torch

CLASSES = 10


class Pictures(NamedTuple):
    """Pictures to train on and to validate with: pixels as numbers (pictures x pixels) and classes (pictures)."""

    x: torch.Tensor
    y: torch.Tensor
    x_validation: torch.Tensor
    y_validation: torch.Tensor

    @classmethod
    def of(cls, x: NDArray[Any], y: NDArray[Any], x_validation: NDArray[Any], y_validation: NDArray[Any]) -> Pictures:
        """Pictures of arrays, without the mean of those to train on; it is subtracted in place."""
        import torch

        mean = x.mean(axis=0)
        for each in (x, x_validation):
            each -= mean
        labels = [torch.as_tensor(each, dtype=torch.long) for each in (y, y_validation)]
        return cls(torch.from_numpy(x), labels[0], torch.from_numpy(x_validation), labels[1])


@dataclass
class ShuffledBatches:
    """The batches of one epoch after the other, shuffled anew for each by a generator of its own.

    `noise` is the standard deviation of normal noise that is added to the pixels, anew every time.
    """

    x: torch.Tensor
    y: torch.Tensor
    size: int
    generator: torch.Generator
    noise: float = 0.0

    def __len__(self) -> int:
        return -(-len(self.x) // self.size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        import torch

        for batch in torch.split(torch.randperm(len(self.x), generator=self.generator), self.size):
            x = self.x[batch]
            if self.noise:
                x = x + self.noise * torch.randn(x.shape, generator=self.generator)
            yield x, self.y[batch]


def classifier(
    pictures: Pictures, hidden: Sequence[int], batch_size: int, seed: int, *, noise: float = 0.0, width: float = 1.0
) -> Setup:
    """A network with these hidden layers and ReLU, and the cross-entropy as its loss.

    Its initial weights are those of He et al. 2015 (https://arxiv.org/abs/1502.01852), `width` times as wide. `noise`
    is that of `ShuffledBatches`; the pictures to validate with have none.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    widths = (pictures.x.shape[1], *hidden)
    layers = [layer for one, other in pairwise(widths) for layer in (nn.Linear(one, other), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(widths[-1], CLASSES))
    with torch.no_grad():
        for layer in (each for each in model.modules() if isinstance(each, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu").mul_(width)
            layer.bias.zero_()
    batches = ShuffledBatches(pictures.x, pictures.y, batch_size, torch.Generator().manual_seed(seed), noise)

    def loss(model: Any, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return functional.cross_entropy(model(batch[0]), batch[1])

    def validate(model: Any) -> tuple[float, float]:
        said = model(pictures.x_validation)
        right = (said.argmax(dim=1) == pictures.y_validation).float().mean()
        return float(functional.cross_entropy(said, pictures.y_validation)), float(right)

    return Setup(model, batches, loss, validate)
