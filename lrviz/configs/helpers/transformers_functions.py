"""The functions of transformers that return a scheduler (`transformers.get_cosine_schedule_with_warmup`), by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.helpers import transformers
from lrviz.configs.helpers.torch_classes import Named
from lrviz.errors import Position
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean

_NAMES: Final = {
    "get_constant_schedule": "constant",
    "get_constant_schedule_with_warmup": "constant_with_warmup",
    "get_linear_schedule_with_warmup": "linear",
    "get_cosine_schedule_with_warmup": "cosine",
    "get_cosine_with_hard_restarts_schedule_with_warmup": "cosine_with_restarts",
    "get_polynomial_decay_schedule_with_warmup": "polynomial",
    "get_inverse_sqrt_schedule": "inverse_sqrt",
    "get_wsd_schedule": "warmup_stable_decay",
    "get_cosine_with_min_lr_schedule_with_warmup": "cosine_with_min_lr",
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": "cosine_warmup_with_min_lr",
}
_COMMON: Final = ("num_warmup_steps", "num_training_steps", "last_epoch", "optimizer")
_WITHOUT_END: Final = ("constant", "constant_with_warmup", "inverse_sqrt")


def is_one(path: object) -> bool:
    """True for the path of such a function."""
    if not isinstance(path, str) or not path.startswith("transformers."):
        return False
    name = path.rpartition(".")[2]
    return name == "get_scheduler" or (name.startswith("get_") and "schedule" in name)


def scheduler(named: Named, lr: Value) -> Mapping[str, Any] | None:
    """The `scheduler` of a schedule file; None for a constant learning rate, and where an error was reported."""
    config, where = named.arguments, named.kind.where
    if named.name == "get_scheduler":
        return _by_name(config, lr, where)
    if named.name not in _NAMES:
        config.error(where, f"transformers has no {named.name}", did_you_mean(named.name, _NAMES))
        return None
    name = Value(_NAMES[named.name], named.kind.key, where)
    return _made(config, name, lr, _only(config, (*_COMMON, "name", "scheduler_specific_kwargs"), config.path))


def _by_name(config: Config, lr: Value, where: Position) -> Mapping[str, Any] | None:
    """`get_scheduler`, which takes the name of one."""
    name = transformers.scheduler_name(config, "name", None)
    if name.value is None or name.value == "reduce_lr_on_plateau":
        config.error(where, "get_scheduler needs the name of a scheduler that follows the step", "name: cosine")
        return None
    return _made(config, name, lr, config.section("scheduler_specific_kwargs"))


def _made(config: Config, name: Value, lr: Value, kwargs: Config) -> Mapping[str, Any] | None:
    zero = Value(0, "num_warmup_steps", name.where, "default")
    warmup = config.whole("num_warmup_steps", zero if name.value == "constant" else None, low=0)
    steps = config.whole("num_training_steps", None, low=0)
    if warmup.value is None:
        config.error(name.where, f"{config.path} needs num_warmup_steps", "num_warmup_steps: 0")
        return None
    if steps.value is None:
        if name.value not in _WITHOUT_END and not (
            name.value == "warmup_stable_decay" and kwargs.has("num_stable_steps")
        ):
            config.error(name.where, f"{config.path} needs num_training_steps", "num_training_steps: 10000")
            return None
        steps = zero
    return transformers.get_scheduler(config, name, lr, warmup, steps, kwargs)


def _only(config: Config, without: tuple[str, ...], path: str) -> Config:
    """The arguments that only this scheduler has."""
    items = {
        key: item for key, item in config.root.value.items() if key not in without and not str(key).startswith("_")
    }
    return Config(Node(items, config.root.where), config.session, path)
