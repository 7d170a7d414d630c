"""Where the ticks of a run are in the stretched one, as both were read: what was a boundary is that boundary again.

A milestone at 15 of a run of half the length is at 8, and so is a place that names the 15th epoch; 14, the last epoch
before it, is 7. All between two boundaries is in proportion.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lrviz.duration import nearest
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Phases, Schedule, Scheduler
from lrviz.schedule.reading.stretch.warmup import one_cycle_peak

MOST = 200
"""Boundaries of one length that repeats, such as a `step_size`."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Boundaries of the old run, and of the new one, in ticks and in order: the first is 0, the last is the end."""

    old: Sequence[int]
    new: Sequence[int]
    every: int

    def exact(self, ticks: Fraction) -> Fraction:
        """The same moment of the new run."""
        if ticks >= self.old[-1]:
            return self.new[-1] + (ticks - self.old[-1])
        index = bisect_right(self.old, ticks) - 1
        start, stop = self.old[index : index + 2]
        first, end = self.new[index : index + 2]
        return first + (ticks - start) * Fraction(end - first, stop - start)

    def tick(self, ticks: Fraction, *, last: bool) -> Fraction:
        """The same, at a call where it was at a call, and before the next boundary if it was before it. With `last`,
        the last tick before a boundary is that again."""
        exact = self.exact(ticks)
        for whole in (self.every, 1):
            if (ticks / whole).denominator == 1 and ticks < self.old[-1]:
                index = bisect_right(self.old, ticks)
                latest = self.new[index] - whole
                if last and ticks == self.old[index] - whole > self.old[index - 1]:
                    return Fraction(latest)
                return Fraction(max(self.new[index - 1], min(nearest(exact / whole) * whole, latest)))
        return exact


def moments_of(before: Schedule, after: Schedule) -> Moments:
    """The boundaries of a schedule, and of the same one stretched."""
    pairs = {0: 0}
    for old, new in sorted(_boundaries(before, after)):
        if 0 < old < before.run.ticks and 0 < new < after.run.ticks:
            pairs.setdefault(old, new)
    kept = [(0, 0)]
    for pair in sorted(pairs.items()):
        if pair[1] > kept[-1][1]:
            kept.append(pair)
    kept.append((before.run.ticks, after.run.ticks))
    return Moments([old for old, _ in kept], [new for _, new in kept], before.run.every)


def _boundaries(before: Schedule, after: Schedule) -> Iterator[tuple[int, int]]:
    """The boundaries of both, in ticks."""
    one, other = before.scheduler, after.scheduler
    if isinstance(one, Phases) and isinstance(other, Phases):
        for old, new in zip(one.phases, other.phases, strict=False):
            yield old.start, new.start
            if old.scheduler is not None and new.scheduler is not None:
                calls = old.calls // old.every
                for was, now in _inside(old.scheduler, new.scheduler, calls):
                    yield old.start + was * old.every, new.start + now * new.every
    elif isinstance(one, Scheduler) and isinstance(other, Scheduler):
        every = before.run.every
        for was, now in _inside(one, other, before.run.calls):
            yield was * every, now * every


def _inside(old: Scheduler, new: Scheduler, calls: int) -> Iterator[tuple[int, int]]:
    """The boundaries of a scheduler that is active for so many calls, in calls from its start."""
    if old.own:
        return
    if old.type == "OneCycleLR":
        yield one_cycle_peak(old), one_cycle_peak(new)
    starts: list[tuple[int, int]] = [(0, 0)] * len(old.children)
    for argument in SCHEDULERS[old.type].arguments:
        if not argument.is_length or argument.kind != "calls":
            continue
        was, now = (each.arguments.get(argument.name, argument.default) for each in (old, new))
        if not was or not now:
            continue
        if isinstance(was, list):
            yield from zip(was, now, strict=True)
            starts = [(0, 0), *zip(was, now, strict=True)] if old.children else starts
        else:
            yield from ((was * times, now * times) for times in range(1, min(MOST, calls // was) + 1))
    for (first, begins), child, other in zip(starts, old.children, new.children, strict=False):
        for was, now in _inside(child, other, max(0, calls - first)):
            yield first + was, begins + now
