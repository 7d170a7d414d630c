"""Answers `lrviz diff`: are two curves the same, and if not, where and by how much do they differ?

Two learning rates are the same if they differ by at most the tolerance, as a fraction of the larger one, or by at most
the smaller of 1e-12 and the tolerance, as a fraction of the larger peak. The second rule is for zeros: rounding leaves
as much of them.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import ROUNDING, alike_each
from lrviz.curve import Curve, checksum
from lrviz.errors import Position, ScheduleError
from lrviz.run import Interval, Run
from lrviz.snapshot import Stored


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two curves that are compared.

    A snapshot of a long run does not store every tick: `ticks` are the stored ones (None: all), and between them
    `curve` repeats the last stored value. `checksum` covers every tick of the curve.
    """

    curve: Curve
    ticks: NDArray[np.int64] | None = None
    checksum: str = ""

    @property
    def name(self) -> str:
        """The name of the schedule on this side."""
        return self.curve.name

    @property
    def groups(self) -> tuple[str | None, ...]:
        """The names of the groups; only None if one stands for all."""
        return (None,) if self.curve.uniform else self.curve.groups

    def index(self, group: str | None) -> int:
        """The index of a group; 0 for any name if one group stands for all."""
        return self.groups.index(group) if group in self.groups else 0

    def rates(self, group: str | None) -> NDArray[np.float64]:
        """The learning rates of a group, ticks long."""
        return np.frombuffer(self.curve.columns[self.index(group)])


class Pair(NamedTuple):
    """The same quantity on both sides."""

    a: float
    b: float

    @property
    def ratio(self) -> float:
        """`b` as a multiple of `a`: 1 if they are equal; may be infinite or NaN if `a` is 0 or one is not finite."""
        if self.a == self.b:
            return 1.0
        if self.a:
            return self.b / self.a
        return math.nan if math.isnan(self.b) else math.copysign(math.inf, self.b)


