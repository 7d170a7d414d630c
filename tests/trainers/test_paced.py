"""A scheduler that steps at every so many calls; the oracle is a loop that makes fewer calls."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from plain_loop import every, rates
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
    StepLR,
)

import lrviz
from lrviz.trainers.paced import paced

Maker = Callable[[Any], LRScheduler]

MAKERS: dict[str, Maker] = {
    "StepLR": lambda opt: StepLR(opt, 2),
    "OneCycleLR": lambda opt: OneCycleLR(opt, 0.3, 20),
    "SequentialLR": lambda opt: SequentialLR(opt, [LinearLR(opt), CosineAnnealingLR(opt, 5)], [3]),
    "ChainedScheduler": lambda opt: ChainedScheduler([ConstantLR(opt), ExponentialLR(opt, 0.9)]),
    "PhasedLR": lambda opt: lrviz.PhasedLR(
        opt, [lrviz.Phase(LinearLR, calls=3), lrviz.Phase(lambda inside: CosineAnnealingLR(inside, 5))]
    ),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("calls", [1, 2, 7])
def test_it_is_a_loop_with_fewer_calls(name: str, calls: int) -> None:
    make = MAKERS[name]
    assert rates(lambda opt: paced(make(opt), calls), 1, 20) == rates(every(calls, make), 1, 20)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("at", [5, 6, 7])
def test_its_state_goes_on_in_the_middle_of_an_interval(name: str, at: int) -> None:
    def make() -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        return optimizer, paced(MAKERS[name](optimizer), 3)

    used, saved = [], io.BytesIO()
    optimizer, scheduler = make()
    for step in range(20):
        if step == at:
            torch.save((optimizer.state_dict(), scheduler.state_dict()), saved)
            saved.seek(0)
            optimizer, scheduler = make()
            first, second = torch.load(saved, weights_only=True)
            optimizer.load_state_dict(first)
            scheduler.load_state_dict(second)
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert used == rates(every(3, MAKERS[name]), 1, 20)


def test_it_stays_what_it_is() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    plain = StepLR(optimizer, 2)
    assert paced(plain, 1) is plain
    assert type(plain) is StepLR
    assert paced(plain, 3) is plain
    assert isinstance(plain, StepLR)
    assert type(plain).__name__ == "StepLR"


def test_the_state_of_a_scheduler_that_a_loop_called_less_often() -> None:
    def optimizer() -> Any:
        return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)

    used = StepLR(optimizer(), 2)
    for _ in range(4):
        used.optimizer.step()
        used.step()
    resumed = paced(StepLR(optimizer(), 2), 3)
    resumed.load_state_dict(used.state_dict())
    assert resumed.calls == 12
