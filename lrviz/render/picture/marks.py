"""The marks on a picture: shaded and named phases, events, peak and last value, expectations.

They are drawn when the layout is done, so that nothing moves for them; words without room are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrviz.render.drawing.clock import place_words
from lrviz.render.drawing.marks import PhaseBand
from lrviz.render.drawing.plan import Drawing
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.expected_marks import mark_expectations
from lrviz.render.picture.logged import mark_deviations
from lrviz.render.picture.room import ABOVE, Room, Spot
from lrviz.render.style import Palette, letters
from lrviz.words import short_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIDDLE, FROM_START, TO_STOP = Spot(0, -2, "center", "top"), Spot(3, -2, "left", "top"), Spot(-3, -2, "right", "top")
"""The positions of a phase's name at the top of the axes."""

ABOVE_OR_BESIDE = (*ABOVE, Spot(2, 2, "left", "bottom"), Spot(-2, 2, "right", "bottom"))
"""The positions of the word for a kind of event, at its first mark."""

ROW_HEIGHT = 12.0
"""The height of a row of words at the top of the axes, in points."""

TOO_FAR_ABOVE = {False: 3, True: 1000}
"""The multiple of the upper limit above which an expected value is off the axis, by whether the axis is logarithmic."""


def leave_room(drawn: Drawn, height: float) -> None:
    """Raises the upper limit of axes that are about `height` inches high, so that words fit above the lines.

    Expected values that are not met are within the limits too, unless they are so far above that they would flatten
    the lines; so are the limits that would else be drawn across the words.
    """
    ax, drawing = drawn.ax, drawn.drawing
    low, high = ax.get_ylim()
    missed = [mark.value for mark in drawing.marks if mark.kind == "value" and not mark.holds]
    high = max([high, *(1.02 * each for each in missed if each <= TOO_FAR_ABOVE[drawing.log] * high)])
    part = min(0.4, (_rows(drawing) + 0.6) * letters(ROW_HEIGHT) / (height * 72))  # and the words at the peak
    for level in sorted(mark.value for mark in drawing.marks if mark.kind == "level"):
        if high < level <= _raised(ax, low, high, part):
            high = 1.02 * level
    ax.set_ylim(low, _raised(ax, low, high, part))


def _raised(ax: Axes, low: float, high: float, part: float) -> float:
    """The upper limit of an axis for which this part of its height is above `high`."""
    to_axis = ax.yaxis.get_transform()
    bottom, top = (float(to_axis.transform([each])[0]) for each in (low, high))
    return float(to_axis.inverted().transform([top + (top - bottom) * part / (1 - part)])[0])


def _rows(drawing: Drawing) -> int:
    """The number of rows of words above the lines, at the top of the axes."""
    return bool(drawing.phases) + bool(drawing.events)


def top_of_lines(drawn: Drawn) -> float:
    """The part of the height of axes whose layout is done that is below the rows of words."""
    height = drawn.ax.get_window_extent().height / (drawn.ax.figure.dpi / 72)
    return max(0.0, 1 - (_rows(drawn.drawing) * letters(ROW_HEIGHT) + 1) / height)


# --- phases and events -------------------------------------------------------------------------------------


def shade(axes: Sequence[Axes], phases: Sequence[PhaseBand], palette: Palette) -> None:
    """Shades the phases behind the lines, on each of the axes."""
    for phase in phases:
        color, opacity = palette.shade(phase.name)
        for ax in axes:
            ax.axvspan(phase.start, phase.stop, facecolor=color, alpha=opacity, linewidth=0, zorder=0.5)
            if phase.ticks[0]:
                ax.axvline(phase.start, color=palette.background, linewidth=1.2, zorder=0.6)


