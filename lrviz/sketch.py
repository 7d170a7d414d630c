"""The small chart of a curve that a notebook shows, as SVG, and the HTML around it. It needs numpy alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from lrviz.foreign import escaped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH, HEIGHT, EDGE = 320, 72, 2
"""The size of a chart in pixels, and the room around its lines."""

MOST_LINES = 12
"""Param groups that are drawn: the first ones."""

COLOR = "#0072b2"
"""A blue that can be seen on white and on black."""


def svg(columns: Sequence[memoryview], title: str) -> str:
    """The learning rates of some param groups, ticks long each, as lines from the first tick to the end of the run.

    The chart begins at 0, or at the least value if one is negative; what is not finite is a gap. `title` is read out
    by screen readers.
    """
    import numpy as np

    rates = [np.frombuffer(column) for column in columns[:MOST_LINES]]
    finite = np.concatenate([each[np.isfinite(each)] for each in rates])
    low, high = (min(0.0, float(finite.min())), float(finite.max())) if len(finite) else (0.0, 1.0)
    paths = (_path(each, low, high if high > low else low + 1) for each in rates)
    lines = "".join(
        f'<path d="{path}" fill="none" stroke="{COLOR}" stroke-width="1.5" '
        f'stroke-opacity="{1 - 0.7 * at / len(rates):.2g}"/>'
        for at, path in enumerate(paths)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img"><title>{escape(escaped(title))}</title>'
        f'<path d="M0 {HEIGHT - 0.5}H{WIDTH}" stroke="#888" stroke-width="1"/>{lines}</svg>'
    )


def _path(rates: NDArray[np.float64], low: float, high: float) -> str:
    """A path that holds each value until the next tick; of a long run, each pixel has its smallest and largest."""
    import numpy as np

    count = min(len(rates), WIDTH)
    starts = np.linspace(0, len(rates), count, endpoint=False).astype(np.int64)
    bounds = [np.minimum.reduceat(rates, starts), np.maximum.reduceat(rates, starts)]
    size = max(abs(low), abs(high))  # the difference of the two may be too large for a double
    with np.errstate(all="ignore"):
        lower, upper = (
            HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (each / size - low / size) / (high / size - low / size)
            for each in bounds
        )
    edges = np.linspace(0, WIDTH, count + 1)
    parts, pen, last = [], "M", np.nan
    for left, right, top, bottom in zip(edges[:-1], edges[1:], upper, lower, strict=True):
        if not (np.isfinite(top) and np.isfinite(bottom)):
            pen = "M"
            continue
        first, then = (top, bottom) if abs(top - last) <= abs(bottom - last) else (bottom, top)
        if pen == "M" or first != last:
            parts.append(f"{pen}{left:.4g} {first:.4g}")
        parts.append(f"V{then:.4g}" * bool(then != first) + f"H{right:.4g}")
        pen, last = "L", then
    return "".join(parts)


def html(chart: str | None, line: str) -> str:
    """A chart, if there is one, above a line of facts (and an error below it)."""
    lines = "\n".join(escape(escaped(each)) for each in line.splitlines())
    facts = f'<code style="white-space: pre-wrap">{lines}</code>'
    return f'<div style="display: inline-block; margin: 0 1em 0.5em 0">{chart}<br>{facts}</div>' if chart else facts


def several_html(parts: Iterable[str], line: str) -> str:
    """Some of these below a line that names them all."""
    return "".join([f"{html(None, line)}<br>", *(f"<div>{part}</div>" for part in parts)])
