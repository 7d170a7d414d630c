"""Which class of torch a state is of: a state_dict does not say so, but its keys do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lrviz.schedule.catalogue import OPTIMIZERS

_SCHEDULERS: Final = (
    ("PhasedLR", ("phase", "phase_lrs")),
    ("SequentialLR", ("_schedulers", "_milestones")),
    ("ChainedScheduler", ("_schedulers",)),
    ("ReduceLROnPlateau", ("patience", "cooldown")),
    ("CyclicLR", ("max_lrs", "total_size")),
    ("CosineAnnealingWarmRestarts", ("T_0", "T_mult")),
    ("CosineAnnealingLR", ("T_max",)),
    ("PolynomialLR", ("power", "total_iters")),
    ("LinearLR", ("start_factor", "end_factor")),
    ("ConstantLR", ("factor", "total_iters")),
    ("OneCycleLR", ("total_steps",)),
    ("MultiStepLR", ("milestones", "gamma")),
    ("StepLR", ("step_size", "gamma")),
    ("SWALR", ("anneal_epochs",)),
    ("LambdaLR", ("lr_lambdas",)),
    ("ExponentialLR", ("gamma",)),
)
"""Classes of schedulers with keys of their state; the first that has all of its keys is the one."""

_ALIKE: Final = {"MultiplicativeLR": "LambdaLR"}
"""Classes whose states have the same keys as those of another."""


def scheduler_class_of(state: Mapping[str, Any]) -> str:
    """The class of a scheduler by the keys of its state; "" if it is none of torch's."""
    return next((name for name, keys in _SCHEDULERS if all(key in state for key in keys)), "")


def same_class(name: str, state: Mapping[str, Any]) -> bool:
    """True if a state may be of this class, or is of none that we know."""
    return scheduler_class_of(state) in ("", _ALIKE.get(name, name))


def optimizer_classes_of(group: Mapping[str, Any]) -> list[str]:
    """The classes of `torch.optim` that a param group may be of; none if it is of another package."""
    fits = [name for name in OPTIMIZERS if _essential(name) <= group.keys() and _adam_or_adamw(name, group)]
    most = max(map(len, map(_essential, fits)), default=0)
    return [name for name in fits if len(_essential(name)) == most]


def is_of(name: str, group: Mapping[str, Any]) -> bool:
    """True if a param group may be of this class of `torch.optim`."""
    fits = optimizer_classes_of(group)
    return name in fits if fits else _essential(name) <= group.keys()


def _essential(name: str) -> set[str]:
    """The options by which the class of an optimizer is known; flags differ between releases of torch."""
    return {argument.name for argument in OPTIMIZERS[name].arguments if argument.kind != "flag"}


def _adam_or_adamw(name: str, group: Mapping[str, Any]) -> bool:
    """False for the one of the two that a param group is not of, which torch tells since 2.7."""
    decoupled = group.get("decoupled_weight_decay")
    return decoupled is None or name not in ("Adam", "AdamW") or decoupled == (name == "AdamW")
