"""Rosenbrock's function, and paths over it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lrviz.lessons.problems import problem_of
from lrviz.lessons.results import Training
from lrviz.lessons.train import length_of, train
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]


def trained(read: Read, optimizer: str, seed: int = 0, steps: int | None = None) -> Training:
    problem = problem_of("rosenbrock")
    into: list[Training] = []
    one = read(f"epochs: 20\noptimizer: {{{optimizer}}}\nscheduler: none\n")
    train(one, problem, length_of(problem, None, steps=steps), seed, into=into)
    return into[0]


def test_the_surface_is_rosenbrocks() -> None:
    surface = problem_of("rosenbrock").surface
    assert surface is not None
    assert [surface(1.0, 1.0), surface(0.0, 0.0), surface(0.0, 1.0)] == [0, 1, 101]
    assert surface(-1.2, 1.0) == pytest.approx(24.2)
    x, y = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-1, 3, 3))
    assert surface(x, y).shape == (3, 5)


def test_the_path_is_that_of_gradient_descent_written_out(schedule: Read) -> None:
    run = trained(schedule, "type: SGD, lr: 0.001", steps=200)
    x, y = -1.2, 1.0
    expected = [(x, y)]
    for _ in range(200):
        along_x, along_y = -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)
        x, y = x - 0.001 * along_x, y - 0.001 * along_y
        expected.append((x, y))
    assert run.path is not None
    assert run.path == pytest.approx(np.array(expected), rel=1e-4)
    assert run.losses[0] == pytest.approx(24.2)
    assert run.losses == pytest.approx([(1 - x) ** 2 + 100 * (y - x * x) ** 2 for x, y in expected[:-1]], rel=1e-3)


def test_the_seed_changes_nothing(schedule: Read) -> None:
    one, other = (trained(schedule, "type: Adam, lr: 0.1", seed, steps=50) for seed in (0, 7))
    assert np.array_equal(one.path, other.path)  # type: ignore[arg-type]
    assert one.losses.tolist() == other.losses.tolist()


def test_sensible_rates_come_close_and_a_high_one_flies_out(schedule: Read) -> None:
    sgd = trained(schedule, "type: SGD, lr: 0.001", steps=1000)
    momentum = trained(schedule, "type: SGD, lr: 0.001, momentum: 0.9", steps=1000)
    adam = trained(schedule, "type: Adam, lr: 0.1", steps=1000)
    assert max(momentum.final.loss, adam.final.loss) < 0.01 < sgd.final.loss < 1
    hot = trained(schedule, "type: SGD, lr: 0.01")
    assert hot.stopped is not None


def test_the_axes_are_layers_that_param_groups_cut(schedule: Read) -> None:
    run = trained(schedule, "type: SGD, lr: 0.001, groups: [{lr: 0}, {}]", steps=5)
    assert run.path is not None
    assert run.path[:, 0] == pytest.approx(-1.2)
    assert len(set(run.path[:, 1])) == 6
    assert run.lr.shape == (5, 2)
