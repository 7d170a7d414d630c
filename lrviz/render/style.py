"""How every picture looks, whatever is drawn: colours, line styles, fonts, and what a person may choose."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Clock: TypeAlias = Literal["epoch", "step", "percent"]

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours for every kind of colour vision, without the yellow that no paper shows."""

DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (6, 2, 1.2, 2)),
    (0, (1.2, 1.5)),
    (0, (8, 2, 1.2, 2, 1.2, 2)),
)
"""Line styles; as many as have no common divisor with the colours, so that 35 curves have a look of their own."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is drawn. `x` is chosen by what all curves know, `size` is in inches.

    Without a size the picture is as high as its legend asks for. `grid` gives every curve a panel of its own.
    """

    log: bool = False
    x: Clock | None = None
    title: str | None = None
    size: tuple[float, float] | None = None
    dpi: int = 160
    grid: bool = False


@contextmanager
def settings() -> Iterator[None]:
    """Matplotlib's own defaults with ours over them, whatever the user's matplotlibrc says."""
    import matplotlib

    defaults: dict[Any, Any] = {
        key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")
    }
    with warnings.catch_warnings(), matplotlib.rc_context(defaults), matplotlib.rc_context(SETTINGS):
        warnings.simplefilter("ignore")  # a letter that the font lacks, a legend that leaves little room
        yield


SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": "0.35",
    "axes.grid": True,
    "axes.labelcolor": "0.15",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": "0.9",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "path.simplify": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "lrviz",
    "xtick.color": "0.35",
    "xtick.labelcolor": "0.15",
    "ytick.color": "0.35",
    "ytick.labelcolor": "0.15",
}
