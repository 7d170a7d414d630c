"""The training scripts of diffusers (`examples/*/train_*.py`): a command line in a shell script."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final, NamedTuple

from lrviz.configs.config import REQUIRED, Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import launch, transformers
from lrviz.configs.helpers.trainer import summary, warn_of_long_warmup
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags
from lrviz.configs.text.arguments import PROGRAM
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

_MARKS: Final = ("lr_warmup_steps", "max_train_steps", "lr_num_cycles")

_OTHERS: Final = (
    "network_module",
    "dataset_config",
    "max_train_epochs",
    "lr_scheduler_num_cycles",
    "lr_scheduler_type",
    "num_warmup_steps",
    "config_file",
)
"""Arguments of kohya's scripts, and of those of transformers without a Trainer."""

_NAMES: Final = ("linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup")


class _Defaults(NamedTuple):
    rate: float
    batch: int
    epochs: int
    steps: int | None = None


_SCRIPTS: Final = {
    "train_text_to_image": _Defaults(1e-4, 16, 100),
    "train_instruct_pix2pix": _Defaults(1e-4, 16, 100),
    "textual_inversion": _Defaults(1e-4, 16, 100, 5000),
    "train_controlnet": _Defaults(5e-6, 4, 1),
    "train_dreambooth_lora_": _Defaults(1e-4, 4, 1),
    "train_dreambooth_lora": _Defaults(5e-4, 4, 1),
    "train_dreambooth_flux": _Defaults(1e-4, 4, 1),
    "train_dreambooth_sd3": _Defaults(1e-4, 4, 1),
    "train_dreambooth": _Defaults(5e-6, 4, 1),
}
"""The defaults of the scripts, by how their names begin; the first that fits counts."""


def recognize(outline: Outline) -> str:
    mark = outline.any(*_MARKS)
    programs = [each for each in str(outline.tree.get(PROGRAM, "")).split("\n") if each.endswith(".py")]
    return f"{PurePath(programs[0]).name} with --{mark}" if mark and programs and not outline.any(*_OTHERS) else ""


def read(config: Config) -> Plan:
    script = PurePath(str(config.text(PROGRAM, "").value)).stem
    defaults = next((each for name, each in _SCRIPTS.items() if script.startswith(name)), None)
    batch = config.whole("train_batch_size", _default(config, defaults, "batch"), low=1)
    accumulation = config.whole("gradient_accumulation_steps", 1, low=1)
    rate = _rate(config, defaults, batch, accumulation)
    steps, per_epoch = _length(config, defaults, batch, accumulation)
    name = config.choice("lr_scheduler", _NAMES, "constant", what="scheduler of diffusers")
    warmup = config.whole("lr_warmup_steps", 500, low=0)
    if name.value == "constant" and warmup.origin == "default":
        warmup = Value(0, warmup.key, warmup.where, "default")
    kwargs = Config(Node({}, name.where), config.session, defaults=_arguments(config, script, name))
    optimizer: dict[str, Any] = {"type": "AdamW", "lr": rate}
    if groups := _groups(config, script, rate):
        optimizer["groups"] = groups
    _note_own_rate(config)
    document = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": optimizer,
        "scheduler": transformers.get_scheduler(config, name, rate, warmup, steps, kwargs) or "none",
    }
    if name.value != "constant":
        warn_of_long_warmup(config, warmup, steps)
    lost = tuple(key for key in ("adam_weight_decay", "adam_beta1", "adam_beta2") if config.has(key))
    return Plan(document, summary(name, warmup, steps), lost)


def _default(config: Config, defaults: _Defaults | None, name: str) -> Any:
    """The default of a script; of one that is not known there is none."""
    return getattr(defaults, name) if defaults is not None else REQUIRED


def _rate(config: Config, defaults: _Defaults | None, batch: Value, accumulation: Value) -> Value:
    rate = config.number("learning_rate", _default(config, defaults, "rate"), low=0)
    if not config.flag("scale_lr", False).value:
        return rate
    devices = launch.devices(config, config.where("scale_lr"))
    scaled = rate.value * accumulation.value * batch.value * devices.value
    how = f"--scale_lr: {rate.value:g} x {accumulation.value} x {batch.value} x {devices.value}"
    return config.derived("learning rate", scaled, how, rate)


