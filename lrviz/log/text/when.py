"""When the records of a text log were made: its clocks, and the records that have one."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lrviz.errors import Position, Problem, ScheduleError
from lrviz.log.digits import half_of_digits
from lrviz.log.log import LogClock, Unit
from lrviz.log.table import note
from lrviz.log.text.kept import Kept
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import listed

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_COUNT = 1e15
"""No number of a step is larger."""

MAX_CLOCK = 1e7
"""No number of an epoch, or of an iteration in it, is larger."""

NO_WHOLE_STEP = 3e-6
"""So many epochs beside a whole step: where all times are whole steps, none of them counts as rounded."""


def timed(kept: Kept) -> Mask:
    """True for each record whose clocks are numbers."""
    keep = np.ones(len(kept), dtype=bool)
    for name, values in _numbers(kept).items():
        largest = MAX_CLOCK if name in ("epoch", "iteration", "part") else MAX_COUNT
        keep &= (np.abs(values) < largest) & ((values > 0) | (name != "of"))
    return keep


def drawn_anew(kept: Kept) -> Mask:
    """True for each record but those of a bar with an old learning rate."""
    at = _numbers(kept)
    anew = np.ones(len(kept), dtype=bool)
    for count in ("iteration", "step"):
        if kept.format.old and count in at:
            old = at[count] == (at["of"] if kept.format.old == "last" else 0)
            anew &= ~old | old.all()
    return anew


def _numbers(kept: Kept) -> dict[str, Floats]:
    return dict(zip(kept.format.clocks, map(np.frombuffer, kept.clocks), strict=True))


def clocks_of(kept: Kept, keep: Mask, path: str, step_column: str | None, notes: list[Problem]) -> tuple[LogClock, ...]:
    """The clocks of the records to `keep`: steps before epochs. Raises `ScheduleError` if there is no `step_column`."""
    at = {name: values[keep] for name, values in _numbers(kept).items()}
    if _starts_over(at):
        at["iteration"] = at.pop("step")
        if "of" not in at:
            del at["iteration"]
            notes.append(note(path, "log-column", "steps start over in every epoch, so they are not used"))
    if kept.format.guessed and not _is_place(at):
        at = {name: values for name, values in at.items() if name not in ("iteration", "of")}
    found = [*_steps(at, kept), *_within(at, kept.format.first_epoch), *_epochs(at, kept)]
    if [clock.unit for clock in found] == ["epoch"] and _is_coarse(at, kept, keep):
        message = "several learning rates share an epoch and no step is beside them, so they may be from all of it"
        notes.append(note(path, "log-column", message))
        found = [_of_whole_epochs(found[0])]
    if step_column is not None:
        names = [clock.column for clock in found]
        if step_column not in names:
            hint = did_you_mean(step_column, names) or f"it counts {listed(names)}"
            raise ScheduleError.at(Position(path), f"there is no column {step_column!r}", hint)
        found = [clock for clock in found if clock.column == step_column]
        found = [replace(clock, unit="count") if clock.column == "step" else clock for clock in found]
    return tuple(found or [LogClock("call", "", array("d", range(int(keep.sum()))))])


def _starts_over(at: dict[str, Floats]) -> bool:
    """True if the step falls from one record to the next while the epoch rises."""
    if "step" not in at or "epoch" not in at:
        return False
    return bool(((np.diff(at["step"]) < 0) & (np.diff(at["epoch"]) > 0)).any())


def _is_place(at: dict[str, Floats]) -> bool:
    """True if two numbers of a line that nothing names are the place within an epoch: they rise in it, to the same."""
    same = np.diff(at["epoch"]) == 0
    rises: Mask = np.diff(at["iteration"]) > 0
    of = at["of"]
    return bool(same.any() and rises[same].all() and (at["iteration"] <= of).all() and (of == of[0]).all())


def _is_coarse(at: dict[str, Floats], kept: Kept, keep: Mask) -> bool:
    """True if at least half of the epochs, which are whole, have several learning rates, one behind the other."""
    if kept.format.program or kept.decimals or "of" in at:
        return False
    epochs = at["epoch"]
    again = np.diff(epochs) == 0
    for texts in kept.rates:
        rates = np.array(list(map(float, texts)))[keep]
        shared = again & (np.diff(rates) != 0)
        if 2 * len(np.unique(epochs[1:][shared])) >= len(np.unique(epochs)):
            return True
    return False


def _of_whole_epochs(clock: LogClock) -> LogClock:
    """Times in the middle of their epochs, from whose beginning to whose end they may be."""
    at = np.frombuffer(clock.at) + 0.5
    at[len(at) // 2] += NO_WHOLE_STEP
    return replace(clock, at=array("d", at.tobytes()), half=0.5)


def _steps(at: dict[str, Floats], kept: Kept) -> Iterator[LogClock]:
    if "step" in at:
        first = _first(at, "step", "of") if kept.format.derived else 0
        yield _clock("step", "step", at["step"], first=first)


def _within(at: dict[str, Floats], first: int | None) -> Iterator[LogClock]:
    """The clocks of a log that counts within epochs: of all steps, and of epochs with their parts."""
    within = at.get("iteration", at.get("part"))
    if within is None:
        return
    from_1 = 0
    if first is None:
        first = 0 if at["epoch"].min() == 0 else 1
        from_1 = _first(at, "iteration", "of")
    done, of = at["epoch"] - first, at["of"]
    if "iteration" in at and of.max() < MAX_CLOCK:
        yield _clock("step", "iteration", done * of + within, first=from_1)
    per_epoch = float(of[0]) if (of == of[0]).all() else None
    yield _clock("epoch", "epoch", done + (within - from_1) / of, per_epoch=per_epoch)


def _epochs(at: dict[str, Floats], kept: Kept) -> Iterator[LogClock]:
    if "epoch" in at and not {"iteration", "part"} & set(at):
        first = kept.format.first_epoch
        if first is None:
            first = _first(at, "epoch", "total") if "step" not in at else 0
        yield _clock("epoch", "epoch", at["epoch"], _epoch_half(kept, at["epoch"]), first)


def _clock(
    unit: Unit,
    name: str,
    at: Floats,
    half: float | array[float] = 0.0,
    first: int = 0,
    per_epoch: float | None = None,
) -> LogClock:
    return LogClock(unit, name, array("d", at.tobytes()), half, first, per_epoch)


def _first(at: dict[str, Floats], count: str, total: str) -> int:
    """1 for a count from 1: it has a total, `Epoch 90/90`, and begins with 1 or reaches it."""
    if total not in at:
        return 0
    least = at[count].min()
    return int(least == 1 or (least > 0 and bool((at[count] == at[total]).any())))


def _epoch_half(kept: Kept, epochs: Floats) -> float | array[float]:
    """How much epochs may have been rounded."""
    digits = kept.format.epoch_digits
    if digits is None:
        return 0.5 * 10.0**-kept.decimals if kept.decimals else 0.0
    return array("d", (half_of_digits(abs(value), digits) for value in epochs.tolist()))
