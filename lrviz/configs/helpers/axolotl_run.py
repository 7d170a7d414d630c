"""How long a run of axolotl and its warmup are: the steps are rounded once, and there is always a warmup."""

from __future__ import annotations

from math import ceil
from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.helpers import axolotl, trainer
from lrviz.schedule.imported import Value

BY_PROMPT: Final = ("grpo", "ebft")
"""Values of `rl` for which axolotl leaves the length of the run to the Trainer."""


# --- length ----------------------------------------------------------------------------------------------------------


def steps(config: Config) -> tuple[Value, Value | None]:
    """The steps of the run, and those that its warmup is a share of; None where the Trainer computes both."""
    limit = config.whole("max_steps", low=0) if config.has("max_steps") else Value(0, "max_steps", config.where())
    kind = config.text("rl").value if config.has("rl") else ""
    if kind in BY_PROMPT:
        return limit if limit.value else _by_prompt(config), None
    if limit.value and not kind:  # the warmup follows the shorter of the two, which is nearly always max_steps
        data = _by_samples(config) if config.known("samples") is not None and not _packed(config) else limit
        return limit, data if data.value < limit.value else limit
    for key in ("pretraining_dataset", "streaming"):
        found = config.node(key)
        if found is not None and found.value is not False and not limit.value:
            config.error(config.where(key), f"{key}: data without a length needs max_steps", "write max_steps")
    if limit.value and _warmup_is_given(config):
        return limit, limit
    computed = _of_packing(config) if _packed(config) and not kind else _by_samples(config)
    return limit if limit.value else computed, computed


def _warmup_is_given(config: Config) -> bool:
    return config.has("warmup_steps")


def _packed(config: Config) -> bool:
    return bool(config.flag("sample_packing", False).value)


def _of_packing(config: Config) -> Value:
    return config.fact(
        "steps",
        config.where("sample_packing"),
        "optimizer steps of the whole run, which follow from how the samples are packed; the log says `Maximum number "
        "of steps set at`",
    )


def _batch(config: Config) -> Value:
    """The samples of a step on one device."""
    micro = config.whole("micro_batch_size", 1, low=1)
    if config.has("batch_size"):
        total = config.whole("batch_size", low=1)
        if config.has("gradient_accumulation_steps"):
            message = "batch_size and gradient_accumulation_steps say the same in two ways, which axolotl refuses"
            config.error(total.where, message, "leave batch_size out")
        elif not config.has("micro_batch_size"):
            config.error(total.where, "batch_size needs micro_batch_size beside it", "write micro_batch_size")
        return total
    accumulation = config.whole("gradient_accumulation_steps", 1, low=1)
    of = micro if micro.origin == "config" else accumulation
    return config.derived("samples a step", micro.value * accumulation.value,
                          f"{micro.value} x {accumulation.value}", of)  # fmt: skip


def _by_samples(config: Config) -> Value:
    """axolotl rounds once for the whole run, not every epoch."""
    batch, epochs = _batch(config), config.number("num_epochs", 1.0, above=0)
    samples, devices = config.fact("samples", batch.where), config.fact("devices", batch.where)
    together = batch.value * devices.value
    shown = f"ceil({samples.value} x {epochs.value:g} / ({batch.value} x {devices.value}))"
    return config.derived("steps", ceil(samples.value * epochs.value / together), shown, epochs)


def _by_prompt(config: Config) -> Value:
    """The length of GRPO, which the Trainer computes."""
    keys = trainer.Trainer(
        epochs="num_epochs", default_epochs=1.0, batch="micro_batch_size", default_batch=1,
        batches=axolotl.generation_batches,
    )  # fmt: skip
    return trainer.length(config, keys)[0]


# --- warmup ----------------------------------------------------------------------------------------------------------


def warmup(config: Config, steps: Value, computed: Value | None) -> Value:
    """The steps of the warmup. A share is rounded down; without either key there is one nevertheless."""
    given, share = config.whole("warmup_steps", 0, low=0), config.number("warmup_ratio", 0.0, low=0, high=1)
    if given.value and share.value:
        config.error(
            share.where, "warmup_steps and warmup_ratio are both there, which axolotl refuses", "keep one of them"
        )
    if config.has("warmup_steps"):
        found = given
    elif computed is None:
        part = share if config.has("warmup_ratio") else config.derived("warmup_ratio", 0.03, "axolotl's default, 0.03")
        how = f"{part.how or part.key}: ceil({steps.value} x {part.value:g})"
        found = config.derived("warmup steps", ceil(steps.value * part.value), how, part)
    elif config.has("warmup_ratio"):
        how = f"warmup_ratio: floor({share.value:g} x {computed.value})"
        found = config.derived("warmup steps", int(share.value * computed.value), how, share)
    else:
        how = f"axolotl's default: min(floor(0.03 x {computed.value}), 100)"
        found = config.derived("warmup steps", min(int(0.03 * computed.value), 100), how, steps)
    if found.value == 1:
        found = config.derived("warmup steps", 2, f"{found.how or found.key}: axolotl makes 2 of 1", found)
    if not config.has("warmup_steps") and not config.has("warmup_ratio") and found.value:
        config.note(
            config.where("lr_scheduler", "learning_rate"),
            "default-warmup",
            f"the file gives no warmup, and axolotl makes one of {found.value} steps",
            "write warmup_steps: 0 for none, or say how long it is",
        )
    return found
