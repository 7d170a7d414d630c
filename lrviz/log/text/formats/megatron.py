"""Megatron-LM and what descends from it: ` iteration       10/    1000 | ... learning rate: 1.000000E-04 | ...`.

`training_log` is called after `iteration += 1` and with the learning rate of the param groups after
`opt_param_scheduler.step` (both in `train`, megatron/training/training.py): with the iterations made stands the
learning rate of the next.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "Megatron",
        ("iteration", "learning rate: "),
        line(r"iteration +(?P<step>COUNT)/ *COUNT \|.*\| learning rate: (?P<lr>NUMBER) "),
        digits="written",
    ),
)
