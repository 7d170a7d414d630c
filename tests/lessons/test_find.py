"""The range test: what it chooses from a curve, and where a quadratic of known curvature goes wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import lrviz
from lrviz.errors import ScheduleError
from lrviz.lessons.find import FALL, Ramp, RangeTest, chosen, optimizers_of, range_test, smooth
from lrviz.lessons.sessions import Sessions
from lrviz.lessons.setup import Setup, TrainingProblem

CURVATURE = 4.0
"""SGD on CURVATURE / 2 x^2 multiplies x by 1 - CURVATURE * lr, so it diverges from lr = 2 / CURVATURE on."""


class OneStep:
    """An epoch of one batch, which has no data."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        return iter([None])


def parabola(seed: int, batch_size: int | None) -> Setup:
    import torch

    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, 1.0)

    def loss(model: Any, batch: None) -> torch.Tensor:
        found: torch.Tensor = CURVATURE / 2 * model.weight.square().sum()
        return found

    return Setup(model, OneStep(), loss, lambda model: float(loss(model, None)))


PARABOLA = TrainingProblem("parabola", 1, None, parabola)


def ranged(text: str, ramp: Ramp, problem: TrainingProblem = PARABOLA, seeds: int = 1) -> RangeTest:
    schedule = lrviz.loads(text).only._schedule
    return range_test([("one", schedule, Sessions(problem, range(seeds)))], ramp)


SGD = "{epochs: 10, optimizer: {lr: 0.1}, scheduler: {type: StepLR, step_size: 5}}"


def test_the_losses_are_those_of_a_loop_in_which_the_rate_rises() -> None:
    found = ranged(SGD, Ramp(1e-3, 10.0, 50))
    x, losses = 1.0, []
    for lr in np.geomspace(1e-3, 10.0, 50)[: len(found.lr)]:
        losses.append(CURVATURE / 2 * x * x)
        x *= 1 - CURVATURE * lr
    np.testing.assert_allclose(found.losses, losses, rtol=1e-4, atol=1e-12)


def test_it_ends_when_the_loss_is_far_above_its_smallest() -> None:
    found = ranged(SGD, Ramp(1e-3, 1e6, 200))
    assert 2 / CURVATURE < found.lr[-1] < 100  # beyond the limit, since x first has to grow again
    assert found.minimum is not None
    assert found.minimum < 2 * 2 / CURVATURE


def not_finite(seed: int, batch_size: int | None) -> Setup:
    setup = parabola(seed, batch_size)
    return setup._replace(loss=lambda model, batch: setup.loss(model, batch) * math.nan)


def test_a_problem_whose_first_loss_is_not_finite_is_refused() -> None:
    with pytest.raises(ScheduleError, match="broken: the loss is not finite before the first step"):
        ranged(SGD, Ramp(1e-3, 10.0, 50), TrainingProblem("broken", 1, None, not_finite))


def test_an_optimizer_that_fails_in_its_step_is_refused() -> None:
    with pytest.raises(ScheduleError, match="AdamW fails at step 0: AssertionError: If capturable=True"):
        ranged("{epochs: 10, optimizer: {type: AdamW, lr: 0.1, capturable: true}, scheduler: none}", Ramp())


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    found = ranged(SGD, Ramp(1e-9, 1e-8, 40))
    assert (found.steepest, found.minimum, found.suggested) == (None, None, None)


def test_the_schedulers_of_the_file_are_left_out_and_its_peak_is_known() -> None:
    text = "{epochs: 10, optimizer: {lr: 0.1}, scheduler: {type: OneCycleLR, max_lr: 0.7}}"
    found = ranged(text, Ramp(1e-3, 1.0, 40))
    assert np.array_equal(found.lr, np.geomspace(1e-3, 1.0, 40)[: len(found.lr)])
    assert math.isclose(found.peaks[0], 0.7, rel_tol=0.2)


def test_param_groups_keep_the_ratio_of_their_rates() -> None:
    import torch

    def two(seed: int, batch_size: int | None) -> Setup:
        model = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False))
        for each in model.parameters():
            torch.nn.init.constant_(each, 1.0)
        loss = lambda model, batch: sum(each.square().sum() for each in model.parameters()) / 2  # noqa: E731
        return Setup(model, OneStep(), loss, lambda model: 0.0)

    text = "{epochs: 9, optimizer: {groups: [{name: body, lr: 0.01}, {name: head, lr: 0.04}]}, scheduler: none}"
    found = ranged(text, Ramp(1e-3, 0.5, 30), TrainingProblem("two", 1, None, two))
    body = head = 1.0
    for lr, loss in zip(np.geomspace(1e-3, 0.5, 30), found.losses, strict=True):
        assert math.isclose(loss, (body**2 + head**2) / 2, rel_tol=1e-5)
        body *= 1 - lr / 4
        head *= 1 - lr


