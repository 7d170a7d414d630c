"""GPT-NeoX: YAML in the look of JSON, whose keys may be written with `-` or `_`."""

from __future__ import annotations

from math import floor
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import absolute
from lrviz.configs.outline import Outline
from lrviz.configs.text.arguments import name_of
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.text.document import Item, Node

_STYLES: Final = ("linear", "cosine", "exponential", "constant")


def recognize(outline: Outline) -> str:
    keys = {name_of(str(key)): key for key in outline.tree}
    style = keys.get("lr_decay_style") or keys.get("lr_decay_iters") or keys.get("train_iters")
    if style is None:
        return ""
    if outline.has("optimizer.params.lr"):
        return f"`{style}` with `optimizer.params.lr`"
    return f"`{style}` with `{keys['pipe_parallel_size']}`" if "pipe_parallel_size" in keys else ""


def read(config: Config) -> Plan:
    named = {name_of(str(item.key.value)): Item(item.key, item.value) for item in config.root.items()}
    config = Config(Node(dict(named), config.root.where), config.session)
    style = config.choice("lr_decay_style", _STYLES, "linear", what="decay style of GPT-NeoX")
    lr = config.section("optimizer").section("params").number("lr", config.number("lr", 1e-3, above=0), above=0)
    low = config.number("min_lr", 0.0, low=0)
    steps = config.whole("train_iters", low=1)
    iters, share = config.whole("lr_decay_iters", None, low=1), config.number("lr_decay_fraction", None, low=0)
    if iters.value is not None and share.value is not None:
        message = "lr_decay_iters and lr_decay_fraction say the same in two ways"
        config.error(share.where, message, "keep one of them")
    end = config.derived("decay iterations", steps.value, f"{steps.value}", steps)
    if iters.value is not None:
        end = iters
    elif share.value is not None:
        how = f"floor({steps.value} x {share.value:g})"
        end = config.derived("decay iterations", max(1, floor(steps.value * share.value)), how, share)
    part = config.number("warmup", 0.01, low=0)
    warmup = config.derived("warmup", part.value * end.value, f"{part.value:g} x {end.value}", part)
    if warmup.value >= end.value:
        config.error(part.where, f"warmup is a part of the run, below 1 (got {part.value:g})")
        warmup = end
    if style.value == "cosine" and end.value < steps.value:
        message = f"the cosine ends at iteration {end.value:,} of {steps.value:,}, and rises again after it"
        config.warn(end.where, "rises-again", message, "let the decay be as long as the run")
    formula = _formula(style.value, lr.value, low.value, warmup.value, end.value)
    document: dict[str, Any] = {"steps": steps, **absolute(config, formula, lr, style, "GPT-NeoX")}
    return Plan(
        document,
        f"{style.value}, warmup {warmup.value:g} of {steps.value:,} iterations",
        ("betas, weight decay and other hyper-parameters of the optimizer",),
    )


def _formula(style: str, lr: float, low: float, warmup: float, end: int) -> str:
    now = "max(1, t)"
    passed, span = f"({now} - {warmup!r})", end - warmup
    after = {
        "linear": f"max({lr!r} * ({span!r} - {passed}) / {span!r}, {low!r})",
        "cosine": f"max({low!r} + {(lr - low) / 2.0!r} * (cos(pi * {passed} / {span!r}) + 1), {low!r})",
        "exponential": f"max({lr!r} * exp(-0.693 * {passed} / {span!r}), {low!r})",
        "constant": f"{max(lr, low)!r}",
    }[style]
    return f"{lr!r} * {now} / {warmup!r} if t <= {warmup!r} else {after}" if warmup else after


DIALECT: Final = Dialect(
    name="neox",
    title="GPT-NeoX",
    marks="`lr_decay_style` or `train_iters` with `optimizer.params.lr` or `pipe_parallel_size`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.params.lr", "the peak"),
        Key("min_lr", "the floor", "0"),
        Key("lr_decay_style", "linear, cosine, exponential or constant", "linear"),
        Key("lr_decay_iters, lr_decay_fraction", "where the decay ends", "the run"),
        Key("warmup", "the warmup as a part of the decay, not rounded", "0.01"),
        Key("train_iters", "length of the run"),
    ),
    surprises=(
        "The first two steps have the same learning rate.",
        "A cosine rises again after lr_decay_iters.",
        "linear falls towards 0 and is cut at min_lr, while cosine ends at min_lr.",
    ),
    source="gpt-neox: megatron/learning_rates.py, megatron/training.py",
    example='{"train-iters": 1600, "lr-decay-style": "cosine", "warmup": 0.01, "min_lr": 0.00006,\n'
    ' "optimizer": {"type": "Adam", "params": {"lr": 0.0006}}}\n',
    scalars=yaml11,
    text_numbers="PyYAML",
)
