"""The result of a simulation: the learning rate that every optimizer step of a run uses.

A curve has one tick for each call of `scheduler.step()`: the values that the optimizer holds before that
call. It knows numpy only, and imports it when an array is first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
    def groups_differ(self) -> bool:
        """Whether the groups' learning rates differ at any tick."""
        first = self.columns[0].cast("B")
        return any(column.cast("B") != first for column in self.columns[1:])

    def tick_of_epoch(self, epoch: int) -> int:
        """The tick that the first step of an epoch falls in."""
        return epoch if self.interval == "epoch" else epoch * (self.steps_per_epoch or 1)

    def tick_of_step(self, step: int) -> int:
        """The tick that an optimizer step falls in."""
        return step // self.steps_per_tick


_COLUMNS = ("columns", "momentum_columns")


def _stack(columns: tuple[memoryview, ...]) -> NDArray[np.float64]:
    import numpy as np

    arrays = [np.frombuffer(column) for column in columns]
    stacked = arrays[0].reshape(-1, 1) if len(arrays) == 1 else np.stack(arrays, axis=1)
    stacked.flags.writeable = False
    return stacked
