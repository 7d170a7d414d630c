"""Runs the plan, saves it at a tick, and restarts it in every way; what follows stands beside the plan."""

from __future__ import annotations

import os
import tempfile
import warnings
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import repeat
from math import nan
from typing import Any

from lrviz.alike import ROUNDING
from lrviz.curve import Curve
from lrviz.engine.backend import Backend, imported_backend
from lrviz.engine.build import build
from lrviz.engine.recorder import Recorder, double_of, momentum
from lrviz.engine.refusal import refused_at, words
from lrviz.engine.shortcut import MANY_CALLS
from lrviz.engine.simulate import step_of_run
from lrviz.engine.torch_source import torch_folder
from lrviz.errors import Position, ScheduleError
from lrviz.run import Run
from lrviz.schedule.model import Phases, Schedule
from lrviz.schedule.text.expression import ExpressionValueError
from lrviz.training.resume.acts import loop, saved
from lrviz.training.resume.departure import Departure, departure, identical
from lrviz.training.resume.restart import CHECKPOINT, EARLY, Restart, Saved, calls_before, save
from lrviz.training.resume.ways import Way, ways_into, ways_of
from lrviz.words import counted


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """What follows a restart in one way.

    - `way`, `name`, `lines`: its key, its name and the code that a person writes.
    - `curve`: the whole run, up to the restart that of what was saved; NaN after a call that is refused. None if the
      restart itself is refused.
    - `refusal`: what is refused, in torch's own words; `refused_at` is the tick whose call it was, None for a restart.
    - `departure`: how it leaves the plan; None if it does not, or if the restart is refused.
    - `identical`: True if it is the plan bit for bit.
    - `keeps_state`: True if the optimizer has its own state again, with the buffers that no learning rate shows.
    """

    way: str
    name: str
    lines: tuple[str, ...]
    curve: Curve | None
    departure: Departure | None = None
    refusal: str = ""
    refused_at: int | None = None
    identical: bool = False
    keeps_state: bool = True

    @property
    def follows(self) -> bool:
        """True if it follows the plan up to the end of the run, but for rounding."""
        return self.curve is not None and self.departure is None and not self.refusal


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """The ways to restart one schedule at a tick, beside its plan.

    `start` is the number of calls of the scheduler that were made before; `saving` and `loop` are the code around every
    way. `checkpoint` is the file that a real training saved, if there is one. Of a restart `into` another file, the
    plan is that of the file, `into` says what is other in it, and `old` is the plan of the file that was saved, at
    `old_tick`.
    """

    schedule: Schedule
    tick: int
    start: int
    plan: Curve
    ways: tuple[Followed, ...]
    saving: tuple[str, ...]
    loop: tuple[str, ...]
    into: str = ""
    old: Curve | None = None
    old_tick: int = 0
    checkpoint: str = ""

    @property
    def name(self) -> str:
        return self.schedule.name

    @property
    def run(self) -> Run:
        return self.schedule.run

    @property
    def right(self) -> Followed | None:
        """The first way that follows the plan, if there is one with the optimizer's own state."""
        following = [each for each in self.ways if each.follows]
        return next((each for each in following if each.keeps_state), following[0] if following else None)

    def as_old(self, followed: Followed) -> bool:
        """True if what follows is the plan of the old file, as far as both reach, and not that of the new one."""
        if self.old is None or followed.curve is None or followed.departure is None:
            return False
        if self.old.run.interval != self.plan.run.interval or len(self.old.groups) != len(self.plan.groups):
            return False
        count = min(len(self.old) - self.old_tick, len(self.plan) - self.tick)
        return count > 0 and all(
            new[self.tick : self.tick + count].tobytes() == old[self.old_tick : self.old_tick + count].tobytes()
            for new, old in zip(followed.curve.columns, self.old.columns, strict=True)
        )


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
    return _curve(schedule, recorder, schedule.name)


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


# --- what follows -------------------------------------------------------------------------------------------------


def _resumed(
    restart: Restart,
    ways: Sequence[Way],
    plan: Curve,
    progress: Progress | None,
    into: str = "",
    old: Curve | None = None,
    old_tick: int = 0,
) -> Resumed:
    before = plan if old is None else _stretched(old, old_tick, plan, restart.tick)
    found = []
    for done, way in enumerate(ways, 1):
        found.append(follow(way, replace(restart), before, plan))
        if progress:
            progress(done, len(ways))
    return Resumed(
        restart.schedule, restart.tick, restart.start, plan, tuple(found), saved(restart), loop(restart),
        into, old, old_tick, restart.saved.name if restart.saved is not None else "",
    )  # fmt: skip


