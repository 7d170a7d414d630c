"""A checkpoint of a real training, as a restart loads it: plain values, and tensors of one number where it had them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrviz.alike import ROUNDING
from lrviz.engine.simulate import reached, simulate
from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.training.checkpoint.case import Case
from lrviz.training.checkpoint.compare import NamedCheckpoint, same_optimizer
from lrviz.training.checkpoint.inert import Made, Rounded, Tensor
from lrviz.training.checkpoint.place import call_made
from lrviz.training.checkpoint.read import read_checkpoint
from lrviz.training.checkpoint.states import OtherClass, differences
from lrviz.training.resume.restart import Saved


def restorable(named: NamedCheckpoint, schedule: Schedule, tick: int | None) -> tuple[Schedule, int, Saved]:
    """The schedule in the param groups of a checkpoint, the tick at which it was saved, and its states.

    A checkpoint that does not say at which call it was made is of `tick`. Raises `ScheduleError` where neither says so,
    where both do, and where the checkpoint cannot be that of the schedule.
    """
    checkpoint = read_checkpoint(named.path)
    case = Case.of(checkpoint, schedule, simulate(schedule), named.part)
    same_optimizer(case)
    made = call_made(case)
    if made is not None and tick is not None:
        raise ScheduleError.at(case.where, f"this checkpoint says that it is at {made.words(case)}", "leave --at out")
    if made is None and tick is None:
        raise ScheduleError.at(
            case.where, "this checkpoint does not say at which call of the scheduler it was made", "say so with --at"
        )
    if made is not None and made.calls > case.calls:
        raise ScheduleError.at(
            case.where, f"this checkpoint is at call {made.calls:,}, and the run has {case.calls:,}", "see --into"
        )
    state: dict[str, Any] = {}
    if case.optimizer is not None:
        groups = [{**_restored(group), "params": [index]} for index, group in enumerate(case.optimizer.groups)]
        state["optimizer"] = {"state": {}, "param_groups": groups}
    if case.scheduler is not None:
        _same_program(case)
        state["scheduler"] = _restored(case.scheduler.state)
    times = made.processes if made is not None else 1
    if times > 1 and case.every > 1:
        raise ScheduleError.at(
            case.where,
            "Accelerate calls a scheduler after every step, and the file does not",
            "interval: step",
        )
    at = made.tick(case) if made is not None else tick or 0
    return case.schedule, at, Saved(named.path, state, times, _rounding(case))


def _same_program(case: Case) -> None:
    """Raises `ScheduleError` where the program of a config made a scheduler that we have as another class."""
    if case.schedule.imported is None or case.scheduler is None:
        return
    plan = reached(case.schedule, 0).scheduler
    other = next((each for each in differences(case.scheduler.state, plan) if isinstance(each, OtherClass)), None)
    if other is not None:
        program = case.schedule.imported.program
        hint = "check --checkpoint compares the learning rates"
        raise ScheduleError.at(case.where, f"{other.words}: what {program} does with it is not known", hint)


def _restored(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state as it was loaded; what is no plain value and no tensor of one number is left out."""
    return {key: _value(value) for key, value in state.items() if not _is_inert(value)}


def _is_inert(value: Any) -> bool:
    if isinstance(value, Made | Tensor):
        return True
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return any(map(_is_inert, inside))


def _value(value: Any) -> Any:
    if isinstance(value, Rounded):
        import torch

        kinds = {2.0**-23: torch.float32, 2.0**-10: torch.float16, 2.0**-7: torch.bfloat16}
        return torch.tensor(float(value), dtype=kinds[value.epsilon])
    if isinstance(value, Mapping):
        return {key: _value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_value, value))
    return value


def _rounding(case: Case) -> float:
    """The fraction by which the learning rates of the checkpoint may differ from the plan, and follow it."""
    return max((each.tolerance for each in case.rates if isinstance(each, Rounded)), default=ROUNDING)
