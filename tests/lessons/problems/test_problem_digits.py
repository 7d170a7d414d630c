"""The digits: the same pictures whatever the seed, and weights and order from the seed alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch

pytest.importorskip("sklearn")

from lrviz.lessons.optimizer import layers_of
from lrviz.lessons.problems import problem_of
from lrviz.lessons.problems.pictures import ShuffledBatches
from lrviz.lessons.setup import Setup
from lrviz.lessons.train import seeded


def made(seed: int, batch_size: int | None = None) -> Setup:
    with seeded(seed):
        return problem_of("digits").make(seed, batch_size)


def weights(setup: Setup) -> list[Any]:
    return [each.tolist() for each in setup.model.parameters()]


def epoch(setup: Setup) -> list[tuple[Any, Any]]:
    return [(x.tolist(), y.tolist()) for x, y in setup.batches]


def clean(setup: Setup) -> ShuffledBatches:
    """The pictures to train on, without noise."""
    assert isinstance(setup.batches, ShuffledBatches)
    return setup.batches


def test_the_split_is_the_same_whatever_the_seed() -> None:
    one, other = made(0), made(1)
    pictures, others = clean(one), clean(other)
    assert torch.equal(pictures.x, others.x)
    assert torch.equal(pictures.y, others.y)
    assert pictures.x.shape == (1437, 64)
    with torch.no_grad():
        assert one.validate(one.model) == other.validate(one.model)


def test_the_same_seed_gives_the_same_weights_and_the_same_order() -> None:
    one, other, third = made(3), made(3), made(4)
    assert weights(one) == weights(other) != weights(third)
    with torch.no_grad():
        other.validate(other.model)
    torch.rand(5)
    first = epoch(one)
    assert first == epoch(other) != epoch(third)
    assert epoch(one) == epoch(other) != first  # each epoch has its own order


def test_the_batches_are_all_pictures_in_batches_of_the_size() -> None:
    sizes = [len(y) for _, y in epoch(made(0, 100))]
    assert sizes == [100] * 14 + [37]
    assert len(made(0, 100).batches) == 15
    assert len(made(0).batches) == 23


def test_the_layers_are_those_of_the_network_in_order() -> None:
    layers = layers_of(made(0).model)
    shapes = [[tuple(each.shape) for each in layer] for layer in layers]
    widths = [64, 64, 64, 64, 10]
    assert shapes == [[(high, low), (high,)] for low, high in pairwise(widths)]


def test_pixels_are_from_0_to_1_around_their_mean_and_batches_have_noise() -> None:
    setup = made(0, 1437)
    x = clean(setup).x
    assert x.mean(dim=0).abs().max() < 1e-5
    assert 0.9 < float(x.max() - x.min()) <= 2
    assert x.dtype == torch.float32
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(1437, generator=generator)
    ((noisy, y),) = list(setup.batches)
    assert torch.equal(y, clean(setup).y[order])
    noise = noisy - x[order]
    assert abs(float(noise.mean())) < 0.01
    assert float(noise.std()) == pytest.approx(0.5, rel=0.02)
