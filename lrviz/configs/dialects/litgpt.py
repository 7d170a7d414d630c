"""litgpt: `train` with batch sizes and a warmup, for `litgpt pretrain` and `litgpt finetune`."""

from __future__ import annotations

from math import ceil
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import torch_classes
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.helpers.torch_classes import Named
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node


def recognize(outline: Outline) -> str:
    if outline.has("trainer") or not outline.has("train.micro_batch_size"):
        return ""
    second = outline.any("train.lr_warmup_steps", "train.lr_warmup_fraction", "train.global_batch_size")
    return f"train.micro_batch_size beside {second}" if second else ""


class _Defaults(NamedTuple):
    """The values of `train` that a command has where the file is silent."""

    global_batch: int
    micro_batch: int
    warmup: int


_PRETRAIN: Final = _Defaults(512, 4, 2000)
_FINETUNE: Final = _Defaults(16, 1, 100)


def read(config: Config) -> Plan:
    train = config.section("train")
    pretrain = train.has("max_tokens") or (config.has("model_name") and not config.has("checkpoint_dir"))
    optimizer = _optimizer(config, train)
    made = torch_classes.optimizer(optimizer)
    plan = _pretrain(config, train, made["lr"]) if pretrain else _finetune(config, train)
    document = {**plan.document, "interval": "step", "optimizer": made}
    return Plan(document, plan.summary, torch_classes.lost(optimizer))


def _optimizer(config: Config, train: Config) -> Named:
    """The optimizer: a class with its arguments, or the name of one. Before 0.4, its lr stood in `train`."""
    node = config.node("optimizer")
    empty = Node({}, config.where("optimizer"))
    if node is None and train.has("learning_rate"):
        items = {"lr": train.root.value["learning_rate"]}
        where = train.where("learning_rate")
        return Named(Value("AdamW", "optimizer", where, "default"), Config(Node(items, where), config.session, "train"))
    if node is None or not node.is_mapping:
        return Named(config.text("optimizer", "AdamW"), Config(empty, config.session, "optimizer"))
    inside = config.section("optimizer")
    return Named(inside.text("class_path", "AdamW"), inside.section("init_args"))


def _accumulation(config: Config, train: Config, defaults: _Defaults) -> tuple[Value, Value]:
    """The micro batches of an optimizer step, and the devices of all nodes."""
    devices = _devices(config)
    together = train.whole("global_batch_size", defaults.global_batch, low=1)
    micro = train.whole("micro_batch_size", defaults.micro_batch, low=1)
    count = together.value // devices.value // micro.value
    if count < 1:
        config.error(
            together.where,
            f"global_batch_size ({together.value}) is smaller than micro_batch_size x devices "
            f"({micro.value} x {devices.value}): litgpt stops",
            of_facts=True,
        )
    how = f"{together.value} // {devices.value} // {micro.value}"
    return config.derived("micro batches per step", max(1, count), how, together), devices


def _devices(config: Config) -> Value:
    known = config.known("devices")
    node = config.node("devices")
    if known is not None or node is None or not isinstance(node.value, int) or node.value < 1:
        return known or config.fact("devices", config.where("devices"))
    devices, nodes = config.whole("devices"), config.whole("num_nodes", 1, low=1)
    if nodes.value == 1:
        return devices
    return config.derived("devices", devices.value * nodes.value, f"{devices.value} x {nodes.value}", devices)


# --- pretrain ------------------------------------------------------------------------------------------------------


