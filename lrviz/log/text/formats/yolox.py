"""YOLOX: `epoch: 3/300, iter: 50/1849, gpu mem: 6000Mb, ..., lr: 1.200e-04, size: 640, ETA: ...`.

Epochs and iterations count from 1. `train_one_iter` sets the learning rate of the next iteration
(`update_lr(progress_in_iter + 1)`) and notes it (core/trainer.py): with the iterations made stands that of the next.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "YOLOX",
        ("epoch: ", "iter: ", " lr: "),
        line(r"epoch: (?P<epoch>COUNT)/COUNT, iter: (?P<iteration>COUNT)/(?P<of>COUNT), .* lr: (?P<lr>NUMBER)(?=,|$)"),
        first_epoch=1,
        digits="written",
    ),
)
