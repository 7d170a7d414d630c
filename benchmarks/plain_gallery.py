"""The plain script that `lrviz check` of the gallery is compared with: one cosine, with as many calls as the gallery.

`python plain_gallery.py CALLS`. It records what a check needs, the learning rate of every call.
"""

import sys
import warnings
from array import array

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

calls = int(sys.argv[1])
warnings.filterwarnings("ignore")
model = torch.nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = CosineAnnealingLR(optimizer, T_max=calls)
rates = array("d")
for _ in range(calls):
    rates.append(optimizer.param_groups[0]["lr"])
    scheduler.step()
print(max(rates), min(rates))
