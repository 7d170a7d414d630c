"""What a schedule expects, as marks on its line: rings where it holds, crosses where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lrviz.curve import Curve
from lrviz.render.choice import position
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.room import Room
from lrviz.render.shown import Expected
from lrviz.render.style import Palette, letters
from lrviz.schedule.expect import At, Between, Direction, Extreme, MaxJump, Peak
from lrviz.words import short_rate


def mark_expectations(
    room: Room, drawn: Drawn, expected: Sequence[Expected], palette: Palette, *, owner: str = ""
) -> None:
    """What is expected: a ring where it holds, a cross at what was expected where it does not; ranges as lines.

    What is beyond the axes is an arrow at their edge. With an `owner`, its name, what finds no room for its words is
    left out, because nobody could tell whose it is.
    """
    for each in sorted(expected, key=lambda each: each.holds):
        _mark(room, drawn, each, palette, owner)


def _mark(room: Room, drawn: Drawn, each: Expected, palette: Palette, owner: str) -> None:
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
            _mark_span(room, drawn, each, curve, color)
        else:
            _mark_point(room, drawn, each, index, color, owner)


def _mark_point(room: Room, drawn: Drawn, each: Expected, index: int, color: str, owner: str) -> None:
    column, scale = drawn.columns[index], drawn.scales[index]
    place = place_of(each, column.curve, column.group)
    if place is None:
        return
    tick, value, words = place
    x, y = position(column.curve, drawn.clock, tick), value / scale
    low, high = drawn.ax.get_ylim()
    size = letters(8)
    if each.holds:
        if low <= y <= high:
            drawn.ax.plot(
                x, y, "o", markersize=size, markerfacecolor="none", markeredgecolor=color, zorder=4.5, clip_on=False,
                markeredgewidth=letters(1.1), label="_holds",
            )  # fmt: skip
            room.take((x, y), letters(9))
        return
    whose = owner or (column.curve.groups[column.group] if column.curve.groups_differ else "")
    sign = "x" if low <= y <= high else "^" if y > high else "v"
    at = (x, min(max(y, low), high))
    taken = len(room.taken)
    room.take(at, letters(9))
    look: dict[str, Any] = {"color": color, "fontsize": letters(8), "fontweight": "bold", "rather": True}
    written = room.write(f"{whose}: {words}" if whose else words, at, **look)
    if written is None and owner:
        del room.taken[taken:]
        return
    drawn.ax.plot(
        *at, sign, color=color, markersize=size, markeredgewidth=letters(2.2 if sign == "x" else 0.5), zorder=5,
        clip_on=False, label="_fails",
    )  # fmt: skip


def place_of(each: Expected, curve: Curve, group: int) -> tuple[float, float, str] | None:
    """The tick and the learning rate of an expectation that is about one place, and what to say where it fails."""
    import numpy as np

    expectation = each.expectation
    values = np.frombuffer(curve.columns[group])
    if isinstance(expectation, At):
        tick, value = min(float(expectation.place.moment), curve.run.duration), expectation.value
        return tick, value, f"is {_apart(curve.lr_at(group, expectation.place.tick), value)}"
    if isinstance(expectation, Extreme):
        found = int(np.nanargmax(values) if expectation.key == "max" else np.nanargmin(values))
        words = f"{expectation.key} is {_apart(float(values[found]), expectation.value)}"
        return found, expectation.value, words
    if isinstance(expectation, Peak):
        return expectation.place.tick, float(values[expectation.place.tick]), "not the peak"
    if isinstance(expectation, MaxJump) and not each.holds and len(values) > 1:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            factors = np.maximum(values[1:] / values[:-1], values[:-1] / values[1:])
        tick = int(np.nan_to_num(factors, nan=0.0, posinf=np.inf).argmax()) + 1
        return tick, float(values[tick]), f"jumps by {short_rate(float(factors[tick - 1]))}"
    return None


def _apart(value: float, expected: float) -> str:
    """`0.05, not 0.03`, with as many digits as tell the two apart."""
    digits = next((digits for digits in range(3, 17) if f"{value:.{digits}g}" != f"{expected:.{digits}g}"), 17)
    return f"{short_rate(value, digits)}, not {short_rate(expected, digits)}"


def missed_rates(expected: Sequence[Expected], drawn: Drawn) -> list[float]:
    """The learning rates that were expected at a place and are not there, as the axis has them."""
    missed = [each.expectation for each in expected if not each.holds]
    rates = [each.value for each in missed if isinstance(each, At | Extreme)]
    return [rate / scale for rate in rates for scale in drawn.scales[:1]]


def _mark_span(room: Room, drawn: Drawn, each: Expected, curve: Curve, color: str) -> None:
    """A bar along the bottom between the places of a direction; with a cross in its middle where that does not hold."""
    expectation = each.expectation
    assert isinstance(expectation, Direction)
    start = position(curve, drawn.clock, expectation.start.tick if expectation.start else 0)
    stop = position(curve, drawn.clock, expectation.stop.tick if expectation.stop else len(curve))
    across = drawn.ax.get_xaxis_transform()
    drawn.ax.plot(
        [start, stop], [0.008, 0.008], transform=across, color=color, linewidth=letters(1.1 if each.holds else 2.6),
        alpha=0.6 if each.holds else 0.9, zorder=3, solid_capstyle="butt", label="_span",
    )  # fmt: skip
    if not each.holds:
        middle = (start + stop) / 2
        drawn.ax.plot(
            [middle], [0.03], "x", transform=across, color=color, markersize=letters(7), zorder=5,
            markeredgewidth=letters(2.2), label="_fails",
        )  # fmt: skip
        look: dict[str, Any] = {"color": color, "fontsize": letters(8), "fontweight": "bold", "rather": True}
        room.write(f"not {expectation.key}", (middle, 0.03), xycoords=across, **look)