def _pretrain(config: Config, train: Config, lr: Value) -> Plan:
    """The rate is set before each micro batch; a step is made with that of its last one."""
    together, devices = _accumulation(config, train, _PRETRAIN)
    tokens = train.whole("max_tokens", low=1)
    length = train.node("max_seq_length")
    block = train.whole("max_seq_length", low=1) if length is not None else config.fact("model_max_seq_length")
    micro = train.whole("micro_batch_size", _PRETRAIN.micro_batch, low=1)
    iterations = config.derived(
        "iterations",
        tokens.value // devices.value // (micro.value * block.value),
        f"{tokens.value} // {devices.value} // ({micro.value} x {block.value})",
        tokens,
    )
    steps = iterations.value // together.value
    if steps < 1:
        message = f"max_tokens ({tokens.value:,}) are not enough for one optimizer step"
        config.error(tokens.where, message, of_facts=True)
        steps = 1
    if train.has("epochs"):
        epochs = train.whole("epochs")
        config.error(epochs.where, "litgpt pretrain takes no epochs: it ends at max_tokens", "set max_tokens")
    if train.has("max_steps"):
        limit = train.whole("max_steps")
        message = f"{limit.key} ({limit.value:,}) is not read by litgpt pretrain, which ends at max_tokens"
        config.warn(limit.where, "argument-ignored", message, "set max_tokens")
    total = iterations.value
    warmup = _warmup_iterations(config, train, together, total)
    floor = train.number("min_lr", 4e-5, low=0).value / lr.value if lr.value else 0.0
    last = f"({together.value} * t + {together.value - 1})" if together.value > 1 else "t"
    wave = f"0.5 * (1.0 + cos(pi * (({last} - {warmup.value}) / {max(1, total - warmup.value)})))"
    after = f"{floor!r} + {wave} * {1 - floor!r}"
    factor = f"{last} / {warmup.value} if {last} < {warmup.value} else {after}" if warmup.value else after
    where = warmup if warmup.origin != "default" else tokens
    document = {
        "steps": config.derived("steps", steps, f"{total} // {together.value}", tokens),
        "scheduler": lambda_lr(factor, where, "get_lr of litgpt pretrain"),
    }
    return Plan(document, f"cosine, warmup {warmup.value:,} of {total:,} micro batches, {steps:,} steps")


def _warmup_iterations(config: Config, train: Config, together: Value, total: int) -> Value:
    """The micro batches of the warmup: so many steps, or a share of an epoch."""
    steps = _warmup_steps(config, train, _PRETRAIN)
    if train.has("lr_warmup_fraction"):
        share = train.number("lr_warmup_fraction", low=0, high=1)
        if share.value:
            batches = config.fact("batches_per_epoch", share.where)
            count = min(total, ceil(share.value * batches.value))
            how = f"min({total}, ceil({share.value:g} x {batches.value}))"
            return config.derived("warmup micro batches", count, how, share)
    count = min(total, steps.value * together.value)
    how = f"min({total}, {steps.value} x {together.value})"
    return config.derived("warmup micro batches", count, how, steps)


def _warmup_steps(config: Config, train: Config, defaults: _Defaults) -> Value:
    """`lr_warmup_steps`, which is 0 where it is set to null."""
    written = train.root.get("lr_warmup_steps")
    if written is not None and written.value is None:
        return Value(0, "train.lr_warmup_steps", written.where)
    steps = train.whole("lr_warmup_steps", defaults.warmup, low=0)
    if (
        defaults is _PRETRAIN
        and steps.value
        and train.has("lr_warmup_fraction")
        and train.number("lr_warmup_fraction", low=0, high=1).value
    ):
        silent = f", and {steps.value} is its default" if steps.origin == "default" else ""
        config.error(
            train.where("lr_warmup_fraction"),
            f"litgpt takes lr_warmup_fraction or lr_warmup_steps, not both{silent}",
            "write lr_warmup_steps: null",
        )
    return steps


# --- finetune ------------------------------------------------------------------------------------------------------


