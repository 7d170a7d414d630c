"""Runs what `lrviz code` prints, as a script that it was pasted into would: with torch, in a plain loop."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import replace
from itertools import accumulate
from types import ModuleType
from typing import Any

import torch
from loops import Loop, curve_bits, loop_bits, parameter

from lrviz.engine.simulate import simulate
from lrviz.schedule.model import Phases, Schedule
from lrviz.training.code.written import Subject, code_of


def code(*schedules: Schedule) -> str:
    """The printed text. Only phases need more of a curve than its beginning."""
    return code_of([Subject(each.name, each, _simulated(each)) for each in schedules])


def _simulated(schedule: Schedule) -> Any:
    return simulate(schedule, calls=None if isinstance(schedule.scheduler, Phases) else 1)


def module_of(text: str, name: str = "printed") -> ModuleType:
    """The text as a module, which is not yet imported."""
    module = ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    return module


def optimizer_of(schedule: Schedule, module: ModuleType, part: str = "") -> torch.optim.Optimizer:
    """The optimizer that the text makes of one weight for each group."""
    make = getattr(module, f"make_{part}optimizer", None) or module.make_optimizer
    groups = {group.name: [parameter()] for group in schedule.optimizer.groups}
    made: torch.optim.Optimizer = make(groups if "Mapping" in str(make.__annotations__["params"]) else groups["0"])
    return made


def scheduler_of(optimizer: torch.optim.Optimizer, module: ModuleType, part: str = "") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(module, f"make_{part}scheduler")(optimizer)


def run(
    schedule: Schedule, optimizer: torch.optim.Optimizer, scheduler: Any, ticks: range, after: Loop | None = None
) -> Loop:
    """The loop of a training, in which the scheduler is called after every `every` ticks."""
    loop = after or Loop()
    every = schedule.run.every
    takes_metric = "metrics" in inspect.signature(scheduler.step).parameters
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tick in ticks:
            note(loop, optimizer)
            optimizer.step(lambda: 0.0)
            if (tick + 1) % every:
                continue
            if schedule.metric is None or not takes_metric:
                scheduler.step()
            else:
                scheduler.step(schedule.metric[tick // every])
    return loop


def note(loop: Loop, optimizer: torch.optim.Optimizer) -> None:
    loop.lr.append([group["lr"] for group in optimizer.param_groups])
    loop.momentum.append(momentum(optimizer))


def momentum(optimizer: torch.optim.Optimizer) -> list[float | None]:
    return [group["betas"][0] if "betas" in group else group.get("momentum") for group in optimizer.param_groups]


def same(schedule: Schedule, text: str, part: str = "", *, ticks: int | None = None) -> None:
    """Holds that the functions of the text give the curve of the schedule, to the last bit."""
    module = module_of(text)
    optimizer = optimizer_of(schedule, module, part)
    own = momentum(optimizer)
    total = schedule.run.ticks if ticks is None else min(ticks, schedule.run.ticks)
    loop = run(schedule, optimizer, scheduler_of(optimizer, module, part), range(total))
    note(loop, optimizer)
    hold(schedule, loop, own, total)


def hold(schedule: Schedule, loop: Loop, own: list[float | None], ticks: int) -> None:
    if all(row == own for row in loop.momentum):
        loop.momentum = []
    assert loop_bits(loop) == curve_bits(simulate(schedule, calls=ticks))


def shortened(schedule: Schedule, most: int) -> Schedule:
    """A schedule whose phases have the same arguments, and at most so many calls each."""
    phases = schedule.scheduler
    assert isinstance(phases, Phases)
    every = schedule.run.every
    lengths = [min(each.calls, most * every) // every * every for each in phases.phases]
    *starts, total = [0, *accumulate(lengths)]
    short = tuple(
        replace(each, start=start, calls=calls)
        for each, start, calls in zip(phases.phases, starts, lengths, strict=True)
    )
    in_epochs = schedule.run.interval == "epoch"
    run = replace(schedule.run, epochs=total if in_epochs else None, steps=None if in_epochs else total)
    return replace(schedule, run=run, scheduler=replace(phases, phases=short))
