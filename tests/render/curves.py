"""Curves by hand, for tests of what is made of them: no file, no torch."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.run import Run


def buffer(values: Sequence[float]) -> memoryview:
    return memoryview(array("d", values)).toreadonly()


def xs(line: Line2D) -> NDArray[np.float64]:
    """Where the points of a line of a picture are."""
    return np.asarray(line.get_xdata(), np.float64)


def ys(line: Line2D) -> NDArray[np.float64]:
    return np.asarray(line.get_ydata(), np.float64)


def curve(
    *columns: Sequence[float],
    name: str = "run",
    interval: Literal["epoch", "step"] = "epoch",
    steps_per_epoch: int | None = None,
    steps: int | None = None,
    end: float = 0.0,
    title: str | None = None,
) -> Curve:
    """A curve with these values, one list a group. `steps` makes it a run in steps."""
    ticks = len(columns[0])
    epochs = ticks if interval == "epoch" else ticks // (steps_per_epoch or 1)
    run = Run(epochs if steps is None else None, steps, steps_per_epoch, interval)
    return Curve(
        name=name,
        groups=tuple(f"g{at}" for at in range(len(columns))),
        run=run,
        columns=tuple(map(buffer, columns)),
        end_lr=(end,) * len(columns),
        title=title,
    )
