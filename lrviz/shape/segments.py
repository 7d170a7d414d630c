"""A curve as what a pencil would draw: stretches that rise, fall or are level, and jumps between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING, alike_each

UPRIGHT = 4
"""A change more than so many times as large as both its neighbours is a jump within a ramp."""

RAMP = 3
"""Fewer changes than this in one direction, one after the other, are jumps and not a ramp."""

VISIBLE = 0.02
"""Within a ramp no change is a jump for a person that is a smaller part of the learning rate than this."""

KINK = 0.01
"""A way back that is a smaller part than this of the ways before and after it changes no direction."""

SHORT = 1 / 1000
"""A level stretch that is a smaller part of the run than this belongs to the ramp beside it."""


class Rises(NamedTuple):
    """The ways up of a curve, one after each fall; each array is as long as there are such.

    - `tick`: the last tick before it; `height`: how far it goes.
    - `changes`: in how many changes it is made; `falls`: in how many the way down that follows, 0 where none does.
    """

    tick: NDArray[np.int64]
    height: NDArray[np.float64]
    changes: NDArray[np.int64]
    falls: NDArray[np.int64]


class Segments(NamedTuple):
    """The stretches of a curve, in order and without gaps; each array is as long as there are stretches.

    - `start`: the first tick of each. A ramp begins at the last tick before its first change, and what follows it at
      the tick that has its last value; after a jump a stretch begins at the first tick that has the new value.
    - `kind`: 1 where it rises, -1 where it falls, 0 where it is level, 2 where it is not finite.
    - `jump`: how the learning rate comes there: 1 by a jump up, -1 by a fall, 0 without one, 2 from or to what is not
      finite.
    - `rises`: the ways up, whether there are level stretches in them or not.
    """

    start: NDArray[np.int64]
    kind: NDArray[np.int8]
    jump: NDArray[np.int8]
    rises: Rises


def jumps_of(change: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the `change`s from tick to tick are jumps and no part of a ramp.

    Those are the few between level stretches or turns, and those within a ramp that stand out.
    """
    if not len(change):
        return np.zeros(0, dtype=np.bool_)
    sign = np.sign(change)
    starts = np.append(0, np.flatnonzero(sign[1:] != sign[:-1]) + 1)  # where a run of one direction begins
    lengths = np.diff(starts, append=len(sign))
    short = np.repeat(lengths < RAMP, lengths)
    size = np.abs(change)
    padded = np.concatenate([[0.0], size, [0.0]])
    sudden = size > UPRIGHT * np.maximum(padded[:-2], padded[2:])
    jumps: NDArray[np.bool_] = (size != 0) & (short | sudden)
    return jumps


def segments_of(values: NDArray[np.float64]) -> Segments:
    """The stretches of `values` (ticks long, at least one)."""
    with np.errstate(invalid="ignore", over="ignore"):
        change, broken = _changes(values)
        rises = _rises(values, change)
        jumps = _jumps(values, change)
    jumps[broken] = True
    sign = np.sign(change).astype(np.int8)
    start, kind, jump = _stretches(sign, jumps)
    kind[~np.isfinite(values[start])] = 2
    jump[np.isin(start, broken + 1)] = 2
    kind = _without_short(start, kind, jump, len(values))
    kept = np.append(True, (kind[1:] != kind[:-1]) | (jump[1:] != 0))
    return Segments(start[kept], kind[kept], jump[kept], rises)


def _changes(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The change from each tick to the next, 0 where that is rounding, and those from or to what is not finite."""
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
    """The ways up; takes what is only a kink out of `change`."""
    moves = np.flatnonzero(change)
    first, count, height = _ways(values, change, moves)
    if len(first) > 2:
        kinks = np.zeros(len(first), dtype=np.bool_)
        kinks[1:-1] = height[1:-1] < KINK * np.minimum(height[:-2], height[2:])
        if kinks.any():
            change[moves[np.repeat(kinks, count)]] = 0
            moves = np.flatnonzero(change)
            first, count, height = _ways(values, change, moves)
    up = int(len(first) > 0 and change[first[0]] < 0)  # up and down take turns
    return Rises(first[up::2], height[up::2], count[up::2], np.append(count, 0)[up + 1 :: 2][: len(first[up::2])])


def _ways(
    values: NDArray[np.float64], change: NDArray[np.float64], moves: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The first change of each way in one direction, level stretches in it or not, their number, and its height."""
    if not len(moves):
        return moves, moves, np.zeros(0)
    up = change[moves] > 0
    begins = np.append(0, np.flatnonzero(up[1:] != up[:-1]) + 1)
    ends = np.append(begins[1:], len(moves)) - 1
    first = moves[begins]
    return first, ends - begins + 1, np.abs(values[moves[ends] + 1] - values[first])


def _jumps(values: NDArray[np.float64], change: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The jumps that a person would call so."""
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
        # so steep an exponential that every change is many times as large as the next
        beside, further = np.abs(beside), np.abs(further)
        steep |= goes_on & (beside > 2 * further) & (size * further < 2 * beside**2)
    at = here - 2
    faint = size < VISIBLE * np.maximum(np.abs(values[at]), np.abs(values[at + 1]))
    jumps[at[(within & faint) | steep]] = False
    run = _last_run(change)
    if 0 < run < RAMP and run < len(change) and change[-1] * change[-run - 1] < 0:
        first, before = abs(change[-run]), abs(change[-run - 1])
        if first * UPRIGHT <= before if jumps[-run - 1] else first <= UPRIGHT * before:
            jumps[-run:] = False  # the run ends before the ramp that begins here is one
    return jumps


def _last_run(change: NDArray[np.float64]) -> int:
    """How many changes at the end go in one direction without a pause; up to those of a ramp are counted."""
    run = 0
    while run < min(RAMP, len(change)) and change[-run - 1] * change[-1] > 0:
        run += 1
    return run


def _stretches(
    sign: NDArray[np.int8], jumps: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int8]]:
    """Start, kind and jump of every stretch between jumps and turns."""
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
    """The kinds, where a short level stretch beside a ramp is part of it: of the one that follows, if one does."""
    short = (kind == 0) & (np.diff(start, append=ticks) < max(RAMP, ticks * SHORT))
    following = np.append(kind[1:], np.int8(0))
    following[:-1][jump[1:] != 0] = 0
    preceding = np.append(np.int8(0), kind[:-1])
    preceding[jump != 0] = 0
    preceding[(preceding == 1) & (np.append(jump[1:], np.int8(0)) == -1)] = 0  # a peak that is held, then a step
    return np.where(short, np.where(following != 0, following, preceding), kind).astype(np.int8)
