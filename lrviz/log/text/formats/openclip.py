"""OpenCLIP: `Train Epoch: 0 [ 51200/1000000 (5%)] Data (t): 0.010 Batch (t): 0.300, ... LR: 0.000500 Logit Scale: ...`.

Epochs count from 0, and samples within them: the log knows no steps. `train_one_epoch` (training/train.py) sets the
learning rate before each step and prints it as `%5f` behind it, with the samples that are done.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "OpenCLIP",
        ("Train Epoch: ", " LR: "),
        line(r"Train Epoch: (?P<epoch>COUNT) \[ *(?P<part>COUNT)/(?P<of>COUNT) \(.*?\bLR: (?P<lr>NUMBER)(?= |$)"),
        behind=(1,),
    ),
)