def test_several_seeds_are_averaged_up_to_the_first_that_ends() -> None:
    import torch

    def noisy(seed: int, batch_size: int | None) -> Setup:
        setup = parabola(seed, batch_size)
        torch.nn.init.constant_(setup.model.weight, float(seed + 1))  # type: ignore[arg-type]
        return setup

    problem = TrainingProblem("noisy", 1, None, noisy)
    ramp = Ramp(1e-3, 0.4, 30)
    both = ranged(SGD, ramp, problem, seeds=2)
    one = ranged(SGD, ramp, problem)
    np.testing.assert_allclose(both.losses, one.losses * (1 + 4) / 2, rtol=1e-5)  # the loss is quadratic in the start


# --- what is chosen ----------------------------------------------------------------------------------------------


def falls(lr: NDArray[np.float64], middle: float, low: float) -> NDArray[np.float64]:
    """A loss that falls from 2 to `low` around a learning rate, most steeply there."""
    return 2 - (2 - low) / (1 + np.exp(-3 * (np.log(lr) - math.log(middle))))


@given(st.floats(1e-4, 1e-1), st.floats(0.1, 1.5))
def test_the_steepest_descent_is_in_the_middle_of_a_fall(middle: float, low: float) -> None:
    lr = np.geomspace(1e-6, 10, 400)
    steepest, minimum = chosen(lr, falls(lr, middle, low))
    assert steepest is not None
    assert minimum is not None
    assert abs(math.log(steepest / middle)) < 2 * math.log(lr[1] / lr[0])
    assert steepest < minimum


def test_the_descent_is_looked_for_before_the_minimum_only() -> None:
    lr = np.geomspace(1e-6, 10, 400)
    losses = np.where(lr < 1e-3, falls(lr, 1e-4, 0.5), 2.0)
    losses[-1] = 1.9  # steep, but where nothing can be learned any more
    steepest, minimum = chosen(lr, losses)
    assert steepest is not None
    assert minimum is not None
    assert math.isclose(steepest, 1e-4, rel_tol=0.1)
    assert 9e-4 < minimum < 1e-3


@pytest.mark.parametrize(("part", "chooses"), [(FALL * 0.9, False), (FALL * 1.1, True)])
def test_a_small_fall_is_none(part: float, chooses: bool) -> None:
    lr = np.geomspace(1e-6, 10, 400)
    assert (chosen(lr, falls(lr, 1e-2, 2 * (1 - part)))[0] is not None) == chooses


def test_the_minimum_over_ten_is_suggested() -> None:
    found = ranged(SGD, Ramp(1e-3, 10.0, 50))
    assert found.minimum is not None
    assert found.suggested == found.minimum / 10


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60))
def test_smoothed_losses_stay_between_the_smallest_and_the_largest(values: list[float]) -> None:
    losses = np.array([1.0, *values])
    smoothed = smooth(losses, 60)
    assert len(smoothed) == len(losses)
    assert smoothed.min() >= losses.min() - 1e-12
    assert smoothed.max() <= losses.max() + 1e-12


def test_smoothing_moves_no_symmetric_minimum() -> None:
    losses = np.abs(np.arange(101) - 50) / 50
    assert int(np.argmin(smooth(losses, 101))) == 50


# --- which schedules share a test --------------------------------------------------------------------------------


def test_schedules_with_the_same_optimizer_share_a_test_whatever_their_rate() -> None:
    text = """
      epochs: 10
      schedules:
        low: {optimizer: {lr: 0.01}, scheduler: none}
        high: {optimizer: {lr: 1.0}, scheduler: none}
        momentum: {optimizer: {lr: 0.1, momentum: 0.9}, scheduler: none}
        adam: {optimizer: {type: Adam, lr: 0.1}, scheduler: none}
    """
    sessions = Sessions(PARABOLA)
    tried = [(name, each._schedule, sessions) for name, each in lrviz.loads(text).items()]
    assert [[name for name, _, _ in each] for each in optimizers_of(tried)] == [["low", "high"], ["momentum"], ["adam"]]


def test_an_optimizer_that_needs_a_closure_is_refused() -> None:
    with pytest.raises(ScheduleError, match="LBFGS needs a closure"):
        ranged("{epochs: 10, optimizer: {type: LBFGS, lr: 0.1}, scheduler: none}", Ramp())
