"""How long a run of Lightning's `Trainer` is, and when it calls a scheduler.

An epoch has as many optimizer steps as batches / `accumulate_grad_batches`, rounded up: the last batch always steps.
A scheduler is called after an epoch e if (e + 1) % frequency is 0; with `interval: step` after a batch that makes an
optimizer step if (batch + 1) % frequency is 0, where batches count from 0 in each epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import lcm
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.errors import Position
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

EPOCHS: Final = 1000
"""The epochs of a run whose length is not given."""


class Calls(NamedTuple):
    """When a scheduler is called: `interval` is epoch or step, `frequency` how often (an int). Without a scheduler,
    nothing of this matters."""

    interval: Value
    frequency: Value
    varies: bool = True

    def __str__(self) -> str:
        count, unit = self.frequency.value, self.interval.value
        if count == 1:
            return "once an epoch" if unit == "epoch" else "every step"
        return f"every {count} {'epochs' if unit == 'epoch' else 'batches'}"


class Length(NamedTuple):
    """The length and the clock of a run, as keys of a schedule file, and the length in words: `40 epochs`.

    `called` is empty where the calls are evenly spaced. Else the document has one after each step, and `called` is an
    expression of the step `t`: the calls that were made before it (see `closed_forms`).
    """

    document: dict[str, Any]
    words: str
    called: str = ""


def calls_of(config: Config, *, default: Value) -> Calls:
    """The interval and frequency that stand beside a scheduler, as in Lightning's `LRSchedulerConfig`."""
    interval = config.choice("interval", ("epoch", "step"), default)
    return Calls(interval, config.whole("frequency", 1, low=1))


def length(trainer: Config, calls: Calls, batches: Callable[[], Value] | None = None) -> Length:
    """The run of a `trainer`. What it depends on and the file does not say is asked for.

    `batches` finds the batches that one device draws in an epoch; by default they are the fact `batches_per_epoch`.
    """
    run = _Run(trainer, batches)
    if run.steps is None and run.epochs is None:
        run.epochs = _no_length(trainer)
    by_step = calls.varies and calls.interval.value == "step"
    document: dict[str, Any] = {}
    if run.steps is not None and run.epochs is not None:
        per_epoch = run.steps_per_epoch()
        if run.steps.value <= run.epochs.value * per_epoch.value:
            run.epochs = None
        else:
            run.steps = None
    if run.epochs is not None:
        document = {"epochs": run.epochs, "steps_per_epoch": run.steps_per_epoch() if by_step else run.known()}
        words = f"{run.epochs.value:,} epochs"
    else:
        assert run.steps is not None
        needed = calls.varies and (calls.interval.value == "epoch" or calls.frequency.value > 1)
        document = {"steps": run.steps, "steps_per_epoch": run.steps_per_epoch() if needed else run.known()}
        words = f"{run.steps.value:,} steps"
    if not calls.varies:
        return Length(document, words)
    document["interval"] = _every_step(calls, run) if by_step else _every(calls, calls.frequency.value, "epoch")
    return Length(document, words, _called(calls, run) if by_step else "")


