"""The run: how long it is, how many optimizer steps an epoch has, and when the scheduler is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Interval: TypeAlias = Literal["epoch", "step"]

MAX_CALLS = 100_000_000


@dataclass(frozen=True, slots=True)
class Data:
    """A data set and how it is batched; `batch_size` is that of one device."""

    samples: int
    batch_size: int
    devices: int = 1
    accumulate: int = 1
    drop_last: bool = False

    @property
    def batches(self) -> int:
        """Batches in one epoch: samples over the batch of all devices, rounded up, or down with `drop_last`."""
        whole, rest = divmod(self.samples, self.batch_size * self.devices)
        return whole + (1 if rest and not self.drop_last else 0)

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one epoch: batches over `accumulate`, rounded up. 0 where nothing is left."""
        return -(-self.batches // self.accumulate)


@dataclass(frozen=True, slots=True)
class Run:
    """Exactly one of `epochs` and `steps` is the length; the other is None.

    `steps_per_epoch` is None where neither the file nor `data` says it. With `interval` "step" and a length
    in epochs, or "epoch" and a length in steps, it is always there. `overridden` says that the length is one of the
    command line in place of the file's, `changed` that this or any other value of the schedule is.
    """

    epochs: int | None
    steps: int | None
    steps_per_epoch: int | None
    interval: Interval
    data: Data | None = None
    overridden: bool = False
    changed: bool = False

    @property
    def total_steps(self) -> int | None:
        """Optimizer steps of the whole run; None in a run in epochs that has no `steps_per_epoch`."""
        if self.steps is not None:
            return self.steps
        assert self.epochs is not None
        return self.epochs * self.steps_per_epoch if self.steps_per_epoch else None

    @property
    def total_epochs(self) -> int | None:
        """Epochs that the run enters, the last perhaps cut short; None in a run in steps without `steps_per_epoch`."""
        if self.epochs is not None:
            return self.epochs
        assert self.steps is not None
        return -(-self.steps // self.steps_per_epoch) if self.steps_per_epoch else None

    @property
    def calls(self) -> int:
        """Calls of `scheduler.step()`: one after every step, or one after every epoch.

        The last epoch of a run in steps may be cut short; it counts as one.
        """
        if self.interval == "step":
            assert self.total_steps is not None
            return self.total_steps
        assert self.total_epochs is not None
        return self.total_epochs
