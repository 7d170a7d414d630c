"""The result of a simulation: the learning rate that every optimizer step of a run uses.

A curve has one tick for each call of `scheduler.step()`: the values that the optimizer holds before that
call. It imports numpy when an array is first asked for, and of lrviz no more than reads a place of a run.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Unit: TypeAlias = Literal["epoch", "step"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Curve:
    """The learning rates of one schedule, as torch's schedulers gave them.

    `columns` holds one read-only buffer of doubles a param group, a value for each tick; `end_lr` the value
    of each group after the last call, which no step of the run uses. `momentum_columns` and `end_momentum`
    are the same for momentum (or beta1), None where nothing moves it. A run in epochs without a known
    `steps_per_epoch` has no steps, a run in steps without it has no epochs.
    """

    name: str
    groups: tuple[str, ...]
    interval: Literal["epoch", "step"]
    epoch_count: int | None
    step_count: int | None
    steps_per_epoch: int | None
    columns: tuple[memoryview, ...]
    end_lr: tuple[float, ...]
    momentum_columns: tuple[memoryview, ...] | None = None
    end_momentum: tuple[float, ...] | None = None
    title: str | None = None
    source: str | None = None

    def __repr__(self) -> str:
        return f"<Curve {self.name!r}: {len(self):,} ticks x {len(self.groups)} groups>"

    def __getstate__(self) -> list[object]:
        """For pickle, which knows no memoryview."""
        values = [getattr(self, name) for name in self.__slots__]
        return [
            tuple(map(bytes, value)) if name in _COLUMNS and value is not None else value
            for name, value in zip(self.__slots__, values, strict=True)
        ]

    def __setstate__(self, state: list[Any]) -> None:
        for name, value in zip(self.__slots__, state, strict=True):
            packed = name in _COLUMNS and value is not None
            object.__setattr__(self, name, tuple(memoryview(each).cast("d") for each in value) if packed else value)

    def __len__(self) -> int:
        """The number of ticks, which is that of the calls of `scheduler.step()`."""
        return len(self.columns[0])

    @property
    def lr(self) -> NDArray[np.float64]:
        """The learning rates, ticks x groups; read-only. Row 0 is the first step of the run."""
        return _stack(self.columns)

    @property
    def momentum(self) -> NDArray[np.float64] | None:
        """Momentum or beta1, ticks x groups; read-only. None where nothing moves it."""
        return _stack(self.momentum_columns) if self.momentum_columns else None

    @property
    def end(self) -> NDArray[np.float64]:
        """The learning rate of each group after the last call, groups long."""
        import numpy as np

        return np.array(self.end_lr)

    @property
    def peak(self) -> NDArray[np.float64]:
        """The largest learning rate that a step of the run uses, of each group, groups long; NaN where one is NaN."""
        import numpy as np

        return np.array([np.frombuffer(column).max() for column in self.columns])

    @property
    def area(self) -> NDArray[np.float64]:
        """The area under the learning rate of each group, groups long: learning rate x time, in `unit`."""
        return self.area_in(self.unit)

    def area_in(self, unit: Unit) -> NDArray[np.float64]:
        """The same in epochs or in steps, which the run has to know."""
        import numpy as np

        last = self.duration - (len(self) - 1)
        return np.array([self.time(_sum(column, last), unit) for column in self.columns])

    @property
    def steps(self) -> NDArray[np.int64] | None:
        """The optimizer step at which each tick begins, from 0; None where steps are not known."""
        import numpy as np

        if self.step_count is None:
            return None
        return np.arange(len(self), dtype=np.int64) * self.steps_per_tick

    @property
    def epochs(self) -> NDArray[np.float64] | None:
        """The epoch at which each tick begins, from 0 and perhaps a fraction; None where not known."""
        import numpy as np

        if self.epoch_count is None:
            return None
        ticks = np.arange(len(self), dtype=np.float64)
        return ticks if self.interval == "epoch" else ticks / (self.steps_per_epoch or 1)

    @property
    def steps_per_tick(self) -> int:
        """Optimizer steps that one tick lasts; meaningful only where steps are known."""
        return 1 if self.interval == "step" else self.steps_per_epoch or 1

    @property
    def unit(self) -> Unit:
        """What lengths of time are counted in: epochs where the run knows them, else optimizer steps."""
        return "step" if self.epoch_count is None else "epoch"

    @property
    def duration(self) -> float:
        """How many ticks the run is long; the last of a run in steps that ends within an epoch counts in part."""
        return len(self) if self.step_count is None else self.step_count / self.steps_per_tick

    def time(self, ticks: float, unit: Unit | None = None) -> float:
        """So many ticks in epochs or in steps, which the run has to know; in `unit` where nothing is said."""
        if (unit or self.unit) == self.interval:
            return ticks
        per_epoch = self.steps_per_epoch or 1
        return ticks * per_epoch if self.interval == "epoch" else ticks / per_epoch

    @property
    def uniform(self) -> bool:
        """Whether one group stands for all: they differ at no tick, and not after the last call."""
        return not self.groups_differ and len(set(map(repr, self.end_lr))) == 1

    @property
    def groups_differ(self) -> bool:
        """Whether the groups' learning rates differ at any tick."""
        first = self.columns[0].cast("B")
        return any(column.cast("B") != first for column in self.columns[1:])

    def at(self, place: float | str) -> float | NDArray[np.float64]:
        """The learning rate at a place of the run: a float where there is one param group, else an array, groups long.

        A place is a text as in a schedule file (`37.5 epochs`, `500 steps`, `50%`, `last`, `end`) or a number, which
        counts epochs where a tick is an epoch, and steps where the curve knows no epochs; elsewhere only 0 needs no
        unit. Between two calls it is the learning rate held at that moment. Raises `ScheduleError` for what is no place
        of the run.
        """
        tick = _tick(self, place)
        rates = [lr_at(self, group, tick) for group in range(len(self.groups))]
        if len(rates) == 1:
            return rates[0]
        import numpy as np

        return np.array(rates)

    def tick_of_epoch(self, epoch: int) -> int:
        """The tick that the first step of an epoch falls in."""
        return epoch if self.interval == "epoch" else epoch * (self.steps_per_epoch or 1)

    def tick_of_step(self, step: int) -> int:
        """The tick that an optimizer step falls in."""
        return step // self.steps_per_tick


