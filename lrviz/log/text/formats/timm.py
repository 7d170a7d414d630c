"""timm: `Train: 3 [  50/1251 (  4%)]  Loss: 6.9 (6.9)  ...  LR: 5.000e-04  Data: ...`.

Epochs and updates count from 0, and the learning rate is that of the update just made, the mean of the param groups
(`train_one_epoch` in train.py, before `lr_scheduler.step_update`), as `%.3e`.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "timm",
        ("Train: ", "LR: "),
        line(r"Train: +(?P<epoch>COUNT) \[ *(?P<iteration>COUNT)/(?P<of>COUNT)[ \]].* LR: (?P<lr>NUMBER)"),
        digits="written",
    ),
)
