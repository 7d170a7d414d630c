"""DeepSpeed: `[...] [Rank 0] step=10, skipped=0, lr=[1e-05, 1e-05], mom=[(0.9, 0.999), ...]`.

`_take_model_step` (runtime/engine.py) steps the scheduler and then reports `global_steps + 1`: with the steps made
stands the learning rate of the next, one a param group, in full.
"""

from __future__ import annotations

from lrviz.log.text.format import Format, line

FORMATS = (
    Format(
        "DeepSpeed",
        ("step=", "skipped=", "lr=["),
        line(r"step=(?P<step>COUNT), skipped=COUNT, lr=\[(?P<lrs>NUMBER(?:, *NUMBER)*)\]"),
    ),
)
