"""Runs what `lrviz code` prints, as a script that it was pasted into would: with torch, in a plain loop."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from loops import Loop, loop_bits, parameter

from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.schedule.model import Schedule
from lrviz.training.code.written import Subject, code_of


def code(*schedules: Schedule) -> str:
    return code_of([Subject(each.name, each, simulate(each)) for each in schedules])


def names_of(text: str) -> dict[str, Any]:
    """The names that the text defines."""
    names: dict[str, Any] = {"__name__": "printed"}
    exec(compile(text, "<printed>", "exec"), names)
    return names


def optimizer_of(schedule: Schedule, make: Any) -> torch.optim.Optimizer:
    """The optimizer that the text makes of one weight for each group."""
    groups = {group.name: [parameter()] for group in schedule.optimizer.groups}
    return make(groups if list(groups) != ["0"] or "Mapping" in str(make.__annotations__) else groups["0"])


def run(schedule: Schedule, optimizer: torch.optim.Optimizer, scheduler: Any, ticks: int) -> Loop:
    """The loop of a training, in which the scheduler is called after every `every` ticks."""
    loop = Loop()
    every = schedule.run.every
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tick in range(ticks):
            _note(loop, optimizer)
            optimizer.step(lambda: 0.0)
            if (tick + 1) % every:
                continue
            if schedule.metric is None:
                scheduler.step()
            else:
                scheduler.step(schedule.metric[tick // every])
    _note(loop, optimizer)
    return loop


def _note(loop: Loop, optimizer: torch.optim.Optimizer) -> None:
    loop.lr.append([group["lr"] for group in optimizer.param_groups])
    momentum = [group["betas"][0] if "betas" in group else group.get("momentum") for group in optimizer.param_groups]
    loop.momentum.append(momentum)


def same_as(schedule: Schedule, names: Mapping[str, Any], part: str = "", *, ticks: int | None = None) -> None:
    """Holds that the functions of the text give the curve of the schedule, to the last bit."""
    make = names.get(f"make_{part}optimizer") or names["make_optimizer"]
    optimizer = optimizer_of(schedule, make)
    own = [group["betas"][0] if "betas" in group else group.get("momentum") for group in optimizer.param_groups]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = names[f"make_{part}scheduler"](optimizer)
    loop = run(schedule, optimizer, scheduler, ticks or schedule.run.ticks)
    if all(row == own for row in loop.momentum):
        loop.momentum = []
    assert loop_bits(loop) == bits_of(simulate(schedule, calls=ticks))


def bits_of(curve: Curve) -> tuple[list[list[str]], list[list[str]]]:
    from loops import curve_bits

    return curve_bits(curve)


def pickles(scheduler: Any) -> Any:
    return pickle.loads(pickle.dumps(scheduler))
