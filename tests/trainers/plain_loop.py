"""The oracle of the trainers: what a loop in plain torch uses, with the scheduler of torch that the file names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def rates(
    scheduler: Callable[[Any], Any], epochs: int, steps: int, *, lr: float = 0.1, per: str = "step"
) -> list[float]:
    """The learning rate of every optimizer step of so many epochs, each of so many steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    made = scheduler(optimizer)
    used = []
    for _ in range(epochs):
        for _ in range(steps):
            used.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if per == "step":
                made.step()
        if per == "epoch":
            made.step()
    return used


def every(calls: int, scheduler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A scheduler that a loop steps at every call of so many."""

    class Every:
        def __init__(self, optimizer: Any) -> None:
            self.inside, self.seen = scheduler(optimizer), 0

        def step(self) -> None:
            self.seen += 1
            if self.seen % calls == 0:
                self.inside.step()

    return Every
