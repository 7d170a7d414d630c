"""What one schedule tells of itself: phases shaded and named, events, peak and last value, expectations as marks.

Everything here is drawn when the layout is done, so that nothing moves for it; words that find no room are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lrviz.render.choice import position
from lrviz.render.picture.axes import Drawn
from lrviz.render.picture.expected import mark_expectations, missed_rates
from lrviz.render.picture.room import ABOVE, Room, Spot
from lrviz.render.shown import Shown
from lrviz.render.style import Palette, letters
from lrviz.shape.phases import Course, Event
from lrviz.words import short_clock, short_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PHASES = 8
MOST_EVENTS = 40
"""More than so many are a pattern, and no longer ticks."""

MIDDLE, FROM_START = Spot(0, -2, "center", "top"), Spot(3, -2, "left", "top")
"""Where the name of a phase stands at the top of the axes."""

ROW = 12.0
"""The height of a row of words at the top of the axes, in points."""

FAR = {False: 3, True: 1000}
"""What is more than so many times the upper limit is too far above, on a linear and on a logarithmic axis."""

FEW_GROUPS = 4
"""Peaks of more param groups than this are not marked."""


def leave_room(drawn: Drawn, shown: Shown, course: Course, height: float) -> None:
    """Raises the upper limit of axes that are about `height` inches high, so that words fit above the lines.

    What was expected and is not so is within the limits too, unless it is so far above that nothing else would be seen.
    """
    ax = drawn.ax
    to_axis, (low, high) = ax.yaxis.get_transform(), ax.get_ylim()
    missed = missed_rates(shown.expected, drawn)
    high = max([high, *(1.02 * each for each in missed if each <= FAR[drawn.scale.log] * high)])
    part = min(0.4, (_rows(course) + 0.6) * letters(ROW) / (height * 72))  # and the words at the peak
    bottom, top = (float(to_axis.transform([each])[0]) for each in (low, high))
    raised = to_axis.inverted().transform([top + (top - bottom) * part / (1 - part)])
    ax.set_ylim(low, float(raised[0]))


def _rows(course: Course) -> int:
    """How many rows of words stand above the lines, at the top of the axes."""
    return (0 < len(course.phases) <= MOST_PHASES) + bool(_events(course))


# --- phases and events -------------------------------------------------------------------------------------


def shade(axes: Sequence[Axes], drawn: Drawn, course: Course, palette: Palette) -> None:
    """The phases as shades behind the lines, on every one of the axes."""
    curve = drawn.columns[0].curve
    if len(course.phases) > MOST_PHASES:
        return
    for phase in course.phases:
        color, opacity = palette.shade(phase.name)
        start, stop = (position(curve, drawn.clock, tick) for tick in (phase.start, phase.stop))
        for ax in axes:
            ax.axvspan(start, stop, facecolor=color, alpha=opacity, linewidth=0, zorder=0.5)
            if phase.start:
                ax.axvline(start, color=palette.background, linewidth=1.2, zorder=0.6)


def name_phases(room: Room, drawn: Drawn, course: Course, palette: Palette) -> None:
    """Their names at the top: in the middle of a phase, or from its beginning on where it is too narrow for that."""
    curve = drawn.columns[0].curve
    if len(course.phases) > MOST_PHASES:
        return
    look: dict[str, Any] = {"color": palette.quiet, "fontsize": letters(8), "on_lines": True}
    across = room.ax.get_xaxis_transform()
    for phase in sorted(course.phases, key=lambda phase: phase.start - phase.stop):  # the widest first
        start, stop = (position(curve, drawn.clock, tick) for tick in (phase.start, phase.stop))
        left, right = (float(across.transform((x, 1))[0]) for x in (start, stop))
        words = room.write(phase.name, ((start + stop) / 2, 1), (MIDDLE,), xycoords=across, **look)
        if words is not None and words.get_window_extent().width > right - left - 4:
            room.taken.pop()
            words.remove()
            words = None
        if words is None:
            room.write(phase.name, (start, 1), (FROM_START,), xycoords=across, **look)


def _events(course: Course) -> tuple[Event, ...]:
    return course.events if len(course.events) <= MOST_EVENTS else ()


def mark_events(room: Room, drawn: Drawn, course: Course, palette: Palette) -> None:
    """Milestones, restarts and cycles as upright hairlines with what the axis says there, as many as have room."""
    curve, ax = drawn.columns[0].curve, drawn.ax
    height = room.inside.height / (ax.figure.dpi / 72)
    top = 1 - (_rows(course) * letters(ROW) + 1) / height
    across = ax.get_xaxis_transform()
    look: dict[str, Any] = {"color": palette.quiet, "fontsize": letters(7), "on_lines": True}
    kind = ""
    for event in _events(course):
        x = position(curve, drawn.clock, event.tick)
        (hairline,) = ax.plot(
            [x, x], [0, top], transform=across, color=palette.quiet, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1.5,
            label="_event",
        )  # fmt: skip
        room.avoid(hairline)
        ax.plot([x, x], [0, 0.025], transform=across, color=palette.ink, linewidth=1.3, zorder=3, label="_tick")
        number = short_clock(x)
        for words in [number] if event.kind == kind else [f"{event.kind} {number}", number]:
            if room.write(words, (x, top), ABOVE, xycoords=across, **look):
                kind = event.kind if words != number else kind
                break


# --- peak and last -----------------------------------------------------------------------------------------


def last_words(drawn: Drawn) -> str:
    """What stands beside the end of the line of a single column: the learning rate of the last step."""
    column = drawn.columns[0]
    return f"last {short_rate(column.curve.columns[column.group][-1])}"


def mark_peaks(room: Room, drawn: Drawn, palette: Palette) -> None:
    """A dot where each of few lines is first at its peak, with what it is there."""
    import numpy as np

    for column, line, scale in zip(drawn.columns, drawn.lines, drawn.scales, strict=True):
        values = np.frombuffer(column.curve.columns[column.group])
        if len(drawn.columns) > FEW_GROUPS or not np.isfinite(values).all() or values.min() == values.max():
            continue
        peak = int(values.argmax())
        at = (position(column.curve, drawn.clock, peak), float(values[peak]) / scale)
        if drawn.scale.log and at[1] <= 0:
            continue
        drawn.ax.plot(*at, "o", color=line.get_color(), markersize=letters(4.5), zorder=4, clip_on=False, label="_peak")
        room.take(at, letters(5))
        where = f"{at[0]:.3g} %" if drawn.clock == "percent" else f"{drawn.clock} {short_clock(at[0])}"
        room.write(f"peak {short_rate(float(values[peak]))} at {where}", at, color=palette.ink, fontsize=letters(8))


def mark_last(drawn: Drawn) -> None:
    """A dot where the only line ends."""
    line = drawn.lines[0]
    xs, ys = line.get_data()
    x, y = float(xs[-1]), float(ys[-1])  # type: ignore[index,arg-type]
    if math.isfinite(y):
        drawn.ax.plot(
            x, y, "o", color=line.get_color(), markersize=letters(4.5), zorder=4, clip_on=False, label="_last"
        )


# --- all of it ---------------------------------------------------------------------------------------------


def tell(shown: Shown, course: Course, drawn: Drawn, axes: Sequence[Axes], palette: Palette) -> None:
    """Everything that one schedule tells of itself, on axes whose layout is done."""
    drawn.ax.autoscale(False)
    room = Room(drawn.ax, drawn.lines)
    shade(axes, drawn, course, palette)
    name_phases(room, drawn, course, palette)
    mark_events(room, drawn, course, palette)
    if len(drawn.columns) == 1:
        mark_last(drawn)
    mark_expectations(room, drawn, shown.expected, palette)
    mark_peaks(room, drawn, palette)


def tell_failures(shown: Sequence[Shown], drawn: Drawn, palette: Palette) -> None:
    """Of several schedules only what does not hold, where that is at a place."""
    drawn.ax.autoscale(False)
    room = Room(drawn.ax, drawn.lines)
    for each in shown:
        own = [index for index, column in enumerate(drawn.columns) if column.curve is each.curve]
        part = replace(
            drawn,
            columns=[drawn.columns[index] for index in own],
            lines=[drawn.lines[index] for index in own],
            scales=[drawn.scales[index] for index in own],
        )
        mark_expectations(
            room, part, [expected for expected in each.expected if not expected.holds], palette, owner=each.curve.name
        )
