"""How many optimizer steps an epoch has: as the training's data loader says, held against the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lrviz.errors import Position, ScheduleError
from lrviz.run import Run
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.run import whole_argument
from lrviz.words import counted


def run_of(schedule: Schedule, loader: Any = None, steps_per_epoch: int | None = None) -> Run:
    """The run of a schedule, which knows the steps of an epoch if the file, the loader or the number says them.

    The length of a `loader` is batches; a step takes `accumulate` of them, and a rest of fewer at the end of an epoch
    makes a step too. Raises `ScheduleError`, whose position is the argument, where it contradicts the file, and for a
    loader without a length.
    """
    run = schedule.run
    if loader is not None and steps_per_epoch is not None:
        raise ScheduleError.at(Position("loader"), "loader and steps_per_epoch say the same thing", "give one of them")
    if loader is not None:
        batches, accumulate = _batches(loader), accumulate_of(schedule)
        fits = {-(-batches // accumulate)}
        if schedule.imported is not None:  # some programs drop the rest
            fits.add(max(1, batches // accumulate))
        steps, argument = -(-batches // accumulate), "loader"
        how = f"{'1 batch is' if batches == 1 else f'{batches:,} batches are'} {counted(steps, 'step')} an epoch"
        how += f" (accumulate {accumulate})" if accumulate > 1 else ""
    elif steps_per_epoch is not None:
        steps, argument = whole_argument(steps_per_epoch, "steps_per_epoch"), "steps_per_epoch"
        fits, how = {steps}, f"{counted(steps, 'step')} an epoch"
    else:
        return run
    if run.steps_per_epoch is None:
        return replace(run, steps_per_epoch=steps)
    if run.steps_per_epoch not in fits:
        raise ScheduleError.at(
            Position(argument),
            f"{how}, but schedule {schedule.name!r} of {schedule.file} has {run.steps_per_epoch:,} an epoch",
            _hint(schedule, steps, argument),
        )
    return run


def accumulate_of(schedule: Schedule) -> int:
    """The batches of one optimizer step, as the file or the config of another program says; 1 if neither does."""
    if schedule.run.data is not None:
        return schedule.run.data.accumulate
    for value in schedule.imported.values if schedule.imported is not None else ():
        key = value.key.rpartition(".")[2]
        if "accum" in key and isinstance(value.value, int) and not isinstance(value.value, bool) and value.value > 0:
            return value.value
    return 1


def _batches(loader: Any) -> int:
    try:
        batches = len(loader)
    except TypeError:
        raise ScheduleError.at(
            Position("loader"),
            f"its length is not known (got {type(loader).__name__})",
            "give the optimizer steps of an epoch: steps_per_epoch=500",
        ) from None
    if batches < 1:
        raise ScheduleError.at(Position("loader"), "it has no batches", "is the data set smaller than a batch?")
    return batches


def _hint(schedule: Schedule, steps: int, argument: str) -> str:
    data, known = schedule.run.data, schedule.run.steps_per_epoch
    if schedule.imported is not None:
        return f"tell load() what the training has: data={{'steps_per_epoch': {steps}}}, or whatever it asks for"
    if data is not None and data.steps_per_epoch is not None:
        return "correct `data` in the file: samples, batch_size, devices, accumulate, drop_last"
    accumulated, rest = divmod(steps, known or steps + 1)
    if argument == "loader" and data is None and accumulated > 1 and not rest:
        line = f"data: {{batch_size: ..., accumulate: {accumulated}}}"
        return f"does a step take {accumulated} batches? Then say so in the file: {line}"
    return f"correct the file, or load it with set={{'steps_per_epoch': {steps}}}"
