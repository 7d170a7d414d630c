"""torchvision's references and their many descendants (DETR, DeiT, MAE, DINO):

`Epoch: [3]  [  50/1251]  eta: 0:10:00  lr: 0.100000  loss: 6.9 (6.9)  time: ...`

Epochs and iterations count from 0, and `train_one_epoch` notes the learning rate that the iteration used
(`metric_logger.update(lr=optimizer.param_groups[0]["lr"])`, references/classification/train.py);
`MetricLogger.log_every` prints it behind the iteration, in full or as `%.6f`.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "torchvision's MetricLogger",
        ("Epoch: [", "lr: "),
        line(
            r"Epoch: \[(?P<epoch>COUNT)\] +\[ *(?P<iteration>COUNT)/(?P<of>COUNT)\] .*"
            r" lr: (?P<lr>NUMBER)(?: \(NUMBER\))?(?=  |$)"
        ),
    ),
)
