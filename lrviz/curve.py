"""The result of a simulation: the learning rate that every optimizer step of a run uses.

A curve has one tick for each call of `scheduler.step()`: the values that the optimizer holds before that call. numpy is
imported when an array is first requested.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from numbers import Integral
from typing import TYPE_CHECKING, Any, NoReturn

from lrviz import sketch
from lrviz.alike import peak_tick
from lrviz.errors import Position, ScheduleError
from lrviz.place import PLACES, PlaceError, outside, parse_place, place_of
from lrviz.run import Interval, Run
from lrviz.words import counted, moment, short_rate, show

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Curve:
    """The learning rates of one schedule, as torch's schedulers computed them.

    - `run`: the clock, which gives the epoch and the step of a tick.
    - `columns`: one read-only buffer of doubles for each param group, with one value a tick.
    - `end_lr`: the value of each group after the last call, which no step of the run uses.
    - `momentum_columns`, `end_momentum`: the same for momentum (or beta1); None if the schedule does not change it.
    """

    name: str
    groups: tuple[str, ...]
    run: Run
    columns: tuple[memoryview, ...]
    end_lr: tuple[float, ...]
    momentum_columns: tuple[memoryview, ...] | None = None
    end_momentum: tuple[float, ...] | None = None
    title: str | None = None
    source: str | None = None

    def __repr__(self) -> str:
        """One line of facts: the size, the largest learning rate and where, the value after the last call."""
        size = f"{counted(len(self), 'tick')} x {counted(len(self.groups), 'group')}"
        best = int(self.peak.argmax())  # of a NaN, if there is one
        peak = f"peak {short_rate(float(self.peak[best]))} at {moment(self.run, int(self.peak_at[best]))}"
        ends = sorted({short_rate(end): end for end in self.end_lr}.items(), key=lambda each: each[1])
        end = ends[0][0] if len(ends) == 1 else f"{ends[0][0]} to {ends[-1][0]}"
        return f"<Curve {self.name!r}: {size}, {peak}, end {end}>"

    def _repr_svg_(self) -> str:
        return sketch.svg(self.columns[:1] if self.uniform else self.columns, repr(self))

    def _repr_html_(self) -> str:
        """What a notebook shows: a small chart, and the line of facts below it."""
        return sketch.html(self._repr_svg_(), repr(self))

    def __getstate__(self) -> list[object]:
        """For pickle, which does not support memoryview."""
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
        """The number of ticks, which is the number of calls of `scheduler.step()`."""
        return len(self.columns[0])

    @property
    def lr(self) -> NDArray[np.float64]:
        """The learning rates, ticks x groups; read-only. Row 0 is the first step of the run."""
        return _stack(self.columns)

    @property
    def momentum(self) -> NDArray[np.float64] | None:
        """Momentum or beta1, ticks x groups; read-only. None if the schedule does not change it."""
        return _stack(self.momentum_columns) if self.momentum_columns else None

    @property
    def end(self) -> NDArray[np.float64]:
        """The learning rate of each group after the last call, groups long."""
        import numpy as np

        return np.array(self.end_lr)

    @property
    def peak(self) -> NDArray[np.float64]:
        """The largest learning rate that a step of the run uses, groups long; NaN for a group with a NaN."""
        import numpy as np

        return np.array([np.frombuffer(column).max() for column in self.columns])

    @property
    def peak_at(self) -> NDArray[np.int64]:
        """The tick at which each group first reaches its `peak`, from 0, groups long; of the first NaN, if it has one.

        Values within 1e-12 of the peak count as the peak, so that rounding does not move it. A tick is an index of
        `lr`, `steps` and `epochs`.

        >>> curve = lrviz.load("schedules/basics/warmup-cosine.yaml").only.simulate()
        >>> curve.peak_at, curve.epochs[curve.peak_at]
        (array([5]), array([5.]))
        """
        import numpy as np

        return np.array([peak_tick(np.frombuffer(column)) for column in self.columns])

    @property
    def area(self) -> NDArray[np.float64]:
        """The area under the learning rate of each group, groups long: learning rate x time in `run.unit`."""
        return self.area_in(self.run.unit)

    def area_in(self, unit: Interval) -> NDArray[np.float64]:
        """The same, with time in epochs or in steps. The run must know this unit."""
        import numpy as np

        return np.array([self.area_of(group, unit) for group in range(len(self.groups))])

    def area_of(self, group: int, unit: Interval | None = None) -> float:
        """The area under the learning rate of one group, by default with time in `run.unit`."""
        last = self.run.duration - (len(self) - 1)
        return self.run.time(_sum(self.columns[group], last), unit)

    @property
    def steps(self) -> NDArray[np.int64] | None:
        """The optimizer step at which each tick begins, from 0, ticks long; None if steps are not known."""
        import numpy as np

        if self.run.total_steps is None:
            return None
        return np.arange(len(self), dtype=np.int64) * self.run.steps_per_tick

    @property
    def epochs(self) -> NDArray[np.float64] | None:
        """The epoch at which each tick begins, from 0, may be a fraction, ticks long; None if epochs are not known."""
        import numpy as np

        if self.run.total_epochs is None:
            return None
        ticks = np.arange(len(self), dtype=np.float64)
        return ticks if self.run.interval == "epoch" else ticks / (self.run.steps_per_epoch or 1)

    @property
    def uniform(self) -> bool:
        """True if one group stands for all: the same learning rate at every tick and after the last call."""
        return not self.groups_differ and len(set(map(repr, self.end_lr))) == 1

    @property
    def groups_differ(self) -> bool:
        """True if the groups' learning rates differ at any tick; the value after the last call does not count."""
        first = self.columns[0].cast("B")
        return any(column.cast("B") != first for column in self.columns[1:])

    def lr_at(self, group: int, tick: int) -> float:
        """The learning rate of a group at a tick; the one after the last call if the tick is the number of ticks."""
        return self.end_lr[group] if tick >= len(self) else self.columns[group][tick]

    def at(self, place: float | str) -> float | NDArray[np.float64]:
        """The learning rate at a place of the run: a float for one param group, else an array, groups long.

        A place is a text as in a schedule file (`37.5 epochs`, `500 steps`, `50%`, `last`, `end`) or a number. A number
        counts epochs if a tick is an epoch, and steps if the curve does not know epochs; otherwise every number but 0
        needs a unit. Between two calls it is the learning rate held at that moment. Raises `ScheduleError` for a place
        that is not in the run.
        """
        tick = _tick(self, place)
        rates = [self.lr_at(group, tick) for group in range(len(self.groups))]
        if len(rates) == 1:
            return rates[0]
        import numpy as np

        return np.array(rates)


