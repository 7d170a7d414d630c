"""kohya's sd-scripts: the TOML file of `--config_file`, or the command line in a shell script."""

from __future__ import annotations

import re
from math import ceil
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import keys, kohya, kohya_file, launch
from lrviz.configs.outline import Outline
from lrviz.configs.text.arguments import PROGRAM
from lrviz.schedule.imported import Value

_MARKS: Final = ("network_module", "lr_scheduler_num_cycles", "lr_scheduler_power", "max_train_steps",
                 "max_train_epochs")  # fmt: skip


_SCRIPT = re.compile(r"(train_network|train_db|train_control_net|train_leco|fine_tune|train_textual_inversion|"
                     r"(sdxl|sd3|flux|lumina|hunyuan_image|anima)_\w*train\w*)\.py|^(sdxl|flux|sd3)_train")  # fmt: skip
_ON_COMMAND_LINE: Final = ("network_module", "dataset_config", "lr_scheduler_num_cycles", "config_file")


def recognize(outline: Outline) -> str:
    if outline.suffix == ".sh":
        mark = outline.any(*_ON_COMMAND_LINE)
        program = next((name for name in str(outline.at(PROGRAM)).splitlines() if _SCRIPT.search(name)), "")
        return f"{program} with --{mark}" if mark and program else ""
    keys: set[Any] = set(outline.tree)
    for value in outline.tree.values():
        if isinstance(value, dict):
            keys |= set(value)
    found = next((mark for mark in _MARKS if mark in keys), "")
    if not found and isinstance(outline.at("datasets"), list):
        return "[[datasets]]"
    return found


_MEANT: Final = {
    "lr": "learning_rate",
    "scheduler": "lr_scheduler",
    "epochs": "max_train_epochs",
    "num_train_epochs": "max_train_epochs",
    "steps": "max_train_steps",
    "max_steps": "max_train_steps",
    "warmup_steps": "lr_warmup_steps",
    "num_warmup_steps": "lr_warmup_steps",
    "lr_warmup": "lr_warmup_steps",
    "num_cycles": "lr_scheduler_num_cycles",
    "lr_num_cycles": "lr_scheduler_num_cycles",
    "lr_power": "lr_scheduler_power",
}
"""Keys of other programs, and what sd-scripts calls the same."""

_OWN: Final = (
    "learning_rate", "unet_lr", "text_encoder_lr", "lr_scheduler", "lr_scheduler_type", "lr_scheduler_args",
    "lr_warmup_steps", "lr_decay_steps", "lr_scheduler_num_cycles", "lr_scheduler_power",
    "lr_scheduler_min_lr_ratio", "lr_scheduler_timescale", "max_train_steps", "max_train_epochs",
    "gradient_accumulation_steps",
)  # fmt: skip


def read(config: Config) -> Plan:
    if config.has("datasets"):
        config.error(
            config.where("datasets"),
            "this is the file of the data set (--dataset_config), which holds no learning rate",
            "name the file of --config_file",
        )
        return Plan({}, "")
    if config.has(PROGRAM):
        config = kohya_file.of_command(config)
    else:
        _warn_of_doubled(config)
        config = Config(kohya_file.flat(config.root, config.root.where), config.session)
    keys.mistaken(config, "sd-scripts", _MEANT, _OWN)
    lr = config.number("learning_rate", 2e-6, low=0)
    steps, devices = _steps(config)
    return kohya.plan(config, lr, steps, devices)


