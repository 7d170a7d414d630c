"""Records the curve of live torch objects: what a training's own scheduler does from here on, without moving it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from lrviz.curve import Curve
from lrviz.engine.recorder import Recorder, momentum, names_of
from lrviz.engine.refusal import words
from lrviz.engine.stand_in import copied, unmoved
from lrviz.engine.wrappers import optimizers_in, scheduler_in
from lrviz.errors import Position, ScheduleError
from lrviz.run import MAX_CALLS, Interval, Run
from lrviz.schedule.reading.run import whole_argument
from lrviz.words import counted


class NumberArray(Protocol):
    """What numpy's arrays have: they are no `Sequence` to a type checker, and numpy is not imported here."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: int, /) -> Any: ...

    def tolist(self) -> Any:
        """The numbers as a list of Python's own."""


Metric: TypeAlias = Sequence[float] | NumberArray | Callable[[int], float]

MAX_VALUES = 500_000_000
"""Learning rates in one curve, as in a file."""


def record(
    optimizer: Any,
    scheduler: Any,
    *,
    calls: int,
    metric: Metric | None = None,
    interval: Interval | None = None,
    steps_per_epoch: int | None = None,
    name: str | None = None,
) -> Curve:
    """The learning rates that live torch objects will have in their next `calls` calls of `scheduler.step()`.

    A copy of the scheduler is stepped, on a stand-in for the optimizer that has the same param groups: neither
    parameters nor optimizer state are copied, and nothing of the training moves. The curve begins where the scheduler
    is now (tick 0 is the learning rate that the next step uses), is `calls` ticks x groups long, and equals the loop
    that calls `optimizer.step()` and `scheduler.step()` to the last bit.

    - `metric`: what a ReduceLROnPlateau is stepped with: a number for each call, or a function of the call, from 0.
    - `interval`: "step" (the default) or "epoch", after which the training calls the scheduler. With `steps_per_epoch`
      the curve knows epochs and steps, and a place may be given in either: `5 epochs`.
    - `name`: the curve's; by default that of the scheduler's class. Groups have theirs if all have one (`name`), else
      their index.

    Accelerate's wrappers are taken off, and Lightning's config is understood (its `interval`, and its `frequency`: the
    scheduler is then stepped at every so many of the `calls`). Raises `ScheduleError`, whose position is the argument,
    for a scheduler of another optimizer, for one that cannot be copied, and for what torch refuses.

    >>> import torch
    >>> optimizer = torch.optim.SGD(torch.nn.Linear(2, 1).parameters(), lr=0.1)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    >>> curve = lrviz.record(optimizer, scheduler, calls=90, interval="epoch")
    >>> curve.at(29), curve.at(30), scheduler.last_epoch
    (0.1, 0.010000000000000002, 0)
    >>> lrviz.check(curve, expect={"at": {0: 0.1, 60: 1e-3}, "decreasing": True}).ok
    True
    """
    *around, bare = optimizers_in(optimizer)
    unwrapped = scheduler_in(scheduler)
    run = _run(calls, interval or unwrapped.interval or "step", steps_per_epoch)
    _check_size(run.calls, len(bare.param_groups))
    kind = type(unwrapped.scheduler).__name__
    with unmoved(bare), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy, stand_in = copied(unwrapped.scheduler, (*around, bare))
        groups = stand_in.param_groups
        own = [None if each is None else float(each) for each in map(momentum, groups)]
        recorder = Recorder.of(groups, momentum=any(each is not None for each in own))
        step = unwrapped.stepper(copy, _step(copy, metric, run.calls))
        try:
            recorder.record(step, run.calls)
        except ScheduleError:
            raise
        except Exception as error:
            done = len(recorder.lr[0])
            raise ScheduleError.at(
                Position("scheduler"),
                f"{kind} fails at call {done:,} of {run.calls:,} of scheduler.step(): {words(error)}",
                f"it runs until there: calls={done - 1}" if done > 1 else "",
            ) from error
        return recorder.curve(name or kind, names_of(groups), run, own)


def _run(calls: int, interval: Interval, steps_per_epoch: int | None) -> Run:
    calls = whole_argument(calls, "calls")
    if calls > MAX_CALLS:
        raise ScheduleError.at(Position("calls"), f"a run may have at most {MAX_CALLS:,} calls (got {calls:,})")
    if interval not in ("epoch", "step"):
        raise ScheduleError.at(Position("interval"), f"expected 'epoch' or 'step' (got {interval!r})")
    per_epoch = None if steps_per_epoch is None else whole_argument(steps_per_epoch, "steps_per_epoch")
    in_epochs = interval == "epoch"
    return Run(calls if in_epochs else None, None if in_epochs else calls, per_epoch, interval)


def _check_size(calls: int, groups: int) -> None:
    if calls * groups > MAX_VALUES:
        message = f"{calls:,} calls of {counted(groups, 'param group')} are more than {MAX_VALUES:,} learning rates"
        raise ScheduleError.at(Position("calls"), message, "record fewer calls")


# --- the metric ----------------------------------------------------------------------------------------------


def _step(scheduler: Any, metric: Metric | None, calls: int) -> Callable[[int], object]:
    """The function that steps a scheduler at a call, counted from 0, with its metric if it takes one."""
    kind = type(scheduler).__name__
    required, takes = _parameters(scheduler)
    if metric is None:
        if required is not None:
            hint = "metric=[...] with a number for each call, or a function of the call: metric=lambda call: 1.0"
            raise ScheduleError.at(Position("metric"), f"{kind}.step() needs {required!r}", hint)
        return lambda call: scheduler.step()
    if not takes:
        raise ScheduleError.at(Position("metric"), f"{kind} is stepped without a metric", "leave it out")
    value = metric if callable(metric) else _values(metric, calls).__getitem__
    return lambda call: scheduler.step(value(call))


def _parameters(scheduler: Any) -> tuple[str | None, bool]:
    """The parameter that `step` cannot do without, and whether it takes a metric. (`epoch` is torch's old argument.)"""
    taken = [
        each
        for each in inspect.signature(scheduler.step).parameters.values()
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.VAR_POSITIONAL)
    ]
    required = next(
        (each.name for each in taken if each.default is each.empty and each.kind != each.VAR_POSITIONAL), None
    )
    return required, required is not None or any(each.name != "epoch" for each in taken)


def _values(metric: Any, calls: int) -> Any:
    try:
        count = len(metric)
        numbers = not isinstance(metric, str | bytes | Mapping)
    except TypeError:
        numbers = False
    if not numbers:
        raise ScheduleError.at(Position("metric"), f"expected numbers, or a function of the call (got {metric!r})")
    if count < calls:
        hint = f"calls={count} records as many as there are" if count else ""
        raise ScheduleError.at(Position("metric"), f"{counted(count, 'value')} for {counted(calls, 'call')}", hint)
    return metric
