"""The noisy quadratic model: its gradient, and its exact expected loss beside sampled runs and another recursion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from lrviz.lessons.problems import problem_of
from lrviz.lessons.problems.quadratic import expected_loss
from lrviz.lessons.results import Training
from lrviz.lessons.setup import Walk
from lrviz.lessons.train import length_of, train
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

H = 1 / np.arange(1, 101)


def trained(schedule: Schedule, seed: int = 0, steps: int | None = None, batch_size: int | None = None) -> Training:
    problem = problem_of("quadratic")
    into: list[Training] = []
    train(schedule, problem, length_of(problem, batch_size, steps=steps), seed, batch_size, into=into)
    return into[0]


def constant(read: Read, lr: float, optimizer: str = "") -> Schedule:
    return read(f"epochs: 20\noptimizer: {{type: SGD, lr: {lr}{optimizer}}}\nscheduler: none\n")


def walk_of(schedule: Schedule, lr: Any, momentum: Any) -> Walk:
    return Walk(schedule, np.array(lr, dtype=float), np.array(momentum, dtype=float))


def test_the_gradient_is_that_of_the_loss_with_noise_of_variance_h_over_b() -> None:
    setup = problem_of("quadratic").make(0, 9)
    parameters = list(setup.model.parameters())
    assert [len(each) for each in parameters] == [25, 25, 25, 25]
    gradients = []
    for _ in range(40):
        for batch in setup.batches:
            loss = setup.loss(setup.model, batch)
            with torch.no_grad():
                assert float(loss.detach()) == setup.validate(setup.model) == pytest.approx(sum(H) / 2)
            setup.model.zero_grad()
            torch.autograd.backward(loss)
            gradients.append(np.concatenate([each.grad.numpy() for each in parameters]))  # type: ignore[union-attr]
    found = np.array(gradients)
    assert len(setup.batches) == 50
    error = np.sqrt(H / 9 / len(found))
    assert np.all(np.abs(found.mean(axis=0) - H) < 5 * error)
    assert found.var(axis=0) == pytest.approx(H / 9, rel=0.2)
    correlation = np.corrcoef(found.T) - np.eye(100)
    assert np.abs(correlation).max() < 0.15


def test_the_noise_is_that_of_the_seed_and_no_parameter_or_validation_changes_it(schedule: Read) -> None:
    problem = problem_of("quadratic")
    one, other, third = problem.make(3, None), problem.make(3, None), problem.make(4, None)
    first = [batch.tolist() for batch in one.batches]
    for parameter in other.model.parameters():
        parameter.data.mul_(7)
    with torch.no_grad():
        other.validate(other.model)
    assert [batch.tolist() for batch in other.batches] == first
    assert [batch.tolist() for batch in third.batches] != first
    assert [batch.tolist() for batch in one.batches] != first  # each epoch has its own
    assert [(4 * batch / 2).tolist() for batch in problem.make(3, 16).batches] == [
        (2 * batch / 2).tolist() for batch in problem.make(3, 4).batches
    ]


# --- the exact expectation ----------------------------------------------------------------------------------


def by_matrices(schedule: Schedule, walk: Walk, ends: list[int], batch: int, **options: Any) -> list[float]:
    """The expected loss by the mean and the covariance of the whole state (parameter and buffer of one direction), a
    direction after the other, as matrix products."""
    total = np.zeros(len(walk.lr) + 1)
    for index, h in enumerate(H):
        group = next(number for number, end in enumerate(ends) if index < end)
        decay, dampening, nesterov = (options.get(key, [0, 0, 0])[group] for key in ("decay", "dampening", "nesterov"))
        mean, covariance = np.array([1.0, 0.0]), np.zeros((2, 2))
        total[0] += h / 2
        fresh = True
        for step, (lr, momentum) in enumerate(zip(walk.lr[:, group], walk.momentum[:, group], strict=True)):
            if momentum == 0:
                buffer, noise_in_buffer = np.array([0.0, 1.0]), 0.0
                update, noise = np.array([h + decay, 0.0]), 1.0
            else:
                keep, take = (0, 1) if fresh else (momentum, 1 - dampening)
                buffer, noise_in_buffer = np.array([take * (h + decay), keep]), take
                update, noise = buffer, noise_in_buffer
                if nesterov:
                    update, noise = np.array([h + decay, 0.0]) + momentum * buffer, 1 + momentum * noise_in_buffer
                fresh = False
            matrix = np.array([np.array([1.0, 0.0]) - lr * update, buffer])
            shock = np.array([-lr * noise, noise_in_buffer])
            mean = matrix @ mean
            covariance = matrix @ covariance @ matrix.T + np.outer(shock, shock) * h / batch
            total[step + 1] += h / 2 * (mean[0] ** 2 + covariance[0, 0])
    return list(total)


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("lr: 0.7", {}),
    "momentum": ("lr: 0.1, momentum: 0.9", {}),
    "dampening": ("lr: 0.3, momentum: 0.8, dampening: 0.5, weight_decay: 0.02", {"decay": [0.02], "dampening": [0.5]}),
    "nesterov": ("lr: 0.1, momentum: 0.9, nesterov: true", {"nesterov": [True]}),
    "groups": (
        "lr: 0.1, momentum: 0.5, weight_decay: 0.1,"
        " groups: [{}, {lr: 0.5, weight_decay: 0}, {momentum: 0.9, nesterov: true}]",
        {"decay": [0.1, 0, 0.1], "nesterov": [False, False, True]},
    ),
}
ENDS = {"groups": [50, 75, 100]}


@pytest.mark.parametrize("name", CASES)
def test_the_expectation_is_that_of_a_recursion_in_matrices(name: str, schedule: Read) -> None:
    options, by_group = CASES[name]
    one = schedule(f"epochs: 20\noptimizer: {{type: SGD, {options}}}\nscheduler: none\n")
    rng = np.random.default_rng(0)
    groups = len(one.optimizer.groups)
    momentum = rng.uniform(0, 0.95, (40, groups))
    momentum[:4] = momentum[20] = 0  # as a scheduler may set it, the buffer begins late and rests
    walk = walk_of(one, rng.uniform(0, 1, (40, groups)), momentum)
    found = expected_loss(walk, 3)
    assert found is not None
    assert found.tolist() == pytest.approx(by_matrices(one, walk, ENDS.get(name, [100]), 3, **by_group), rel=1e-12)


@pytest.mark.parametrize("name", ["plain", "dampening", "groups"])
def test_the_expectation_is_the_mean_of_many_runs(name: str, schedule: Read) -> None:
    one = schedule(
        f"epochs: 20\noptimizer: {{type: SGD, {CASES[name][0]}}}\nscheduler: {{type: CosineAnnealingLR, T_max: 20}}\n"
    )
    runs = [trained(one, seed, steps=40) for seed in range(40)]
    losses = np.array([each.losses for each in runs])
    exact = runs[0].exact
    assert exact is not None
    assert len(exact) == 41
    assert all(np.array_equal(each.exact, exact) for each in runs)  # type: ignore[arg-type]
    error = losses.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert losses[:, 0] == pytest.approx(exact[0])
    deviations = (losses.mean(axis=0) - exact[:-1])[1:] / error[1:]
    assert np.abs(deviations).max() < 4.5
    final = [each.final.loss for each in runs]
    assert abs(np.mean(final) - exact[-1]) < 4.5 * np.std(final) / np.sqrt(len(runs))


def test_without_noise_it_is_the_loss_itself(schedule: Read) -> None:
    """With an endless batch; momentum cycles, as OneCycleLR lets it."""
    one_cycle = schedule(
        "epochs: 20\nsteps_per_epoch: 50\ninterval: step\n"
        "optimizer: {type: SGD, lr: 0.1, momentum: 0.9, weight_decay: 0.01}\n"
        "scheduler: {type: OneCycleLR, max_lr: 0.3}\n"
    )
    decays = constant(schedule, 0.3, ", momentum: 0.5, weight_decay: 0.2")
    for each in (one_cycle, decays):
        run = trained(each, steps=50, batch_size=10**12)
        assert run.exact is not None
        assert run.losses == pytest.approx(
            run.exact[:-1], rel=1e-4, abs=1e-8
        )  # of 2.6 at the start, in single precision
        assert len(set(run.momentum[:, 0])) > 1 or each is decays


def test_other_optimizers_have_no_expectation(schedule: Read) -> None:
    run = trained(schedule("epochs: 2\noptimizer: {type: Adam, lr: 0.01}\nscheduler: none\n"), steps=10)
    assert run.exact is None


# --- what lessons show --------------------------------------------------------------------------------------


def test_it_diverges_from_two_over_the_steepest_curvature_on(schedule: Read) -> None:
    rates = {lr: trained(constant(schedule, lr), batch_size=10**6, steps=300) for lr in (1.9, 2.1)}
    assert [each.diverged for each in rates.values()] == [False, True]
    hot = trained(constant(schedule, 3.0))
    assert hot.stopped is not None
    assert len(hot.losses) < 100
    assert hot.exact is not None
    assert np.isfinite(hot.exact).all()


def floor(schedule: Schedule, batch_size: int) -> float:
    walk = walk_of(schedule, np.full((4000, 1), schedule.optimizer.options["lr"]), np.zeros((4000, 1)))
    exact = expected_loss(walk, batch_size)
    assert exact is not None
    return float(exact[-1])


def test_the_floor_of_the_noise_follows_learning_rate_and_batch_size(schedule: Read) -> None:
    """It is the sum of lr h / (4 B) / (1 - lr h / 2), which follows from the recursion's fixed point."""
    for lr, batch in ((0.2, 4), (0.4, 4), (0.4, 8)):
        assert floor(constant(schedule, lr), batch) == pytest.approx(sum(lr * H / (4 * batch) / (1 - lr * H / 2)))
    assert floor(constant(schedule, 0.4), 4) / floor(constant(schedule, 0.2), 4) == pytest.approx(2, rel=0.05)


def test_decay_lets_it_settle(schedule: Read) -> None:
    cosine = schedule("epochs: 20\noptimizer: {type: SGD, lr: 1.0}\nscheduler: {type: CosineAnnealingLR, T_max: 20}\n")
    decayed, stays, crawls = trained(cosine), trained(constant(schedule, 1.0)), trained(constant(schedule, 0.03))
    assert decayed.final.loss < 0.3 * min(stays.final.loss, crawls.final.loss)


def test_adam_sees_the_same_problem_and_more_groups_than_layers_are_refused(schedule: Read) -> None:
    adam = schedule("epochs: 20\noptimizer: {type: Adam, lr: 0.01}\nscheduler: none\n")
    assert trained(adam).final.loss < 0.1
    many = schedule("epochs: 20\noptimizer: {type: SGD, lr: 0.1, groups: [{}, {}, {}, {}, {}]}\nscheduler: none\n")
    with pytest.raises(ValueError, match="5 param groups for the 4 layers of quadratic"):
        trained(many)
