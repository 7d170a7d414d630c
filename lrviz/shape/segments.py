"""Splits a curve into segments that rise, fall or are level, with jumps between them, as one would draw it by hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING, alike_each

MIN_JUMP_RATIO = 4
"""Within a ramp, a change is a jump if it is more than this many times as large as both of its neighbours."""

MIN_RAMP_CHANGES = 3
"""Fewer consecutive changes in one direction than this are jumps, not a ramp."""

MIN_VISIBLE_JUMP = 0.02
"""Within a ramp, a change by a smaller fraction of the learning rate than this is not a jump."""

MAX_KINK = 0.01
"""A reversal smaller than this fraction of the movements before and after it is ignored."""

MAX_SHORT_LEVEL = 1 / 1000
"""A level segment shorter than this fraction of the run belongs to the ramp next to it."""


class Rises(NamedTuple):
    """The rises of a curve, with a fall between each two; one value a rise in each array.

    - `tick`: the last tick before the rise; `height`: how far it goes up.
    - `changes`: its number of changes; `falls`: the number of changes of the fall that follows, 0 if none does.
    """

    tick: NDArray[np.int64]
    height: NDArray[np.float64]
    changes: NDArray[np.int64]
    falls: NDArray[np.int64]


class Segments(NamedTuple):
    """The segments of a curve, in order and without gaps; one value a segment in each array.

    - `start`: the first tick. A ramp begins at the last tick before its first change, and the segment after it at the
      tick that has its last value; after a jump, a segment begins at the first tick that has the new value.
    - `kind`: 1 if it rises, -1 if it falls, 0 if it is level, 2 if it is not finite.
    - `jump`: how it is reached: 1 by a jump up, -1 by a jump down, 0 without a jump, 2 from or to a value that is not
      finite.
    - `rises`: the rises of the whole curve, across level segments.
    """

    start: NDArray[np.int64]
    kind: NDArray[np.int8]
    jump: NDArray[np.int8]
    rises: Rises


def jumps_of(change: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True for each change from tick to tick that is a jump, not part of a ramp.

    Jumps are fewer than `MIN_RAMP_CHANGES` in a row, or stand out within a ramp.
    """
    if not len(change):
        return np.zeros(0, dtype=np.bool_)
    sign = np.sign(change)
    starts = np.append(0, np.flatnonzero(sign[1:] != sign[:-1]) + 1)  # of changes in one direction
    lengths = np.diff(starts, append=len(sign))
    short = np.repeat(lengths < MIN_RAMP_CHANGES, lengths)
    size = np.abs(change)
    padded = np.concatenate([[0.0], size, [0.0]])
    sudden = size > MIN_JUMP_RATIO * np.maximum(padded[:-2], padded[2:])
    jumps: NDArray[np.bool_] = (size != 0) & (short | sudden)
    return jumps


def segments_of(values: NDArray[np.float64]) -> Segments:
    """The segments of `values`, which are ticks long, at least one."""
    with np.errstate(invalid="ignore", over="ignore"):
        change, broken = _changes(values)
        rises = _rises(values, change)
        jumps = _jumps(values, change)
    jumps[broken] = True
    sign = np.sign(change).astype(np.int8)
    start, kind, jump = _between_jumps(sign, jumps)
    kind[~np.isfinite(values[start])] = 2
    jump[np.isin(start, broken + 1)] = 2
    kind = _without_short(start, kind, jump, len(values))
    kept = np.append(True, (kind[1:] != kind[:-1]) | (jump[1:] != 0))
    return Segments(start[kept], kind[kept], jump[kept], rises)


