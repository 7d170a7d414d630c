"""Places of a curve, and learning rates, in words."""

from __future__ import annotations

from lrviz.curve import lr_at, moment, rate
from lrviz.run import Run

__all__ = ["lr_at", "moment", "place", "rate"]


def place(run: Run, tick: int) -> str:
    """A tick as a file names it, so that it can be pasted under `expect`."""
    if tick >= run.calls:
        return "end"
    if tick == 0 or run.interval == ("epoch" if run.epochs is not None else "step"):
        return str(tick)
    if run.interval == "step" and run.steps_per_epoch and tick % run.steps_per_epoch == 0:
        return f"{tick // run.steps_per_epoch} epochs"
    return f"{tick} {run.interval}s"
