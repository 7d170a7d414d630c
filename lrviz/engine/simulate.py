"""Runs a schedule through torch's schedulers, as a training loop would, and records the optimizer's learning rates."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, cycle, islice, repeat
from typing import Any

from lrviz.curve import Curve
from lrviz.engine.backend import Backend, Engine, choose
from lrviz.engine.build import Built, build
from lrviz.engine.factor import picklable
from lrviz.engine.recorder import Recorder
from lrviz.engine.refusal import refused_at
from lrviz.engine.shortcut import MANY_CALLS, phased_step, step_of
from lrviz.errors import ScheduleError
from lrviz.run import Run
from lrviz.schedule.catalogue import SCHEDULERS
from lrviz.schedule.model import Phases, Schedule, Scheduler

Progress = Callable[[int, int], None]
"""Called every `CHUNK` calls with (calls done, calls in total)."""

CHUNK = 10_000


def simulate(
    schedule: Schedule,
    engine: Engine = "auto",
    progress: Progress | None = None,
    *,
    backend: Backend | None = None,
    shortcut: bool | None = None,
    calls: int | None = None,
) -> Curve:
    """The curve of a schedule: the learning rate of every param group in each tick of the run.

    `engine` is "auto" or "torch" (import all of torch). With `calls`, the run stops after that many ticks, and the
    curve is that of the shorter run. `backend` and `shortcut` are for tests: they override the engine's own choice, and
    change no bit of the result. Raises `ScheduleError` if torch refuses the schedule, when the scheduler is constructed
    or in the middle of the run.
    """
    if backend is None:
        backend = choose(schedule, engine)
    if shortcut is None:
        shortcut = schedule.run.ticks >= MANY_CALLS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = build(schedule, backend)
        moves = schedule.scheduler is not None and any(map(_moves_momentum, schedule.scheduler.walk()))
        recorder = Recorder.of(built.optimizer.param_groups, momentum=moves)
        step = step_of_run(schedule, built.scheduler, shortcut=shortcut)
        total = schedule.run.ticks if calls is None else min(calls, schedule.run.ticks)
        try:
            for done in range(0, total, CHUNK):
                recorder.record(step, min(CHUNK, total - done))
                if progress:
                    progress(min(done + CHUNK, total), total)
        except ScheduleError:
            raise  # torch refused to construct the scheduler of a later phase
        except (Exception, SystemExit) as error:
            raise refused_at(schedule, built.parts, len(recorder.lr[0]) // schedule.run.every, error) from error
    return recorder.curve(
        schedule.name,
        [group.name for group in schedule.optimizer.groups],
        schedule.run if calls is None else _first(schedule.run, total),
        built.momentum,
        title=schedule.title,
        source=schedule.source,
    )


def reached(schedule: Schedule, ticks: int) -> Built:
    """The objects of a schedule as they are after that many ticks of its run, for their state.

    Factors are objects with plain state, as in a training. In a long run, what schedulers count may stay behind.
    Raises `ScheduleError` as `simulate` does.
    """
    backend = choose(schedule)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = build(schedule, backend, picklable)
        step = step_of_run(schedule, built.scheduler, shortcut=ticks >= MANY_CALLS)
        for tick in range(ticks):
            try:
                step()
            except ScheduleError:
                raise
            except (Exception, SystemExit) as error:
                raise refused_at(schedule, built.parts, (tick + 1) // schedule.run.every, error) from error
    return built


def _first(run: Run, calls: int) -> Run:
    """The run, ended after its first `calls` calls of the scheduler."""
    if calls == run.ticks:
        return run
    in_epochs = run.interval == "epoch"
    return replace(run, epochs=calls if in_epochs else None, steps=None if in_epochs else calls)


def step_of_run(schedule: Schedule, scheduler: Any, *, shortcut: bool, start: int = 0) -> Callable[[], object]:
    """The function that a training loop calls after each step or epoch, from tick `start` on."""
    every = schedule.run.every
    if scheduler is None:
        return lambda: None
    if isinstance(schedule.scheduler, Phases):  # it is called at every tick; its phases know how often they are
        step = scheduler.step
        if schedule.metric is not None:
            step = _phased_metric_step(scheduler, schedule.metric, every, start)
        return phased_step(scheduler, step) if shortcut else step
    if schedule.metric is not None and takes_metric(scheduler):
        metric = map(schedule.metric.__getitem__, range(start // every, len(schedule.metric)))
        return _once_in(every, lambda: scheduler.step(next(metric, None)), start)
    return _once_in(every, step_of(scheduler) if shortcut else scheduler.step, start)


def _once_in(every: int, step: Callable[[], object], start: int) -> Callable[[], object]:
    """A function for every tick that calls `step` after every so many, as `if (tick + 1) % every == 0` does."""
    if every == 1:
        return step
    calls = islice(cycle(chain(repeat(lambda: None, every - 1), (step,))), start % every, None)
    return lambda: next(calls)()


def _phased_metric_step(phased: Any, metric: Sequence[float], every: int, start: int) -> Callable[[], object]:
    """The step of a PhasedLR, for which a value of the metric is computed only where a phase reads it."""
    ahead = start - phased.last_epoch  # 0 but for a training that was resumed in a wrong way

    def step() -> None:
        call = (phased.last_epoch + ahead) // every
        phased.step(metric[call] if phased.reads_metric() and call < len(metric) else None)

    return step


def takes_metric(scheduler: Any) -> bool:
    """True if `scheduler.step` takes a metric: ReduceLROnPlateau with its subclasses."""
    return "metrics" in inspect.signature(scheduler.step).parameters


def _moves_momentum(spec: Scheduler) -> bool:
    if spec.own:  # cannot be known before the run; `Recorder.curve` looks afterwards
        return True
    argument = SCHEDULERS[spec.type].argument("cycle_momentum")
    return argument is not None and bool(spec.arguments.get("cycle_momentum", argument.default))
