"""What `lrviz train` of the lessons is compared with: a plain torch loop on the same data, network and batches.

    python benchmarks/plain_lessons.py 64x460 64x460 32x900

Each word is a training: the samples of a batch, and the optimizer steps.
"""

from __future__ import annotations

import sys

import torch

from lrviz.lessons.problems import problem_of

DIGITS = problem_of("digits")


def train(batch_size: int, steps: int) -> float:
    torch.manual_seed(0)
    model, batches, loss_of, validate = DIGITS.make(0, batch_size)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    loss, step = torch.tensor(0.0), 0
    while step < steps:
        for batch in batches:
            loss = loss_of(model, batch)
            loss.item()
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            scheduler.step()
            step += 1
            if step == steps:
                break
        with torch.no_grad():
            validate(model)
    return float(loss)


for word in sys.argv[1:]:
    train(*map(int, word.split("x")))