def moment(curve: Curve, tick: int) -> str:
    """A tick as people name it: `epoch 10`, `step 5,005 (epoch 1)`, `the end` for the value after the last call."""
    if tick >= len(curve):
        return "the end"
    step = tick * curve.steps_per_tick if curve.step_count is not None else None
    if curve.interval == "epoch":
        return f"epoch {tick:,}" + (f" (step {step:,})" if step is not None else "")
    per_epoch = curve.steps_per_epoch
    if curve.epoch_count is None or not per_epoch:
        return f"step {tick:,}"
    epoch = f"{tick // per_epoch:,}" if tick % per_epoch == 0 else f"{tick / per_epoch:,.6g}"
    return f"step {tick:,} (epoch {epoch})"


def lr_at(curve: Curve, group: int, tick: int) -> float:
    """The learning rate of a group at a tick; after the last call where the tick is the number of ticks."""
    return curve.end_lr[group] if tick >= len(curve) else curve.columns[group][tick]


def rate(value: float, apart: float | None = None) -> str:
    """A learning rate as a sentence has it: six digits, or as many more as tell it from `apart`."""
    digits = 6
    while apart is not None and value != apart and digits < 17 and f"{value:.{digits}g}" == f"{apart:.{digits}g}":
        digits += 1
    return f"{value:.{digits}g}"


_COLUMNS = ("columns", "momentum_columns")


def _tick(curve: Curve, place: float | str) -> int:
    """The tick whose learning rate is held at a place; the number of ticks for the end."""
    from pydantic_core import PydanticCustomError

    from lrviz.errors import Position, Problems, ScheduleError
    from lrviz.run import Run
    from lrviz.schedule.expectation import outside
    from lrviz.schedule.reading.place import last_place, read_place
    from lrviz.schedule.text import values
    from lrviz.schedule.text.document import Node

    where, problems = Position(curve.name), Problems()
    if isinstance(place, Integral) and not isinstance(place, bool):
        place = int(place)  # numpy's own
    with suppress(PydanticCustomError):
        number = values.number(place)
        if number and curve.interval == "step" and curve.epoch_count is not None:
            message = f"{place} of what? this curve has epochs and steps"
            raise ScheduleError.at(where, message, f"write '{place} epochs' or '{place} steps'")
        place = f"{number} {curve.interval}s"
    steps = curve.step_count
    run = Run(curve.epoch_count if steps is None else None, steps, curve.steps_per_epoch, curve.interval)
    read = read_place(Node(place, where), run, problems, end=True)
    if read is None:
        raise ScheduleError(problems)
    if (wrong := outside(read, run.calls, last_place(run))) is not None:
        raise ScheduleError.at(where, *wrong)
    return read.tick


def _stack(columns: tuple[memoryview, ...]) -> NDArray[np.float64]:
    import numpy as np

    arrays = [np.frombuffer(column) for column in columns]
    stacked = arrays[0].reshape(-1, 1) if len(arrays) == 1 else np.stack(arrays, axis=1)
    stacked.flags.writeable = False
    return stacked


def _sum(column: memoryview, last: float) -> float:
    """The sum of a column, of whose last value only the part `last` counts. Rounded once, where it is finite."""
    try:
        return math.fsum(chain(column[:-1], [column[-1] * last]))
    except (OverflowError, ValueError):  # beyond what a double holds, or infinities that cancel
        return sum(column[:-1]) + column[-1] * last


def checksum(curve: Curve) -> str:
    """A digest over the groups' names and every bit of every learning rate, the one after the last call too."""
    import hashlib

    import numpy as np

    digest = hashlib.sha256(repr((curve.interval, len(curve), curve.groups)).encode())
    for column, end in zip(curve.columns, curve.end_lr, strict=True):
        digest.update(np.append(np.frombuffer(column), end).astype("<f8").tobytes())
    return f"sha256:{digest.hexdigest()}"
