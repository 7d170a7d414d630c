"""The plain script that `lrviz plot` is compared with: three schedules of 100 epochs, with pyplot."""

import sys
from collections.abc import Callable

import matplotlib.pyplot as plt
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LRScheduler, MultiStepLR


def rates(make: Callable[[torch.optim.Optimizer], LRScheduler], lr: float) -> list[float]:
    model = torch.nn.Linear(10, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    scheduler = make(optimizer)
    recorded = []
    for _ in range(100):
        recorded.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return recorded


plt.plot(rates(lambda optimizer: MultiStepLR(optimizer, milestones=[30, 60, 90], gamma=0.1), 0.1), label="step")
plt.plot(rates(lambda optimizer: CosineAnnealingLR(optimizer, T_max=100), 0.1), label="cosine")
plt.plot(rates(lambda optimizer: ExponentialLR(optimizer, gamma=0.95), 0.5), label="hot")
plt.xlabel("epoch")
plt.ylabel("learning rate")
plt.legend()
plt.savefig(sys.argv[1])
