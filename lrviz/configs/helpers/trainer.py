"""A run of the Trainer of transformers, and of what is built on it: its length, its warmup and its scheduler.

The Trainer's own rules changed between releases; each difference is asked for where a file meets it. What programs call
their arguments, and their defaults, is in a `Trainer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Plan
from lrviz.configs.helpers import deepspeed, launch, plateau, transformers
from lrviz.configs.text.scalars import CORE
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.imported import Value
from lrviz.schedule.reading.override import placed
from lrviz.schedule.text.document import Node, parse
from lrviz.words import show


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """What a program calls the Trainer's arguments, and the defaults that it changes.

    `batches` computes the batches of an epoch of one device where the sampler is the program's own; it gets the batch
    of one device and the accumulation. `samples` is the meaning of that fact, where it is narrower. `stable_decay`
    fills in the arguments of warmup_stable_decay that are missing.
    `devices` and `per_epoch`, the steps of an epoch, are what a config itself says of them; the latter counts where the
    samples are not given. If not `removed`, the program kept `warmup_ratio` when transformers took it out.
    """

    scheduler: str = "lr_scheduler_type"
    default_scheduler: str = "linear"
    kwargs: str = "lr_scheduler_kwargs"
    warmup_steps: str = "warmup_steps"
    warmup_ratio: str = "warmup_ratio"
    default_ratio: float = 0.0
    removed: bool = True
    limit: str = "max_steps"
    epochs: str = "num_train_epochs"
    default_epochs: float = 3.0
    batch: str = "per_device_train_batch_size"
    default_batch: int = 8
    accumulation: str = "gradient_accumulation_steps"
    default_accumulation: int = 1
    samples: str = ""
    devices: Value | None = None
    per_epoch: Value | None = None
    batches: Callable[[Config, Value, Value], Value] | None = None
    stable_decay: Callable[[Config, Value, Value], Mapping[str, Value]] | None = None


HF: Final = Trainer()


def plan(config: Config, lr: Value, trainer: Trainer = HF, groups: Sequence[Mapping[str, Any]] | None = None) -> Plan:
    """The schedule of a run; `groups` are its param groups where their learning rates differ."""
    name = transformers.scheduler_name(config, trainer.scheduler, trainer.default_scheduler)
    steps, per_epoch = length(config, trainer, needs_epoch=plateau.follows_epochs(config, name))
    warmup = warmup_steps(config, steps, trainer)
    overridden = _deepspeed(config, trainer, lr, steps, warmup, name)
    if overridden is not None:
        return replace(overridden, document={"steps": steps, "steps_per_epoch": per_epoch, **overridden.document})
    kwargs = scheduler_kwargs(config, trainer.kwargs, name.where)
    if trainer.stable_decay is not None and name.value == "warmup_stable_decay":
        kwargs.defaults = trainer.stable_decay(config, steps, warmup)
    optimizer: dict[str, Any] = {"type": "AdamW", "lr": lr}
    if groups is not None:
        optimizer["groups"] = groups
    document: dict[str, Any] = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": optimizer,
        "scheduler": "none",
    }
    if name.value == "reduce_lr_on_plateau":
        if warmup.value:
            transformers.ignored_warmup(config, warmup, name)
        document |= plateau.document(config, name, steps, kwargs)
        return Plan(document, f"{name.value}, {steps.value:,} steps", _lost(config))
    document["scheduler"] = transformers.get_scheduler(config, name, lr, warmup, steps, kwargs) or "none"
    if name.value != "constant":
        warn_of_long_warmup(config, warmup, steps)
    return Plan(document, summary(name, warmup, steps), _lost(config))


def _deepspeed(config: Config, trainer: Trainer, lr: Value, steps: Value, warmup: Value, name: Value) -> Plan | None:
    """The schedule of the DeepSpeed file that a config names, if that one has a scheduler: it is used instead."""
    found = config.node("deepspeed")
    if found is None or found.value in ("", False):
        return None
    beside = config.section("deepspeed") if found.is_mapping else config.beside("deepspeed")
    if beside is None:
        return None
    batch = per_device_batch(config, trainer)
    accumulation = config.whole(trainer.accumulation, trainer.default_accumulation, low=1)
    deepspeed.hold_against(beside, {
        "train_micro_batch_size_per_gpu": batch,
        "gradient_accumulation_steps": accumulation,
        "optimizer.params.lr": lr,
    })  # fmt: skip
    scheduled = deepspeed.read_scheduler(beside, deepspeed.Filled(lr, steps, warmup))
    if scheduled is None:
        return None
    if config.has(trainer.scheduler):
        message = f"{name.key} {name.value} is not used: the scheduler of the DeepSpeed file takes its place"
        config.warn(name.where, "overridden", message, "leave it out, or the scheduler in that file")
    words = f"{scheduled.summary}, in a run of {steps.value:,} steps"
    return Plan({"optimizer": scheduled.optimizer, "scheduler": scheduled.scheduler}, words, scheduled.lost)


def summary(name: Value, warmup: Value, steps: Value) -> str:
    """One line about a schedule of the Trainer: its name, and its warmup in steps of the whole."""
    return f"{name.value}, warmup {warmup.value:,} of {steps.value:,} steps"


def warn_of_long_warmup(config: Config, warmup: Value, steps: Value) -> None:
    """Warns of a warmup that the run does not outlast."""
    if warmup.value >= steps.value > 0 and not config.session.questions:
        compared = "as long as" if warmup.value == steps.value else "longer than"
        config.warn(
            warmup.where,
            "warmup-too-long",
            f"the warmup of {warmup.value:,} steps is {compared} the run of {steps.value:,} steps: "
            "its peak is never reached",
            f"a warmup is a small part of the run, such as {max(1, steps.value // 20):,} steps",
        )


def _lost(config: Config) -> tuple[str, ...]:
    names = ("optim", "weight_decay", "adam_beta1", "adam_beta2", "adam_epsilon", "max_grad_norm")
    return tuple(name for name in names if config.has(name))


def scheduler_kwargs(config: Config, key: str, where: Position) -> Config:
    """The arguments of the scheduler: a mapping, or its text in JSON. `where` is their place if there are none."""
    found = config.node(key)
    path = f"{config.path}.{key}".removeprefix(".")
    node = mapping_of(config, found, path) if found is not None else None
    return Config(node if node is not None else Node({}, where), config.session, path)


def mapping_of(config: Config, found: Node, path: str) -> Node | None:
    """A mapping that may be written as text in JSON; None, with an error, for anything else."""
    node = found
    if isinstance(found.value, str):
        try:
            node = placed(parse(found.value, found.where.file, scalars=CORE), found.where)
        except ScheduleError:
            node = found
    if node.value in (None, ""):
        return None
    if not node.is_mapping:
        config.error(found.where, f"{path} must be a mapping (got {show(found.plain())})")
        return None
    return node


# --- the length of a run -------------------------------------------------------------------------------------------


def length(config: Config, trainer: Trainer = HF, *, needs_epoch: bool = False) -> tuple[Value, Value | None]:
    """The optimizer steps of a run, and those of an epoch where they are known, or needed."""
    limit = config.whole(trainer.limit, -1)
    if limit.value == 0:
        config.error(limit.where, f"{limit.key} 0 is neither a length nor `not set`: the Trainer makes one step of it",
                     "write -1, or leave it out, for a run in epochs")  # fmt: skip
    if limit.value > 0 and not needs_epoch:
        return limit, None
    _refuse_streaming(config, limit)
    per_epoch = steps_per_epoch(config, trainer)
    if limit.value > 0:
        return limit, per_epoch
    epochs = config.number(trainer.epochs, trainer.default_epochs, above=0)
    total = ceil(epochs.value * per_epoch.value)
    return config.derived("steps", total, f"ceil({epochs.value:g} x {per_epoch.value})", epochs), per_epoch


def _refuse_streaming(config: Config, limit: Value) -> None:
    for key in ("streaming", "dataset_streaming"):
        if config.has(key) and config.flag(key).value and limit.value <= 0:
            config.error(config.where(key), f"{key}: data without a length needs max_steps", "write max_steps")


def steps_per_epoch(config: Config, trainer: Trainer) -> Value:
    """Optimizer steps in an epoch, from the batches that one device draws."""
    if trainer.per_epoch is not None and config.known("samples") is None:
        return trainer.per_epoch
    accumulation = config.whole(trainer.accumulation, trainer.default_accumulation, low=1)
    batches = config.known("batches_per_epoch")
    if batches is None:
        batch = per_device_batch(config, trainer)
        if trainer.batches is not None:
            batches = trainer.batches(config, batch, accumulation)
        else:
            batches = batches_per_epoch(config, batch, trainer)
    if batches.value % accumulation.value == 0:  # all releases agree
        updates, kind = batches.value // accumulation.value, ""
    elif config.since("transformers", "4.52"):
        updates, kind = -(-batches.value // accumulation.value), "ceil"
    else:
        updates, kind = batches.value // accumulation.value, "floor"
    updates = max(1, updates)
    return config.derived("steps per epoch", updates, f"{kind}({batches.value} / {accumulation.value})", accumulation)


def per_device_batch(config: Config, trainer: Trainer) -> Value:
    """The batch size of one device, under its present name or an old one that the release still takes."""
    old = config.node("per_gpu_train_batch_size")
    if old is not None and trainer.batch == HF.batch:
        if config.since("transformers", "5"):
            config.refuse(old.where, "per_gpu_train_batch_size is gone", "write per_device_train_batch_size")
        return config.whole("per_gpu_train_batch_size", low=1)
    return config.whole(trainer.batch, trainer.default_batch, low=1)


def batches_per_epoch(config: Config, per_device: Value, trainer: Trainer = HF) -> Value:
    """Batches that one device draws in an epoch; asks for the samples, and for the devices if the config is silent."""
    where = per_device.where if per_device.origin == "config" else config.where("num_train_epochs")
    drop_last = config.flag("dataloader_drop_last", False)
    samples = config.fact("samples", where, trainer.samples)
    devices = trainer.devices or launch.devices(config, where)
    split = _split_batches(config)
    together = per_device.value * (1 if split else devices.value)
    count = samples.value // together if drop_last.value else -(-samples.value // together)
    kind = "floor" if drop_last.value else "ceil"
    shared = f"{per_device.value}" if split else f"({per_device.value} x {devices.value})"
    if not count:
        config.error(drop_last.where, f"no batch is full: {samples.value} samples make less than a batch of {together}")
    return config.derived("batches per epoch", max(1, count), f"{kind}({samples.value} / {shared})", per_device)


def _split_batches(config: Config) -> bool:
    """True if accelerate is told that the batch is that of all devices together."""
    found = config.node("accelerator_config")
    if found is None:
        return False
    inside: Config | None
    if isinstance(found.value, str) and not found.value.lstrip().startswith("{"):
        inside = config.beside("accelerator_config")
    else:
        node = mapping_of(config, found, "accelerator_config")
        inside = Config(node, config.session, "accelerator_config") if node is not None else None
    return inside is not None and bool(inside.flag("split_batches", False).value)


# --- the warmup ----------------------------------------------------------------------------------------------------


def warmup_steps(config: Config, steps: Value, trainer: Trainer = HF) -> Value:
    """The warmup, whose rules changed twice."""
    by_ratio = config.node(trainer.warmup_ratio)
    share = config.number(trainer.warmup_ratio, trainer.default_ratio, low=0, high=1)
    if not trainer.removed:
        return _share_of(config, share, steps)
    if by_ratio is not None and config.since("transformers", "5.15"):
        config.refuse(by_ratio.where, f"{share.key} is gone", f"write {trainer.warmup_steps}: {share.value:g}")
    if by_ratio is not None and config.has(trainer.warmup_steps) and share.value:
        _say_which_wins(config, by_ratio, trainer)
    written = config.number(trainer.warmup_steps, 0.0, low=0)
    if not config.since("transformers", "5"):
        if written.value != int(written.value):
            message = f"{written.key} must be a whole number before transformers 5.0 (got {written.value:g})"
            config.refuse(written.where, message, f"write {trainer.warmup_ratio}: {written.value:g}")
        if written.value > 0:
            return _count(config, written)
        return _share_of(config, share, steps)
    chosen = share if by_ratio is not None else written
    return _count(config, chosen) if chosen.value >= 1 else _share_of(config, chosen, steps)


def _say_which_wins(config: Config, by_ratio: Node, trainer: Trainer) -> None:
    if config.number(trainer.warmup_steps, 0.0).value > 0:
        config.warn(
            by_ratio.where,
            "two-warmups",
            f"{trainer.warmup_steps} and {trainer.warmup_ratio} both say how long the warmup is: the steps win before "
            "transformers 5.0, the ratio from 5.0 to 5.14",
            "keep one of them",
        )


def _count(config: Config, steps: Value) -> Value:
    if steps.value == int(steps.value) and steps.key == "warmup_steps":
        return Value(int(steps.value), steps.key, steps.where, steps.origin)
    return config.derived("warmup steps", int(steps.value), f"{steps.key} {steps.value:g}", steps)


def _share_of(config: Config, share: Value, steps: Value) -> Value:
    count = ceil(steps.value * share.value)  # in doubles, as transformers does it
    return config.derived("warmup steps", count, f"{share.key}: ceil({steps.value} x {share.value:g})", share)