def _changes(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The change from each tick to the next, 0 if it is rounding; and where it is from or to a non-finite value."""
    change = np.diff(values)
    size = np.abs(change)
    top, bottom = float(values.max()), float(values.min())
    broken = np.zeros(0, dtype=np.int64)
    if not (np.isfinite(top) and np.isfinite(bottom)):
        finite = np.isfinite(values)
        broken = np.flatnonzero(finite[1:] != finite[:-1])
        change[~(finite[1:] & finite[:-1])] = 0
        top = bottom = float(np.abs(values[finite]).max(initial=0.0))
    tiny = np.flatnonzero((size <= ROUNDING * max(abs(top), abs(bottom))) & (size > 0))
    change[tiny[alike_each(values[tiny], values[tiny + 1])]] = 0
    return change, broken


def _rises(values: NDArray[np.float64], change: NDArray[np.float64]) -> Rises:
    """The rises; sets kinks in `change` to 0."""
    moves = np.flatnonzero(change)
    first, count, height = _movements(values, change, moves)
    if len(first) > 2:
        kinks = np.zeros(len(first), dtype=np.bool_)
        kinks[1:-1] = height[1:-1] < MAX_KINK * np.minimum(height[:-2], height[2:])
        if kinks.any():
            change[moves[np.repeat(kinks, count)]] = 0
            moves = np.flatnonzero(change)
            first, count, height = _movements(values, change, moves)
    up = int(len(first) > 0 and change[first[0]] < 0)  # up and down alternate
    return Rises(first[up::2], height[up::2], count[up::2], np.append(count, 0)[up + 1 :: 2][: len(first[up::2])])


def _movements(
    values: NDArray[np.float64], change: NDArray[np.float64], moves: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For each movement in one direction, across level segments: its first change, number of changes, and height."""
    if not len(moves):
        return moves, moves, np.zeros(0)
    up = change[moves] > 0
    begins = np.append(0, np.flatnonzero(up[1:] != up[:-1]) + 1)
    ends = np.append(begins[1:], len(moves)) - 1
    first = moves[begins]
    return first, ends - begins + 1, np.abs(values[moves[ends] + 1] - values[first])


def _jumps(values: NDArray[np.float64], change: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The jumps that people see as jumps."""
    jumps = jumps_of(change)
    padded = np.concatenate([[0.0, 0.0], change, [0.0, 0.0]])
    here = np.flatnonzero(jumps) + 2
    before, after = padded[here - 1] * padded[here] > 0, padded[here + 1] * padded[here] > 0
    here, before, after = (each[before | after] for each in (here, before, after))  # the others stand alone
    size = np.abs(padded[here])
    within, steep = before & after, np.zeros(len(here), dtype=np.bool_)
    for way, goes_on in ((-1, before), (1, after)):
        beside, further = padded[here + way], padded[here + 2 * way]
        goes_on = goes_on & (beside * further > 0)
        within |= goes_on
        # a steep exponential, whose every change is much larger than the next
        beside, further = np.abs(beside), np.abs(further)
        steep |= goes_on & (beside > 2 * further) & (size * further < 2 * beside**2)
    at = here - 2
    faint = size < MIN_VISIBLE_JUMP * np.maximum(np.abs(values[at]), np.abs(values[at + 1]))
    jumps[at[(within & faint) | steep]] = False
    run = _last_run(change)
    if 0 < run < MIN_RAMP_CHANGES and run < len(change) and change[-1] * change[-run - 1] < 0:
        first, before = abs(change[-run]), abs(change[-run - 1])
        if first * MIN_JUMP_RATIO <= before if jumps[-run - 1] else first <= MIN_JUMP_RATIO * before:
            jumps[-run:] = False  # a ramp begins here, but the run ends before it is long enough
    return jumps


def _last_run(change: NDArray[np.float64]) -> int:
    """The number of changes at the end in one direction without a pause, at most `MIN_RAMP_CHANGES`."""
    run = 0
    while run < min(MIN_RAMP_CHANGES, len(change)) and change[-run - 1] * change[-1] > 0:
        run += 1
    return run


def _between_jumps(
    sign: NDArray[np.int8], jumps: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int8]]:
    """Start, kind and jump of every segment between jumps and turns."""
    begins = np.zeros(len(sign) + 1, dtype=np.bool_)
    begins[0] = True
    begins[1:] = jumps
    begins[1:-1] |= (sign[1:] != sign[:-1]) & ~jumps[1:] & ~jumps[:-1]
    start = np.flatnonzero(begins)
    jump = np.where(jumps, sign, 0).astype(np.int8)
    inside = np.where(jumps, 0, sign).astype(np.int8)
    return start, np.append(inside, np.int8(0))[start], np.append(np.int8(0), jump)[start]


def _without_short(
    start: NDArray[np.int64], kind: NDArray[np.int8], jump: NDArray[np.int8], ticks: int
) -> NDArray[np.int8]:
    """The kinds, with short level segments made part of the ramp next to them, the following one if there is one."""
    short = (kind == 0) & (np.diff(start, append=ticks) < max(MIN_RAMP_CHANGES, ticks * MAX_SHORT_LEVEL))
    following = np.append(kind[1:], np.int8(0))
    following[:-1][jump[1:] != 0] = 0
    preceding = np.append(np.int8(0), kind[:-1])
    preceding[jump != 0] = 0
    preceding[(preceding == 1) & (np.append(jump[1:], np.int8(0)) == -1)] = 0  # a peak that is held, then a step
    return np.where(short, np.where(following != 0, following, preceding), kind).astype(np.int8)
