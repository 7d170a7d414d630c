"""The parameter schedulers of a config of mmengine as torch's own classes, where these do the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from lrviz.configs.helpers.param_schedulers import SETTLED, Clock, Scheduler, first_tick


def torch_of(schedulers: Sequence[Scheduler], clock: Clock, *, one_group: bool) -> Any:
    """The same with torch's own classes: a scheduler, one in phases, or a `ChainedScheduler`; None if they differ."""
    if clock.accumulate > 1 and not clock.in_epochs:
        return None
    used = [each for each in schedulers if first_tick(each, clock) < clock.count]
    if any(each.epochs is not clock.in_epochs for each in used):
        return None
    classes = [_torch_class(each, one_group) for each in used]
    if any(each is None for each in classes):
        return None
    if len(used) == 1 and not used[0].begin and _lasts(used[0], clock):
        return classes[0]
    if any(each.kind == "OneCycleLR" for each in used):
        return None
    order = sorted(range(len(used)), key=lambda index: used[index].begin)
    if all(used[a].end <= used[b].begin for a, b in pairwise(order)):
        return list(_phases([(used[index], classes[index]) for index in order], clock))
    if all(not each.begin and _lasts(each, clock) for each in used):
        return {"type": "ChainedScheduler", "schedulers": classes}
    return None


def _lasts(each: Scheduler, clock: Clock) -> bool:
    """True if torch's class, which never ends, does what this one does up to the end of the run."""
    return each.end >= clock.count or (each.kind in SETTLED and each.span > 1)


def _phases(members: Sequence[tuple[Scheduler, Any]], clock: Clock) -> Iterator[dict[str, Any]]:
    """A phase for each scheduler, up to its last call, and others that hold the rate in between."""
    now = 0
    for each, made in members:
        if each.begin > now:
            yield {"type": "none", "for": each.begin - now}
        if each.end >= clock.count:
            yield made
            return
        now = each.end if each.kind in SETTLED and each.span > 1 else each.end - 1
        yield {**made, "for": now - each.begin}
    yield {"type": "none"}


def _torch_class(each: Scheduler, one_group: bool) -> dict[str, Any] | None:
    values, last = each.values, each.span - 1
    if not last or each.kind == "CosineRestartLR":
        return None
    if each.kind == "OneCycleLR":
        return _one_cycle_class(each)
    if each.kind == "LinearLR":
        return {
            "type": "LinearLR",
            "start_factor": values["start_factor"],
            "end_factor": values["end_factor"],
            "total_iters": last,
        }
    if each.kind == "ConstantLR":
        return {"type": "ConstantLR", "factor": values["factor"], "total_iters": last}
    if each.kind == "StepLR":
        return {"type": "StepLR", "step_size": values["step_size"], "gamma": values["gamma"]}
    if each.kind == "MultiStepLR":
        whole = all(float(one.value).is_integer() for one in values["milestones"].value)
        milestones = list(values["milestones"].value)
        if not whole or not milestones or any(one.value < 1 for one in milestones):
            return None
        return {"type": "MultiStepLR", "milestones": milestones, "gamma": values["gamma"]}
    if each.kind == "ExponentialLR":
        return {"type": "ExponentialLR", "gamma": values["gamma"]}
    if each.kind == "PolyLR" and each.multiplies:
        return {"type": "PolynomialLR", "total_iters": last, "power": values["power"]}
    if each.kind == "CosineAnnealingLR" and last <= each.number("T_max") and (one_group or "ratio" not in values):
        return {"type": "CosineAnnealingLR", "T_max": values["T_max"], "eta_min": values.get("eta_min")}
    return None


def _one_cycle_class(each: Scheduler) -> dict[str, Any]:
    names = ("total_steps", "pct_start", "anneal_strategy", "div_factor", "final_div_factor", "three_phase")
    values = {name: each.values[name] for name in names}
    return {"type": "OneCycleLR", "max_lr": each.values["eta_max"], **values, "cycle_momentum": False}
