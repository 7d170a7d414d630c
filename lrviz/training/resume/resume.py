"""Runs the plan, saves it at a tick, and restarts it in every way; what follows stands beside the plan."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from lrviz.curve import Curve
from lrviz.engine.backend import Backend, imported_backend
from lrviz.engine.build import build
from lrviz.engine.recorder import Recorder
from lrviz.engine.refusal import refused_at, words
from lrviz.engine.shortcut import MANY_CALLS
from lrviz.engine.simulate import step_of_run
from lrviz.engine.torch_source import torch_folder
from lrviz.errors import Position, ScheduleError
from lrviz.run import Run
from lrviz.schedule.model import Phases, Schedule
from lrviz.training.resume.acts import loop, saved
from lrviz.training.resume.curves import curve_of, stretched_to
from lrviz.training.resume.follow import follow
from lrviz.training.resume.restart import CHECKPOINT, EARLY, Restart, Saved, calls_before, save
from lrviz.training.resume.results import Resumed
from lrviz.training.resume.ways import Way, ways_into, ways_of
from lrviz.words import counted

Progress = Callable[[int, int], None]
"""Called with (ways done, ways in total)."""

MAX_VALUES = 60_000_000
"""Learning rates in the curves of all ways: a gigabyte, with momentum."""


def resume(
    schedule: Schedule,
    tick: int,
    into: tuple[str, Schedule] | None = None,
    progress: Progress | None = None,
    checkpoint: Saved | None = None,
) -> list[Resumed]:
    """What follows when a schedule is restarted at a tick of its run, from 0 to the number of its ticks.

    The states of real torch objects are saved to a file and read again with `torch.load(weights_only=True)`. With
    `into`, what is other in it and the other schedule, a second result tells what follows there. At the end of a run
    only that one has something to tell. With `checkpoint`, what a real training saved there takes the place of what the
    plan would have. Raises `ScheduleError` if torch refuses a schedule, if its state cannot be
    saved, or if the two runs have no clock in common.
    """
    if torch_folder() is None:
        raise ScheduleError.at(schedule.where, "torch is not installed", "pip install torch")
    backend = imported_backend()
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="lrviz-") as folder:
        warnings.simplefilter("ignore")
        restart = Restart(schedule, tick, folder, backend, checkpoint)
        _check_size(schedule, ways_of(restart))
        if checkpoint is None:
            plan = _plan(schedule, backend, tick, folder)
        else:
            plan = _plan(schedule, backend)
            checkpoint.write(folder)
        results = []
        if tick < schedule.run.ticks:
            results.append(_resumed(restart, ways_of(restart), plan, progress))
        if into is not None:
            name, other = into
            there = tick_there(schedule.run, tick, other.run)
            if there >= other.run.ticks:
                length = counted(other.run.ticks, other.run.interval)
                message = f"with {name} the run of {schedule.name!r} ends before the restart: it has {length}"
                raise ScheduleError.at(Position("--into"), message, "name an earlier place with --at")
            restart = Restart(replace(other, name=schedule.name), there, folder, backend, checkpoint)
            ways = ways_into(restart, saved_scheduler=schedule.scheduler is not None)
            _check_size(other, ways)
            results.append(_resumed(restart, ways, _plan(other, backend), progress, name, plan, tick))
    return results


def _check_size(schedule: Schedule, ways: Sequence[Way]) -> None:
    """Raises `ScheduleError` if the curves of some ways and of the plan are too large."""
    values = schedule.run.ticks * len(schedule.optimizer.groups) * (len(ways) + 1)
    if values > MAX_VALUES:
        message = f"{values:,} learning rates of {len(ways)} ways to restart are more than {MAX_VALUES:,}"
        raise ScheduleError.at(schedule.where, message, "shorten the run with --epochs or --steps")


def tick_there(run: Run, tick: int, other: Run) -> int:
    """The tick of another run at which a training goes on that was stopped at a tick of this one: in the same epoch if
    both know their epochs, else at the same step. Raises `ScheduleError` if they have no clock in common."""
    if run.interval == other.interval and run.steps_per_epoch == other.steps_per_epoch:
        return tick
    if run.total_epochs is not None and other.total_epochs is not None:
        epoch = Fraction(tick, 1 if run.interval == "epoch" else run.steps_per_epoch or 1)
        return int(epoch * (1 if other.interval == "epoch" else other.steps_per_epoch or 1))
    if run.total_steps is not None and other.total_steps is not None:
        return other.tick_of_step(tick * run.steps_per_tick)
    raise ScheduleError.at(
        Position("lrviz"), "the runs have no clock in common", "give one of them `steps_per_epoch` or `data`"
    )


def _resumed(
    restart: Restart,
    ways: Sequence[Way],
    plan: Curve,
    progress: Progress | None,
    into: str = "",
    old: Curve | None = None,
    old_tick: int = 0,
) -> Resumed:
    before = plan if old is None else stretched_to(old, old_tick, plan, restart.tick)
    found = []
    for done, way in enumerate(ways, 1):
        found.append(follow(way, replace(restart), before, plan))
        if progress:
            progress(done, len(ways))
    return Resumed(
        restart.schedule, restart.tick, restart.start, plan, tuple(found), saved(restart), loop(restart),
        into, old, old_tick, restart.saved.name if restart.saved is not None else "",
    )  # fmt: skip


# --- the plan -----------------------------------------------------------------------------------------------------


def _plan(schedule: Schedule, backend: Backend, tick: int | None = None, folder: str = "") -> Curve:
    """The uninterrupted run; what it saves at a tick, and one call of the scheduler earlier, is put into `folder`."""
    built = build(schedule, backend)
    recorder = Recorder.of(built.optimizer.param_groups, momentum=True)
    step, done = step_of_run(schedule, built.scheduler, shortcut=False), 0
    try:
        for name, stop in _stops(schedule, tick):
            recorder.record(step, stop - done)
            done = stop
            _save(schedule, os.path.join(folder, name), built.optimizer, built.scheduler)
        rest = schedule.run.ticks - done
        if rest >= MANY_CALLS:
            step = step_of_run(schedule, built.scheduler, shortcut=True, start=done)
        recorder.record(step, rest)
    except ScheduleError:
        raise  # torch refuses to construct the scheduler of a later phase
    except (Exception, SystemExit) as error:
        raise refused_at(schedule, built.parts, len(recorder.lr[0]) // schedule.run.every, error) from error
    return curve_of(schedule, recorder, schedule.name)


def _stops(schedule: Schedule, tick: int | None) -> list[tuple[str, int]]:
    """What is saved at which ticks, in order."""
    if tick is None:
        return []
    start = calls_before(schedule, tick)
    last_call = start * (1 if isinstance(schedule.scheduler, Phases) else schedule.run.every) - 1
    return [(EARLY, last_call)] * (start > 0) + [(CHECKPOINT, tick)]


def _save(schedule: Schedule, path: str, optimizer: Any, scheduler: Any) -> None:
    try:
        save(path, optimizer, scheduler)
    except Exception as error:
        kind = schedule.scheduler.type if schedule.scheduler is not None else schedule.optimizer.type
        raise ScheduleError.at(
            schedule.where,
            f"schedule {schedule.name!r}: the state of {kind} cannot be saved: {words(error)}",
            "give it a state_dict() of plain values",
        ) from error
