"""The noisy quadratic model: a loss whose expectation is known exactly, whatever a schedule does.

It is that of Zhang et al., "Which Algorithmic Choices Matter at Which Batch Sizes? Insights From a Noisy Quadratic
Model" (2019, https://arxiv.org/abs/1907.04164): the loss is the sum of 1/2 h theta^2 over independent directions of
curvature h = 1, 1/2, 1/3, ..., and the gradient of a batch of B samples is h theta + noise of variance h/B.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.engine.backend import group_options
from lrviz.errors import Position
from lrviz.lessons.optimizer import group_ends
from lrviz.lessons.problems.layers import numbers_in_layers
from lrviz.lessons.setup import Setup, TrainingProblem, Walk

if TYPE_CHECKING:
    import torch

Numbers: TypeAlias = NDArray[np.float64]

LAYERS, PER_LAYER = 4, 25
"""The directions, steepest first. The paper has 10,000; with 100 of them, the flattest is learned within the run by a
high learning rate and not by a low one, and what remains is noise."""

CURVATURE = 1 / np.arange(1, LAYERS * PER_LAYER + 1)

START = 1.0
"""Where every direction begins, whatever the seed."""

EPOCHS, STEPS_PER_EPOCH = 20, 50
"""There is no data, so that an epoch is only a number of steps."""

BATCH_SIZE = 4
"""With it the noise of a constant learning rate shows beside the loss at the start, and decay takes it away."""


def problem(rest: str, where: Position) -> TrainingProblem:
    """The problem `quadratic`. The seed is that of the noise, which is the same for all schedules; a larger batch
    scales it down. Plain SGD diverges from a learning rate of 2 on, since the steepest curvature is 1."""
    return TrainingProblem("quadratic", EPOCHS, BATCH_SIZE, _make, exact=expected_loss)


@dataclass
class NoiseBatches:
    """The noise of the gradient of each batch, in every direction."""

    deviation: torch.Tensor
    generator: torch.Generator

    def __len__(self) -> int:
        return STEPS_PER_EPOCH

    def __iter__(self) -> Iterator[torch.Tensor]:
        import torch

        for _ in range(STEPS_PER_EPOCH):
            yield self.deviation * torch.randn(len(self.deviation), generator=self.generator)


def _make(seed: int, batch_size: int | None) -> Setup:
    import torch

    curvature = torch.tensor(CURVATURE, dtype=torch.float32)
    deviation = (curvature / (batch_size or BATCH_SIZE)).sqrt()

    def true_loss(model: Any) -> tuple[torch.Tensor, torch.Tensor]:
        theta = torch.cat(list(model.parameters()))
        return theta, (curvature * theta * theta).sum() / 2

    def loss(model: Any, noise: torch.Tensor) -> torch.Tensor:
        theta, true = true_loss(model)
        # the model says what the gradient of a batch is, and no more; the value is the true loss
        return true + (noise * (theta - theta.detach())).sum()

    return Setup(
        numbers_in_layers([[START] * PER_LAYER] * LAYERS),
        NoiseBatches(deviation, torch.Generator().manual_seed(seed)),
        loss,
        lambda model: float(true_loss(model)[1]),
    )


# --- what is expected ----------------------------------------------------------------------------------------


def expected_loss(walk: Walk, batch_size: int | None) -> Numbers | None:
    """The expectation over the noise of the loss before each step and after the last; None unless the optimizer is SGD.

    It is that of a training with these learning rates and momenta, which are taken as given: a ReduceLROnPlateau that
    has seen the noise of one training chose them, and they are not averaged over.
    """
    if walk.schedule.optimizer.type != "SGD":
        return None
    sgd = _SGD.of(walk)
    momentum = np.nan_to_num(walk.momentum)[:, sgd.group]
    lr = walk.lr[:, sgd.group]
    moments = _Moments.of_start(batch_size or BATCH_SIZE)
    begun = np.zeros(len(CURVATURE), dtype=bool)
    losses = [moments.loss]
    with np.errstate(over="ignore", invalid="ignore"):  # a training that diverges
        for step in range(len(lr)):
            moments = moments.after(*sgd.step(lr[step], momentum[step], begun))
            begun = begun | (momentum[step] != 0)
            losses.append(moments.loss)
    return np.array(losses)


class Form(NamedTuple):
    """A number of every direction that is linear in its parameter, its momentum buffer and the noise of the batch."""

    theta: Numbers
    buffer: Numbers
    noise: Numbers

    def plus(self, factor: Numbers, other: Form) -> Form:
        """The sum with so many times another one."""
        return Form(*(one + factor * more for one, more in zip(self, other, strict=True)))


class _SGD(NamedTuple):
    """The param group of every direction, and its options of torch's SGD."""

    group: NDArray[np.int_]
    weight_decay: Numbers
    dampening: Numbers
    nesterov: NDArray[np.bool_]

    @classmethod
    def of(cls, walk: Walk) -> _SGD:
        groups, options = group_options(walk.schedule.optimizer)
        ends = group_ends(LAYERS, len(groups))
        group = np.repeat(np.arange(len(groups)), np.diff(ends) * PER_LAYER)

        def each(name: str, default: Any) -> Any:
            return np.array([own.get(name, options.get(name, default)) for own in groups])[group]

        return cls(group, each("weight_decay", 0.0), each("dampening", 0.0), each("nesterov", False))

    def step(self, lr: Numbers, momentum: Numbers, begun: NDArray[np.bool_]) -> tuple[Form, Form]:
        """What parameter and buffer are after a step, in the order of torch's own code. The first step with a momentum
        begins the buffer with the gradient."""
        zero, one = np.zeros_like(CURVATURE), np.ones_like(CURVATURE)
        gradient = Form(CURVATURE + self.weight_decay, zero, one)
        kept = np.where(begun, momentum, 0.0)
        taken = np.where(begun, 1 - self.dampening, 1.0)
        moves = momentum != 0
        buffer = Form(zero, np.where(moves, kept, 1.0), zero).plus(np.where(moves, taken, 0.0), gradient)
        along_gradient = np.where(moves & ~self.nesterov, 0.0, 1.0)
        along_buffer = np.where(moves, np.where(self.nesterov, momentum, 1.0), 0.0)
        theta = Form(one, zero, zero).plus(-lr * along_gradient, gradient).plus(-lr * along_buffer, buffer)
        return theta, buffer


class _Moments(NamedTuple):
    """Expected squares in every direction: of parameter, buffer and noise, and the product of the first two."""

    theta: Numbers
    product: Numbers
    buffer: Numbers
    noise: Numbers

    @classmethod
    def of_start(cls, batch_size: int) -> _Moments:
        zero = np.zeros_like(CURVATURE)
        return cls(np.full_like(CURVATURE, START**2), zero, zero, CURVATURE / batch_size)

    @property
    def loss(self) -> float:
        return math.fsum(CURVATURE * self.theta) / 2

    def after(self, theta: Form, buffer: Form) -> _Moments:
        """The moments of two linear forms of these numbers; the noise is new in every step."""
        return _Moments(self._of(theta, theta), self._of(theta, buffer), self._of(buffer, buffer), self.noise)

    def _of(self, one: Form, other: Form) -> Numbers:
        mixed = one.theta * other.buffer + one.buffer * other.theta
        squares = one.theta * other.theta * self.theta + one.buffer * other.buffer * self.buffer
        return squares + mixed * self.product + one.noise * other.noise * self.noise
