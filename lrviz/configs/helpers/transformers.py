"""The schedulers of transformers (`optimization.py`, `get_scheduler`), in its own order of operations.

All are a factor of the learning rate as a function of the optimizer step `t`, from 0; the scheduler is called after
every step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.schedule.imported import Value
from lrviz.schedule.text.suggest import did_you_mean

NAMES: Final = (
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
    "reduce_lr_on_plateau",
    "cosine_with_min_lr",
    "cosine_warmup_with_min_lr",
    "warmup_stable_decay",
    "greedy",
)
"""The names that `lr_scheduler_type` takes."""

ALIASES: Final = {"cosine_annealing": "cosine", "wsd": "warmup_stable_decay", "plateau": "reduce_lr_on_plateau"}

SINCE: Final = {
    "inverse_sqrt": "4.28",
    "reduce_lr_on_plateau": "4.30",
    "cosine_with_min_lr": "4.31",
    "warmup_stable_decay": "4.41",
    "cosine_warmup_with_min_lr": "4.54",
    "greedy": "5.4",
}
"""The first release that has a scheduler."""


def get_scheduler(
    config: Config, name: Value, lr: Value, warmup: Value, steps: Value, kwargs: Config
) -> Mapping[str, Any] | None:
    """The `scheduler` of a schedule file for one of `NAMES`; `kwargs` are `lr_scheduler_kwargs`.

    Not for `reduce_lr_on_plateau`, which is no function of the step.
    """
    if name.value in SINCE and not config.since("transformers", SINCE[name.value]):
        config.refuse(name.where, f"transformers before {SINCE[name.value]} has no scheduler {name.value!r}")
    if name.value == "greedy":
        config.error(name.where, "the scheduler 'greedy' follows the loss of the run, so no curve can be drawn of it")
        return None
    if name.value == "constant":
        if warmup.value:
            ignored_warmup(config, warmup, name)
        ignored_kwargs(config, kwargs, name)
        return None
    if name.value == "constant_with_warmup":
        ignored_kwargs(config, kwargs, name)
    factor = _FACTORS[name.value](config, lr, warmup.value, steps.value, kwargs)
    return lambda_lr(factor, name, f"{name.value} of transformers")


def scheduler_name(config: Config, key: str, default: str | None) -> Value:
    """The name of a scheduler of transformers, under a key of the config."""
    return config.choice(key, NAMES, default, what="scheduler of transformers", aliases=ALIASES)


def ignored_warmup(config: Config, warmup: Value, name: Value) -> None:
    """Warns of a warmup that a scheduler does not have."""
    meant = "; constant_with_warmup is the scheduler that has one" if name.value == "constant" else ""
    config.warn(
        warmup.where,
        "argument-ignored",
        f"{warmup.how or warmup.key} has no effect with {name.key} {name.value}{meant}",
        "leave it out" if not meant else f"write {name.key}: constant_with_warmup",
    )


def ignored_kwargs(config: Config, kwargs: Config, name: Value) -> None:
    """Warns of arguments for a scheduler that gets none."""
    for item in kwargs.root.items():
        config.warn(
            item.key.where,
            "argument-ignored",
            f"{kwargs.path}.{item.key.value} has no effect with {name.key} {name.value}, which takes no arguments",
            "leave it out",
        )


def check_kwargs(config: Config, kwargs: Config, names: tuple[str, ...]) -> None:
    """Reports arguments that a scheduler does not take."""
    for item in kwargs.root.items():
        key = str(item.key.value)
        if key not in names:
            hint = did_you_mean(key, names) if names else "leave it out"
            config.error(item.key.where, f"{kwargs.path}: the scheduler has no argument {key!r}", hint)


# --- the factor of each scheduler ----------------------------------------------------------------------------------


def warmed(warmup: int, after: str) -> str:
    """A linear warmup from 0, and the factor after it."""
    return f"t / {max(1, warmup)} if t < {warmup} else {after}" if warmup else after


def _progress(warmup: int, steps: int) -> str:
    passed = f"(t - {warmup})" if warmup else "t"
    return f"{passed} / {max(1, steps - warmup)}"


def _linear(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ())
    return warmed(warmup, f"max(0.0, ({steps} - t) / {max(1, steps - warmup)})")


def _constant_with_warmup(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    return f"t / {max(1, warmup)} if t < {warmup} else 1.0" if warmup else "1.0"


def _cosine(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ("num_cycles",))
    return cosine(warmup, steps, kwargs.number("num_cycles", 0.5).value)


def cosine(warmup: int, steps: int, cycles: float) -> str:
    """`get_cosine_schedule_with_warmup`, which other programs have too."""
    return warmed(warmup, f"max(0.0, {_wave(cycles, _progress(warmup, steps))})")


def _wave(cycles: float, progress: str) -> str:
    return f"0.5 * (1.0 + cos(pi * {cycles!r} * 2.0 * ({progress})))"


def _cosine_with_restarts(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ("num_cycles",))
    cycles = kwargs.number("num_cycles", 1.0).value
    progress = _progress(warmup, steps)
    wave = f"max(0.0, 0.5 * (1.0 + cos(pi * (({cycles!r} * ({progress})) % 1.0))))"
    return warmed(warmup, f"0.0 if {progress} >= 1.0 else {wave}")


def _polynomial(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ("lr_end", "power"))
    end, power = kwargs.number("lr_end", 1e-7), kwargs.number("power", 1.0).value
    if not lr.value > end.value:
        where = end.where if end.origin == "config" else lr.where
        config.error(where, f"lr_end ({end.value:g}) must be smaller than the learning rate ({lr.value:g})")
        return "1.0"
    passed = f"(t - {warmup})" if warmup else "t"
    decay = (
        f"({lr.value - end.value!r} * (1 - {passed} / {steps - warmup}) ** {power!r} + {end.value!r}) / {lr.value!r}"
    )
    if steps <= warmup:  # no step of the run gets there
        decay = f"{end.value!r} / {lr.value!r}"
    return warmed(warmup, f"{end.value!r} / {lr.value!r} if t > {steps} else {decay}")


def _inverse_sqrt(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ("timescale",))
    scale = warmup or 10_000
    if kwargs.has("timescale"):
        given = kwargs.whole("timescale", low=1)
        if config.since("transformers", "5.4"):  # it was ignored before
            scale = given.value
    shift = scale - warmup
    return warmed(warmup, f"1.0 / sqrt((t + {shift}) / {scale})")


def _floor(config: Config, lr: Value, kwargs: Config, *, required: bool) -> float:
    """`min_lr` as a part of the learning rate, or `min_lr_rate`, of which a file has one."""
    if kwargs.has("min_lr") and kwargs.has("min_lr_rate"):
        config.error(kwargs.where("min_lr_rate"), "min_lr and min_lr_rate say the same in two ways", "keep one of them")
    if kwargs.has("min_lr"):
        return float(kwargs.number("min_lr").value / lr.value)
    if kwargs.has("min_lr_rate"):
        return float(kwargs.number("min_lr_rate").value)
    if required:
        hint = f"{kwargs.path}: {{min_lr_rate: 0.1}}"
        config.error(kwargs.where(), "the scheduler needs min_lr or min_lr_rate", hint)
    return 0.0


def _cosine_with_min_lr(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ("num_cycles", "min_lr", "min_lr_rate"))
    cycles, floor = kwargs.number("num_cycles", 0.5).value, _floor(config, lr, kwargs, required=True)
    wave = _wave(cycles, _progress(warmup, steps))
    return warmed(warmup, f"max(0, ({wave}) * {1 - floor!r} + {floor!r})")


def _cosine_warmup_with_min_lr(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    check_kwargs(config, kwargs, ("num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"))
    cycles, floor = kwargs.number("num_cycles", 0.5).value, _floor(config, lr, kwargs, required=True)
    passed = f"(t - {warmup} + 1.0)" if warmup else "(t + 1.0)"
    wave = _wave(cycles, f"{passed} / {float(max(1, steps - warmup))!r}")
    after = f"max(0, ({wave}) * {1 - floor!r} + {floor!r})"
    if not warmup:
        return after
    before = f"(t + 1.0) / {float(max(1, warmup))!r}"
    if kwargs.has("warmup_lr_rate"):
        first = kwargs.number("warmup_lr_rate").value
        before = f"{first!r} + {1.0 - first!r} * t / {max(1, warmup - 1)}"
    return f"{before} if t < {warmup} else {after}"


_RISES: Final = {"linear": "({p})", "cosine": "0.5 * (1.0 - cos(pi * ({p})))", "1-sqrt": "1.0 - sqrt(1.0 - ({p}))"}


def _warmup_stable_decay(config: Config, lr: Value, warmup: int, steps: int, kwargs: Config) -> str:
    shapes = ("num_cycles", "warmup_type", "decay_type", "min_lr_ratio")
    check_kwargs(config, kwargs, ("num_decay_steps", "num_stable_steps", *shapes))
    decay = kwargs.whole("num_decay_steps", low=0).value
    stable = kwargs.whole("num_stable_steps", max(0, steps - warmup - decay), low=0)
    if not config.since("transformers", "4.47"):
        if not kwargs.has("num_stable_steps") and "num_stable_steps" not in kwargs.defaults:
            config.refuse(kwargs.where(), "transformers before 4.47 needs num_stable_steps as well")
        for name in ("warmup_type", "decay_type"):
            if kwargs.has(name):
                config.refuse(kwargs.where(name), f"the scheduler of transformers before 4.47 has no {name}")
    low, cycles = kwargs.number("min_lr_ratio", 0.0).value, kwargs.number("num_cycles", 0.5).value
    rising = kwargs.choice("warmup_type", _RISES, "linear").value
    falling = kwargs.choice("decay_type", _RISES, "cosine").value
    before = _RISES[rising].format(p=f"t / {max(1, warmup)}")
    begin = warmup + stable.value
    progress = f"(t - {begin}) / {max(1, decay)}"
    fall = {
        "linear": f"(1.0 - {progress})",
        "cosine": _wave(cycles, progress),
        "1-sqrt": f"(1.0 - sqrt({progress}))",
    }[falling]

    def floored(factor: str) -> str:
        return f"max(0.0, ({factor}) * {1.0 - low!r} + {low!r})"

    rise = floored(before) if config.since("transformers", "4.47") else f"t / {max(1, warmup)}"
    after = f"1.0 if t < {begin} else {floored(fall)} if t < {begin + decay} else {low!r}"
    return f"{rise} if t < {warmup} else {after}" if warmup else after


_FACTORS: Final[Mapping[str, Callable[[Config, Value, int, int, Config], str]]] = {
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_restarts": _cosine_with_restarts,
    "polynomial": _polynomial,
    "constant_with_warmup": _constant_with_warmup,
    "inverse_sqrt": _inverse_sqrt,
    "cosine_with_min_lr": _cosine_with_min_lr,
    "cosine_warmup_with_min_lr": _cosine_warmup_with_min_lr,
    "warmup_stable_decay": _warmup_stable_decay,
}
