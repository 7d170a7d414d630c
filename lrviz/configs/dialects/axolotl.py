"""axolotl: the YAML that `axolotl train` reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import axolotl, axolotl_run, deepspeed, keys, trainer, trainer_keys, transformers
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags, with_value
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

OWN: Final = ("one_cycle", "rex")
"""Names of `lr_scheduler` besides those of transformers."""


def recognize(outline: Outline) -> str:
    if not outline.has("base_model") or outline.any("params", "stage", "per_device_train_batch_size"):
        return ""
    mark = outline.any("micro_batch_size", "sequence_len", "lr_scheduler")
    datasets = outline.at("datasets")
    if not mark and isinstance(datasets, list):
        mark = "datasets" if any(isinstance(each, dict) and "path" in each for each in datasets) else ""
    return f"base_model with {mark}" if mark else ""


_MEANT: Final = {
    "lr": "learning_rate",
    "lr_scheduler_type": "lr_scheduler",
    "scheduler": "lr_scheduler",
    "num_train_epochs": "num_epochs",
    "epochs": "num_epochs",
    "max_train_steps": "max_steps",
    "num_warmup_steps": "warmup_steps",
    "lr_warmup_steps": "warmup_steps",
    "train_batch_size": "micro_batch_size",
    "min_lr_ratio": "cosine_min_lr_ratio",
    "min_lr_rate": "cosine_min_lr_ratio",
}
"""Keys of other programs, and what axolotl calls the same."""

_OWN: Final = (
    "learning_rate", "lr_scheduler", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio", "num_epochs", "max_steps",
    "micro_batch_size", "gradient_accumulation_steps", "cosine_min_lr_ratio", "cosine_constant_lr_ratio",
    "lr_quadratic_warmup", "jagged_restart_steps", "eval_steps", "save_steps", "logging_steps",
)  # fmt: skip


def read(config: Config) -> Plan:
    keys.mistaken(config, "axolotl", _MEANT, _OWN)
    trainer_keys.note_own_rate(config, "optimizer")
    lr = config.number("learning_rate", above=0)
    name = config.choice(
        "lr_scheduler", (*transformers.NAMES, *OWN), "cosine", what="scheduler of axolotl", aliases=transformers.ALIASES
    )
    for old, new in (("relora_steps", "jagged_restart_steps"), ("relora_warmup_steps", "jagged_restart_warmup_steps")):
        if config.has(old):
            config.error(config.where(old), f"{old} is gone from axolotl", f"write {new}")
    steps, computed = axolotl_run.steps(config)
    warmup = axolotl_run.warmup(config, steps, computed)
    document: dict[str, Any] = {"steps": steps, "optimizer": _optimizer(config, lr)}
    found = _of_deepspeed(config, lr, steps, warmup)
    if found is not None:
        _refuse_restarts(config, found.summary)
        return Plan(document | {"optimizer": found.optimizer, "scheduler": found.scheduler}, found.summary, found.lost)
    document["scheduler"] = _scheduler(config, name, lr, warmup, steps)
    silent = " (axolotl's own)" if warmup.origin == "derived" and "default" in warmup.how else ""
    words = f"{name.value}, warmup {warmup.value:,}{silent} of {steps.value:,} steps"
    if name.value != "constant":
        trainer.warn_of_long_warmup(config, warmup, steps)
    return Plan(document, words, tuple(key for key in ("optimizer", "weight_decay") if config.has(key)))


# --- schedulers ------------------------------------------------------------------------------------------------------


def _scheduler(config: Config, name: Value, lr: Value, warmup: Value, steps: Value) -> Any:
    kwargs = trainer.scheduler_kwargs(config, "lr_scheduler_kwargs", name.where)
    floor = config.number("cosine_min_lr_ratio", 0.0, low=0, high=1)
    restarts = config.whole("jagged_restart_steps", 0, low=0)
    if name.value == "one_cycle":
        _warn_of_unused(config, name, ("cosine_min_lr_ratio", "cosine_constant_lr_ratio", "lr_quadratic_warmup"))
        _refuse_restarts(config, "one_cycle")
        share = config.derived("pct_start", warmup.value / steps.value, f"{warmup.value} / {steps.value}", warmup)
        arguments = {"pct_start": share, "anneal_strategy": "cos"}
        arguments |= {str(item.key.value): item.value for item in kwargs.root.items()}
        return {"type": Value("OneCycleLR", name.key, name.where), "max_lr": lr, "total_steps": steps, **arguments}
    if name.value == "reduce_lr_on_plateau":
        config.error(name.where, "a plateau of axolotl is not read", "write it as a schedule file of lrviz")
        return "none"
    factor = _own_factor(config, name, warmup, steps, floor, kwargs)
    if factor is None:
        found = transformers.get_scheduler(config, name, lr, warmup, steps, kwargs)
        factor = found["lr_lambda"].value if found is not None else "1.0"
        if found is None and not restarts.value:
            return "none"
    if restarts.value:
        factor = axolotl.restarted(
            factor,
            restarts.value,
            config.whole("jagged_restart_warmup_steps", 10, low=0).value or 10,
            config.whole("jagged_restart_anneal_steps", 1, low=0).value or 1,
            floor.value or 0.001,
            ahead=int(name.value == "rex"),
        )
    elif config.flag("relora", False).value:
        config.error(config.where("relora"), "ReLoRA needs jagged_restart_steps", "write jagged_restart_steps: 200")
    how = f"{name.value} of axolotl" + (", restarted" if restarts.value else "")
    return lambda_lr(factor, name, how)


def _own_factor(
    config: Config, name: Value, warmup: Value, steps: Value, floor: Value, kwargs: Config
) -> str | None:  # fmt: skip
    """The factor of a scheduler of axolotl's own; None if it is one of transformers."""
    if name.value == "rex":
        _warn_of_unused(config, name, ("cosine_constant_lr_ratio", "lr_quadratic_warmup"))
        if warmup.value > steps.value:
            config.error(warmup.where, f"rex refuses a warmup ({warmup.value}) longer than the run ({steps.value})")
        return axolotl.reflected_exponential(warmup.value, steps.value, floor.value)
    if name.value != "cosine":
        _warn_of_unused(config, name, ("cosine_min_lr_ratio", "cosine_constant_lr_ratio", "lr_quadratic_warmup"))
        return None
    if config.flag("lr_quadratic_warmup", False).value:
        _warn_of_unused(config, name, ("cosine_min_lr_ratio", "cosine_constant_lr_ratio"), "with lr_quadratic_warmup")
        transformers.ignored_kwargs(config, kwargs, name)
        return axolotl.quadratic_warmup(warmup.value, steps.value)
    if not floor.value:
        _warn_of_unused(config, name, ("cosine_constant_lr_ratio",), "without cosine_min_lr_ratio")
        return None
    transformers.ignored_kwargs(config, kwargs, name)
    share = config.number("cosine_constant_lr_ratio", 0.0, low=0, high=1)
    if share.value:
        return axolotl.cosine_then_constant(warmup.value, steps.value, floor.value, share.value)
    return axolotl.floored_cosine(warmup.value, steps.value, floor.value)


