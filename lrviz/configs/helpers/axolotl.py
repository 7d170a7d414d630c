"""The schedulers that axolotl adds to those of transformers (`utils/schedulers.py`), in its own order of operations."""

from __future__ import annotations

import re

from lrviz.configs.config import Config
from lrviz.configs.helpers import transformers
from lrviz.schedule.imported import Value


def floored_cosine(warmup: int, steps: int, floor: float) -> str:
    """`cosine_min_lr_ratio`."""
    return transformers.warmed(
        warmup, f"{1 - floor!r} * (0.5 * (1.0 + cos(pi * ({_progress('t', warmup, steps)})))) + {floor!r}"
    )


def cosine_then_constant(warmup: int, steps: int, floor: float, share: float) -> str:
    """`cosine_min_lr_ratio` with `cosine_constant_lr_ratio`: the cosine ends after this share of the run."""
    end = int(steps * share)
    wave = f"0.5 * (1.0 + cos(pi * 0.5 * 2.0 * ({_progress(f'min(t, {end})', warmup, end)})))"
    return transformers.warmed(warmup, f"max(0, {1 - floor!r} * {wave}) + {floor!r}")


def quadratic_warmup(warmup: int, steps: int) -> str:
    """`lr_quadratic_warmup`."""
    fall = f"max(0.0, 0.5 * (1.0 + cos(pi * 0.5 * 2.0 * ({_progress('t', warmup, steps)}))))"
    return f"(t / {warmup}) ** 2 if t < {warmup} else {fall}" if warmup else fall


def reflected_exponential(warmup: int, steps: int, floor: float) -> str:
    """`rex`, which runs one step ahead: its constructor makes the first step. `floor` is a share of the peak."""
    rest, passed = steps - warmup, f"(t + 1 - {warmup})"
    z = f"(({rest} - {passed} % {rest}) / {rest})"
    fall = f"{floor!r} + {1.0 - floor!r} * ({z} / (0.1 + 0.9 * {z}))"
    after = f"{floor!r} if {passed} >= {rest} else {fall}" if rest > 0 else f"{floor!r}"
    return f"(t + 1) / {warmup} if t + 1 <= {warmup} else {after}" if warmup else after


def restarted(factor: str, every: int, warmup: int, anneal: int, low: float, *, ahead: int) -> str:
    """Any factor under jagged restarts, whose constructor makes a step too: all of it runs one step ahead. `ahead` are
    the steps that the scheduler below is ahead by itself."""
    below = re.sub(r"\bt\b", "(t + 1)", factor)
    at = f"(t + {1 + ahead})"
    phase = f"({at} % {every})"
    rise = f"min(1.0, {phase} / {warmup})"
    fall = f"min(1.0, ({every} - {phase}) / {anneal})"
    cycle = f"({rise} if {phase} < {warmup} else {fall} if {phase} > {every - anneal} else 1)"
    return f"({below}) * (1 if {at} < {every - anneal} else {cycle} * {1 - low!r} + {low!r})"


def generation_batches(config: Config, batch: Value, accumulation: Value) -> Value:
    """Micro batches of an epoch of GRPO on one device: each prompt is repeated, and drawn in whole generations."""
    trl = config.section("trl")
    devices, samples = config.fact("devices", batch.where), config.fact("samples", batch.where, "prompts")
    together = batch.value * devices.value
    repeats = trl.whole("num_generations", 8, low=2)
    whole = trl.whole("generation_batch_size", together * accumulation.value, low=1)
    if whole.value % repeats.value or whole.value % together:
        config.error(
            whole.where if whole.origin == "config" else batch.where,
            f"a generation of {whole.value} samples is no multiple of num_generations ({repeats.value}) and of the "
            f"batch of all devices ({together})",
            "change micro_batch_size or gradient_accumulation_steps",
        )
    prompts = max(1, whole.value // repeats.value)
    turns = max(1, whole.value // together) * trl.whole("num_iterations", 1, low=1).value
    how = f"floor({samples.value} / {prompts}) x {turns}"
    return config.derived("batches per epoch", samples.value // prompts * turns, how, batch)


def _progress(at: str, warmup: int, steps: int) -> str:
    return f"({at} - {warmup}) / {max(1, steps - warmup)}"
