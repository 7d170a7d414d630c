"""The plain script that `lrviz table` is compared with: 30 epochs of StepLR, as tutorials print them."""

import torch

model = torch.nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.9)
for epoch in range(30):
    print(epoch, optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