def _warn_of_unused(config: Config, name: Value, keys: tuple[str, ...], why: str = "") -> None:
    """Warns of keys that have no effect with a scheduler. Restarts take their scale from `cosine_min_lr_ratio`."""
    for key in keys:
        node = config.node(key)
        if node is None or not node.value or (key == "cosine_min_lr_ratio" and config.has("jagged_restart_steps")):
            continue
        message = f"{key} has no effect {why or f'with lr_scheduler {name.value}'}"
        config.warn(node.where, "argument-ignored", message, "leave it out")


def _refuse_restarts(config: Config, what: str) -> None:
    if config.has("jagged_restart_steps"):
        config.error(config.where("jagged_restart_steps"), f"restarts of {what} are not read", "leave them out")


def _of_deepspeed(config: Config, lr: Value, steps: Value, warmup: Value) -> deepspeed.Scheduled | None:
    """The scheduler of the DeepSpeed file, which wins over `lr_scheduler`."""
    inside = config.node("deepspeed")
    file = config.section("deepspeed") if inside is not None and inside.is_mapping else config.beside("deepspeed")
    if file is None or not file.has("scheduler"):
        return None
    if config.has("lr_scheduler"):
        config.warn(
            config.where("lr_scheduler"),
            "argument-ignored",
            "lr_scheduler has no effect: the DeepSpeed file has a scheduler, which wins",
            "take the scheduler out of one of the two files",
        )
    return deepspeed.read_scheduler(file, deepspeed.Filled(lr, steps, warmup))