def _steps(config: Config) -> tuple[Value, Value | None]:
    """The steps of the run, and the devices where they were counted with them."""
    shortened = _is_said(config, "max_train_steps") and not _is_said(config, "max_train_epochs")
    if not config.has("max_train_epochs") or shortened:
        return config.whole("max_train_steps", 1600, low=1), None
    epochs, accumulation = (
        config.whole("max_train_epochs", low=1),
        config.whole("gradient_accumulation_steps", 1, low=1),
    )
    batches = config.fact(
        "batches_per_epoch",
        epochs.where,
        "batches of an epoch, with repeats, over all buckets, before they are shared between devices",
    )
    devices = launch.devices(config, epochs.where)
    each = ceil(batches.value / devices.value / accumulation.value)
    how = f"ceil({batches.value} / {devices.value} / {accumulation.value})"
    per_epoch = config.derived("steps per epoch", each, how, accumulation)
    total = epochs.value * per_epoch.value
    return config.derived("steps", total, f"{epochs.value} x {per_epoch.value}", epochs), devices


def _is_said(config: Config, key: str) -> bool:
    found = config.node(key)
    return found is not None and kohya_file.is_said(found, config.root)


def _warn_of_doubled(config: Config) -> None:
    """Warns of a key in two sections, which are all one: the last counts."""
    seen: dict[Any, str] = {}
    for section, item in config.root.value.items():
        if not item.value.is_mapping:
            if not kohya_file.is_said(item.value, config.root):
                seen[section] = "above all sections"
            continue
        for key, inside in item.value.value.items():
            if key in seen:
                config.warn(
                    inside.key.where,
                    "key-twice",
                    f"{key} is also {seen[key]}; sd-scripts reads all sections as one, and the last counts",
                    "keep one of the two",
                )
            seen[key] = f"in [{section}]"


DIALECT: Final = Dialect(
    name="kohya",
    title="kohya sd-scripts",
    marks="`network_module`, `max_train_steps`, `max_train_epochs`, `lr_scheduler_num_cycles` or `lr_scheduler_power`, "
    "in any section; in a script, a training script of sd-scripts with `--network_module`, `--dataset_config`, "
    "`--lr_scheduler_num_cycles` or `--config_file`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak", "2e-6"),
        Key("unet_lr, text_encoder_lr", "learning rates of the parts of a network; 0 leaves a part out",
            "learning_rate"),
        Key("lr_scheduler", "the scheduler, by the name that transformers has for it", "constant"),
        Key("lr_warmup_steps", "steps of the warmup; a float is a share of the run, whatever its size", "0"),
        Key("lr_decay_steps", "steps of the decay of warmup_stable_decay; a float is a share", "0"),
        Key("lr_scheduler_num_cycles", "cycles of cosine_with_restarts; half cycles of cosine_with_min_lr", "1"),
        Key("lr_scheduler_power", "power of polynomial", "1"),
        Key("lr_scheduler_min_lr_ratio", "where the decay ends, as a share of the peak"),
        Key("lr_scheduler_type, lr_scheduler_args", "a class of torch by its name, with key=value texts"),
        Key("max_train_steps", "length of the run in optimizer steps", "1600"),
        Key("max_train_epochs", "length of the run in epochs, in place of steps"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
    ),
    facts=("batches_per_epoch", "devices"),
    surprises=(
        "A float is a share of the run: lr_warmup_steps = 100.0 is a hundred times the run, 100 is a hundred steps.",
        "Several processes shorten a warmup in steps: accelerate calls the scheduler once a process.",
        "All sections are one, and their names mean nothing.",
        "`10%` works on the command line only, which counts before the file of its `--config_file`.",
        "constant refuses a warmup.",
        "cosine_with_min_lr and warmup_stable_decay halve lr_scheduler_num_cycles.",
    ),
    source="kohya-ss/sd-scripts: library/train_util.py, networks/lora.py",
    example="""\
network_module = "networks.lora"
learning_rate = 1e-4
lr_scheduler = "cosine_with_restarts"
lr_scheduler_num_cycles = 3
max_train_steps = 1500
""",
    text_numbers="sd-scripts",
    epochs=("max_train_epochs", ("max_train_steps",)),
    steps=("max_train_steps", ("max_train_epochs",)),
    override=kohya_file.overridden,
)  # fmt: skip
