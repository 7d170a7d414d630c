"""What a checkpoint says of the learning rate: the states of its optimizers and schedulers, and its counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["torch", "Lightning", "Hugging Face", "Accelerate"]
"""The program whose names a checkpoint has; "torch" for every other."""


@dataclass(frozen=True, slots=True)
class OptimizerState:
    """The state_dict of an optimizer without tensors: `groups` holds the options of each param group.

    `part` is where in the checkpoint it stands. `steps` is the number of its steps, where it counts them, as Adam does.
    """

    part: str
    groups: tuple[Mapping[str, Any], ...]
    steps: int | None = None

    @property
    def lr(self) -> tuple[Any, ...]:
        """The learning rate of each group; None for one that has no number."""
        return tuple(group.get("lr") for group in self.groups)


@dataclass(frozen=True, slots=True)
class SchedulerState:
    """The state_dict of a scheduler, in plain values; `part` is where in the checkpoint it stands."""

    part: str
    state: Mapping[str, Any]

    @property
    def calls(self) -> int | None:
        """The calls of `step()` so far, its `last_epoch`; None where the state has no such number.

        A ChainedScheduler counts none, but the schedulers in it do.
        """
        return calls_of(self.state)

    @property
    def last_lr(self) -> Sequence[Any] | None:
        """The learning rate of each group after the last call; None where it is not stored."""
        found = self.state.get("_last_lr", self.state.get("last_lr"))
        return found if isinstance(found, list | tuple) else None


def calls_of(state: Mapping[str, Any]) -> int | None:
    """The calls that a state counts, or that its first scheduler does."""
    for _ in range(_DEEPEST):
        calls = state.get("last_epoch")
        if isinstance(calls, int) and not isinstance(calls, bool) and calls >= 0:
            return calls
        inside = state.get("_schedulers")
        if not isinstance(inside, list | tuple) or not inside or not isinstance(inside[0], Mapping):
            return None
        state = inside[0]
    return None


_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint: a file, or a folder of files that belong together.

    `counters` are the numbers by which it says how far the training was, such as `global_step`. `processes` is the
    number of those that Accelerate ran, None for every other program. `notes` say what was left out, and why.
    """

    path: str
    kind: Kind
    optimizers: tuple[OptimizerState, ...] = ()
    schedulers: tuple[SchedulerState, ...] = ()
    counters: Mapping[str, float] = field(default_factory=dict)
    processes: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def global_step(self) -> int | None:
        """The optimizer steps that it counts; None where it counts none."""
        step = self.counters.get("global_step")
        return int(step) if step is not None else None