def _length(
    config: Config, defaults: _Defaults | None, batch: Value, accumulation: Value
) -> tuple[Value, Value | None]:
    limit = config.whole("max_train_steps", defaults.steps if defaults is not None else None, low=1)
    if limit.value is not None:
        return limit, None
    epochs = config.whole("num_train_epochs", _default(config, defaults, "epochs"), low=1)
    batches = config.known("batches_per_epoch")
    if batches is None:
        where = config.where("num_train_epochs", "train_batch_size")
        samples = config.fact("samples", where, "images of the training set, with repeats")
        devices = launch.devices(config, where)
        count = -(-samples.value // (batch.value * devices.value))
        how = f"ceil({samples.value} / ({batch.value} x {devices.value}))"
        batches = config.derived("batches per epoch", count, how, batch)
    updates = -(-batches.value // accumulation.value)
    how = f"ceil({batches.value} / {accumulation.value})"
    per_epoch = config.derived("steps per epoch", updates, how, accumulation)
    how = f"{epochs.value} x {updates}"
    return config.derived("steps", epochs.value * updates, how, epochs), per_epoch


def _arguments(config: Config, script: str, name: Value) -> dict[str, Value]:
    """What the scripts pass to the scheduler besides its lengths."""
    if script.startswith("train_text_to_image"):
        for key in ("lr_num_cycles", "lr_power"):
            if config.has(key):
                config.error(config.where(key), f"{script}.py has no argument --{key}", "leave it out")
        return {}
    if name.value == "cosine_with_restarts":
        cycles = config.whole("lr_num_cycles", 1, low=1)
        return {"num_cycles": Value(float(cycles.value), cycles.key, cycles.where, cycles.origin)}
    if name.value == "polynomial":
        return {"power": config.number("lr_power", 1.0)}
    return {}


def _groups(config: Config, script: str, rate: Value) -> list[dict[str, Any]]:
    """The text encoder's own rate, in the scripts that train one with LoRA."""
    own = any(model in script for model in ("sdxl", "sd3", "flux"))
    if not config.flag("train_text_encoder", False).value or not (own or config.has("text_encoder_lr")):
        return []
    return [
        {"name": "unet", "lr": rate},
        {"name": "text_encoder", "lr": config.number("text_encoder_lr", 5e-6, low=0)},
    ]


def _note_own_rate(config: Config) -> None:
    found = config.node("optimizer")
    if found is not None and str(found.value).lower() == "prodigy":
        message = "prodigy chooses its own step size: the curve is the factor that it is given, usually 1"
        config.note(found.where, "optimizer-own-rate", message)


DIALECT: Final = Dialect(
    name="diffusers",
    title="diffusers",
    marks="a program `*.py` with `--lr_warmup_steps`, `--max_train_steps` or `--lr_num_cycles`",
    recognize=recognize,
    read=read,
    keys=(
        Key("--learning_rate", "the peak", "1e-4 (text_to_image), 5e-6 (dreambooth), ..."),
        Key("--scale_lr", "multiply it by accumulation, batch and devices", "off"),
        Key("--lr_scheduler", "the scheduler", "constant"),
        Key("--lr_warmup_steps", "steps of the warmup", "500"),
        Key("--lr_num_cycles", "cycles of cosine_with_restarts; not in text_to_image", "1"),
        Key("--lr_power", "power of polynomial; not in text_to_image", "1"),
        Key("--max_train_steps", "length of the run in optimizer steps", "5000 (textual inversion)"),
        Key("--num_train_epochs", "length of the run", "100 (text_to_image), 1"),
        Key("--train_batch_size", "batch of one device", "16 (text_to_image), 4 (dreambooth)"),
        Key("--gradient_accumulation_steps", "batches per optimizer step", "1"),
        Key("--text_encoder_lr", "rate of the text encoder, with --train_text_encoder", "5e-6"),
    ),
    facts=("samples", "devices"),
    surprises=(
        "The default scheduler, constant, ignores the warmup, also one that is written.",
        "The text_to_image scripts have no --lr_num_cycles: cosine_with_restarts has one cycle there.",
    ),
    source="diffusers: examples/*/train_*.py, src/diffusers/optimization.py",
    example=(
        "accelerate launch train_dreambooth_lora_sdxl.py \\\n  --train_batch_size=1 \\\n  --learning_rate=1e-4 \\\n"
        '  --lr_scheduler="cosine" \\\n  --lr_warmup_steps=50 \\\n  --max_train_steps=500\n'
    ),
    epochs=("num_train_epochs", ("max_train_steps",)),
    steps=("max_train_steps", ()),
    override=flags,
)
