"""The states of optimizers and schedulers in a checkpoint, found by what they hold, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from lrviz.training.checkpoint.archive import Content
from lrviz.training.checkpoint.checkpoint import OptimizerState, SchedulerState
from lrviz.training.checkpoint.inert import Tensor, mapping_of

DEEPEST: Final = 8
"""States stand at most so deep in a checkpoint: `checkpoint["trainer"]["optimizers"][0]`."""

LONGEST_KEY: Final = 100
"""States stand under keys of at most so many letters; a pickle can name the same long text again and again."""

MAX_DEPTH: Final = 32
"""The depth of a state; a SequentialLR in a ChainedScheduler in a SequentialLR has 7."""

MAX_VALUES: Final = 1_000_000
"""The most values of all states; a list that is named twice counts twice."""

COUNTERS: Final = ("epoch", "global_step", "step", "iteration", "iter", "num_updates", "epochs_run")
"""The keys under which programs say how far a training was."""

SHARDED: Final = {
    "torch.distributed._shard.sharded_tensor.": "FSDP",
    "torch.distributed.tensor.": "FSDP",
    "torch.distributed._tensor.": "FSDP",
}
"""Packages whose tensors are parts: a file with one is that of one process of several."""


@dataclass
class Found:
    """What was found in a file. `keys` are those of the whole, `others` the parts that are schedulers not of torch.

    `sharded` names what made it a part of a checkpoint, "" if it is whole.
    """

    optimizers: list[OptimizerState] = field(default_factory=list)
    schedulers: list[SchedulerState] = field(default_factory=list)
    counters: dict[str, float] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    others: list[str] = field(default_factory=list)
    sharded: str = ""


def find(content: Content) -> Found:
    """Every state in the content of a file, each once, and the counters beside them."""
    found = Found()
    found.sharded = next(
        (SHARDED[each] for each in SHARDED if any(name.startswith(each) for name in content.names)), ""
    )
    root = mapping_of(content.root)
    found.keys = frozenset(key for key in root or {} if isinstance(key, str))
    reader = _Reader(content)
    seen: set[int] = set()
    waiting: list[tuple[str, Any, int]] = [("", content.root, 0)]
    while waiting:
        part, value, depth = waiting.pop()
        inside = mapping_of(value)
        if id(value) in seen or depth > DEEPEST:
            continue
        seen.add(id(value))
        if isinstance(value, list | tuple):
            waiting += [(f"{part}[{index}]", each, depth + 1) for index, each in reversed(list(enumerate(value)))]
        elif inside is None:
            continue
        elif _is_optimizer(inside):
            found.optimizers.append(reader.optimizer(part, inside))
        elif _is_scheduler(inside):
            state = {key: each for key, each in inside.items() if key != "optimizer"}  # of a scheduler saved whole
            found.schedulers.append(SchedulerState(part, reader.plain(state)))
        else:
            if _is_other_scheduler(part, inside):
                found.others.append(part)
            for name, number in _counters(inside, reader):
                found.counters.setdefault(name, number)
            named = [(key, each) for key, each in inside.items() if _is_looked_into(key)]
            waiting += [(f"{part}.{key}" if part else key, each, depth + 1) for key, each in reversed(named)]
    return found


_PASSED_OVER: Final = frozenset({"state_dict", "model", "callbacks", "hyper_parameters", "ema", "rng_states"})
"""Keys of a checkpoint that hold no state of an optimizer or scheduler, but may be large."""


def _is_looked_into(key: Any) -> bool:
    return isinstance(key, str) and key not in _PASSED_OVER and len(key) <= LONGEST_KEY


def _is_optimizer(inside: dict[Any, Any]) -> bool:
    groups = inside.get("param_groups")
    if not isinstance(groups, list | tuple) or not groups:
        return False
    return all((group := mapping_of(each)) is not None and "params" in group for each in groups)


def _is_scheduler(inside: dict[Any, Any]) -> bool:
    if "last_epoch" in inside:
        return not inside.keys().isdisjoint(("_step_count", "base_lrs", "_last_lr", "num_bad_epochs", "phase_lrs"))
    return isinstance(inside.get("_schedulers"), list | tuple)


def _is_other_scheduler(part: str, inside: dict[Any, Any]) -> bool:
    """True for the state of a scheduler that is no class of torch's, such as those of timm and MMEngine."""
    return "sched" in part.rpartition(".")[2] and not inside.keys().isdisjoint(
        ("base_values", "last_step", "t_initial")
    )


def _counters(inside: dict[Any, Any], reader: _Reader) -> Iterator[tuple[str, float]]:
    for name in COUNTERS:
        number = reader.plain(inside.get(name))
        if is_count(number):
            yield name, number


def is_count(value: Any) -> TypeGuard[int | float]:
    """True for a number by which a program may count steps or epochs."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53


# --- values --------------------------------------------------------------------------------------------------


class TooLargeError(Exception):
    """The states have more values than `MAX_VALUES`, or are deeper than `MAX_DEPTH`."""


@dataclass
class _Reader:
    """Makes values plain: numbers, texts, lists and dicts. Of tensors, those with one number are read."""

    content: Content
    values: int = 0

    def optimizer(self, part: str, state: dict[Any, Any]) -> OptimizerState:
        groups = [mapping_of(group) or {} for group in state["param_groups"]]
        plain = tuple(
            {key: self.plain(value) for key, value in group.items() if isinstance(key, str) and key != "params"}
            for group in groups
        )
        return OptimizerState(part, plain, self._steps(mapping_of(state.get("state")) or {}))

    def _steps(self, state: dict[Any, Any]) -> int | None:
        """The steps of the first parameter that counts them."""
        for each in list(state.values())[:100]:
            steps = self.plain((mapping_of(each) or {}).get("step"))
            if is_count(steps):
                return int(steps)
        return None

    def plain(self, value: Any, depth: int = 0) -> Any:
        """A value without objects: what cannot be read is an inert value."""
        self.values += 1
        if self.values > MAX_VALUES or depth > MAX_DEPTH:
            raise TooLargeError
        if isinstance(value, Tensor):
            if (number := self.content.number(value)) is not None:
                return number
            return value
        if isinstance(value, list):
            return [self.plain(each, depth + 1) for each in value]
        if type(value) is tuple:
            return tuple(self.plain(each, depth + 1) for each in value)
        inside = mapping_of(value)
        if inside is not None:
            return {key: self.plain(each, depth + 1) for key, each in inside.items()}
        return value
