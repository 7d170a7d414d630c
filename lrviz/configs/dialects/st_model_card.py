"""The model card of sentence-transformers: every TrainingArgument of a run, and the size of its data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import cards, trainer
from lrviz.configs.outline import Outline
from lrviz.configs.text.markdown import SIZES
from lrviz.schedule.imported import Value

_MARK: Final = "- `lr_scheduler_type`:"


def recognize(outline: Outline) -> str:
    return f"All Hyperparameters with {_MARK}" if _MARK in outline.text else ""


def read(config: Config) -> Plan:
    cards.take_releases(config)
    config = cards.plain_names(config, "lr_scheduler_type", "eval_strategy", "batch_sampler",
                               "multi_dataset_batch_sampler")  # fmt: skip
    config, program = cards.one_warmup(config, trainer.HF)
    sampler = config.node("batch_sampler")
    in_epochs = config.whole("max_steps", -1).value <= 0
    if in_epochs and sampler is not None and sampler.value == "no_duplicates":
        message = "the sampler no_duplicates can end an epoch before all samples are drawn: the run is then shorter"
        config.note(sampler.where, "shorter-epochs", message)
    rate = config.number("learning_rate", 5e-5, low=0)
    return trainer.plan(config, rate, replace(program, batches=_batches), _groups(config, rate))


def _batches(config: Config, batch: Value, accumulation: Value) -> Value:
    """Batches that one device draws in an epoch: each data set is cut into batches by itself."""
    sizes = config.list_of(SIZES, int, ()).value
    if config.known("samples") is not None or not sizes:
        return trainer.batches_per_epoch(config, batch)
    devices = config.fact("devices", batch.where)
    drop_last = config.flag("dataloader_drop_last", False).value
    together = batch.value * devices.value
    counts = [size.value // together if drop_last else -(-size.value // together) for size in sizes]
    how = " + ".join(f"{'floor' if drop_last else 'ceil'}({size.value} / {together})" for size in sizes)
    count = sum(counts)
    if len(sizes) > 1 and config.text("multi_dataset_batch_sampler", "proportional").value == "round_robin":
        count, how = min(counts) * len(counts), f"{len(counts)} x the least of {how.replace(' + ', ', ')}"
    return config.derived("batches per epoch", max(1, count), how, sizes[0])


def _groups(config: Config, rate: Value) -> list[dict[str, Any]] | None:
    """The param groups of `learning_rate_mapping`: the rest, and one for each pattern."""
    rates = config.section("learning_rate_mapping")
    patterns = [str(item.key.value) for item in rates.root.items()]
    if not patterns:
        return None
    others = [{"name": pattern, "lr": rates.number(pattern, low=0)} for pattern in patterns]
    return [{"name": "others", "lr": rate}, *others]


DIALECT: Final = Dialect(
    name="st-model-card",
    title="sentence-transformers model card",
    marks="a bullet ``- `lr_scheduler_type`:`` below `All Hyperparameters`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak", "5e-5"),
        Key("learning_rate_mapping", "the rates of parameters, by a pattern of their names"),
        Key("per_device_train_batch_size", "batch of one device", "8"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
        Key("lr_scheduler_type, lr_scheduler_kwargs", "the scheduler and its arguments", "linear"),
        Key("warmup_steps, warmup_ratio", "the warmup, in steps or as a share of the run", "0"),
        Key("num_train_epochs, max_steps", "length of the run, in epochs or steps", "3"),
        Key("Size, or the tag dataset_size", "samples of the training sets"),
        Key("multi_dataset_batch_sampler", "how batches of several data sets are mixed", "proportional"),
    ),
    facts=("devices",),
    packages=("transformers",),
    differences=("The card is read as the release of transformers that it names below `Framework Versions`.",),
    surprises=("The sampler no_duplicates can end an epoch early.", "The number of devices is not in the card."),
    source="sentence-transformers: base/model_card.py, base/trainer.py, base/sampler.py",
    example=(
        "---\ntags:\n- sentence-transformers\n- dataset_size:10000\n---\n\n## Training Details\n\n"
        "#### All Hyperparameters\n\n- `per_device_train_batch_size`: 16\n- `learning_rate`: 2e-05\n"
        "- `lr_scheduler_type`: linear\n- `warmup_steps`: 100\n- `max_steps`: 1000\n"
    ),
    epochs=("num_train_epochs", ("max_steps",)),
    steps=("max_steps", ()),
)
