"""Every optimizer of torch trains as in a plain loop, or is refused with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tiny_problem import DEEP, TINY
from torch import nn

from lrviz.errors import ScheduleError
from lrviz.lessons.optimizer import layers_of
from lrviz.lessons.sessions import Sessions
from lrviz.lessons.setup import Setup, TrainingProblem
from lrviz.schedule.catalogue import OPTIMIZERS
from lrviz.schedule.model import Schedule

Read = Callable[[str], Schedule]

MATRICES = TrainingProblem(
    "matrices",
    4,
    None,
    lambda seed, size: Setup(
        nn.Sequential(nn.Linear(2, 3, bias=False), nn.Linear(3, 2, bias=False)),
        [torch.eye(2)] * 3,
        lambda model, batch: (model(batch) - batch).square().mean(),
        lambda model: float((model(torch.eye(2)) - torch.eye(2)).square().mean()),
    ),
)
"""A problem without anything but matrices, which is all that Muon takes."""

REFUSED = {
    "LBFGS": "LBFGS needs a closure, which it calls several times in a step; train cannot use it",
    "SparseAdam": "SparseAdam takes sparse gradients only, and these are dense; train cannot use it",
    "Muon": "torch refuses to construct Muon: ValueError: Muon only supports 2D parameters",
}


def file(optimizer: str) -> str:
    return f"epochs: 4\noptimizer: {optimizer}\nscheduler: {{type: StepLR, step_size: 2}}\n"


def refusal(schedule: Schedule, problem: TrainingProblem = TINY) -> str:
    with pytest.raises(ScheduleError) as error:
        Sessions(problem).train(schedule.name, schedule)
    assert "\n" not in error.value.problems[0].message
    return str(error.value)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains_or_is_refused(name: str, schedule: Read) -> None:
    read = schedule(file(f"{{type: {name}, lr: 0.01}}"))
    problem = TINY
    if name in REFUSED:
        assert refusal(read).startswith(f"test.yaml:2:12: error: schedule 'test': {REFUSED[name]}")
        if name != "Muon":
            return
        problem = MATRICES
    found = Sessions(problem).train("x", read).trainings[0]
    torch.manual_seed(0)
    model, batches, loss_of, _ = problem.make(0, None)
    optimizer: Any = getattr(torch.optim, name)(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    losses = []
    for _ in range(4):
        for batch in batches:
            loss = loss_of(model, batch)
            losses.append(loss.item())
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
        scheduler.step()
    # validation draws in between, and is put back
    assert found.losses.tolist() == losses


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        ("{type: SGD, lr: 0.1, maximize: true}", "SGD with maximize climbs, and train has a loss to descend"),
        ("{type: Adam, groups: [{lr: 0.1}, {lr: 0.2, maximize: true}]}", "Adam with maximize climbs"),
        ("{type: SGD, lr: 0.1, differentiable: true}", "SGD fails at step 0: RuntimeError: a leaf Variable"),
        ("{type: AdamW, lr: 0.1, capturable: true}", "AdamW fails at step 0: AssertionError: If capturable=True"),
        ("{type: Adam, lr: 0.1, foreach: true, fused: true}", "torch refuses to construct Adam: RuntimeError"),
    ],
)
def test_options_that_cannot_train(optimizer: str, message: str, schedule: Read) -> None:
    said = refusal(schedule(file(optimizer)))
    assert said.startswith(f"test.yaml:2:12: error: schedule 'test': {message}")
    option = next((each for each in ("maximize", "differentiable", "capturable") if each in optimizer), None)
    if option is not None:
        assert said.endswith(f"\n  hint: without {option}")


def test_a_learning_rate_that_torch_cannot_use_is_told_as_such(schedule: Read) -> None:
    said = refusal(schedule(file("{type: SGD, lr: 1e300}")))
    assert said.startswith("test.yaml:2:12: error: schedule 'test': SGD fails at step 0: RuntimeError: value cannot be")
    assert said.endswith("\n  hint: a learning rate that a 32-bit number can hold, below 3e38")


@pytest.mark.parametrize("switch", ["foreach", "fused"])
def test_other_implementations_train(switch: str, schedule: Read) -> None:
    assert not Sessions(TINY).train("x", schedule(file(f"{{type: Adam, lr: 0.01, {switch}: true}}"))).diverged


# --- param groups ------------------------------------------------------------------------------------------------


def groups(count: int, options: str = "") -> str:
    each = ", ".join(f"{{name: g{index}, lr: {0.01 * (index + 1):.2f}{options}}}" for index in range(count))
    return file(f"{{type: SGD, groups: [{each}]}}")


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [20]), (2, [10, 10]), (3, [7, 7, 6]), (8, [3, 3, 3, 3, 2, 2, 2, 2]), (20, [1] * 20)]
)
def test_groups_cut_the_layers_in_order(count: int, sizes: list[int], schedule: Read) -> None:
    """Each layer of `DEEP` has a weight and a bias; what a layer had for a learning rate, its own step tells."""
    made: list[Setup] = []

    def kept(seed: int, size: int | None) -> Setup:
        made.append(DEEP.make(seed, size))
        return made[-1]

    found = Sessions(TrainingProblem("deep", 1, None, kept), steps=1).train("x", schedule(groups(count))).trainings[0]
    trained = made[-1].model
    torch.manual_seed(0)
    model = DEEP.make(0, None).model
    torch.autograd.backward(made[-1].loss(model, torch.ones(1, 1)))
    rates = [0.01 * (group + 1) for group, size in enumerate(sizes) for _ in range(size)]
    for rate, (start, end) in zip(rates, zip(model, trained, strict=True), strict=True):  # type: ignore[call-overload]
        for one, other in zip(start.parameters(), end.parameters(), strict=True):
            torch.testing.assert_close(other.detach(), (one - rate * one.grad).detach())
    assert found.lr.shape == (1, count)


def test_more_groups_than_layers_are_refused(schedule: Read) -> None:
    said = refusal(schedule(groups(4)))
    assert said.startswith("test.yaml:2:12: error: schedule 'test' has 4 param groups for the 3 layers of tiny")


def test_layers_are_modules_with_parameters_of_their_own_and_each_parameter_trains_once() -> None:
    shared = nn.Linear(2, 2)
    frozen = nn.Linear(2, 2).requires_grad_(False)
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Sequential(shared, nn.LayerNorm(2)), frozen, shared)
    layers = layers_of(model)
    assert [len(each) for each in layers] == [2, 2, 2]
    assert layers[1][0] is shared.weight


def test_options_of_a_group_are_used(schedule: Read) -> None:
    plain, decayed = (
        Sessions(TINY).train("x", schedule(groups(2, options))).trainings[0] for options in ("", ", weight_decay: 0.5")
    )
    assert plain.losses[0] == decayed.losses[0]
    assert plain.losses[-1] != decayed.losses[-1]
