"""The axis of time: its clock (epoch, step, tokens, samples or percent), and the position of a tick on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

from lrviz.curve import Curve
from lrviz.render.curves import plural, require_clock, without_clock
from lrviz.run import Clock
from lrviz.words import clock_words, short_clock

CLOCK_LABELS: dict[Clock, str] = {
    "epoch": "epoch",
    "step": "optimizer step",
    "percent": "percent of the run",
    "tokens": "tokens",
    "samples": "samples",
}
"""The label below the axis of each clock."""

LENGTHS_APART = {True: 8, False: 20}
"""Runs share epochs or steps if the longest is at most this many times as long as the shortest, by whether they are
drawn as small multiples. Below an eighth of a small panel, or a twentieth of a whole picture, the shape of a run cannot
be seen."""


class Extent(NamedTuple):
    """A part of the axis of time, on the clock of the drawing."""

    start: float
    stop: float

    @property
    def length(self) -> float:
        """How long the axis is, in its clock's unit."""
        return self.stop - self.start

    def part(self, x: float) -> float:
        """How far a place lies from its start, as a fraction of its length."""
        return (x - self.start) / self.length

    def __contains__(self, x: object) -> bool:
        """True for a place in it, its ends among them."""
        return isinstance(x, int | float) and self.start <= x <= self.stop


def check_clock(curves: Sequence[Curve], clock: Clock) -> None:
    """Raises `ScheduleError` if a curve does not know this clock."""
    if clock not in get_args(Clock):
        raise ValueError(f"x is one of {', '.join(get_args(Clock))} (got {clock!r})")
    if clock != "percent":
        require_clock(curves, clock, f"a picture over {plural(clock)}", "use --x percent")


def common_clock(curves: Sequence[Curve]) -> Clock:
    """Epochs if all curves know their epochs, else steps if all know their steps, else percent of the run."""
    if not without_clock(curves, "epoch"):
        return "epoch"
    return "percent" if without_clock(curves, "step") else "step"


def shared_clock(
    curves: Sequence[Curve], *, multiples: bool, parts: Callable[[Curve, Clock], Extent] | None = None
) -> Clock:
    """Epochs or steps if all curves know them and have similar lengths in them, else percent of the run.

    With `parts` of the curves, each of these takes enough of the axis from the start of the first to the last stop.
    """
    clocks: tuple[Literal["epoch", "step"], ...] = ("epoch", "step")
    for clock in clocks:
        if without_clock(curves, clock):
            continue
        lengths = [float(curve.run.total(clock) or 0) for curve in curves]
        if parts is not None:
            extents = [parts(curve, clock) for curve in curves]
            whole = max(each.stop for each in extents) - min(each.start for each in extents)
            lengths = [whole, *(each.length for each in extents)]
        if within(lengths, LENGTHS_APART[multiples]):
            return clock
    return "percent"


def within(sizes: Sequence[float], times: float) -> bool:
    """True if the largest of some sizes is at most `times` the smallest."""
    return max(sizes, default=0.0) <= times * min(sizes, default=0.0)


def position(curve: Curve, clock: Clock, tick: float) -> float:
    """The position on the axis of a tick, or of a moment between two; moments after the run are at its end."""
    return curve.run.time(min(tick, curve.run.duration), clock)


def tick_length(curve: Curve, clock: Clock) -> float:
    """The length of one tick of a curve on the axis."""
    return float(curve.run.time(1, clock))


def place_words(clock: Clock, x: float) -> str:
    """A place on the axis in words: `epoch 37.5`, `step 5,005`, `50B tokens`, `12.5 %`."""
    if clock == "tokens" or clock == "samples":
        return f"{clock_words(x, x)} {clock}"
    return f"{x:.3g} %" if clock == "percent" else f"{clock} {short_clock(x)}"
