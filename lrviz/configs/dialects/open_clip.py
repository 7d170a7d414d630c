"""open_clip: the `params.txt` that a run writes into its folder of logs."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import trainer
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.outline import Outline
from lrviz.schedule.imported import Value

NAMES: Final = ("cosine", "const", "const-cooldown")
_MARKS: Final = ("accum_freq", "lr_cooldown_power", "wd")


def recognize(outline: Outline) -> str:
    if not outline.has("skip_scheduler", "warmup", "lr"):
        return ""
    mark = outline.any(*_MARKS)
    return f"lines `key: value` with skip_scheduler, warmup and {mark}" if mark else ""


def read(config: Config) -> Plan:
    lr = config.number("lr", 5e-4, above=0)
    per_epoch = _steps_per_epoch(config)
    epochs = config.whole("epochs", 32, low=1)
    steps = config.derived("steps", per_epoch.value * epochs.value, f"{per_epoch.value} x {epochs.value}", epochs)
    document: dict[str, Any] = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": {"type": "AdamW", "lr": lr},
        "scheduler": "none",
    }
    _say_of_layers(config)
    skipped = config.flag("skip_scheduler", False)
    name = config.choice("lr_scheduler", NAMES, "cosine", what="scheduler of open_clip")
    warmup = config.whole("warmup", 10_000, low=0)
    if skipped.value:
        if warmup.value:
            config.warn(warmup.where, "argument-ignored", "warmup has no effect with skip_scheduler: True")
        return Plan(document, f"constant, {steps.value:,} steps")
    trainer.warn_of_long_warmup(config, warmup, steps)
    factor = _factor(config, name, lr, warmup.value, per_epoch.value, steps.value)
    document["scheduler"] = lambda_lr(factor, name, f"{name.value} of open_clip")
    return Plan(document, f"{name.value}, warmup {warmup.value:,} of {steps.value:,} steps")


def _factor(config: Config, name: Value, lr: Value, warmup: int, per_epoch: int, steps: int) -> str:
    """The factor at a step: the rate is set before it, by its own number, so the first one of a warmup is not 0."""
    after = "1.0"
    if name.value == "cosine":
        after = f"0.5 * (1 + cos(pi * (t - {warmup}) / {max(1, steps - warmup)}))"
    elif name.value == "const-cooldown":
        cooldown, power = config.whole("epochs_cooldown", low=0), config.number("lr_cooldown_power", 1.0)
        end = config.number("lr_cooldown_end", 0.0, low=0)
        length = per_epoch * cooldown.value
        begin = steps - length
        decay = f"(1 - (t - {begin}) / {max(1, length)}) ** {power.value!r}"
        fall = f"({decay} * {lr.value - end.value!r} + {end.value!r}) / {lr.value!r}"
        after = f"1.0 if t < {begin} else {fall}"
    return f"(t + 1) / {warmup} if t < {warmup} else {after}" if warmup else after


def _steps_per_epoch(config: Config) -> Value:
    batches, accumulation = _batches(config), config.whole("accum_freq", 1, low=1)
    count = batches.value // accumulation.value
    if not count:
        message = f"accum_freq {accumulation.value} is more than the {batches.value} batches of an epoch"
        config.error(accumulation.where, message)
    how = f"floor({batches.value} / {accumulation.value})"
    return config.derived("steps per epoch", max(1, count), how, accumulation)


def _batches(config: Config) -> Value:
    """The batches of an epoch: of a webdataset as many for each worker, of other data only whole ones."""
    known = config.known("batches_per_epoch")
    if known is not None:
        return known
    batch, workers = config.whole("batch_size", 64, low=1), config.whole("workers", 4, low=0)
    where = batch.where
    samples = config.whole("train_num_samples", low=1) if config.has("train_num_samples") else None
    samples = samples or config.fact("samples", where)
    devices = config.whole("world_size", low=1) if config.has("world_size") else config.fact("devices", where)
    together = f"({batch.value} x {devices.value})"
    if _is_webdataset(config):
        each = max(1, workers.value)
        count = ceil(ceil(samples.value / (batch.value * devices.value)) / each) * each
        how = f"ceil({samples.value} / {together}) up to a multiple of {each} workers"
    else:
        count = -(-samples.value // devices.value) // batch.value
        how = f"floor(ceil({samples.value} / {devices.value}) / {batch.value})"
    if not count:
        config.error(where, f"no batch is full: {samples.value} samples make less than a batch of {together}")
    return config.derived("batches per epoch", max(1, count), how, batch)


def _is_webdataset(config: Config) -> bool:
    kinds = ("webdataset", "csv", "synthetic", "auto")
    kind = config.choice("dataset_type", kinds, "auto").value
    data = config.text("train_data", "").value
    return bool(kind == "webdataset" or (kind == "auto" and not data.endswith((".csv", ".tsv"))))


def _say_of_layers(config: Config) -> None:
    """Param groups of layers, whose number only the model knows."""
    for item in config.root.items():
        key = str(item.key.value)
        if key.endswith("_layer_decay") and item.value.value not in (None, 1, 1.0):
            config.warn(
                item.value.where,
                "left-out",
                f"{key} gives each layer a part of the learning rate; the curve is that of the last layer",
            )


DIALECT: Final = Dialect(
    name="open_clip",
    title="open_clip",
    marks="lines `key: value` with `skip_scheduler`, `warmup`, and `accum_freq`, `lr_cooldown_power` or `wd`",
    recognize=recognize,
    read=read,
    keys=(
        Key("lr", "the peak", "5e-4"),
        Key("lr_scheduler", "cosine, const or const-cooldown", "cosine"),
        Key("warmup", "steps of the warmup", "10000"),
        Key("epochs", "length of the run", "32"),
        Key("epochs_cooldown", "epochs of the decay of const-cooldown"),
        Key("lr_cooldown_power, lr_cooldown_end", "shape and end of that decay", "1.0, 0.0"),
        Key("skip_scheduler", "train with lr throughout", "False"),
        Key("train_num_samples", "samples of the training set"),
        Key("batch_size, world_size, accum_freq", "batch of one device, devices, batches per optimizer step"),
        Key("workers", "to a multiple of which the batches of a webdataset are rounded up", "4"),
    ),
    facts=("samples", "devices", "batches_per_epoch"),
    surprises=(
        "The first step of a warmup trains with lr / warmup, not with 0.",
        "The batches of a webdataset are rounded up to a multiple of the workers.",
        "An incomplete accumulation at the end of an epoch makes no step.",
    ),
    source="open_clip: src/open_clip_train/scheduler.py, src/open_clip_train/main.py, src/open_clip_train/data.py",
    example="""\
accum_freq: 1
batch_size: 256
dataset_type: webdataset
epochs: 2
lr: 0.001
lr_cooldown_power: 1.0
lr_scheduler: cosine
skip_scheduler: False
train_num_samples: 400000
warmup: 50
workers: 6
world_size: 8
""",
    epochs=("epochs", ()),
)  # fmt: skip