def follow(way: Way, restart: Restart, before: Curve, plan: Curve) -> Followed:
    """What follows a restart in one way: `before` is the curve up to it, `plan` what should follow."""
    schedule, first, stop = restart.schedule, restart.tick, restart.schedule.run.ticks
    name, lines = way.called(restart), way.lines(restart)
    try:
        way.go(restart)
    except Exception as error:
        return Followed(way.key, name, lines, None, refusal=_refusal(schedule, error), keeps_state=way.keeps_state)
    recorder = Recorder.of(restart.optimizer.param_groups, momentum=True)
    refusal = ""
    try:
        recorder.record(restart.going_on(), stop - first)
    except (Exception, SystemExit) as error:
        refusal, stop = _refusal(schedule, error), first + len(recorder.lr[0])
    curve = _curve(schedule, recorder, name, before, first)
    left = departure(curve, plan, first, stop, restart.saved.rounding if restart.saved is not None else ROUNDING)
    same = not refusal and identical(curve, plan, first, stop)
    refused_at = stop - 1 if refusal else None
    return Followed(way.key, name, lines, curve, left, refusal, refused_at, same, way.keeps_state)


def _refusal(schedule: Schedule, error: BaseException) -> str:
    """What is refused, in one line: torch's words, or those of the class that is not torch's."""
    cause = error.__cause__ if isinstance(error, ScheduleError) and error.__cause__ is not None else error
    text = str(cause)
    if isinstance(cause, ExpressionValueError) or text.startswith(PHASED):
        return text
    own = schedule.scheduler is not None and any(each.own for each in schedule.scheduler.walk())
    return f"{'refused' if own else 'torch refuses'}: {first_line(cause)}"


PHASED = "PhasedLR"


def first_line(error: BaseException) -> str:
    """The class of an exception and the first line of what it says; what torch goes on to say is advice."""
    said = str(error.args[0] if isinstance(error, KeyError) and error.args else error).strip()
    return f"{type(error).__name__}: {said.splitlines()[0].strip()}" if said else words(error)


# --- curves -------------------------------------------------------------------------------------------------------


def _curve(schedule: Schedule, recorder: Recorder, name: str, before: Curve | None = None, start: int = 0) -> Curve:
    """What was recorded from tick `start` on, behind what was before, as the curve of the whole run.

    It always has momentum, because a restart may move it where the plan does not. What a refusal cut off is NaN.
    """
    ticks, groups = schedule.run.ticks, recorder.groups
    cut = start + len(recorder.lr[0]) < ticks
    earlier = ((), ()) if before is None else (before.columns, before.momentum_columns or ())
    lr, moving = (
        tuple(_column(start, own[index] if own else None, values, ticks) for index, values in enumerate(recorded))
        for own, recorded in zip(earlier, (recorder.lr, recorder.momentum), strict=True)
    )
    return Curve(
        name=name,
        groups=tuple(group.name for group in schedule.optimizer.groups),
        run=schedule.run,
        columns=lr,
        end_lr=tuple(nan if cut else double_of(group) for group in groups),
        momentum_columns=moving,
        end_momentum=tuple(nan if cut else float(momentum(group) or 0.0) for group in groups),
    )


def _column(start: int, before: memoryview | None, values: array[float], ticks: int) -> memoryview:
    column = array("d", before[:start] if before is not None else ())
    column.extend(values)
    column.extend(repeat(nan, ticks - len(column)))
    return memoryview(column).toreadonly()


def _stretched(old: Curve, old_tick: int, plan: Curve, tick: int) -> Curve:
    """The curve of the old file up to a restart, on the clock and the param groups of the new one."""
    ticks = [at * old_tick // tick for at in range(tick)]
    most = len(old.groups) - 1

    def stretched(columns: Sequence[memoryview] | None) -> tuple[memoryview, ...]:
        assert columns is not None
        picked = [columns[min(index, most)] for index in range(len(plan.groups))]
        return tuple(
            each if old_tick == tick else memoryview(array("d", map(each.__getitem__, ticks))) for each in picked
        )

    return replace(
        old,
        groups=plan.groups,
        columns=stretched(old.columns),
        momentum_columns=stretched(old.momentum_columns),
    )
