"""detectron2: ` eta: 0:10:00  iter: 19  total_loss: 1.2  ...  lr: 0.00019981  max_mem: 2000M`.

Iterations count from 0 (`storage.iter`), and `LRScheduler.after_step` (engine/hooks.py) notes the learning rate before
it steps the scheduler. `CommonMetricPrinter.write` (utils/events.py) prints it as `%.5g`; a first one may be `N/A`.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "detectron2",
        (" iter: ", " lr: "),
        line(r" iter: (?P<step>COUNT)  .* lr: (?P<lr>NUMBER)(?= |$)"),
        digits=5,
    ),
)
