"""How the numbers of a DeepSpeed file are read: `auto`, lists of one for each param group, defaults that changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show

AUTO: Final = "auto"


class Filled(NamedTuple):
    """What a Trainer puts in place of `auto`, and holds the numbers of the file against."""

    lr: Value
    steps: Value
    warmup: Value


class Scheduled(NamedTuple):
    """The `optimizer` and `scheduler` of a schedule file, the schedule in a line, and what they do not say."""

    optimizer: Mapping[str, Any]
    scheduler: Any
    summary: str
    lost: tuple[str, ...] = ()


class Reader:
    """Reads numbers that may be `auto`, and lists of one for each param group."""

    def __init__(self, config: Config, filled: Filled | None) -> None:
        self.config = config
        self.filled = filled
        self.params = config.section("scheduler").section("params")

    def auto(self, key: str) -> Value | None:
        """What stands for `auto` at a key of the params, if that stands there."""
        node = self.params.node(key)
        return self.filling(node.where, key) if node is not None and node.value == AUTO else None

    def filling(self, where: Any, key: str) -> Value:
        """What the training script puts in place of an `auto`; an error if the file stands alone."""
        if self.filled is None:
            self.config.error(
                where,
                f"{key} is filled in by the training script, so this file alone does not say it",
                "name the training config that has this file under `deepspeed`, or write the number here",
            )
            return Value(1, key, where)
        if key == "warmup_min_lr":
            return self.config.derived(key, 0.0, "auto: 0", where)
        if key == "total_num_steps":
            return self.filled.steps
        if key == "warmup_num_steps":
            return self.filled.warmup
        return self.filled.lr

    def lr(self) -> Value:
        """The learning rate that the optimizer is made with. An error if the file does not say it."""
        found = self.optimizer_lr()
        if found is not None:
            return found
        self.config.error(
            self.config.where("optimizer", "scheduler"),
            "the scheduler begins from the optimizer's learning rate, which this file does not say",
            'write "optimizer": {"type": "AdamW", "params": {"lr": 1e-4}}',
        )
        return Value(1.0, "optimizer.params.lr", self.config.where())

    def optimizer_lr(self) -> Value | None:
        """The learning rate of the file's optimizer, or of the training config around it; None if neither says one."""
        node = self.config.node("optimizer.params.lr")
        if node is not None and node.value == AUTO:
            return self.filling(node.where, "lr")
        if node is not None:
            return self.config.number("optimizer.params.lr", low=0)
        if self.config.has("optimizer"):
            return self.config.number("optimizer.params.lr", 0.001)
        return self.filled.lr if self.filled is not None else None

    def rates(self, key: str, default: Value | float) -> list[Value]:
        """A learning rate, or one for each param group."""
        filled = self.auto(key)
        if filled is not None:
            return [filled]
        if not self.params.has(key):
            return [default if isinstance(default, Value) else self.params.number(key, default)]
        found = list(self.params.list_of(key, values.real).value)
        for each in found:
            if each.value < 0:
                self.config.error(each.where, f"{key} must be at least 0 (got {show(each.value)})")
        return found or [Value(1.0, key, self.params.where(key))]

    def count(self, key: str, default: int | None = None) -> Value:
        """A number of steps among the scheduler's `params`, at least 0; `auto` is filled in."""
        filled = self.auto(key)
        if filled is not None:
            return filled
        if default is None:
            return self.params.whole(key, low=0)
        return self.params.whole(key, default, low=0)

    def warmup(self) -> Value:
        """`warmup_num_steps`, which is at least 2."""
        found = self.count("warmup_num_steps", 1000)
        node = self.params.node("warmup_num_steps")
        refused = node is not None and (isinstance(node.value, float) or found.value == 0)
        if node is not None and refused and self.filled is None and self.config.since("deepspeed", "0.19.3"):
            message = f"warmup_num_steps must be a whole number above 0 (got {show(node.value)})"
            self.config.refuse(node.where, message, f"write {found.value or 1}")
        if found.value >= 2:
            return found
        return self.config.derived("warmup steps", 2, f"max(2, {found.value})", found)

    def rise(self, warmup: int) -> str:
        """The growth of a warmup at index `t - 1`, from 0 to 1."""
        kind = self.params.text("warmup_type", "log")
        if kind.value not in ("log", "linear"):
            self.config.warn(
                kind.where,
                "value-replaced",
                f"DeepSpeed knows no warmup_type {show(kind.value)}, and takes log in its place",
                "write log or linear",
            )
        return f"(t - 1) / {warmup}" if kind.value == "linear" else f"{1.0 / math.log(warmup)!r} * log(t)"

    def check(self, names: Sequence[str]) -> None:
        """Reports params that a scheduler does not take."""
        for item in self.params.root.items():
            key = str(item.key.value)
            if key not in names:
                self.config.error(
                    item.key.where, f"the scheduler has no argument {key!r}", did_you_mean(key, names)
                )  # fmt: skip

    def scheduled(self, name: Value, bases: Sequence[Value], factors: Sequence[str], words: str) -> Scheduled:
        """A `LambdaLR` for each of the rates, which are param groups where there are several."""
        how = f"{name.value} of DeepSpeed"
        written = [Value(factor, name.key, name.where, "derived", how) for factor in factors]
        if len(bases) == 1:
            optimizer: dict[str, Any] = {"type": "AdamW", "lr": bases[0]}
            return Scheduled(optimizer, {"type": "LambdaLR", "lr_lambda": written[0]}, words)
        groups = [{"name": f"group {index}", "lr": base} for index, base in enumerate(bases)]
        optimizer = {"type": "AdamW", "lr": bases[0], "groups": groups}
        return Scheduled(optimizer, {"type": "LambdaLR", "lr_lambda": written}, words)
