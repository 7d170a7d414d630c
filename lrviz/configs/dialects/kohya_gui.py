"""kohya_ss: the JSON file that its GUI saves, from which it writes the arguments of sd-scripts."""

from __future__ import annotations

import re
from math import ceil
from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import kohya
from lrviz.configs.outline import Outline
from lrviz.configs.words import as_node
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

_CURVE_FLAGS: Final = re.compile(r"--((?:lr_|max_train_|unet_lr|text_encoder_lr|learning_rate|gradient_acc)\w*)")


def recognize(outline: Outline) -> str:
    if outline.has("LoRA_type"):
        return "LoRA_type"
    return "lr_warmup, epoch and optimizer" if outline.has("lr_warmup", "epoch", "optimizer") else ""


def read(config: Config) -> Plan:
    given = Config(_without_empty(config.root), config.session)
    flag = _CURVE_FLAGS.search(given.text("additional_parameters", "").value)
    if flag is not None:
        config.error(
            config.where("additional_parameters"),
            f"additional_parameters: --{flag[1]} changes the learning rate, and is not read there",
            f"write it as the key {flag[1]}",
        )
    lr = given.number("learning_rate", 1e-4, low=0)
    steps, devices = _steps(given)
    return kohya.plan(Config(_as_arguments(given), config.session), lr, steps, devices)


def _without_empty(root: Node) -> Node:
    """The file without what the GUI leaves out: empty text, and 0 or false, which it cannot tell from it."""
    return Node({key: item for key, item in root.value.items() if item.value.value not in ("", 0, "0")}, root.where)


def _steps(config: Config) -> tuple[Value, Value | None]:
    devices = config.whole("num_processes", low=1) if config.has("num_processes") else None
    if config.has("max_train_epochs"):
        epochs, accumulation = config.whole("max_train_epochs", low=1), config.whole("gradient_accumulation_steps", 1)
        batches = config.fact("batches_per_epoch", epochs.where, "batches of an epoch, with repeats, over all buckets, "
                              "before they are shared between devices")  # fmt: skip
        devices = devices or config.fact("devices", epochs.where)
        each = ceil(batches.value / devices.value / accumulation.value)
        how = f"{epochs.value} x ceil({batches.value} / {devices.value} / {accumulation.value})"
        return config.derived("steps", epochs.value * each, how, epochs), devices
    if config.has("max_train_steps"):
        return config.whole("max_train_steps", low=1), devices
    batch, epochs = config.whole("train_batch_size", 1, low=1), config.whole("epoch", 1, low=1)
    accumulation = config.whole("gradient_accumulation_steps", 1, low=1)
    images = config.fact("samples", batch.where, "images of the training set, each times its repeats")
    twice = 2 if config.has("reg_data_dir") else 1
    total = ceil(images.value / batch.value / accumulation.value * epochs.value * twice)
    shown = f"ceil({images.value} / {batch.value} / {accumulation.value} x {epochs.value}{' x 2' * (twice - 1)})"
    return config.derived("steps", total, shown, epochs), devices


def _as_arguments(config: Config) -> Node:
    """The file as arguments of sd-scripts: `lr_warmup` is percent, and only counts without `lr_warmup_steps`."""
    items = {key: item for key, item in config.root.value.items() if key not in ("lr_warmup", "optimizer")}
    found: dict[str, Value] = {}
    if config.has("optimizer"):
        found["optimizer_type"] = config.text("optimizer")
    if not config.has("lr_scheduler"):
        found["lr_scheduler"] = Value("cosine", "lr_scheduler", config.where(), "default")
    if config.has("lr_warmup") and not config.has("lr_warmup_steps"):
        percent = config.number("lr_warmup", low=0)
        found["lr_warmup_steps"] = config.derived("lr_warmup_steps", percent.value / 100,
                                                  f"lr_warmup: {percent.value:g} %", percent)  # fmt: skip
    if config.has("text_encoder_lr") != config.has("unet_lr"):
        alone = "network_train_unet_only" if config.has("unet_lr") else "network_train_text_encoder_only"
        found[alone] = Value(True, alone, config.where("unet_lr", "text_encoder_lr"), "derived")
    return Node(items | as_node(found, config.where()).value, config.where())


DIALECT: Final = Dialect(
    name="kohya-gui",
    title="kohya_ss GUI",
    marks="`LoRA_type`, or `lr_warmup` with `epoch` and `optimizer`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak", "1e-4"),
        Key("unet_lr, text_encoder_lr", "learning rates of the parts; with one of them, only that part is trained",
            "learning_rate"),
        Key("lr_scheduler", "the scheduler", "cosine"),
        Key("lr_warmup", "the warmup in percent of the run", "0"),
        Key("lr_warmup_steps", "the warmup in steps, in place of percent"),
        Key("epoch", "length of the run", "1"),
        Key("max_train_steps", "length of the run in optimizer steps, in place of epochs; 0 is not set", "0"),
        Key("train_batch_size", "batch of one device", "1"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
    ),
    facts=("samples", "devices", "batches_per_epoch"),
    surprises=(
        "Empty text and 0 mean `not set`, so unet_lr 0 trains with learning_rate.",
        "Regularization images double the run.",
        "The steps are counted without the number of processes, each of which calls the scheduler.",
    ),
    source="bmaltais/kohya_ss: kohya_gui/lora_gui.py, kohya_gui/common_gui.py",
    example="""\
{
  "LoRA_type": "Standard",
  "learning_rate": 0.0001,
  "lr_scheduler": "linear",
  "max_train_steps": 1500
}
""",
    epochs=("epoch", ("max_train_steps", "max_train_epochs")),
    steps=("max_train_steps", ("max_train_epochs",)),
)  # fmt: skip
