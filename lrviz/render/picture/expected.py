"""What a schedule expects, as marks on its line: rings where it holds, crosses where it does not."""

from __future__ import annotations

from collections.abc import Sequence

from lrviz.curve import Curve
from lrviz.render.choice import position
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.room import Room
from lrviz.render.shown import Expected
from lrviz.render.style import Palette
from lrviz.render.words import short_rate
from lrviz.schedule.expectation import At, Between, Direction, Extreme, Peak


def mark_expectations(room: Room, drawn: Drawn, expected: Sequence[Expected], palette: Palette) -> None:
    """What is expected: a ring where it holds, a cross at what was expected where it does not; ranges as lines."""
    for each in sorted(expected, key=lambda each: each.holds):
        _mark(room, drawn, each, palette)


def _mark(room: Room, drawn: Drawn, each: Expected, palette: Palette) -> None:
    expectation, color = each.expectation, palette.holds if each.holds else palette.fails
    for index, column in enumerate(drawn.columns):
        if expectation.group is not None and column.curve.groups_differ and expectation.group != column.group:
            continue
        curve, scale = column.curve, drawn.scales[index]
        if isinstance(expectation, Between):
            for limit in (expectation.low, expectation.high):
                if drawn.ax.get_ylim()[0] <= limit / scale <= drawn.ax.get_ylim()[1]:
                    drawn.ax.axhline(limit / scale, color=color, linewidth=0.8, linestyle=(0, (1, 3)), label="_limit")
        elif isinstance(expectation, Direction):
            _mark_span(drawn, expectation, curve, each.holds, color)
        else:
            _mark_point(room, drawn, each, index, color)


def _mark_point(room: Room, drawn: Drawn, each: Expected, index: int, color: str) -> None:
    column, scale = drawn.columns[index], drawn.scales[index]
    place = place_of(each, column.curve, column.group)
    if place is None:
        return
    tick, value, words = place
    at = (position(column.curve, drawn.clock, tick), value / scale)
    low, high = drawn.ax.get_ylim()
    if not low <= at[1] <= high:
        at = (at[0], min(max(at[1], low), high))
    if each.holds:
        drawn.ax.plot(
            *at, "o", markersize=8, markerfacecolor="none", markeredgecolor=color, markeredgewidth=1.1, zorder=4.5,
            clip_on=False, label="_holds",
        )  # fmt: skip
        room.take(at, 9)
        return
    drawn.ax.plot(*at, "x", color=color, markersize=8, markeredgewidth=2.2, zorder=5, clip_on=False, label="_fails")
    room.take(at, 9)
    room.write(f"expected {words}", at, color=color, fontsize=8, fontweight="bold")


def place_of(each: Expected, curve: Curve, group: int) -> tuple[float, float, str] | None:
    """The tick, the learning rate and the words of an expectation that is about one place."""
    import numpy as np

    expectation = each.expectation
    values = np.frombuffer(curve.columns[group])
    if isinstance(expectation, At):
        return min(float(expectation.place.moment), curve.duration), expectation.value, short_rate(expectation.value)
    if isinstance(expectation, Extreme):
        tick = int(np.nanargmax(values) if expectation.key == "max" else np.nanargmin(values))
        return tick, expectation.value, f"{expectation.key} {short_rate(expectation.value)}"
    if isinstance(expectation, Peak):
        tick = expectation.place.tick
        return tick, float(values[tick]), "the peak here"
    return None


def missed_rates(expected: Sequence[Expected], drawn: Drawn) -> list[float]:
    """The learning rates that were expected at a place and are not there, as the axis has them."""
    missed = [each.expectation for each in expected if not each.holds]
    rates = [each.value for each in missed if isinstance(each, At | Extreme)]
    return [rate / scale for rate in rates for scale in drawn.scales[:1]]


def _mark_span(drawn: Drawn, expectation: Direction, curve: Curve, holds: bool, color: str) -> None:
    """A bar along the bottom between the places of a direction; with a cross in its middle where that does not hold."""
    start = position(curve, drawn.clock, expectation.start.tick if expectation.start else 0)
    stop = position(curve, drawn.clock, expectation.stop.tick if expectation.stop else len(curve))
    across = drawn.ax.get_xaxis_transform()
    width = 1.1 if holds else 2.6
    drawn.ax.plot(
        [start, stop], [0.008, 0.008], transform=across, color=color, linewidth=width,
        alpha=0.6 if holds else 0.9, zorder=3,
        solid_capstyle="butt", label="_span",
    )  # fmt: skip
    if not holds:
        middle = [(start + stop) / 2]
        drawn.ax.plot(
            middle,
            [0.03],
            "x",
            transform=across,
            color=color,
            markersize=7,
            markeredgewidth=2.2,
            zorder=5,
            label="_fails",
        )
