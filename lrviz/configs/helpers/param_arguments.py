"""The arguments of mmengine's parameter schedulers: what each class takes, its defaults, and what it refuses."""

from __future__ import annotations

from typing import Final

from lrviz.configs.config import REQUIRED, Config
from lrviz.configs.helpers.param_schedulers import Clock, Scheduler
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.suggest import did_you_mean

_COMMON: Final = ("type", "begin", "end", "last_step", "by_epoch", "verbose", "convert_to_iter_based", "_scope_")
_ARGUMENTS: Final = {
    "LinearLR": ("start_factor", "end_factor"),
    "ConstantLR": ("factor",),
    "StepLR": ("step_size", "gamma"),
    "MultiStepLR": ("milestones", "gamma"),
    "ExponentialLR": ("gamma",),
    "PolyLR": ("eta_min", "power"),
    "CosineAnnealingLR": ("T_max", "eta_min", "eta_min_ratio"),
    "OneCycleLR": (
        "eta_max", "total_steps", "pct_start", "anneal_strategy", "div_factor", "final_div_factor", "three_phase",
    ),
    "CosineRestartLR": ("periods", "restart_weights", "eta_min", "eta_min_ratio"),
    "ReduceOnPlateauLR": (
        "monitor", "rule", "factor", "patience", "threshold", "threshold_rule", "cooldown", "min_value", "eps",
    ),
}  # fmt: skip
"""The arguments of each class, besides `_COMMON`."""

_ALIASES: Final = {
    "ReduceLROnPlateau": "ReduceOnPlateauLR",
    "PolynomialLR": "PolyLR",
    "CosineAnnealing": "CosineAnnealingLR",
}


def kind_of(member: Config) -> str:
    """The class of a scheduler: `LinearLR` for `mmengine.LinearLR`, its path, and `LinearParamScheduler` of `lr`."""
    name = str(member.text("type").value).rpartition(".")[2]
    if name.endswith("ParamScheduler") and name[: -len("ParamScheduler")] + "LR" in _ARGUMENTS:
        return name[: -len("ParamScheduler")] + "LR"
    if name not in _ARGUMENTS:
        member.error(
            member.where("type"),
            f"{member.path}.type: mmengine has no scheduler {name!r}",
            did_you_mean(name, _ARGUMENTS, _ALIASES),
        )
        return "ConstantLR"
    return name


def is_of_rate(member: Config, lost: list[str]) -> bool:
    """False for a scheduler of the momentum, or of another value of the optimizer."""
    name = str(member.text("type").value)
    of = member.text("param_name", "lr").value
    if name.endswith("Momentum") or of != "lr":
        lost.append("momentum" if name.endswith("Momentum") else str(of))
        return False
    return True


def scheduler_of(member: Config, kind: str, clock: Clock, lr: Value) -> Scheduler | None:
    """One scheduler; None, with a problem, for what mmengine refuses."""
    known = (*_COMMON, *_ARGUMENTS[kind], *(("param_name",) if member.has("param_name") else ()))
    for item in member.root.items():
        if item.key.value not in known:
            hint = did_you_mean(str(item.key.value), known)
            member.error(item.key.where, f"{member.path}: {kind} has no argument {str(item.key.value)!r}", hint)
    before = len(member.session.problems)
    by_epoch, convert = member.flag("by_epoch", True).value, member.flag("convert_to_iter_based", False)
    if convert.value and not by_epoch:
        member.error(convert.where, f"{member.path}: only what is by_epoch can be converted to iterations")
    times = _times(member, clock) if convert.value and by_epoch else 1
    epochs = by_epoch and not convert.value
    default = 1 if by_epoch and not clock.in_epochs and not clock.batches else clock.count
    if by_epoch and clock.batches:
        default = clock.count // clock.batches
    begin, end = member.number("begin", 0.0, low=0), member.number("end", float(default))
    first, last = int(begin.value * times), int(end.value * times)
    if last <= first and len(member.session.problems) == before:
        where = member.where("end", "begin")
        member.error(where, f"{member.path}: end must be larger than begin (got begin {first}, end {last})")
    if len(member.session.problems) > before:
        return None
    values = _values(member, kind, max(last - first, 1), times, lr)
    return Scheduler(kind, first, last, bool(epochs), values) if len(member.session.problems) == before else None