# --- param groups ----------------------------------------------------------------------------------------------------


def _optimizer(config: Config, lr: Value) -> dict[str, Any]:
    """The optimizer, with param groups where their learning rates differ."""
    groups: list[dict[str, Any]] = []
    if config.has("embedding_lr_scale"):
        scale = config.number("embedding_lr_scale", above=0)
        groups.append({"name": "embeddings", "lr": config.derived(
            "embedding_lr", lr.value * scale.value, f"{lr.value:g} x {scale.value:g}", scale)})  # fmt: skip
    elif config.has("embedding_lr"):
        groups.append({"name": "embeddings", "lr": config.number("embedding_lr", above=0)})
    for member in config.members("lr_groups"):
        groups.append({"name": member.text("name"), "lr": member.number("lr", above=0)})
    if not groups and config.has("loraplus_lr_ratio"):
        ratio = config.number("loraplus_lr_ratio", above=0)
        groups.append({"name": "lora_B", "lr": config.derived(
            "lora_B lr", lr.value * ratio.value, f"{lr.value:g} x {ratio.value:g}", ratio)})  # fmt: skip
    if not groups:
        return {"type": "AdamW", "lr": lr}
    return {"type": "AdamW", "lr": lr, "groups": [{"name": "others", "lr": lr}, *groups]}


def _overridden(root: Node, texts: Sequence[str]) -> Node:
    """A config with what axolotl's command line was given: `--learning-rate 1e-4` is the key learning_rate."""
    for key, item in flags(Node({}, root.where), texts).value.items():
        root = with_value(root, str(key).replace("-", "_"), item.value)
    return root


DIALECT: Final = Dialect(
    name="axolotl",
    title="axolotl",
    marks="`base_model` with `micro_batch_size`, `sequence_len`, `lr_scheduler` or a list of `datasets` with paths",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak; it has no default"),
        Key("lr_scheduler", "one of transformers' schedulers, one_cycle or rex", "cosine"),
        Key("lr_scheduler_kwargs", "its own arguments"),
        Key("warmup_steps", "steps of the warmup; 1 becomes 2", "3 % of the run, at most 100"),
        Key("warmup_ratio", "the warmup as a share of the run, rounded down"),
        Key("num_epochs", "length of the run", "1"),
        Key("max_steps", "length of the run in optimizer steps, in place of epochs"),
        Key("micro_batch_size", "batch of one device", "1"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
        Key("cosine_min_lr_ratio", "where the cosine ends, as a share of the peak", "0"),
        Key("cosine_constant_lr_ratio", "the share of the run after which the cosine has ended"),
        Key("lr_quadratic_warmup", "the warmup grows with the square of the step", "false"),
        Key("jagged_restart_steps", "steps between restarts (ReLoRA)"),
        Key("embedding_lr, lr_groups, loraplus_lr_ratio", "param groups with learning rates of their own"),
    ),
    facts=("samples", "devices", "steps"),
    packages=("transformers",),
    surprises=(
        "Without warmup_steps and warmup_ratio there is a warmup of 3 % of the run, at most 100 steps.",
        "A warmup_ratio is rounded down, and a warmup of 1 step becomes 2; Hugging Face's Trainer rounds up.",
        "The steps of the run are rounded once, not every epoch.",
        "With sample_packing the length depends on how the samples are packed, so the steps are asked for.",
        "one_cycle begins at a 25th of the learning rate; rex and restarts run one step ahead.",
        "cosine_min_lr_ratio has an effect with lr_scheduler cosine and rex only.",
    ),
    source="axolotl: core/builders/base.py, core/trainers/mixins/scheduler.py, utils/schedulers.py, utils/trainer.py",
    example="""\
base_model: my-org/base-7b
micro_batch_size: 2
gradient_accumulation_steps: 4
learning_rate: 0.0002
lr_scheduler: cosine
cosine_min_lr_ratio: 0.1
warmup_steps: 10
max_steps: 500
""",
    yields_to=("autotrain",),
    scalars=yaml11,
    epochs=("num_epochs", ("max_steps",)),
    steps=("max_steps", ()),
    override=_overridden,
)
