"""The stretches of a run with a history: each follows the plan, or deviates from it with a cause of its own.

A run is resumed (the clock of its log goes back), or something changes in its middle. What one cause does not explain
to the end is taken apart: the cause that reaches farthest explains a stretch, and what comes behind it is looked at
anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lrviz.log.case import LogCase
from lrviz.log.causes import causes_of, causes_since
from lrviz.log.fit import Fit
from lrviz.log.history.reach import ends_of, first_of
from lrviz.log.history.skips import skips_of
from lrviz.log.history.starts import starts_of
from lrviz.log.lengths import OfLength
from lrviz.log.tail import in_passing
from lrviz.log.words import Cause

MAX_STRETCHES = 8
"""So many stretches are told."""

FEWEST_RECORDS = 5
"""A cause that does not reach to the end explains at least so many records, else it may be chance."""

ENDS_TRIED = 3
"""Of the ends that a cause may reach, so many are tried, the farthest first."""

CHANGES_AGAIN = 2
"""A run follows the plan again if it does so through so many changes of the learning rate."""

JUMPS = 8
"""Where nothing explains a record, the records 1, 2, 4, 8 and so on behind it are tried."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The records from `first` up to `stop`, and what explains them; no cause where they follow the plan.

    Where they do not and `causes` is empty, none explains them.
    """

    first: int
    stop: int
    follows: bool
    causes: tuple[Cause, ...] = ()


def stretches_of(case: LogCase, of_length: OfLength | None) -> list[Stretch]:
    """The first stretches of a run, at most one more than `MAX_STRETCHES`, in the order of its log."""
    return list(islice(_stretches(case, of_length), MAX_STRETCHES + 1))


def _stretches(case: LogCase, of_length: OfLength | None) -> Iterator[Stretch]:
    for begin, end in starts_of(case):
        at = begin
        while at < end:
            deviating = np.flatnonzero(case.deviates[at:end])
            if not len(deviating):
                yield Stretch(at, end, True)
                break
            first = at + int(deviating[0])
            if first > at:
                yield Stretch(at, first, True)
            found = _explained(case, begin, first, end, of_length) or _unexplained(case, begin, first, end)
            yield found
            at = found.stop


def _explained(case: LogCase, begin: int, first: int, end: int, of_length: OfLength | None) -> Stretch | None:
    """The records that one cause explains from `first` on, which deviates: to the end, or as far as it goes."""
    causes = causes_of(case.part(0, end), None, of_length) if first == 0 else []
    causes = causes or _since(case, begin, first, end, of_length)
    if causes:
        return Stretch(first, end, False, tuple(causes))
    skips = skips_of(case.part(begin, end), first - begin)
    left_out = None
    if skips is not None:
        left_out = Stretch(first, begin + skips.stop, False, (skips.cause(case.part(begin, end)),))
        if left_out.stop == end:
            return left_out
    passing = _passing(case, begin, first, end)
    if passing is not None:
        return passing
    return _reached(case, begin, first, end, left_out.stop if left_out is not None else 0) or left_out


def _since(case: LogCase, begin: int, first: int, end: int, of_length: OfLength | None = None) -> list[Cause]:
    """The causes of the records from `first` up to `end`, of a start that begins at `begin`."""
    return causes_since(Fit(case.part(begin, end), first - begin, anew=begin > 0), of_length)


def _passing(case: LogCase, begin: int, first: int, end: int) -> Stretch | None:
    """The few records that deviate in passing."""
    stop, after = _turns(case, first, end)
    before = first - first_of(case.deviates[begin:first][::-1])
    with np.errstate(all="ignore"):
        cause = in_passing(Fit(case.part(before, after), first - before, anew=begin > 0))
    return Stretch(first, stop, False, (cause,)) if cause is not None else None


def _turns(case: LogCase, first: int, end: int) -> tuple[int, int]:
    """The first record behind `first` that follows the plan, and the next that deviates; `end` where there is none."""
    deviates = case.deviates[first:end]
    stop = first + first_of(~deviates)
    return stop, stop + first_of(case.deviates[stop:end])


def _reached(case: LogCase, begin: int, first: int, end: int, least: int = 0) -> Stretch | None:
    """The records that a cause explains which reaches beyond `least`, but not to the end."""
    for stop in ends_of(case.part(begin, end), first - begin)[:ENDS_TRIED]:
        stop += begin
        if stop <= least or stop - first < FEWEST_RECORDS:
            break
        causes = _since(case, begin, first, stop)
        if causes:
            return Stretch(first, stop, False, tuple(causes))
    return None


def _unexplained(case: LogCase, begin: int, first: int, end: int) -> Stretch:
    """The records up to where the plan is followed again, or a cause explains the next ones."""
    with np.errstate(all="ignore"):
        changed = Fit(case.part(begin, end)).changed[first - begin :]
    deviates = case.deviates[first:end]
    edges = np.flatnonzero(np.diff(deviates)) + 1
    begins = edges[~deviates[edges]]
    ends = np.append(edges, len(deviates))[np.searchsorted(edges, begins, side="right")]
    total = np.append(0, np.cumsum(changed))
    again = begins[total[ends] - total[np.minimum(begins + 1, ends)] >= CHANGES_AGAIN]
    stop = first + (int(again[0]) if len(again) else len(deviates))
    for jump in range(JUMPS):
        later = first + 2**jump
        if later >= stop:
            break
        if case.deviates[later] and _reached(case, begin, later, end) is not None:
            return Stretch(first, later, False)
    return Stretch(first, stop, False)