def _finetune(config: Config, train: Config) -> Plan:
    """SequentialLR of a warmup and a cosine. What it is sized by is not always the length of the run."""
    together, _ = _accumulation(config, train, _FINETUNE)
    warmup = _warmup_steps(config, train, _FINETUNE)
    if train.has("lr_warmup_fraction"):
        where = train.where("lr_warmup_fraction")
        config.error(where, "litgpt finetune takes no lr_warmup_fraction", "write lr_warmup_steps")
    epochs = train.whole("epochs", 5, low=1)
    written = train.root.get("epochs")
    if written is not None and written.value is None:
        config.error(written.where, "litgpt finetune needs epochs, also where max_steps ends the run", "epochs: 1")
    batches = config.fact("batches_per_epoch", epochs.where)
    per_epoch = batches.value // together.value
    sized, made = epochs.value * per_epoch, epochs.value * batches.value // together.value
    if train.has("max_steps"):
        limit = train.whole("max_steps", low=1)
        sized, made = min(sized, limit.value), min(made, limit.value)
    if warmup.value == 0:
        config.error(warmup.where, "litgpt finetune divides by lr_warmup_steps, so 0 stops it", "lr_warmup_steps: 1")
    elif made and warmup.value >= sized:
        message = f"the warmup ({warmup.value:,} steps) is as long as the schedule ({sized:,} steps): no step is left"
        config.error(warmup.where, message, "lower lr_warmup_steps", of_facts=True)
    if made < 1:
        config.error(epochs.where, "the run is too short for one optimizer step", of_facts=True)
    if train.has("min_lr"):
        floor = train.number("min_lr")
        config.warn(
            floor.where, "argument-ignored", f"{floor.key} is not read by litgpt finetune: the cosine ends at 0"
        )
    sized_by = config.derived(
        "steps of the schedule", sized, f"{epochs.value} x ({batches.value} // {together.value})", epochs
    )
    start = max(1, warmup.value)
    scheduler: dict[str, Any] = {
        "type": "SequentialLR",
        "schedulers": [
            {"type": "LambdaLR", "lr_lambda": Value(f"t / {start}", warmup.key, warmup.where, "derived")},
            {
                "type": "CosineAnnealingLR",
                "T_max": Value(max(1, sized - start), sized_by.key, sized_by.where, "derived"),
            },
        ],
        "milestones": [Value(start, warmup.key, warmup.where, warmup.origin)],
    }
    how = f"{epochs.value} x {batches.value} // {together.value}"
    document = {"steps": config.derived("steps", max(1, made), how, epochs), "scheduler": scheduler}
    return Plan(document, f"cosine over {sized:,} steps, warmup {warmup.value:,} of {made:,} steps")


DIALECT: Final = Dialect(
    name="litgpt",
    title="LitGPT",
    marks="`train.micro_batch_size` beside `train.global_batch_size` or `train.lr_warmup_steps`, without `trainer`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.class_path", "class of the optimizer; `optimizer` may also be its name", "AdamW"),
        Key("optimizer.init_args", "its arguments, `lr` among them"),
        Key("train.global_batch_size", "sequences per optimizer step, of all devices", "512; finetune 16"),
        Key("train.micro_batch_size", "sequences that one device takes at a time", "4; finetune 1"),
        Key("train.lr_warmup_steps", "optimizer steps of the warmup", "2000; finetune 100"),
        Key("train.lr_warmup_fraction", "pretrain: the warmup as a share of an epoch"),
        Key("train.max_tokens", "pretrain: length of the run"),
        Key("train.max_seq_length", "tokens of a sequence", "that of the model"),
        Key("train.min_lr", "pretrain: where the cosine ends", "4e-5"),
        Key("train.epochs", "finetune: length of the run", "5"),
        Key("train.max_steps", "finetune: optimizer steps at most"),
        Key("devices", "devices of one machine, times num_nodes"),
    ),
    facts=("devices", "batches_per_epoch", "model_max_seq_length"),
    surprises=(
        "pretrain sets the rate for each micro batch, so the first step does not train with 0.",
        "pretrain does not read max_steps, and finetune does not read min_lr.",
        "finetune sizes its cosine by whole steps of each epoch; the run can make more, in which the rate rises again.",
        "lr_warmup_fraction needs lr_warmup_steps: null beside it.",
    ),
    source="litgpt: litgpt/pretrain.py, litgpt/finetune/lora.py, litgpt/args.py",
    example=(
        "model_name: pythia-160m\n"
        "devices: 2\n"
        "optimizer: {class_path: torch.optim.AdamW, init_args: {lr: 4e-4}}\n"
        "train:\n"
        "  global_batch_size: 32\n"
        "  micro_batch_size: 4\n"
        "  lr_warmup_steps: 50\n"
        "  max_tokens: 20000000\n"
        "  max_seq_length: 512\n"
    ),
    scalars=omegaconf,
    epochs=("train.epochs", ("train.max_steps",)),
    steps=("train.max_steps", ()),
    override=flags,
)
