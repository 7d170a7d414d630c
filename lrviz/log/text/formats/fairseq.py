"""fairseq: `epoch 001:    100 / 1234 loss=11.2, ..., num_updates=100, lr=1.5e-05, ...`, or that as JSON in the text.

`Trainer.set_num_updates` counts the update and then sets the learning rate of the next (`lr_step_update`, trainer.py):
with the updates made stands the learning rate of the next. Statistics are `%g` (`format_stat`,
logging/progress_bar.py), so 6 digits; JSON has them as texts.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "fairseq",
        ("num_updates=", " lr="),
        line(r"num_updates=(?P<step>COUNT), lr=(?P<lr>NUMBER)(?=,|$)"),
        digits=6,
    ),
    Format(
        "fairseq",
        ('num_updates": "', 'lr": "'),
        line(r'"(?:train_)?num_updates": "(?P<step>COUNT)", "(?:train_)?lr": "(?P<lr>NUMBER)"'),
        digits=6,
    ),
)
