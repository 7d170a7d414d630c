"""Two curves as a picture: both above, and their ratio below.

Of two files, A and B, each has its colour. Of one schedule before and after a change, the old curve is a thin grey
dashed line over the new one, so that both are seen where they are the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lrviz.calculator.difference import Difference
from lrviz.foreign import visible
from lrviz.render.drawing.names import Key
from lrviz.render.drawing.panels import DECADES_BY_ITSELF, decades_of
from lrviz.render.drawing.styles import DASHED_GROUPS
from lrviz.render.outline import gapped, points
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.axis import log_rate_axis
from lrviz.render.picture.below import legend_of, settle, stand_below
from lrviz.render.picture.figure import draw_on, save
from lrviz.render.picture.log_axis import log_axis
from lrviz.render.style import COLORS, DASHES, PALETTES, Look, settings
from lrviz.run import Clock
from lrviz.words import axis_notation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (7.2, 5.6)

THIN = 1.2
"""The width of each line, in points, if there are many param groups."""

MANY_COLOR = 3
"""The number of the colour whose shades their ratios have: that of neither curve. The first and the last are named."""

LOG_RATIOS = 10
"""If the largest ratio is more than this many times the smallest, their axis is logarithmic."""


OLD: Any = {"color": "0.35", "linestyle": (0, (4, 3)), "linewidth": 1.3, "zorder": 2.5}
"""The line of a curve as it was."""


def render(pair: Difference, names: tuple[str, str], format: str, *, change: str = "") -> bytes:
    """The picture of two sources as the bytes of a PNG, SVG or PDF file; the same curves give the same bytes.

    With a `change`, which is its title, they are one schedule before and after it.
    """
    with settings():
        return save(draw(pair, names, change), format, Look().dpi)


def draw(pair: Difference, names: tuple[str, str], change: str = "") -> Figure:
    """The figure: one axes of learning rates, and below it one of ratios over the same clock."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    x = _clock(pair)
    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    curves = [
        replace(side.curve, name=name if change else f"{letter}: {name}", title=None)
        for letter, name, side in zip("AB", names, (pair.a, pair.b), strict=True)
    ]
    drawn = draw_on(above, curves, Look(x=x))
    keys = _sides(drawn) if len(pair.groups) > DASHED_GROUPS else drawn.keys
    if change:
        keys = _as_change(drawn, keys, len(pair.groups))
    above.set_title(visible(change) or _title(pair), loc="left", pad=10, parse_math=False)
    _ratios(below, pair, x, "new / old" if change else "B / A", dashed=not change)
    below.set_xlabel(above.get_xlabel())
    above.set_xlabel("")
    stand_below(figure, PALETTES["light"], legend=legend_of(keys, drawn.lines, figure))
    settle(figure)
    return figure


def _sides(drawn: Drawn) -> list[Key]:
    """A name for all lines of each curve, which have many param groups: thin lines of one colour, without dashes."""
    sides: dict[str, list[int]] = {}
    for index, column in enumerate(drawn.drawing.columns):
        sides.setdefault(column.curve.name, []).append(index)
        drawn.lines[index].set(color=COLORS[len(sides) - 1], linestyle="-", linewidth=THIN)
    return [
        Key(name if len(own) == 1 else f"{name} ({len(own)} param groups)", (own[0],)) for name, own in sides.items()
    ]


def _as_change(drawn: Drawn, keys: list[Key], groups: int) -> list[Key]:
    """The old lines alike, over those of the new curve, which have a colour for each param group, as the ratios have.

    The old lines share a name. Of many groups, so do the new ones, and they keep their style.
    """
    old_name = drawn.drawing.columns[0].curve.name
    old = [index for index, column in enumerate(drawn.drawing.columns) if column.curve.name == old_name]
    new = [index for index in range(len(drawn.lines)) if index not in old]
    for index in old:
        drawn.lines[index].set(**OLD)
    if groups > DASHED_GROUPS:
        for index in new:
            drawn.lines[index].set(color=COLORS[0])
        return keys
    for place, index in enumerate(new):
        drawn.lines[index].set(color=COLORS[place], linestyle="-")
    return [Key(old_name, (old[0],)), *(key for key in keys if key.columns[0] in new)]


def _title(pair: Difference) -> str:
    return visible(pair.a.name if pair.a.name == pair.b.name else f"{pair.a.name} and {pair.b.name}")


def _clock(pair: Difference) -> Clock:
    """Epochs if both curves know them and one epoch means the same in both, else steps."""
    first, second = pair.a.curve.run, pair.b.curve.run
    alike = first.interval == second.interval == "epoch" or first.steps_per_epoch == second.steps_per_epoch
    if None not in (first.total_epochs, second.total_epochs) and (
        alike or None in (first.total_steps, second.total_steps)
    ):
        return "epoch"
    return "step"


def _ratios(ax: Axes, pair: Difference, x: Clock, label: str, *, dashed: bool) -> None:
    """Draws a line for each param group, with gaps where the first curve is 0 or one of them has ended."""
    shown = []
    many = len(pair.groups) > DASHED_GROUPS
    shades = PALETTES["light"].family(MANY_COLOR, len(pair.groups)) if many else ()
    for index, group in enumerate(pair.groups):
        ratios = gapped(pair.ratios(group.group))
        shown.append(ratios[np.isfinite(ratios)])
        ax.plot(
            *points(pair.clock, ratios, x),
            color=shades[index] if many else COLORS[-1] if len(pair.groups) == 1 else COLORS[index % len(COLORS)],
            linestyle=DASHES[index % len(DASHES)] if dashed and not many else "-",
            linewidth=THIN if many else 1.9,
            label=None if group.group is None else visible(group.group),
        )
    ax.axhline(1.0, color="0.35", linewidth=0.8, zorder=1)
    finite = np.concatenate([*shown, [1.0]])
    decades = decades_of(shown)
    if decades and (finite >= 0).all() and decades.highest > 10.0**DECADES_BY_ITSELF * decades.lowest:
        log_axis(ax, [*shown, np.ones(1)], 5)
    elif (finite > 0).all() and finite.max() > LOG_RATIOS * finite.min():
        ax.set_yscale("log")
        log_rate_axis(ax.yaxis, *ax.get_ylim(), 5, axis_notation(float(finite.max()), log=True))
    ax.set_ylabel(label)
    if len(pair.groups) > 1:
        handles = [ax.lines[0], ax.lines[len(pair.groups) - 1]] if many else ax.lines[: len(pair.groups)]
        for text in ax.legend(handles=handles, fontsize=8, frameon=many, edgecolor="none").get_texts():
            text.set_parse_math(False)