def name_phases(room: Room, phases: Sequence[PhaseBand], palette: Palette, events: Mapping[str, float]) -> None:
    """Writes the names of phases at the top: in the middle of a phase, or if it is too narrow, from its start or up to
    its stop. The kinds of `events` (by the place of the first) follow the name of their phase: `decay, milestones`.
    """
    look: dict[str, Any] = {"color": palette.quiet, "fontsize": letters(8), "on_lines": True}
    across = room.ax.get_xaxis_transform()
    for phase in sorted(phases, key=lambda phase: phase.ticks[0] - phase.ticks[1]):  # the widest first
        inside = (kind for kind, x in events.items() if phase.start <= x < phase.stop and kind not in phase.words)
        name = ", ".join([phase.words, *(f"{kind}s" for kind in inside)])
        left, right = (float(across.transform((x, 1))[0]) for x in (phase.start, phase.stop))
        words = room.write(name, ((phase.start + phase.stop) / 2, 1), (MIDDLE,), xycoords=across, **look)
        if words is not None and words.get_window_extent().width > right - left - 4:
            room.taken.pop()
            words.remove()
            words = None
        for x, spot in ((phase.start, FROM_START), (phase.stop, TO_STOP)) if words is None else ():
            if room.write(name, (x, 1), (spot,), xycoords=across, **look):
                break


def mark_events(room: Room, drawn: Drawn, palette: Palette) -> dict[str, float]:
    """Draws milestones, restarts and cycles as vertical hairlines, with their epoch or step if there is room.

    The first of a kind has its word too. Returns the places of those that have no room for it, by kind.
    """
    ax = room.ax
    top = top_of_lines(drawn)
    across = ax.get_xaxis_transform()
    look: dict[str, Any] = {"color": palette.quiet, "fontsize": letters(7), "on_lines": True}
    named: dict[str, bool] = {}
    for event in drawn.drawing.events:
        (hairline,) = ax.plot(
            [event.x, event.x], [0, top], transform=across, color=palette.quiet, linewidth=0.7, linestyle=(0, (1, 2)),
            zorder=1.5, label="_event",
        )  # fmt: skip
        room.avoid(hairline)
        ax.plot([event.x, event.x], [0, 0.025], transform=across, color=palette.ink, linewidth=1.3, zorder=3,
                label="_tick")  # fmt: skip
        number = short_clock(event.x)
        place: dict[str, Any] = {"at": (event.x, top), "xycoords": across, **look}
        if event.kind not in named:
            named[event.kind] = room.write(f"{event.kind} {number}", spots=ABOVE_OR_BESIDE, **place) is not None
            if named[event.kind]:
                continue
        room.write(number, spots=ABOVE, **place)
    return {event.kind: event.x for event in reversed(drawn.drawing.events) if not named[event.kind]}


# --- peak and last -----------------------------------------------------------------------------------------


def mark_peaks(room: Room, drawn: Drawn, palette: Palette) -> None:
    """Draws a dot at each marked peak, with its value and its place in words, perhaps in two lines; where these have no
    room, neither."""
    for mark in drawn.drawing.marks:
        if mark.kind != "peak" or (drawn.panel.log and mark.value <= 0):
            continue
        at = (mark.x, mark.value)
        taken = len(room.taken)
        room.take(at, letters(5))
        place = place_words(drawn.drawing.clock, mark.x)
        look: dict[str, Any] = {"color": palette.ink, "fontsize": letters(8)}
        if any(room.write(words, at, **look) for words in (f"{mark.words} at {place}", f"{mark.words}\nat {place}")):
            _dot(drawn, mark.column, at, "_peak")
        else:
            del room.taken[taken:]


def mark_last(drawn: Drawn) -> None:
    """Draws a dot at the end of a single line."""
    for mark in drawn.drawing.marks:
        if mark.kind == "last" and math.isfinite(mark.value):
            _dot(drawn, mark.column, (mark.x, mark.value), "_last")


def _dot(drawn: Drawn, column: int, at: tuple[float, float], label: str) -> None:
    color = drawn.lines[column].get_color()
    drawn.ax.plot(*at, "o", color=color, markersize=letters(4.5), zorder=4, clip_on=False, label=label)


# --- all marks ---------------------------------------------------------------------------------------------


def tell(drawn: Drawn, axes: Sequence[Axes], palette: Palette) -> None:
    """Draws all marks, on axes whose layout is done."""
    drawing = drawn.drawing
    drawn.ax.autoscale(False)
    room = Room(drawn.ax, [*drawn.lines, *drawn.logged])
    legend = drawn.ax.get_legend()
    if legend is not None:
        room.taken.append(legend.get_window_extent())
    shade(axes, drawing.phases, palette)
    nameless = mark_events(room, drawn, palette)
    name_phases(room, drawing.phases, palette, nameless)
    mark_last(drawn)
    mark_deviations(room, drawing, palette)
    mark_expectations(room, drawn, palette)
    mark_peaks(room, drawn, palette)
