"""What happens in a curve, in the words of the field: warmup, hold, decay, step decay, warm restarts, cycles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, repeat
from math import isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import alike_each
from lrviz.curve import Curve
from lrviz.shape.bounds import bounds_of
from lrviz.shape.segments import RAMP, SHORT, UPRIGHT, VISIBLE, Rises, Segments, segments_of

if TYPE_CHECKING:
    from lrviz.schedule.model import Schedule

Kind: TypeAlias = Literal["milestone", "restart", "cycle"]

STAIRS = 12
"""More steps than this one after the other are a decay (or a rise), and no milestones."""

MOST = 200
"""What comes to more phases than this has no shape that has a name."""

CROWD = 10_000
"""More restarts or cycles than this are no events: no picture has room for them."""

ALIKE = 4
"""Cycles repeat: neither their lengths nor their heights change by more than this factor from one to the next."""

TOP = 1 / 4
"""A restart begins at the top: at no smaller part than this of what was highest before it, and at no larger one than
its inverse."""


class Phase(NamedTuple):
    """A stretch of a run that has a name. In ticks: `stop` is the first after it, or the length of the curve.

    A ramp begins at the last tick before its first change, so that a warmup of 5 calls is that of ticks 0 to 4 and
    what follows begins at the peak.
    """

    name: str
    start: int
    stop: int


class Event(NamedTuple):
    """A moment of a phase: the first `tick` that has the new value, or at which a new cycle begins to rise."""

    kind: Kind
    tick: int


@dataclass(frozen=True, slots=True)
class Course:
    """The phases of one param group in order, which never overlap but may leave gaps, and its events by tick."""

    phases: tuple[Phase, ...]
    events: tuple[Event, ...]


def course_of(curve: Curve, schedule: Schedule | None = None, group: int = 0) -> Course:
    """What happens in a group of a curve; with its `schedule`, whose own phases and milestones are kept.

    The phases of a PhasedLR, the milestones of the outermost SequentialLR and the three phases of a OneCycleLR begin
    exactly where the file has them. Where the learning rate is not finite there is no phase, and none anywhere in a
    curve without a shape. Raises IndexError for a group that the curve has not.
    """
    values = np.frombuffer(curve.columns[group])
    bounds = bounds_of(schedule, len(values))
    segments = segments_of(values)
    phases, events = _course(segments, values)
    if len(phases) > MOST:
        phases, events = [], []
    for start, stop in pairwise([0, *bounds, len(values)]):
        phases, events = _with_cycles(phases, events, segments, start, stop)
    phases = list(_cut(_snapped(_joined(phases), bounds), bounds, events, values))
    phases = _with_tops(phases, bounds)
    told = {event.tick: event for event in events}
    for bound, goes_on in bounds.items():
        if bound in told and not goes_on:
            told[bound] = Event("milestone", bound)
        elif _jumps(values, bound):
            told.setdefault(bound, Event("milestone", bound))
    return Course(tuple(phases), tuple(map(told.__getitem__, sorted(told))))


# --- by the shape ----------------------------------------------------------------------------------------------

# Each stretch is two letters: how the learning rate comes there (`-` without a jump, F by a fall, J by a jump up to the
# top, j by a lower one, / from what is not finite), and what it does (Up, Down, Level, Held for longer than all
# before, the last Tick alone, X where it is not finite).
_FALL = rb"D(?:(?:[-F][LH])*[-F]D)*"
_CYCLE = rb"U(?:-[LHU])*[-F]" + _FALL
_SHAPES = re.compile(
    rb"(?P<risen>." + _CYCLE + rb"(?:(?:[-F][LH])?[Jj](?:[LH]-)?" + _CYCLE + rb")+)"
    rb"|(?P<warmup>\A-(?:U|L(?=-U|[Jj]))(?:-U|-L(?=-U|[Jj])|[Jj]U|[Jj][LH](?=-U|[Jj]))*)"
    rb"|(?P<restarts>." + _FALL + rb"(?:(?:[-F][LH])?J(?:(?:[LH]-)?" + _FALL + rb"|T))+)"
    rb"|(?P<stairs>.[LH](?:F[LHT])+)"
    rb"|(?P<climb>.[LH](?:[Jj][LHT])+)"
    rb"|.(?P<hold>[LHT])|.(?P<rise>U)|.(?P<decay>D)|.X",
    re.DOTALL,
)
_WORDS = {"risen": "warm restarts", "restarts": "warm restarts", "stairs": "step decay", "climb": "hold"}


def _course(segments: Segments, values: NDArray[np.float64]) -> tuple[list[Phase], list[Event]]:
    """The phases and events that the shape alone tells."""
    start, jump, ticks = segments.start, segments.jump, len(values)
    phases: list[Phase] = []
    events: list[Event] = []
    for match in _SHAPES.finditer(_letters(segments, values)):
        if match.lastgroup is None:
            continue
        if len(phases) > MOST:
            break
        shape = match.lastgroup
        first, last = match.start() // 2, match.end() // 2
        begin = int(start[first])
        end = int(start[last]) if last < len(start) else ticks
        jumps = first + 1 + np.flatnonzero(jump[first + 1 : last])
        staircase = shape in ("stairs", "climb") and len(jumps) > STAIRS
        if staircase:  # the first of many steps is no more an event than the others
            told = jump[first] != jump[jumps[0]]
        else:  # nor is the end of a warmup
            told = jump[first] == -1 or not phases or phases[-1].name != "warmup"
        if told and abs(jump[first]) == 1:
            events.append(Event("milestone", begin))
        if staircase:
            phases += _staircase(begin, end, start[jumps], "decay" if shape == "stairs" else "rise")
            continue
        phases.append(Phase(_WORDS.get(shape, shape), begin, end))
        if shape in ("risen", "restarts"):
            events += _events("restart", start[jumps[jump[jumps] == 1]])
        elif shape != "warmup":
            events += _events("milestone", start[jumps])
    return phases, events


def _letters(segments: Segments, values: NDArray[np.float64]) -> bytes:
    """Two letters for each stretch."""
    start, kind, jump = segments.start, segments.kind, segments.jump
    letters = np.empty((len(start), 2), dtype=np.uint8)
    letters[:, 0] = np.frombuffer(b"F-J/", dtype=np.uint8)[jump + 1]
    letters[:, 1] = np.frombuffer(b"DLUX", dtype=np.uint8)[kind + 1]
    lengths = np.diff(start, append=len(values))
    letters[(kind == 0) & (start > 0) & (lengths > start), 1] = ord("H")
    if kind[-1] == 0 and lengths[-1] == 1 and len(start) > 1:
        letters[-1, 1] = ord("T")
    ups = np.flatnonzero(jump == 1)
    if len(ups):
        tops = np.maximum.reduceat(values, np.append(0, start[ups]))[:-1]
        with np.errstate(invalid="ignore", over="ignore"):
            low = ~((values[start[ups]] >= TOP * tops) & (values[start[ups]] <= tops / TOP))
        letters[ups[low], 0] = ord("j")
    return letters.tobytes()


def _events(kind: Kind, ticks: NDArray[np.int64]) -> Iterator[Event]:
    """An event at each of some ticks, if a person could tell them apart."""
    return map(Event, repeat(kind), ticks.tolist()) if len(ticks) <= CROWD else iter(())


def _staircase(begin: int, end: int, steps: NDArray[np.int64], name: str) -> Iterator[Phase]:
    """A ramp of many steps, and the level before and after it where that is much longer than a step."""
    longest = 3 * int(np.diff(steps).max())
    first = int(steps[0]) if steps[0] - begin > longest else begin
    last = int(steps[-1]) if end - steps[-1] > longest else end
    if first > begin:
        yield Phase("hold", begin, first)
    yield Phase(name, first, last)
    if last < end:
        yield Phase("hold", last, end)


def _with_cycles(
    phases: list[Phase], events: list[Event], segments: Segments, start: int, stop: int
) -> tuple[list[Phase], list[Event]]:
    """The same, but for the ticks from `start` to `stop` if what they do repeats."""
    inside = (segments.rises.tick >= start) & (segments.rises.tick < stop)
    every = segments.rises
    rises = Rises(every.tick[inside], every.height[inside], every.changes[inside], every.falls[inside])
    if len(rises.tick) < 3 or not _alike(np.diff(rises.tick)) or not _alike(rises.height[:-1]):
        return phases, events
    if (segments.kind[(segments.start >= start) & (segments.start < stop)] == 2).any():
        return phases, events
    if any(phase.name == "warm restarts" and phase.start < stop and start < phase.stop for phase in phases):
        return phases, events
    begin, end = start, stop
    within = [phase for phase in phases if start <= phase.start < stop]
    period = int(np.diff(rises.tick).max())
    if within and within[0].name == "hold" and within[0].stop - start > period:
        begin = within[0].stop
    if within and within[-1].name == "hold" and stop - within[-1].start > period:
        end = within[-1].start
    before = [phase._replace(stop=min(phase.stop, begin)) for phase in phases if phase.start < begin]
    after = [phase._replace(start=max(phase.start, end)) for phase in phases if phase.stop > end]
    sudden = bool((rises.changes[:-1] == 1).all())  # the last may be cut short by the end of the run
    anew = sudden and bool((rises.falls[:-1] > 1).all())
    ticks = (rises.tick + sudden)[rises.tick + sudden > begin]
    events = [event for event in events if not begin < event.tick < end]
    events += _events("restart" if anew else "cycle", ticks)
    return [*before, Phase("warm restarts" if anew else "cycles", begin, end), *after], events


def _alike(sizes: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    """Whether none is much larger or smaller than the one before."""
    return bool(((sizes[1:] / ALIKE <= sizes[:-1]) & (sizes[:-1] / ALIKE <= sizes[1:])).all())


def _joined(phases: list[Phase]) -> list[Phase]:
    """The same, where what is next to its like is one with it."""
    joined: list[Phase] = []
    for phase in phases:
        if joined and joined[-1].stop == phase.start and joined[-1].name == phase.name:
            joined[-1] = joined[-1]._replace(stop=phase.stop)
        else:
            joined.append(phase)
    return joined


# --- by the file -----------------------------------------------------------------------------------------------


def _jumps(values: NDArray[np.float64], tick: int) -> bool:
    """Whether the learning rate jumps from the tick before it, and not only goes on as it did."""
    before, last, here = values[tick - 2 : tick + 1].tolist()
    seen = abs(here - last) > VISIBLE * max(abs(here), abs(last))
    return isfinite(here - last) and seen and abs(here - last) > UPRIGHT * abs(last - before)


def _snapped(phases: list[Phase], bounds: dict[int, bool]) -> list[Phase]:
    """The same, where what begins one tick beside a boundary of the file begins there."""
    edges = {edge for phase in phases for edge in (phase.start, phase.stop)}
    moved = {}
    for bound in bounds:
        if bound not in edges:
            for beside in (bound - 1, bound + 1):
                if beside in edges and beside > 0 and beside not in moved and beside not in bounds:
                    moved[beside] = bound
                    break
    return [Phase(name, moved.get(start, start), moved.get(stop, stop)) for name, start, stop in phases]


def _cut(
    phases: list[Phase], bounds: dict[int, bool], events: list[Event], values: NDArray[np.float64]
) -> Iterator[Phase]:
    """The same, cut at the boundaries of the file but where one is a step or a restart of what goes on."""
    ticks = {event.tick for event in events}
    for phase in phases:
        whole = phase.name in ("step decay", "warm restarts")
        inside = [
            bound
            for bound, goes_on in bounds.items()
            if phase.start < bound < phase.stop and not (whole and goes_on and bound in ticks)
        ]
        for start, stop in pairwise([phase.start, *inside, phase.stop]):
            name = phase.name
            if inside and name != "warmup" and stop - start > 1 and _is_level(values[start:stop]):
                name = "hold"
            elif inside and whole and not any(start < tick < stop for tick in ticks):
                name = "decay"
            yield Phase(name, start, stop)


def _is_level(values: NDArray[np.float64]) -> bool:
    """Whether no tick differs from the one before, but for rounding."""
    return bool(alike_each(values[:-1], values[1:]).all())


def _with_tops(phases: list[Phase], bounds: dict[int, bool]) -> list[Phase]:
    """The same, where the level top of a long ramp that the file begins is part of the ramp."""
    kept: list[Phase] = []
    for phase in phases:
        top = kept[-1] if kept else None
        begun = top is not None and top.name == "hold" and top.start in bounds and top.stop == phase.start
        if top is None or not begun or phase.start in bounds:
            kept.append(phase)
        elif top.stop - top.start < max(RAMP, (phase.stop - phase.start) * SHORT):
            kept[-1] = phase._replace(start=top.start)
        else:
            kept.append(phase)
    return kept
