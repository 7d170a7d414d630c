"""What libraries wrap around an optimizer and its scheduler, taken off by its attributes; no library is imported.

Only wrappers that are known are taken off: whatever else has a `step` may compute learning rates in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from lrviz.errors import Position, ScheduleError
from lrviz.run import Interval


class Unwrapped(NamedTuple):
    """A scheduler without its wrappers, and what they do.

    - `interval`: after what it is called, where a wrapper says so.
    - `every`: it is stepped at every so many of these calls only (Lightning's `frequency`).
    - `times`: how often a call steps it (Accelerate steps it once for each process).
    - `stops`: no call steps a scheduler with `total_steps` beyond these (so Accelerate steps a OneCycleLR).
    """

    scheduler: Any
    interval: Interval | None = None
    every: int = 1
    times: int = 1
    stops: bool = False

    def stepper(self, scheduler: Any, step: Callable[[int], object]) -> Callable[[], None]:
        """The function to call after each step or epoch: it calls `step`, that of `scheduler`."""
        calls = count()

        def call() -> None:
            done = next(calls)
            if (done + 1) % self.every:
                return
            for _ in range(self.times):
                if not self.stops or scheduler._step_count <= scheduler.total_steps:
                    step(done)

        return call


def scheduler_in(given: Any) -> Unwrapped:
    """The scheduler in what a library made of it: Lightning's config, or Accelerate's wrapper (so Hugging Face's too).

    Raises `ScheduleError`, whose position is `scheduler`, for what is none of them and has no `step`.
    """
    found = Unwrapped(given)
    config = _lightning_config(given)
    if config is not None:
        every = config["frequency"]
        if not isinstance(every, int) or every < 1:
            raise _wrong(f"frequency must be a whole number of at least 1 (got {every!r})")
        if config["interval"] not in ("epoch", "step"):
            raise _wrong(f"interval must be 'epoch' or 'step' (got {config['interval']!r})")
        found = Unwrapped(config["scheduler"], config["interval"], every)
    accelerated = found.scheduler
    if all(hasattr(accelerated, name) for name in _ACCELERATED):
        times = _processes(accelerated) if accelerated.step_with_optimizer and not accelerated.split_batches else 1
        stops = accelerated.step_with_optimizer and hasattr(accelerated.scheduler, "total_steps")
        stops = stops and not accelerated.split_batches
        found = found._replace(scheduler=accelerated.scheduler, times=times, stops=stops)
    if not callable(getattr(found.scheduler, "step", None)) or hasattr(found.scheduler, "param_groups"):
        kind = type(found.scheduler).__name__
        raise _wrong(
            f"expected a scheduler, with a step() (got {kind})",
            "a scheduler of torch, such as StepLR(optimizer, step_size=10)",
        )
    return found


_ACCELERATED = ("scheduler", "optimizers", "split_batches", "step_with_optimizer")


def _processes(accelerated: Any) -> int:
    """The number of processes for which Accelerate steps a scheduler, as its `step` asks for it."""
    state = getattr(type(accelerated).step, "__globals__", {}).get("AcceleratorState")
    return int(state().num_processes) if state is not None else 1


def _lightning_config(given: Any) -> Mapping[str, Any] | None:
    """Lightning's `lr_scheduler_config`, or all that `configure_optimizers` returns; None for anything else."""
    usual = {"interval": "epoch", "frequency": 1}
    if isinstance(given, Mapping):
        inside = given.get("lr_scheduler", given)
        if not isinstance(inside, Mapping):
            return {**usual, "scheduler": inside}
        if "scheduler" not in inside:
            raise _wrong("the mapping has no 'scheduler'", "a config of Lightning is {'scheduler': scheduler, ...}")
        return {**usual, **inside}
    if all(hasattr(given, name) for name in ("scheduler", *usual)) and not hasattr(given, "step"):
        return {name: getattr(given, name) for name in ("scheduler", *usual)}
    return None


def optimizers_in(given: Any) -> Iterator[Any]:
    """An optimizer, and those inside it that it wraps: they have the same param groups. The innermost comes last.

    Raises `ScheduleError`, whose position is `optimizer`, for what has no param groups.
    """
    if isinstance(given, Mapping) and "optimizer" in given:  # all that `configure_optimizers` of Lightning returns
        given = given["optimizer"]
    if not isinstance(getattr(given, "param_groups", None), list) or not given.param_groups:
        kind = type(given).__name__
        raise ScheduleError.at(Position("optimizer"), f"expected an optimizer, with param_groups (got {kind})")
    while given is not None:
        yield given
        inside = getattr(given, "optimizer", None)
        same = _groups(inside) is not None and _groups(inside) == _groups(given)
        given = inside if same and inside is not given else None


def _groups(optimizer: Any) -> list[int] | None:
    """The param groups of an optimizer, by what they are rather than by what they hold."""
    groups = getattr(optimizer, "param_groups", None)
    return [id(group) for group in groups] if isinstance(groups, list) else None


def _wrong(message: str, hint: str = "") -> ScheduleError:
    return ScheduleError.at(Position("scheduler"), message, hint)
