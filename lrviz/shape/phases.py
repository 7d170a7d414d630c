"""Names what happens in a curve: warmup, hold, decay, step decay, warm restarts, cycles.

`course_of` splits a curve into segments (`segments.py`), writes them as letters, and finds the phases with a regular
expression over these letters. Boundaries that the schedule file defines (`bounds.py`) are then kept exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from math import isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import alike_each
from lrviz.curve import Curve
from lrviz.schedule.model import Phases, PhaseSpec
from lrviz.shape.bounds import bounds_of, reduces_at
from lrviz.shape.segments import (
    MAX_SHORT_LEVEL,
    MIN_JUMP_RATIO,
    MIN_RAMP_CHANGES,
    MIN_VISIBLE_JUMP,
    Rises,
    Segments,
    segments_of,
)

if TYPE_CHECKING:
    from lrviz.schedule.model import Schedule

Kind: TypeAlias = Literal["milestone", "restart", "cycle", "reduction"]

MAX_STAIRS = 12
"""More steps in a row than this are a decay (or a rise), not milestones."""

MAX_PHASES = 200
"""A curve with more phases is not named."""

MAX_EVENTS = 10_000
"""More restarts or cycles in a row than this are not reported as events: no picture has room for them."""

MAX_CYCLE_RATIO = 4
"""From one cycle to the next, neither length nor height changes by more than this factor."""

MIN_TOP = 1 / 4
"""A restart begins at a learning rate from this fraction of the highest one before it to the inverse multiple of it."""


class CoursePhase(NamedTuple):
    """A named phase of a curve. In ticks: `stop` is the first tick after it, or the length of the curve.

    A ramp begins at the last tick before its first change: a warmup of 5 calls has ticks 0 to 4, and the next phase
    begins at the peak.
    """

    name: str
    start: int
    stop: int


class Event(NamedTuple):
    """An event at a tick: the first tick with the new value, or the one at which a new cycle begins to rise."""

    kind: Kind
    tick: int


@dataclass(frozen=True, slots=True)
class Course:
    """The phases of one param group in order, which may leave gaps but never overlap, and its events in order.

    `called` are the names that the file gives to phases, by the ticks at which these start.
    """

    phases: tuple[CoursePhase, ...]
    events: tuple[Event, ...]
    called: Mapping[int, str] = field(default_factory=dict)


def course_of(curve: Curve, schedule: Schedule | None = None, group: int = 0) -> Course:
    """The phases and events in a group of a curve; with a `schedule`, its own phases and milestones are kept.

    The phases of a PhasedLR, the milestones of the outermost SequentialLR and the three phases of a OneCycleLR begin
    exactly where the file has them. There is no phase where the learning rate is not finite, and none at all in a curve
    without a recognized shape. Raises `IndexError` for a group that the curve does not have.
    """
    values = np.frombuffer(curve.columns[group])
    bounds = bounds_of(schedule, len(values))
    segments = segments_of(values)
    phases, events = _course(segments, values)
    if len(phases) > MAX_PHASES:
        phases, events = [], []
    for start, stop in pairwise([0, *bounds, len(values)]):
        phases, events = _with_cycles(phases, events, segments, start, stop)
    phases = list(_cut(_snapped(_joined(phases), bounds), bounds, events, values))
    phases = _with_tops(phases, bounds)
    named = [phase for phase in _specs(schedule) if phase.name is not None]
    phases = _with_named(phases, named)
    event_at = {event.tick: event for event in events}
    for bound, same_type in bounds.items():
        if bound in event_at and not same_type:
            event_at[bound] = Event("milestone", bound)
        elif _jumps(values, bound):
            event_at.setdefault(bound, Event("milestone", bound))
    for tick, event in event_at.items():
        if event.kind == "milestone" and reduces_at(schedule, tick):
            event_at[tick] = Event("reduction", tick)
    called = {phase.start: phase.name or "" for phase in named}
    return Course(tuple(phases), tuple(map(event_at.__getitem__, sorted(event_at))), called)


# --- by the shape ----------------------------------------------------------------------------------------------

# Each segment is two letters. The first is how it is reached: `-` without a jump, F by a jump down, J by a jump up to
# the top, j by a lower jump up, / from or to a value that is not finite. The second is what the learning rate does in
# it: Up, Down, Level, Held for longer than everything before, the last Tick alone, X where it is not finite.
_FALL = rb"D(?:(?:[-F][LH])*[-F]D)*"
_CYCLE = rb"U(?:-[LHU])*[-F]" + _FALL
_SHAPES = re.compile(
    #     /\      /\
    #    /  \    /  \     each cycle rises and falls; between two there is a jump up
    #   /    \__|    \_
    rb"(?P<risen>." + _CYCLE + rb"(?:(?:[-F][LH])?[Jj](?:[LH]-)?" + _CYCLE + rb")+)"
    #          /
    #     ____/           only at the start: rises, and level segments or jumps up that lead to a rise or a jump up
    #   _|
    rb"|(?P<warmup>\A-(?:U|L(?=-U|[Jj]))(?:-U|-L(?=-U|[Jj])|[Jj]U|[Jj][LH](?=-U|[Jj]))*)"
    #   \    |\    |\
    #    \   | \   | \    falls, and between two a jump up to the top
    #     \__|  \__|  \_
    rb"|(?P<restarts>." + _FALL + rb"(?:(?:[-F][LH])?J(?:(?:[LH]-)?" + _FALL + rb"|T))+)"
    #   ___
    #      |___           level segments, each lower than the one before
    #          |___
    rb"|(?P<stairs>.[LH](?:F[LHT])+)"
    #           ___
    #       ___|          level segments, each higher than the one before
    #   ___|
    rb"|(?P<climb>.[LH](?:[Jj][LHT])+)"
    #   ____              one level segment
    rb"|.(?P<hold>[LHT])"
    #   _/                one rise
    rb"|.(?P<rise>U)"
    #    \_               one fall
    rb"|.(?P<decay>D)"
    #                     not finite, no shape
    rb"|.X",
    re.DOTALL,
)
_WORDS = {"risen": "warm restarts", "restarts": "warm restarts", "stairs": "step decay", "climb": "hold"}


def _course(segments: Segments, values: NDArray[np.float64]) -> tuple[list[CoursePhase], list[Event]]:
    """The phases and events by the shape alone."""
    start, jump, ticks = segments.start, segments.jump, len(values)
    phases: list[CoursePhase] = []
    events: list[Event] = []
    for match in _SHAPES.finditer(_letters(segments, values)):
        if match.lastgroup is None:
            continue
        if len(phases) > MAX_PHASES:
            break
        shape = match.lastgroup
        first, last = match.start() // 2, match.end() // 2
        begin = int(start[first])
        end = int(start[last]) if last < len(start) else ticks
        jumps = first + 1 + np.flatnonzero(jump[first + 1 : last])
        staircase = shape in ("stairs", "climb") and len(jumps) > MAX_STAIRS
        if staircase:  # the first of many steps is not an event either
            is_event = jump[first] != jump[jumps[0]]
        else:  # and neither is the end of a warmup
            is_event = jump[first] == -1 or not phases or phases[-1].name != "warmup"
        if is_event and abs(jump[first]) == 1:
            events.append(Event("milestone", begin))
        if staircase:
            phases += _staircase(begin, end, start[jumps], "decay" if shape == "stairs" else "rise")
            continue
        phases.append(CoursePhase(_WORDS.get(shape, shape), begin, end))
        if shape in ("risen", "restarts"):
            events += _events("restart", start[jumps[jump[jumps] == 1]])
        elif shape != "warmup":
            events += _events("milestone", start[jumps])
    return phases, events


def _letters(segments: Segments, values: NDArray[np.float64]) -> bytes:
    """Two letters for each segment."""
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
            low = ~((values[start[ups]] >= MIN_TOP * tops) & (values[start[ups]] <= tops / MIN_TOP))
        letters[ups[low], 0] = ord("j")
    return letters.tobytes()


def _events(kind: Kind, ticks: NDArray[np.int64]) -> Iterator[Event]:
    """An event at each tick, unless there are more than `MAX_EVENTS`."""
    return map(Event, repeat(kind), ticks.tolist()) if len(ticks) <= MAX_EVENTS else iter(())


def _staircase(begin: int, end: int, steps: NDArray[np.int64], name: str) -> Iterator[CoursePhase]:
    """A ramp of many steps, with a hold before or after it if that is much longer than a step."""
    longest = 3 * int(np.diff(steps).max())
    first = int(steps[0]) if steps[0] - begin > longest else begin
    last = int(steps[-1]) if end - steps[-1] > longest else end
    if first > begin:
        yield CoursePhase("hold", begin, first)
    yield CoursePhase(name, first, last)
    if last < end:
        yield CoursePhase("hold", last, end)


def _with_cycles(
    phases: list[CoursePhase], events: list[Event], segments: Segments, start: int, stop: int
) -> tuple[list[CoursePhase], list[Event]]:
    """The phases and events, with those from tick `start` to `stop` replaced by cycles if the curve repeats there."""
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
    return [*before, CoursePhase("warm restarts" if anew else "cycles", begin, end), *after], events


def _alike(sizes: NDArray[np.float64] | NDArray[np.int64]) -> bool:
    """True if no size is much larger or smaller than the one before."""
    return bool(((sizes[1:] / MAX_CYCLE_RATIO <= sizes[:-1]) & (sizes[:-1] / MAX_CYCLE_RATIO <= sizes[1:])).all())


def _joined(phases: list[CoursePhase]) -> list[CoursePhase]:
    """The phases, with neighbours of the same name joined."""
    joined: list[CoursePhase] = []
    for phase in phases:
        if joined and joined[-1].stop == phase.start and joined[-1].name == phase.name:
            joined[-1] = joined[-1]._replace(stop=phase.stop)
        else:
            joined.append(phase)
    return joined


# --- by the file -----------------------------------------------------------------------------------------------


def _jumps(values: NDArray[np.float64], tick: int) -> bool:
    """True if the learning rate jumps at a tick, rather than changing as it did before."""
    before, last, here = values[tick - 2 : tick + 1].tolist()
    seen = abs(here - last) > MIN_VISIBLE_JUMP * max(abs(here), abs(last))
    return isfinite(here - last) and seen and abs(here - last) > MIN_JUMP_RATIO * abs(last - before)


def _snapped(phases: list[CoursePhase], bounds: dict[int, bool]) -> list[CoursePhase]:
    """The phases, with edges that are one tick beside a boundary of the file moved to it."""
    edges = {edge for phase in phases for edge in (phase.start, phase.stop)}
    moved = {}
    for bound in bounds:
        if bound not in edges:
            for beside in (bound - 1, bound + 1):
                if beside in edges and beside > 0 and beside not in moved and beside not in bounds:
                    moved[beside] = bound
                    break
    return [
        phase._replace(start=moved.get(phase.start, phase.start), stop=moved.get(phase.stop, phase.stop))
        for phase in phases
    ]


def _cut(
    phases: list[CoursePhase], bounds: dict[int, bool], events: list[Event], values: NDArray[np.float64]
) -> Iterator[CoursePhase]:
    """The phases, cut at the boundaries of the file, except where one is a step or a restart inside a phase."""
    ticks = {event.tick for event in events}
    for phase in phases:
        whole = phase.name in ("step decay", "warm restarts")
        inside = [
            bound
            for bound, same_type in bounds.items()
            if phase.start < bound < phase.stop and not (whole and same_type and bound in ticks)
        ]
        for start, stop in pairwise([phase.start, *inside, phase.stop]):
            name = phase.name
            if inside and name != "warmup" and stop - start > 1 and _is_level(values[start:stop]):
                name = "hold"
            elif inside and whole and not any(start < tick < stop for tick in ticks):
                name = "decay"
            yield CoursePhase(name, start, stop)


def _is_level(values: NDArray[np.float64]) -> bool:
    """True if no tick differs from the one before, but for rounding."""
    return bool(alike_each(values[:-1], values[1:]).all())


def _specs(schedule: Schedule | None) -> Sequence[PhaseSpec]:
    """The phases of a file."""
    spec = None if schedule is None else schedule.scheduler
    return spec.phases if isinstance(spec, Phases) else ()


def _with_named(phases: list[CoursePhase], named: Sequence[PhaseSpec]) -> list[CoursePhase]:
    """The phases, with one for each phase that has a name in the file, which does what most of it does."""
    for given in named:
        start, stop = given.start, given.start + given.calls
        inside = [each for each in phases if each.start < stop and start < each.stop]
        longest = max(inside, key=lambda each: min(each.stop, stop) - max(each.start, start), default=None)
        before = [each._replace(stop=min(each.stop, start)) for each in phases if each.start < start]
        after = [each._replace(start=max(each.start, stop)) for each in phases if each.stop > stop]
        phases = [*before, CoursePhase("hold" if longest is None else longest.name, start, stop), *after]
    return phases


def _with_tops(phases: list[CoursePhase], bounds: dict[int, bool]) -> list[CoursePhase]:
    """The phases, with the short level top of a long ramp joined to the ramp if the file begins a phase there."""
    kept: list[CoursePhase] = []
    for phase in phases:
        top = kept[-1] if kept else None
        begun = top is not None and top.name == "hold" and top.start in bounds and top.stop == phase.start
        if top is None or not begun or phase.start in bounds:
            kept.append(phase)
        elif top.stop - top.start < max(MIN_RAMP_CHANGES, (phase.stop - phase.start) * MAX_SHORT_LEVEL):
            kept[-1] = phase._replace(start=top.start)
        else:
            kept.append(phase)
    return kept
