"""The run: its length, the optimizer steps of an epoch, and when the scheduler is called. It is the one clock.

A tick is one step or one epoch, in which the learning rate is held. `scheduler.step()` is called after every tick, or
after every so many (`every`). Ticks count from 0. Every conversion between ticks and epochs, steps or percentages of
the run goes through `Run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

Interval: TypeAlias = Literal["epoch", "step"]
Amount: TypeAlias = Literal["tokens", "samples"]
"""What a run may count in besides epochs and steps, if `data` says how many of them a step takes."""
AMOUNTS: tuple[Amount, ...] = get_args(Amount)
By: TypeAlias = Literal["epoch", "step", "percent"]
"""What a row of a table may stand for."""
Clock: TypeAlias = Literal["epoch", "step", "percent", "tokens", "samples"]

MAX_CALLS = 100_000_000


@dataclass(frozen=True, slots=True)
class Data:
    """A data set and how it is batched. `batch_size` is per device, `tokens_per_step` of all devices and batches.

    `samples` or `tokens` is the size of the data set, which is one epoch. None stands for what the file does not say;
    then some of the numbers below are not known.
    """

    samples: int | None = None
    batch_size: int | None = None
    devices: int = 1
    accumulate: int = 1
    drop_last: bool = False
    tokens: int | None = None
    tokens_per_step: int | None = None
    sequence_length: int | None = None

    def per_step(self, unit: Amount) -> int | None:
        """Tokens or samples of a full optimizer step, on all devices; None if not known."""
        per_batch = self._per_batch(unit)
        if per_batch is not None:
            return per_batch * self.accumulate
        return self.tokens_per_step if unit == "tokens" else None

    def _per_batch(self, unit: Amount) -> int | None:
        """Tokens or samples of a batch on all devices; None if not known."""
        each = 1 if unit == "samples" else self.sequence_length
        return None if self.batch_size is None or each is None else self.batch_size * self.devices * each

    @property
    def size(self) -> tuple[int, Amount] | None:
        """The data set, with its unit; None if it is not known."""
        if self.samples is not None:
            return self.samples, "samples"
        return (self.tokens, "tokens") if self.tokens is not None else None

    @property
    def batches(self) -> int | None:
        """Batches in one epoch: the data set / (batch on all devices), rounded up, or down with `drop_last`.

        With `tokens_per_step`, a step is one batch. None if the data set is not known.
        """
        if self.size is None:
            return None
        count, unit = self.size
        whole, rest = divmod(count, self._per_batch(unit) or self.per_step(unit) or 1)
        return whole + (1 if rest and not self.drop_last else 0)

    @property
    def steps_per_epoch(self) -> int | None:
        """Optimizer steps in one epoch: batches / `accumulate`, rounded up. 0 if `drop_last` leaves no batch.

        None if the data set is not known.
        """
        if self.batches is None or self.size is None:
            return None
        return -(-self.batches // (self.accumulate if self._per_batch(self.size[1]) else 1))


@dataclass(frozen=True, slots=True)
class Run:
    """The length of a run and its clock. Exactly one of `epochs` and `steps` is the length; the other is None.

    - `steps_per_epoch`: None if neither the file nor `data` gives it; never None for a length in epochs with `interval`
      "step", or a length in steps with `interval` "epoch".
    - `every`: the ticks to one call: 500 with `interval: 500 steps`. A rest of fewer ticks at the end makes no call.
    - `overridden`: True if the command line replaces the length in the file.
    - `changed`: True if the command line replaces this or any other value of the schedule.

    >>> run = Run(epochs=90, steps=None, steps_per_epoch=5005, interval="step")
    >>> run.calls, run.epoch(10_010), run.step(10_010), run.tick_of_epoch(2)
    (450450, 2, 10010, 10010)
    """

    epochs: int | None
    steps: int | None
    steps_per_epoch: int | None
    interval: Interval
    data: Data | None = None
    overridden: bool = False
    changed: bool = False
    every: int = 1

    # --- lengths ---------------------------------------------------------------------------------------------

    @property
    def total_steps(self) -> int | None:
        """Optimizer steps of the whole run; None for a run in epochs without `steps_per_epoch`."""
        if self.steps is not None:
            return self.steps
        assert self.epochs is not None
        return self.epochs * self.steps_per_epoch if self.steps_per_epoch else None

    @property
    def total_epochs(self) -> int | None:
        """Epochs of the run, the last possibly cut short; None for a run in steps without `steps_per_epoch`."""
        if self.epochs is not None:
            return self.epochs
        assert self.steps is not None
        return -(-self.steps // self.steps_per_epoch) if self.steps_per_epoch else None

    def total(self, unit: Interval) -> int | None:
        """`total_epochs` or `total_steps`."""
        return self.total_epochs if unit == "epoch" else self.total_steps

    @property
    def calls(self) -> int:
        """Calls of `scheduler.step()`: one after every `every` ticks."""
        return self.ticks // self.every

    @property
    def ticks(self) -> int:
        """The steps of the run, or its epochs. The last epoch of a run in steps may be cut short; it counts as one."""
        if self.interval == "step":
            assert self.total_steps is not None
            return self.total_steps
        assert self.total_epochs is not None
        return self.total_epochs

    @property
    def duration(self) -> float:
        """The length of the run in ticks: `ticks`, or less than that by a fraction if the last epoch is cut short."""
        return self.ticks if self.total_steps is None else self.total_steps / self.steps_per_tick

    @property
    def steps_per_tick(self) -> int:
        """Optimizer steps in one tick; meaningful only if steps are known."""
        return 1 if self.interval == "step" else self.steps_per_epoch or 1

    def per_step(self, unit: Amount) -> int | None:
        """Tokens or samples of an optimizer step; None if not known."""
        return self.data.per_step(unit) if self.data is not None and self.total_steps is not None else None

    @property
    def unit(self) -> Interval:
        """The unit of lengths and areas: epochs if they are known, else optimizer steps."""
        return "step" if self.total_epochs is None else "epoch"

    # --- from ticks ------------------------------------------------------------------------------------------

    def epoch(self, tick: int | Fraction) -> int | float | None:
        """The epoch at which a tick begins, from 0, a float if it is not whole; None if epochs are not known."""
        if self.interval == "epoch":
            return plain(tick)
        return plain(tick / self.steps_per_epoch) if self.steps_per_epoch else None

    def step(self, tick: int | Fraction) -> int | float | None:
        """The optimizer step at which a tick begins, from 0; None if steps are not known."""
        return plain(tick * self.steps_per_tick) if self.total_steps is not None else None

    def time(self, ticks: float, clock: Clock | None = None) -> float:
        """A number of ticks in a unit of the run, or in percent; the run must know the unit. By default `unit`."""
        if clock == "percent":
            return 100 * ticks / self.duration
        if clock == "tokens" or clock == "samples":
            return ticks * self.steps_per_tick * (self.per_step(clock) or 1)
        if (clock or self.unit) == self.interval:
            return ticks
        per_epoch = self.steps_per_epoch or 1
        return ticks * per_epoch if self.interval == "epoch" else ticks / per_epoch

    # --- to ticks --------------------------------------------------------------------------------------------

    def tick_of_epoch(self, epoch: int) -> int:
        """The tick that the first step of an epoch falls in."""
        return epoch if self.interval == "epoch" else epoch * (self.steps_per_epoch or 1)

    def tick_of_step(self, step: int) -> int:
        """The tick that an optimizer step falls in."""
        return step // self.steps_per_tick

    def tick_of_percent(self, percent: int) -> int:
        """The tick at a percentage of the ticks of the run."""
        return percent * self.ticks // 100


def plain(number: float | Fraction) -> int | float:
    """A number as an int if it is whole, else as a float."""
    return int(number) if number == int(number) else float(number)
