"""Compares the learning rates in a checkpoint with those of the plan at its call, and finds what explains others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrviz.alike import alike, slack
from lrviz.errors import Problem, ScheduleError
from lrviz.training.checkpoint.case import Case
from lrviz.training.checkpoint.inert import Rounded
from lrviz.training.checkpoint.place import CallMade
from lrviz.words import counted, moment, rate


def numbers(case: Case, rates: Sequence[Any]) -> list[float]:
    """Learning rates, one for each param group. Raises `ScheduleError` for what is no number."""
    for index, value in enumerate(rates):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ScheduleError.at(case.where, f"lr{case.group(index)} in the checkpoint is no number")
    return list(rates)


def planned(case: Case, tick: int) -> list[float]:
    """The planned learning rate of each param group at a tick."""
    return [case.curve.lr_at(column, tick) for column in case.columns]


def follow(case: Case, rates: Sequence[float], tick: int) -> bool:
    """True if learning rates are those of the plan at a tick."""
    return all(map(_near, rates, planned(case, tick), _tolerances(case, rates), _peaks(case)))


def wrong_rates(case: Case, made: CallMade, rates: Sequence[float], *, explained: bool) -> Iterator[Problem]:
    """That learning rates are not the planned ones, in which group first, and what they are instead.

    `explained` says that other arguments are the cause.
    """
    tick = made.tick(case)
    wanted = planned(case, tick)
    near = list(map(_near, rates, wanted, _tolerances(case, rates), _peaks(case)))
    if all(near):
        return
    first = near.index(False)
    have, plan = rates[first], wanted[first]
    others = near.count(False)
    of_groups = f"; {others} of {counted(len(near), 'group')} differ" if len(near) > 1 else ""
    yield Problem(
        case.where,
        f"lr{case.group(first)} is {rate(have, plan)} in the checkpoint, planned {rate(plan, have)}{of_groups}",
        "" if explained else _why(case, made, rates, wanted),
        code="checkpoint-lr",
    )


def _why(case: Case, made: CallMade, rates: Sequence[float], wanted: Sequence[float]) -> str:
    if made.processes > 1 and follow(case, rates, min(made.counted * case.every, case.schedule.run.ticks)):
        return (
            f"they are the plan's at call {made.counted:,}: Accelerate calls the scheduler once for each of "
            f"{made.processes} processes, unless split_batches or step_scheduler_with_optimizer=False says otherwise"
        )
    tick = nearest(case, rates, made.tick(case))
    if tick is not None:
        return f"the plan has them at {moment(case.schedule.run, tick)}"
    ratio = _ratio(rates, wanted)
    if ratio:
        return f"they are {ratio:.6g} times the planned ones"
    return "no call of the plan has them: is it the checkpoint of another schedule?"


def nearest(case: Case, rates: Sequence[float], tick: int) -> int | None:
    """The tick nearest to another at which the plan has these learning rates; None if it never has."""
    fits: NDArray[np.bool_] = np.ones(len(case.curve) + 1, dtype=bool)
    for have, column, tolerance, peak in zip(rates, case.columns, _tolerances(case, rates), _peaks(case), strict=True):
        lr = np.append(np.frombuffer(case.curve.columns[column]), case.curve.end_lr[column])
        with np.errstate(invalid="ignore"):
            fits &= np.abs(lr - have) <= slack(have, tolerance, peak)
    found = np.flatnonzero(fits)
    return int(found[np.abs(found - tick).argmin()]) if len(found) else None


def _ratio(rates: Sequence[float], wanted: Sequence[float]) -> float | None:
    """The factor between all learning rates and the planned ones, if it is the same."""
    if not all(plan and math.isfinite(have / plan) for have, plan in zip(rates, wanted, strict=True)):
        return None
    ratios = [have / plan for have, plan in zip(rates, wanted, strict=True)]
    return ratios[0] if all(alike(each, ratios[0], 1e-6) for each in ratios) else None


def unlike(case: Case, optimizer: Sequence[float], scheduler: Sequence[float], made: CallMade) -> Iterator[Problem]:
    """That the learning rates of the optimizer are not those that the scheduler last gave it."""
    tolerances = _tolerances(case, [*optimizer])
    pairs = zip(optimizer, scheduler, tolerances, _peaks(case), strict=False)
    near = [_near(have, last, tolerance, peak) for have, last, tolerance, peak in pairs]
    if len(optimizer) != len(scheduler):
        yield Problem(
            case.where,
            f"the optimizer has {counted(len(optimizer), 'group')}, the scheduler {counted(len(scheduler), 'rate')}",
            "the scheduler's state is that of another optimizer",
            code="checkpoint-order",
        )
        return
    if all(near):
        return
    first = near.index(False)
    ours = nearest(case, optimizer, made.tick(case))
    fits = not case.follows_metric and ours is not None and ours != made.tick(case)
    hint = (
        f"the optimizer's are the plan's at {moment(case.schedule.run, ours)}: save both after scheduler.step()"
        if fits and ours is not None
        else "save both after scheduler.step(), and leave lr to the scheduler"
    )
    yield Problem(
        case.where,
        f"optimizer and scheduler disagree: lr{case.group(first)} is {rate(optimizer[first], scheduler[first])}, the "
        f"scheduler's _last_lr {rate(scheduler[first], optimizer[first])}",
        hint,
        code="checkpoint-order",
    )


def _near(have: float, wanted: float, tolerance: float, peak: float) -> bool:
    return have == wanted or abs(have - wanted) <= slack(wanted, tolerance, peak) or (have != have and wanted != wanted)


def _tolerances(case: Case, rates: Sequence[float]) -> list[float]:
    """The schedule's own, or more for a learning rate that is a tensor of fewer bits."""
    own = case.schedule.expect.tolerance
    return [max(own, each.tolerance) if isinstance(each, Rounded) else own for each in rates]


def _peaks(case: Case) -> list[float]:
    peaks = np.nan_to_num(case.curve.peak, nan=0.0, posinf=0.0, neginf=0.0)
    return [float(abs(peaks[column])) for column in case.columns]
