"""The Trainer's `reduce_lr_on_plateau`: torch's ReduceLROnPlateau, stepped at every evaluation."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value

_STRATEGIES: Final = ("no", "steps", "epoch")
_LOWER_IS_BETTER: Final = ("loss", "perplexity", "ppl", "wer", "cer", "error", "mse", "mae")


def follows_epochs(config: Config, name: Value) -> bool:
    """True for a plateau that is stepped once an epoch, whose curve depends on the length of one."""
    return bool(name.value == "reduce_lr_on_plateau" and _strategy(config).value == "epoch")


def document(config: Config, name: Value, steps: Value, kwargs: Config) -> dict[str, Any]:
    """The keys `interval`, `scheduler` and `metric` of a schedule file."""
    strategy = _strategy(config)
    if strategy.value == "no":
        config.error(name.where, "reduce_lr_on_plateau needs evaluations, and there are none",
                     "write eval_strategy: epoch")  # fmt: skip
    delay = config.number("eval_delay", 0.0, low=0)
    if delay.value:
        config.error(delay.where, "reduce_lr_on_plateau with eval_delay cannot be drawn", "leave eval_delay out")
    _warn_of_mode(config, kwargs)
    return {
        "interval": _every(config, steps) if strategy.value == "steps" else "epoch",
        "scheduler": {"type": Value("ReduceLROnPlateau", name.key, name.where), **_arguments(kwargs)},
        "metric": config.metric(name.where),
    }


def _strategy(config: Config) -> Value:
    if config.has("evaluation_strategy") and not config.has("eval_strategy"):
        if config.since("transformers", "4.46"):
            config.refuse(config.where("evaluation_strategy"), "evaluation_strategy is gone", "write eval_strategy")
        return config.choice("evaluation_strategy", _STRATEGIES)
    return config.choice("eval_strategy", _STRATEGIES, "no")


def _every(config: Config, steps: Value) -> Value:
    """The steps between evaluations; below 1 they are a share of the run."""
    every = config.number("eval_steps", config.number("logging_steps", 500.0, above=0), above=0)
    count = ceil(steps.value * every.value) if every.value < 1 else int(every.value)
    how = f"{every.key} {every.value:g}"
    return config.derived("steps between evaluations", f"{count} steps", how, every)


def _arguments(kwargs: Config) -> dict[str, Any]:
    """torch's own arguments, which are checked where a schedule is read."""
    found: dict[str, Any] = {}
    for item in kwargs.root.items():
        key = str(item.key.value)
        if key in ("factor", "threshold", "eps"):
            found[key] = kwargs.number(key)
        elif key != "verbose":
            found[key] = item.value
    return found


def _warn_of_mode(config: Config, kwargs: Config) -> None:
    """The mode stays `min`, also for a metric that should grow."""
    metric = config.text("metric_for_best_model", "loss")
    if kwargs.has("mode") or any(part in metric.value.lower() for part in _LOWER_IS_BETTER):
        return
    config.warn(
        metric.where,
        "plateau-mode",
        f"{metric.value} is watched with mode min: whenever it grows, that counts as no improvement",
        f"write mode: max in {kwargs.path}, if more is better",
    )