_COLUMNS = ("columns", "momentum_columns")


def _tick(curve: Curve, place: float | str) -> int:
    """The tick whose learning rate is held at a place; the number of ticks for the end."""
    where, run = Position("place"), curve.run
    if isinstance(place, Integral) and not isinstance(place, bool):
        place = int(place)  # an integer of numpy
    try:
        number = _number(place)
        if number and run.interval == "step" and run.total_epochs is not None:
            raise PlaceError(
                f"{place} needs a unit: this curve has epochs and steps", f"write '{place} epochs' or '{place} steps'"
            )
        written = place if number is None else f"{number} {run.interval}s"
        found = place_of(parse_place(written, _refuse, end=True), written, run, where)
        wrong = outside(found, run)
    except PlaceError as error:
        wrong = error
    if wrong is not None:
        raise ScheduleError.at(where, wrong.message, wrong.hint)
    return found.tick


def _number(place: object) -> int | float | None:
    """A place that is a finite number, as an argument or as text; None for any other."""
    if isinstance(place, bool) or not isinstance(place, str | int | float):
        return None
    for read in (int, float):
        with suppress(ValueError, OverflowError):
            number = read(place) if isinstance(place, str) else place
            return number if math.isfinite(number) else None
    return None


def _refuse(place: object) -> NoReturn:
    raise PlaceError(f"expected a place in the run (got {show(place)})", f"such as {PLACES}")


def _stack(columns: tuple[memoryview, ...]) -> NDArray[np.float64]:
    import numpy as np

    arrays = [np.frombuffer(column) for column in columns]
    stacked = arrays[0].reshape(-1, 1) if len(arrays) == 1 else np.stack(arrays, axis=1)
    stacked.flags.writeable = False
    return stacked


def _sum(column: memoryview, last: float) -> float:
    """The sum of a column, with its last value multiplied by `last`. If it is finite, it is rounded only once."""
    try:
        return math.fsum(chain(column[:-1], [column[-1] * last]))
    except (OverflowError, ValueError):  # too large for a double, or infinities of both signs
        return sum(column[:-1]) + column[-1] * last


def checksum(curve: Curve) -> str:
    """A digest of the groups' names and every bit of every learning rate, including those after the last call."""
    import hashlib

    import numpy as np

    digest = hashlib.sha256(repr((curve.run.interval, len(curve), curve.groups)).encode())
    for column, end in zip(curve.columns, curve.end_lr, strict=True):
        digest.update(np.append(np.frombuffer(column), end).astype("<f8").tobytes())
    return f"sha256:{digest.hexdigest()}"
