"""timm's `train.py`: the `args.yaml` that a run writes, and files for `--config`, of which it takes its defaults.

A run counts in epochs, or with `sched_on_updates` in optimizer steps.
"""

from __future__ import annotations

from math import floor
from typing import Any, Final

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import keys, timm
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.helpers.launch import devices
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value

_OWN: Final = (
    "warmup_lr",
    "decay_epochs",
    "cooldown_epochs",
    "sched_on_updates",
    "warmup_prefix",
    "decay_milestones",
    "patience_epochs",
    "lr_cycle_limit",
    "lr_cycle_decay",
    "lr_cycle_mul",
    "lr_k_decay",
    "lr_base_size",
)
"""Keys of which a file has one beside `sched`."""

_KIN: Final = {
    "blr": "MAE scales `blr` by the batch size and has a half cosine of its own",
    "unscale_lr": "DeiT scales `lr` by the batch size of all devices / 512",
    "ThreeAugment": "DeiT scales `lr` by the batch size of all devices / 512",
    "update_freq": "ConvNeXt and BEiT have a cosine of their own",
}
"""Keys of programs that took timm's names for schedules that differ."""


def recognize(outline: Outline) -> str:
    if not isinstance(outline.at("sched"), str):
        return ""
    own = outline.any(*_OWN)
    if own:
        return f"`sched` with `{own}`"
    return "`sched` with `model` and `opt`" if outline.has("model", "opt") else ""


def read(config: Config) -> Plan:
    for key, why in _KIN.items():
        if config.has(key):
            config.error(config.where(key), f"{key} is no key of timm: {why}", "lrviz reads only timm's own train.py")
    if not config.root.where.file.endswith(".sh"):
        keys.nearly(config, timm.KEYS, "timm", foreign=timm.MISTAKEN, stops=False)
    name = timm.scheduler_name(config)
    _check_release(config, name)
    lr = _rate(config)
    epochs = config.whole("epochs", timm.default(config, "epochs"), low=1)
    clock = _clock(config, name, epochs)
    if name.value == "plateau":
        document = _plateau(config, name, lr, clock)
    elif name.value == "none":
        document = {"optimizer": _optimizer(config, lr), "scheduler": "none"}
    else:
        formula = timm.warmed(config, lr.value, clock, timm.FORMULAS[name.value](config, lr.value, clock))
        how = f"{name.value} of timm, which sets the learning rate itself"
        document = {
            "optimizer": _optimizer(config, config.derived("optimizer.lr", 1.0, how, lr)),
            "scheduler": lambda_lr(formula, name, how),
        }
    total = _epochs(config, name, epochs, clock)
    document |= {"epochs": total, "steps_per_epoch": _steps_per_epoch(config)}
    if clock.per_epoch > 1 or _on_updates(config):
        document["interval"] = "step"
    warmup = f", warmup {clock.warmup // clock.per_epoch}" if name.value != "none" else ""
    return Plan(document, f"{name.value}, lr {lr.value:g}{warmup} of {total.value} epochs", _lost(config))


# --- the run -------------------------------------------------------------------------------------------------------


def _check_release(config: Config, name: Value) -> None:
    """Refuses a scheduler that the release does not have. (It would train without one before 0.9.)"""
    since = {"poly": "0.5", "multistep": "0.5", "wsd": "1.0.31", "rsqrt": "1.0.31", "constant": "1.0.31"}
    if name.value in since and not config.since("timm", since[name.value]):
        config.refuse(name.where, f"timm before {since[name.value]} has no scheduler {name.value!r}")


def _rate(config: Config) -> Value:
    """`lr`, or where that is null `lr_base` scaled by the batch size of all devices."""
    lr = config.number("lr", timm.default(config, "lr"), low=0)
    if lr.value:
        return lr
    base = config.number("lr_base", 0.1, low=0)
    size = config.whole("lr_base_size", 256, low=1)
    batch = config.whole("batch_size", config.whole("b", 128, low=1), low=1)
    world = config.whole("world_size", low=1) if config.has("world_size") else devices(config, base.where)
    accumulation = config.whole("grad_accum_steps", 1, low=1)
    optimizer = config.text("opt", "sgd").value.lower()
    scale = config.text("lr_base_scale", "").value
    adaptive = "ada" in optimizer or "lamb" in optimizer
    ratio = batch.value * world.value * accumulation.value / size.value
    how = f"{base.value:g} x {batch.value} x {world.value} x {accumulation.value} / {size.value}"
    if scale == "sqrt" or (not scale and adaptive):
        ratio **= 0.5
        how = f"{base.value:g} x sqrt({how.partition(' x ')[2]})"
    return config.derived("lr", base.value * ratio, how, base)