class _Run:
    """The length that a `trainer` gives; what is not given is None."""

    def __init__(self, trainer: Config, drawn: Callable[[], Value] | None) -> None:
        self.trainer = trainer
        self.drawn = drawn or (lambda: trainer.fact("batches_per_epoch", trainer.where("max_steps", "max_epochs")))
        self.epochs = _limit(trainer, "max_epochs")
        self.steps = _limit(trainer, "max_steps")
        fast = trainer.node("fast_dev_run")
        self.fast = None
        if fast is not None and fast.value is not False and fast.value != 0:
            batches = 1 if fast.value is True else trainer.whole("fast_dev_run", low=1).value
            self.fast = Value(batches, "trainer.fast_dev_run", fast.where)
            self.epochs, self.steps = Value(1, "trainer.fast_dev_run", fast.where), None

    def known(self) -> Value | None:
        """The steps of an epoch, if they are known without asking."""
        if self.fast is None and self.trainer.known("batches_per_epoch") is None:
            return None
        return self.steps_per_epoch()

    def steps_per_epoch(self) -> Value:
        batches, together = self.batches.value, self.accumulate.value
        return self.trainer.derived(
            "steps per epoch", -(-batches // together), f"ceil({batches} / {together})", self.accumulate
        )

    @cached_property
    def accumulate(self) -> Value:
        return self.trainer.whole("accumulate_grad_batches", 1, low=1)

    @cached_property
    def batches(self) -> Value:
        """The batches of an epoch on one device, before accumulation."""
        trainer = self.trainer
        if self.fast is not None:
            return self.fast
        batches = self.drawn()
        for key in ("overfit_batches", "limit_train_batches"):
            node = trainer.node(key)
            if node is None or (key == "overfit_batches" and node.value == 0):
                continue
            limit = trainer.number(key, low=0)
            if isinstance(node.value, float) or not limit.value.is_integer():
                if limit.value > 1:
                    trainer.error(
                        node.where, f"{limit.key}: a share of the batches is at most 1.0 (got {limit.value:g})"
                    )
                count, how = int(batches.value * limit.value), f"int({batches.value} x {limit.value:g})"
            else:
                count, how = min(batches.value, int(limit.value)), f"min({batches.value}, {int(limit.value)})"
            if count < 1:
                trainer.error(node.where, f"{limit.key} leaves no batch to train on", of_facts=True)
                count = 1
            return trainer.derived("batches per epoch", count, how, limit)
        return batches


def _limit(trainer: Config, key: str) -> Value | None:
    """`max_epochs` or `max_steps`; None where it is not given, or is -1."""
    if trainer.node(key) is None:
        return None
    limit = trainer.whole(key, low=-1)
    if limit.value == 0:
        trainer.error(limit.where, f"{limit.key} is 0: nothing is trained")
        return Value(1, limit.key, limit.where)
    return limit if limit.value > 0 else None


def _no_length(trainer: Config) -> Value:
    """What Lightning does where neither epochs nor steps are given."""
    hint = "write max_epochs or max_steps, or give --epochs or --steps"
    if trainer.session.problems:  # one of them is there, and wrong
        pass
    elif trainer.node("max_epochs") is not None:
        where = trainer.where("max_epochs")
        trainer.error(where, "max_epochs -1 without max_steps is a run without an end", hint)
    elif trainer.node("max_time") is not None:
        trainer.error(
            trainer.where("max_time"), "the run ends by the clock (max_time), so its length is not known", hint
        )
    else:
        where = trainer.root.where
        trainer.warn(where, "default-epochs", f"the trainer has no max_epochs: Lightning trains {EPOCHS} epochs", hint)
    return Value(EPOCHS, "trainer.max_epochs", trainer.root.where, "default")


def _every(calls: Calls, count: int, unit: str) -> Any:
    frequency = calls.frequency
    where = frequency if frequency.origin == "config" else calls.interval
    return Value(unit if count == 1 else f"{count} {unit}s", where.key, where.where, where.origin)


def _every_step(calls: Calls, run: _Run) -> Any:
    """The steps to a call; one where calls are not evenly spaced."""
    frequency = calls.frequency.value
    if frequency == 1:
        return _every(calls, 1, "step")
    together = lcm(run.accumulate.value, frequency)
    even = run.batches.value % together == 0
    return _every(calls, together // run.accumulate.value if even else 1, "step")


def _called(calls: Calls, run: _Run) -> str:
    """The calls before step `t`, where the batches of an epoch are no multiple of those to a call.

    In an epoch, the last step is made after a batch that need not be a multiple of the accumulation.
    """
    frequency = calls.frequency.value
    if frequency == 1:
        return ""
    batches, together = run.batches.value, lcm(run.accumulate.value, frequency)
    if batches % together == 0:
        return ""
    an_epoch = batches // together + (1 if batches % frequency == 0 else 0)
    steps = run.steps_per_epoch().value
    if an_epoch == 0:
        run.trainer.warn(
            calls.frequency.where,
            "never-called",
            f"frequency {frequency} counts batches and begins anew in each epoch; as an epoch has {batches}, the "
            "scheduler is never called",
            f"write a frequency of at most {batches}",
        )
    return f"t // {steps} * {an_epoch} + t % {steps} // {together // run.accumulate.value}"


def metric(config: Config, calls: Calls, where: Position) -> Any:
    """What a plateau is stepped with. A list has a value an epoch (or a step); of these, the calls see every
    `frequency`-th."""
    found = config.metric(where)
    count = calls.frequency.value
    if count > 1 and isinstance(found, Node) and found.is_list:
        return Node(found.value[count - 1 :: count], found.where)
    return found


_CHANGE_RATES: Final = {
    "StochasticWeightAveraging": "sets the learning rates near the end of the run",
    "LearningRateFinder": "replaces the learning rate before the run",
    "GradientAccumulationScheduler": "changes how many steps an epoch has",
    "BackboneFinetuning": "adds a param group with rates of its own",
}


def warn_of_callbacks(config: Config, paths: Sequence[Value]) -> None:
    """Warns of callbacks, by the paths of their classes, that change learning rates behind the scheduler."""
    for path in paths:
        name = str(path.value).rpartition(".")[2]
        if name in _CHANGE_RATES:
            message = f"the callback {name} {_CHANGE_RATES[name]}, which is left out here"
            config.warn(path.where, "left-out", message)