def _times(member: Config, clock: Clock) -> int:
    """The iterations of an epoch, by which a converted scheduler counts."""
    if clock.batches:
        return clock.batches
    root = Config(member.root, member.session)
    return int(root.fact("batches_per_epoch", member.where("convert_to_iter_based")).value)


def _values(member: Config, kind: str, span: int, times: int, lr: Value) -> dict[str, Value]:
    """The arguments of a scheduler, with lengths in its own calls."""

    def count(name: str, default: int | None = None) -> Value:
        given = member.whole(name, default if default is not None else REQUIRED, low=1)
        if times == 1 or given.origin == "default":
            return given
        return member.derived(f"{name} in iterations", given.value * times, f"{given.value} x {times}", given)

    def counts(name: str) -> Value:
        given = member.list_of(name, values.whole)
        if times == 1:
            return given
        one = [
            member.derived(f"{name} in iterations", each.value * times, f"{each.value} x {times}", each)
            for each in given.value
        ]
        return Value(tuple(one), given.key, given.where)

    if kind == "LinearLR":
        found = {"start_factor": member.number("start_factor", 1.0 / 3, low=0, high=1),
                 "end_factor": member.number("end_factor", 1.0, low=0, high=1)}  # fmt: skip
        if not found["start_factor"].value and span > 1:
            member.error(
                found["start_factor"].where, f"{member.path}.start_factor 0 makes mmengine divide by zero", "write 1e-6"
            )
        return found
    if kind == "ConstantLR":
        factor = member.number("factor", 1.0 / 3, low=0, high=1)
        if not factor.value and span > 1:
            member.error(factor.where, f"{member.path}.factor 0 makes mmengine divide by zero", "write 1e-6")
        return {"factor": factor}
    if kind == "StepLR":
        return {"step_size": count("step_size"), "gamma": member.number("gamma", 0.1)}
    if kind == "MultiStepLR":
        return {"milestones": counts("milestones"), "gamma": member.number("gamma", 0.1)}
    if kind == "ExponentialLR":
        return {"gamma": member.number("gamma")}
    if kind == "PolyLR":
        return {"eta_min": member.number("eta_min", 0.0), "power": member.number("power", 1.0)}
    if kind == "CosineAnnealingLR":
        return {"T_max": count("T_max", span), **_eta(member, lr, required=False)}
    if kind == "CosineRestartLR":
        weights = member.list_of("restart_weights", values.real, (1.0,))
        if weights.origin == "default":
            weights = Value((Value(1.0, "restart_weights", weights.where, "default"),), weights.key, weights.where)
        found = {
            "periods": counts("periods"),
            "restart_weights": weights,
            **_eta(member, lr, required=True),
            "base": lr,
        }
        if len(found["periods"].value) != len(weights.value):
            member.error(
                member.where("restart_weights", "periods"),
                f"{member.path}: as many restart_weights as periods are needed",
            )
        return found
    top = member.number("eta_max", 0.0, low=0)
    return {
        "eta_max": top,
        "total_steps": count("total_steps", span),
        "pct_start": member.number("pct_start", 0.3, low=0, high=1),
        "anneal_strategy": member.choice("anneal_strategy", ("cos", "linear"), "cos"),
        "div_factor": member.number("div_factor", 25.0, above=0),
        "final_div_factor": member.number("final_div_factor", 1e4, above=0),
        "three_phase": member.flag("three_phase", False),
    }


def _eta(member: Config, lr: Value, *, required: bool) -> dict[str, Value]:
    """`eta_min`, also of its ratio to the base rate."""
    if member.has("eta_min") and member.has("eta_min_ratio"):
        member.error(
            member.where("eta_min_ratio"), f"{member.path} has both eta_min and eta_min_ratio", "keep one of them"
        )
    if member.has("eta_min_ratio"):
        ratio = member.number("eta_min_ratio")
        made = member.derived("eta_min", lr.value * ratio.value, f"{lr.value:g} x {ratio.value:g}", ratio)
        return {"eta_min": made, "ratio": ratio}
    if required and not member.has("eta_min"):
        member.error(member.where("type"), f"{member.path} needs eta_min or eta_min_ratio", "write eta_min=0")
    return {"eta_min": member.number("eta_min", 0.0)}
