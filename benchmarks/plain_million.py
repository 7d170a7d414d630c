"""The plain script that long runs are compared with: a million steps of warmup and cosine, every 100,000th printed.

It does not call `optimizer.step()`, which would take another ten seconds.
"""

import warnings

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

STEPS, WARMUP = 1_000_000, 10_000

warnings.filterwarnings("ignore")
model = torch.nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = SequentialLR(
    optimizer,
    [
        LinearLR(optimizer, start_factor=0.01, total_iters=WARMUP),
        CosineAnnealingLR(optimizer, T_max=STEPS - WARMUP),
    ],
    milestones=[WARMUP],
)
for step in range(STEPS):
    if step % 100_000 == 0:
        print(step, optimizer.param_groups[0]["lr"])
    scheduler.step()