class Point(NamedTuple):
    """The learning rates on both sides at a tick of `Difference.clock`."""

    tick: int
    lr: Pair


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """A param group on both sides.

    - `differing`: the number of ticks at which the learning rates differ.
    - `first`, `largest`: the first of these ticks, and that with the largest ratio, up or down; None if none differs.
    - `end`: the values after the last call; None if the runs have different lengths.
    - `peak`, `area`: of each whole run; None if a snapshot does not store all ticks.
    - `identical`: True if everything that was compared is the same bit for bit.
    """

    group: str | None
    differing: int
    first: Point | None
    largest: Point | None
    end: Pair | None
    end_differs: bool
    peak: Pair | None
    area: Pair | None
    identical: bool

    @property
    def same(self) -> bool:
        """True if the learning rates are the same wherever both sides were compared."""
        return not self.differing and not self.end_differs


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """The difference of two schedules, over the part of the run that both have.

    - `clock`: the curve of the side that steps more often, or of the first if both step alike. A tick is one of its.
    - `lengths`: the lengths of both runs in ticks.
    - `lasts`: how many ticks of `clock` one tick of each side lasts.
    - `ticks`: the ticks that were compared.
    - `area_unit`: areas are in learning rate x this unit.
    - `only_a`, `only_b`: the param groups that only one side has.
    - `identical`: True if both sides are the same bit for bit.
    - `hidden`: True if they are identical wherever stored, but the checksums differ.
    """

    a: Side
    b: Side
    clock: Curve
    lengths: tuple[int, int]
    lasts: tuple[int, int]
    ticks: NDArray[np.int64]
    area_unit: Interval
    groups: tuple[GroupDifference, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    identical: bool
    hidden: bool

    @property
    def same(self) -> bool:
        """True if both runs have the same length and groups, and the same learning rates."""
        one = self.lengths[0] == self.lengths[1] and not self.only_a and not self.only_b and not self.hidden
        return one and all(each.same for each in self.groups)

    def ratios(self, group: str | None) -> NDArray[np.float64]:
        """The second side as a multiple of the first, one ratio a tick of `clock`; NaN after the end of either run.

        A tick that was not compared has the ratio of the last one that was.
        """
        x, y = (
            side.rates(group)[self.ticks // lasts] for side, lasts in zip((self.a, self.b), self.lasts, strict=True)
        )
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            known = np.where(x == y, 1.0, y / x)
        ratios = np.full(len(self.clock), np.nan)
        both = np.arange(min(self.lengths))
        ratios[: len(both)] = known[np.searchsorted(self.ticks, both, side="right") - 1]
        return ratios


class Pairing(NamedTuple):
    """The sides that are compared with each other, and the names of those that only one input has."""

    pairs: list[tuple[Side, Side]]
    only_a: list[str]
    only_b: list[str]


def pairing(first: Sequence[Side], second: Sequence[Side]) -> Pairing:
    """Pairs sides by name; if each input has just one, these are compared whatever their names."""
    if len(first) == len(second) == 1:
        return Pairing([(first[0], second[0])], [], [])
    there = {side.name: side for side in second}
    pairs, only_a = [], []
    for side in first:
        if side.name in there:
            pairs.append((side, there.pop(side.name)))
        else:
            only_a.append(side.name)
    return Pairing(pairs, only_a, list(there))


# --- what is compared ------------------------------------------------------------------------------------------


def side_of_curve(curve: Curve) -> Side:
    """A simulated schedule as a side."""
    return Side(curve, checksum=checksum(curve))


def side_of_snapshot(stored: Stored) -> Side:
    """A snapshot as a side. Its name is what the titles of all its columns begin with; the rest names the groups."""
    name, groups = stored.groups[0], ["0"]
    if len(stored.groups) > 1:
        parts = zip(*(title.split("/")[:-1] for title in stored.groups), strict=False)
        name = "/".join(part[0] for part in takewhile(lambda part: len(set(part)) == 1, parts))
        groups = [title[len(name) + 1 :] for title in stored.groups]
    held = np.searchsorted(stored.ticks, np.arange(stored.total), side="right") - 1
    curve = Curve(
        name=name,
        groups=tuple(groups),
        run=_run_of(stored),
        columns=tuple(memoryview(array("d", rates[held].tobytes())).toreadonly() for rates in stored.rates.T),
        end_lr=tuple(stored.end.tolist()),
    )
    return Side(curve, stored.ticks if len(stored.ticks) < stored.total else None, stored.checksum)


def _run_of(stored: Stored) -> Run:
    """The run of a snapshot, as far as its rows show it."""
    in_epochs = stored.interval == "epoch"
    epochs, steps = (stored.total, None) if in_epochs else (None, stored.total)
    return Run(epochs, steps, stored.steps_per_epoch, stored.interval, every=stored.every)


# --- comparing -------------------------------------------------------------------------------------------------


def difference(a: Side, b: Side, tolerance: float = ROUNDING) -> Difference:
    """Compares two sides call by call if both step alike, else by the calls of the side that steps more often.

    Param groups are compared by name; if those of one side never differ, one stands for all. Raises `ScheduleError` if
    the runs have no clock in common.
    """
    frame = _frame(a, b)
    unit: Interval = "step" if a.curve.run.total_epochs is None or b.curve.run.total_epochs is None else "epoch"
    whole = a.ticks is None and b.ticks is None
    areas = (a.curve.area_in(unit).tolist(), b.curve.area_in(unit).tolist()) if whole else None
    names: Sequence[str | None] = [name for name in a.groups if name in b.groups]
    only_a, only_b = ([name for name in each if name not in names] for each in (a.groups, b.groups))
    if None in a.groups or None in b.groups:
        names, only_a, only_b = a.groups if None in b.groups else b.groups, [], []
    groups = []
    for name in names:
        area = Pair(areas[0][a.index(name)], areas[1][b.index(name)]) if areas is not None else None
        groups.append(_group_difference(name, a, b, frame, area, tolerance))
    exact = all(each.identical for each in groups) and not only_a and not only_b and frame.of_one_length
    known = whole or a.checksum == b.checksum
    return Difference(
        a=a,
        b=b,
        clock=frame.clock,
        lengths=frame.lengths,
        lasts=frame.lasts,
        ticks=frame.ticks,
        area_unit=unit,
        groups=tuple(groups),
        only_a=tuple(map(str, only_a)),
        only_b=tuple(map(str, only_b)),
        identical=exact and known,
        hidden=exact and not known and a.curve.run.interval == b.curve.run.interval,
    )


class _Frame(NamedTuple):
    """The common clock: see `clock`, `lengths`, `lasts` and `ticks` of `Difference`."""

    clock: Curve
    lengths: tuple[int, int]
    lasts: tuple[int, int]
    ticks: NDArray[np.int64]

    @property
    def of_one_length(self) -> bool:
        return self.lengths[0] == self.lengths[1]


def _frame(a: Side, b: Side) -> _Frame:
    """The common clock of two sides: that of the side that steps more often."""
    swapped = a.curve.run.interval == "epoch" and b.curve.run.interval == "step"
    fine, coarse = (b, a) if swapped else (a, b)
    lasts: int | None = 1
    if a.curve.run.interval != b.curve.run.interval:
        lasts = coarse.curve.run.steps_per_epoch or fine.curve.run.steps_per_epoch
    if lasts is None:
        raise ScheduleError.at(
            Position("lrviz"),
            f"{coarse.name!r} steps per epoch, {fine.name!r} per step, and neither knows how many steps an epoch has",
            "give one of the runs `steps_per_epoch` or `data`",
        )
    length = len(coarse.curve) * lasts
    if fine.curve.run.interval == "step" and coarse.curve.run.interval == "epoch":
        if coarse.curve.run.total_steps is not None:
            length = coarse.curve.run.total_steps
        elif coarse.curve.run.total_epochs == fine.curve.run.total_epochs:
            length = len(fine.curve)  # without known steps, a last epoch that is cut short counts as a whole one
    ticks = np.arange(len(fine.curve), dtype=np.int64) if fine.ticks is None else fine.ticks
    ticks = ticks[ticks < min(len(fine.curve), length)]
    if coarse.ticks is not None:
        ticks = ticks[np.isin(ticks // lasts, coarse.ticks)]
    if swapped:
        return _Frame(fine.curve, (length, len(fine.curve)), (lasts, 1), ticks)
    return _Frame(fine.curve, (len(fine.curve), length), (1, lasts), ticks)


def _group_difference(
    name: str | None, a: Side, b: Side, frame: _Frame, area: Pair | None, tolerance: float
) -> GroupDifference:
    """Compares two param groups of one name. `area` is None if not all ticks are known."""
    columns = [side.rates(name) for side in (a, b)]
    peak = Pair(*(float(column.max()) for column in columns))
    nothing = min(tolerance, ROUNDING) * max((abs(each) for each in peak if math.isfinite(each)), default=0.0)
    x, y = (column[frame.ticks // lasts] for column, lasts in zip(columns, frame.lasts, strict=True))
    apart = np.flatnonzero(~alike_each(x, y, tolerance, nothing))
    end = Pair(*(side.curve.end_lr[side.index(name)] for side in (a, b))) if frame.of_one_length else None

    def point(place: int) -> Point:
        return Point(int(frame.ticks[place]), Pair(float(x[place]), float(y[place])))

    end_a, end_b = (np.array([end.a]), np.array([end.b])) if end is not None else (x[:0], y[:0])
    return GroupDifference(
        group=name,
        differing=len(apart),
        first=point(int(apart[0])) if len(apart) else None,
        largest=point(int(apart[_largest(x[apart], y[apart])])) if len(apart) else None,
        end=end,
        end_differs=not alike_each(end_a, end_b, tolerance, nothing).all(),
        peak=peak if area is not None else None,
        area=area,
        identical=bool(alike_each(x, y, 0.0, 0.0).all() and alike_each(end_a, end_b, 0.0, 0.0).all()),
    )


def _largest(x: NDArray[np.float64], y: NDArray[np.float64]) -> int:
    """The index of the largest ratio, up or down, the first of those that only rounding tells apart.

    From or to 0, or to NaN, a ratio is infinite.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        factors = np.maximum(np.abs(y / x), np.abs(x / y))
    factors = np.nan_to_num(factors, nan=np.inf, posinf=np.inf)
    return int((factors >= factors.max() * (1 - ROUNDING)).argmax())
