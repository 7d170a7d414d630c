"""Measures what `lrviz.guard` adds to a training step: plain loops and guarded ones take turns, step by step the same.

    python benchmarks/guard.py

Prints the microseconds of `optimizer.step()` and `scheduler.step()` without and with the guard. They are those of the
processor, and of many short runs the fastest counts, so that what else the machine does is left out.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Any

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

import lrviz

STEPS, RUNS = 2_000, 25
SCHEDULE = {"steps": STEPS, "optimizer": {"lr": 0.1}, "scheduler": {"type": "CosineAnnealingLR"}}


def microseconds(plan: lrviz.Schedule, *, guarded: bool) -> float:
    """The time of a step of a training on one number, which has one param group."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = CosineAnnealingLR(optimizer, STEPS)
    context: Any = lrviz.guard(optimizer, plan) if guarded else nullcontext()
    with context:
        began = time.process_time()
        for _ in range(STEPS):
            optimizer.step()
            scheduler.step()
        return (time.process_time() - began) / STEPS * 1e6


def main() -> None:
    plan = lrviz.load(SCHEDULE).only
    pairs = [(microseconds(plan, guarded=False), microseconds(plan, guarded=True)) for _ in range(RUNS)]
    plain, guarded = (min(times) for times in zip(*pairs, strict=True))
    print(f"{plain:.3f} {guarded:.3f}")


if __name__ == "__main__":
    main()
