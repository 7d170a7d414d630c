"""When the records of a text log were made: its clocks, and the records that have one."""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import Position, ScheduleError
from lrviz.log.digits import half_of_digits
from lrviz.log.log import LogClock, Unit
from lrviz.log.text.kept import Kept
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import listed

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_COUNT = 1e15
"""No number of a step is larger."""

MAX_CLOCK = 1e7
"""No number of an epoch, or of an iteration in it, is larger."""


def timed(kept: Kept) -> Mask:
    """True for each record whose clocks are numbers."""
    keep = np.ones(len(kept), dtype=bool)
    for name, values in zip(kept.format.clocks, kept.clocks, strict=True):
        at = np.frombuffer(values)
        largest = MAX_COUNT if name in ("step", "total") else MAX_CLOCK
        keep &= (np.abs(at) < largest) & ((at > 0) | (name != "of"))
    return keep


def drawn_anew(kept: Kept) -> Mask:
    """True for each record but those of a bar with an old learning rate."""
    at = dict(zip(kept.format.clocks, map(np.frombuffer, kept.clocks), strict=True))
    anew = np.ones(len(kept), dtype=bool)
    for count, all_of_them in (("iteration", "of"), ("step", "total")):
        if kept.format.old and count in at:
            old = at[count] == (at[all_of_them] if kept.format.old == "last" else 0)
            anew &= ~old | old.all()
    return anew


def clocks_of(kept: Kept, keep: Mask, path: str, step_column: str | None) -> tuple[LogClock, ...]:
    """The clocks of the records to `keep`: steps before epochs. Raises `ScheduleError` if there is no `step_column`."""
    at = {name: np.frombuffer(values)[keep] for name, values in zip(kept.format.clocks, kept.clocks, strict=True)}
    found: list[LogClock] = []
    if "step" in at:
        found.append(_clock("step", "step", at["step"], first=_first(at, "step")))
    within = next((at[name] for name in ("iteration", "part") if name in at), None)
    if within is not None:
        first = kept.format.first_epoch
        if first is None:
            first = 0 if at["epoch"].min() == 0 else 1
        done = at["epoch"] - first
        of = at["of"]
        if "iteration" in at:
            found.append(_clock("step", "iteration", done * of + within))
        per_epoch = float(of[0]) if (of == of[0]).all() else None
        found.append(_clock("epoch", "epoch", done + within / of, per_epoch=per_epoch))
    elif "epoch" in at:
        first = kept.format.first_epoch
        if first is None:
            first = _first(at, "epoch") if "step" not in at else 0
        found.append(_clock("epoch", "epoch", at["epoch"], _epoch_half(kept, at["epoch"]), first))
    if step_column is not None:
        names = [clock.column for clock in found]
        if step_column not in names:
            hint = did_you_mean(step_column, names) or f"it counts {listed(names)}"
            raise ScheduleError.at(Position(path), f"there is no column {step_column!r}", hint)
        found = [clock for clock in found if clock.column == step_column]
        found = [replace(clock, unit="count") if clock.column == "step" else clock for clock in found]
    if not found:
        found = [LogClock("call", "", array("d", range(int(keep.sum()))))]
    return tuple(found)


def _clock(
    unit: Unit,
    name: str,
    at: Floats,
    half: float | array[float] = 0.0,
    first: int = 0,
    per_epoch: float | None = None,
) -> LogClock:
    return LogClock(unit, name, array("d", at.tobytes()), half, first, per_epoch)


def _first(at: dict[str, Floats], name: str) -> int:
    """1 for a count that reaches its total, `Epoch 90/90`: it is the count from 1."""
    return int("total" in at and bool((at[name] == at["total"]).any()) and at[name].min() > 0)


def _epoch_half(kept: Kept, epochs: Floats) -> float | array[float]:
    """How much epochs may have been rounded."""
    digits = kept.format.epoch_digits
    if digits is None:
        return 0.5 * 10.0**-kept.decimals if kept.decimals else 0.0
    return array("d", (half_of_digits(abs(value), digits) for value in epochs.tolist()))
