"""Classes of torch that a config names by their path, with torch's own arguments: optimizers and schedulers.

Each argument keeps its place, so that what is wrong with it is an error of our own reader at the user's line. A
scheduler of the project's own is passed on by its path; it runs with `--trust` only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.schedule.catalogue import OPTIMIZERS, SCHEDULERS
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.words import show

SCHEDULER_PATHS: Final = ("torch.optim.lr_scheduler.", "torch.optim.swa_utils.SWALR")
OPTIMIZER_PATH: Final = "torch.optim."

LEARNING_RATES: Final[Mapping[str, float]] = {
    "ASGD": 1e-2, "Adadelta": 1.0, "Adafactor": 1e-2, "Adagrad": 1e-2, "Adam": 1e-3, "AdamW": 1e-3, "Adamax": 2e-3,
    "LBFGS": 1.0, "Muon": 1e-3, "NAdam": 2e-3, "RAdam": 1e-3, "RMSprop": 1e-2, "Rprop": 1e-2, "SGD": 1e-3,
    "SparseAdam": 1e-3,
}  # fmt: skip
"""The `lr` that a class of torch has where none is given."""

_FUNCTIONS: Final = ("lr_lambda", "scale_fn")
_CODE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class Named(NamedTuple):
    """A class with its arguments: `kind` is its path as it is written; keys that begin with `_` are no arguments."""

    kind: Value
    arguments: Config

    @property
    def name(self) -> str:
        """The last part of the path: `StepLR`."""
        return str(self.kind.value).rpartition(".")[2]


def is_scheduler(path: object) -> bool:
    """True for the path of a scheduler of torch."""
    return isinstance(path, str) and path.startswith(SCHEDULER_PATHS)


def is_optimizer(path: object) -> bool:
    """True for the path of an optimizer of torch."""
    return isinstance(path, str) and path.startswith(OPTIMIZER_PATH) and not is_scheduler(path)


def optimizer(named: Named) -> dict[str, Any]:
    """The `optimizer` of a schedule file. A class that is not torch's has the learning rate of its `lr`, which it must
    be given; an AdamW stands for it."""
    path, name, config = str(named.kind.value), named.name, named.arguments
    is_torch = path == name or path.startswith(OPTIMIZER_PATH)
    default = LEARNING_RATES.get(name, 1e-3) if is_torch else None
    lr = config.number("lr", default, low=0)
    if lr.value is None:
        config.error(named.kind.where, f"{path} has no lr here, and lrviz does not know its default", "write its lr")
        lr = Value(1.0, lr.key, lr.where, "default")
    if not is_torch:
        return {"type": "AdamW", "lr": lr}
    kind = Value(name, named.kind.key, named.kind.where)  # a misspelt one is an error of our reader, with a suggestion
    return {"type": kind, "lr": lr, **_arguments(config, leave_out=("lr", "params"))}


def lost(named: Named) -> tuple[str, ...]:
    """What `optimizer` leaves out."""
    path = str(named.kind.value)
    if named.name in OPTIMIZERS and (path == named.name or path.startswith(OPTIMIZER_PATH)):
        return ()
    return (f"the optimizer {path}, for which an AdamW stands",)


def scheduler(named: Named, *, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    """The `scheduler` of a schedule file. `leave_out` are arguments that are not the scheduler's."""
    path, name, config = str(named.kind.value), named.name, named.arguments
    is_torch = name in SCHEDULERS and (path == name or path.startswith("torch.optim."))
    found = _arguments(config, leave_out=(*leave_out, "optimizer"))
    if is_torch:
        _check_length(name, found, named)
        for key in _FUNCTIONS:
            node = config.node(key)
            if node is not None and (node.is_mapping or (isinstance(node.value, str) and _CODE.fullmatch(node.value))):
                config.error(
                    node.where,
                    f"{key} is a function of the project's own, which lrviz does not run (got {show(node.plain())})",
                    f"give it as an expression of t: --set {key}='0.95 ** t'",
                )
                found[key] = 1
        kind = name if name != "SWALR" else path
        return {"type": Value(kind, named.kind.key, named.kind.where), **found}
    return {"type": named.kind, **found}


def _arguments(config: Config, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    """The arguments with their places. Text that is a number is one, with the warning that the program deserves."""
    found: dict[str, Any] = {}
    for key in map(str, config.root.value):
        node = config.node(key)
        if node is None or key.startswith("_") or key in leave_out:
            continue
        found[key] = (
            config.number(key) if isinstance(node.value, str) and _is_number(node.value) else _passed(config, key)
        )
    return found


def _passed(config: Config, key: str) -> Any:
    """A value as it stands: lists and mappings with the places of what is in them."""
    value = config.plain(key)
    node = config.node(key)
    return node if value is not None and node is not None and (node.is_mapping or node.is_list) else value


def _is_number(text: str) -> bool:
    try:
        values.real(text)
    except ValueError:
        return False
    return True


def _check_length(name: str, given: Mapping[str, Any], named: Named) -> None:
    """Reports the length of a scheduler that torch demands, which a schedule file may leave out."""
    config = named.arguments
    if name == "CosineAnnealingLR" and "T_max" not in given:
        config.error(named.kind.where, "CosineAnnealingLR needs T_max", "T_max: the calls from the start to eta_min")
    lengths = {"total_steps", "epochs", "steps_per_epoch"} & given.keys()
    if name == "OneCycleLR" and not lengths:
        config.error(
            named.kind.where,
            "OneCycleLR needs total_steps, or epochs and steps_per_epoch",
            "total_steps: calls of the run",
        )