def _on_updates(config: Config) -> bool:
    return bool(config.flag("sched_on_updates", False).value) and timm.since_0_9(config)


def _steps_per_epoch(config: Config) -> Value | None:
    batches = config.known("batches_per_epoch")
    if batches is None and _on_updates(config):
        batches = config.fact("batches_per_epoch", config.where("sched_on_updates"))
    if batches is None:
        return None
    accumulation = config.whole("grad_accum_steps", 1, low=1).value
    how = f"ceil({batches.value} / {accumulation})"
    return config.derived("steps per epoch", -(-batches.value // accumulation), how, batches)


def _clock(config: Config, name: Value, epochs: Value) -> timm.Clock:
    per_epoch = 1
    if _on_updates(config):
        if name.value == "plateau":
            config.error(config.where("sched_on_updates"), "plateau counts epochs, so timm refuses sched_on_updates",
                         "write sched_on_updates: false")  # fmt: skip
        updates = _steps_per_epoch(config)
        per_epoch = updates.value if updates is not None else 1
    warmup = 0
    if name.value != "none":
        warmup = config.whole("warmup_epochs", timm.default(config, "warmup_epochs"), low=0).value
    prefix = config.flag("warmup_prefix", False).value and timm.since_0_9(config)
    return timm.Clock(name.value, per_epoch, epochs.value * per_epoch, warmup * per_epoch, prefix)


def _epochs(config: Config, name: Value, epochs: Value, clock: timm.Clock) -> Value:
    """How long the run is: cycles and cooldown of what has cycles; a warmup in front adds to it."""
    warmup = clock.warmup // clock.per_epoch
    if name.value in (*timm.CYCLES, "wsd", "rsqrt"):
        cooldown = config.whole("cooldown_epochs", timm.default(config, "cooldown_epochs"), low=0)
        if name.value in timm.CYCLES:
            _, _, limit, multiple = timm.cycles(config, name.value)
            count = max(1, limit)
            ticks = clock.length * count
            if multiple != 1:
                ticks = floor(-clock.length * (multiple**count - 1) / (1 - multiple))
            ticks += clock.warmup if clock.prefix else 0
            how = f"{count} x {epochs.value}" if count > 1 else f"{epochs.value}"
        else:
            ticks = clock.length + (clock.warmup if clock.prefix else 0)
            how = f"{epochs.value}"
        total = (ticks + cooldown.value * clock.per_epoch) // clock.per_epoch
        how += f" + {warmup} warmup" if clock.prefix and warmup else ""
        how += f" + {cooldown.value} cooldown" if cooldown.value else ""
    else:
        total = epochs.value + (warmup if clock.prefix else 0)
        how = f"{epochs.value} + {warmup} warmup" if clock.prefix and warmup else f"{epochs.value}"
    return epochs if total == epochs.value else config.derived("epochs", total, how, epochs)


_TORCHS: Final = {
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "rmsprop": "RMSprop",
    "radam": "RAdam",
    "nadam": "NAdam",
}
"""Optimizers of timm that are torch's."""


def _optimizer(config: Config, lr: Value) -> dict[str, Any]:
    return {"type": _TORCHS.get(config.text("opt", "sgd").value.lower(), "SGD"), "lr": lr}


def _lost(config: Config) -> tuple[str, ...]:
    lost = ["weight decay, momentum and other hyper-parameters of the optimizer"]
    name = config.text("opt", "sgd").value
    if name.lower() not in _TORCHS:
        lost.append(f"the optimizer {name}, for which torch's SGD stands here")
    if config.has("layer_decay") and config.number("layer_decay").value != 1.0:
        where = config.where("layer_decay")
        message = "layer_decay gives earlier layers a part of this learning rate, which depends on the model"
        config.note(where, "left-out", message)
        lost.append("layer_decay: the lower learning rates of earlier layers")
    if config.has("lr_noise"):
        where = config.where("lr_noise")
        config.warn(where, "left-out", "lr_noise moves the learning rates at random, which the curve leaves out")
        lost.append("lr_noise: random changes of the learning rate")
    if config.has("start_epoch") and config.whole("start_epoch").value:
        message = "the run began at a later epoch; the curve is that of the whole schedule"
        config.note(config.where("start_epoch"), "left-out", message)
        lost.append("start_epoch")
    return tuple(lost)


def _plateau(config: Config, name: Value, lr: Value, clock: timm.Clock) -> dict[str, Any]:
    """torch's ReduceLROnPlateau, which is not called before the warmup is over."""
    metric = config.text("eval_metric", "top1").value
    scheduler: dict[str, Any] = {
        "type": "ReduceLROnPlateau",
        "mode": "min" if "loss" in metric else "max",
        "factor": config.number("decay_rate", 0.1),
        "patience": config.whole("patience_epochs", 10, low=0),
        "min_lr": config.number("min_lr", timm.default(config, "min_lr"), low=0),
    }
    document: dict[str, Any] = {
        "optimizer": _optimizer(config, lr),
        "scheduler": scheduler,
        "metric": config.metric(name.where),
    }
    if clock.warmup:
        first = config.number("warmup_lr", timm.default(config, "warmup_lr"), low=0).value
        rise = f"{first!r} + t * {(lr.value - first) / clock.warmup!r}"
        document["optimizer"] = _optimizer(config, config.derived("optimizer.lr", 1.0, "the warmup sets the rate", lr))
        document["scheduler"] = [
            {"type": "LambdaLR", "lr_lambda": rise, "for": f"{clock.warmup} epochs", "name": "warmup"},
            scheduler,
        ]
    return document


DIALECT: Final = Dialect(
    name="timm",
    title="timm train.py",
    marks="`sched` with `warmup_lr`, `decay_epochs` or another key of timm, or `model` and `opt`",
    recognize=recognize,
    read=read,
    keys=(
        Key("sched", "the scheduler", "cosine"),
        Key("lr", "the learning rate that the schedule starts from; null scales lr_base", "null"),
        Key("lr_base", "x batch_size x devices x grad_accum_steps / lr_base_size, where lr is null", "0.1"),
        Key("lr_base_scale", "`sqrt` for the square root of that ratio; empty: sqrt for ada* and lamb", "empty"),
        Key("epochs", "length of a cycle", "300"),
        Key("warmup_epochs", "length of the warmup", "5"),
        Key("warmup_lr", "learning rate that the warmup begins at", "1e-5"),
        Key("warmup_prefix", "put the warmup in front of the schedule, instead of over its beginning", "false"),
        Key("min_lr", "the floor", "0"),
        Key("cooldown_epochs", "epochs at the floor after the last cycle", "0"),
        Key("decay_epochs", "step: epochs between drops; wsd: length of the decay, below 1 a share", "90"),
        Key("decay_milestones", "multistep: epochs of the drops", "90 180 270"),
        Key("decay_rate", "factor of a drop; the power of poly", "0.1"),
        Key("patience_epochs", "plateau: epochs without improvement", "10"),
        Key("lr_cycle_limit", "cycles of cosine, tanh and poly", "1"),
        Key("lr_cycle_mul", "each cycle is longer by this factor", "1"),
        Key("lr_cycle_decay", "each cycle's peak is lower by this factor", "0.5"),
        Key("lr_k_decay", "exponent of the progress in cosine and poly", "1"),
        Key("sched_on_updates", "count in optimizer steps, not in epochs", "false"),
        Key("grad_accum_steps", "batches per optimizer step", "1"),
    ),
    facts=("devices", "batches_per_epoch", "metric"),
    packages=("timm",),
    differences=(
        "0.9 changed train.py's defaults (lr null, warmup_epochs 5, warmup_lr 1e-5, min_lr 0, cooldown_epochs 0), "
        "which count where a file is silent; so did 0.5 (sched cosine, lr 0.05, epochs 300).",
        "warmup_prefix, sched_on_updates, grad_accum_steps and lr_base exist since 0.9 (a file that has one is read as "
        "0.9 or later), wsd, rsqrt and constant since 1.0.31.",
        "Before 0.5, cycles of cosine shrink by decay_rate, and so does their floor.",
    ),
    surprises=(
        "Without warmup_prefix the warmup covers the beginning of the schedule, so the peak is below lr.",
        "cooldown_epochs are added to epochs.",
        "multistep drops one epoch before each milestone.",
        "Keys that train.py does not know are taken without a word.",
    ),
    source="pytorch-image-models: train.py, timm/scheduler",
    example="model: resnet50\nopt: sgd\nsched: cosine\nlr: 0.4\nepochs: 100\nwarmup_epochs: 5\nwarmup_lr: 1.0e-4\n"
    "min_lr: 0.0\ncooldown_epochs: 0\n",
    scalars=yaml11,
    epochs=("epochs", ()),
    override=overrides.flags,
)
