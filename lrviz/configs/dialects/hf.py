"""Hugging Face `TrainingArguments`: flat YAML or JSON that `HfArgumentParser` reads."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import transformers
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value

_MARKS: Final = ("per_device_train_batch_size", "lr_scheduler_type", "warmup_ratio", "num_train_epochs")


def recognize(outline: Outline) -> str:
    return outline.any(*_MARKS)


def read(config: Config) -> Plan:
    lr = config.number("learning_rate", 5e-5, low=0)
    name = transformers.scheduler_name(config, "lr_scheduler_type", "linear")
    per_device = config.whole("per_device_train_batch_size", 8, low=1)
    accumulation = config.whole("gradient_accumulation_steps", 1, low=1)
    steps, per_epoch = transformers.training_steps(
        config,
        per_device=per_device,
        accumulation=accumulation,
        where=config.where("num_train_epochs", "per_device_train_batch_size"),
    )
    warmup = transformers.warmup_steps(config, steps)
    kwargs = config.section("lr_scheduler_kwargs")
    document: dict[str, Any] = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": {"type": "AdamW", "lr": lr},
        "scheduler": "none",
    }
    if name.value == "reduce_lr_on_plateau":
        document |= _plateau(config, name, warmup, kwargs)
    else:
        document["scheduler"] = transformers.get_scheduler(config, name, lr, warmup, steps, kwargs) or "none"
    return Plan(document, summary(name, warmup, steps))


def summary(name: Value, warmup: Value, steps: Value) -> str:
    return f"{name.value}, warmup {warmup.value:,} of {steps.value:,} steps"


def _plateau(config: Config, name: Value, warmup: Value, kwargs: Config) -> dict[str, Any]:
    """torch's ReduceLROnPlateau, called at every evaluation."""
    if warmup.value:
        transformers.ignored_warmup(config, warmup, name)
    strategy = config.choice("eval_strategy", ("no", "steps", "epoch"), config.choice(
        "evaluation_strategy", ("no", "steps", "epoch"), "no"
    ))  # fmt: skip
    if strategy.value == "no":
        config.error(name.where, "reduce_lr_on_plateau needs evaluations", "write eval_strategy: epoch")
    interval: Any = "epoch"
    if strategy.value == "steps":
        every = config.whole("eval_steps", config.whole("logging_steps", 500, low=1), low=1)
        interval = Value(f"{every.value} steps", every.key, every.where)
    elif config.node("max_steps") is not None and config.whole("max_steps", -1).value > 0:
        pass
    return {
        "interval": interval,
        "scheduler": {"type": "ReduceLROnPlateau", **{str(item.key.value): item.value for item in kwargs.root.items()}},
        "metric": config.metric(name.where),
    }


DIALECT: Final = Dialect(
    name="hf",
    title="Hugging Face TrainingArguments",
    suffixes=(".yaml", ".yml", ".json"),
    marks="`per_device_train_batch_size`, `lr_scheduler_type`, `warmup_ratio` or `num_train_epochs` at the top",
    recognize=recognize,
    read=read,
    words=_MARKS,
    keys=(
        Key("learning_rate", "the peak", "5e-5"),
        Key("lr_scheduler_type", "the scheduler", "linear"),
        Key("lr_scheduler_kwargs", "its own arguments"),
        Key("warmup_steps", "steps of the warmup; below 1, since transformers 5, a share of the run", "0"),
        Key("warmup_ratio", "the warmup as a share of the run; gone since transformers 5.15", "0"),
        Key("num_train_epochs", "length of the run", "3"),
        Key("max_steps", "length of the run in optimizer steps, in place of epochs", "-1"),
        Key("per_device_train_batch_size", "batch of one device", "8"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
        Key("dataloader_drop_last", "leave out the last, incomplete batch", "false"),
    ),
    facts=("samples", "devices", "metric"),
    packages=("transformers",),
    differences=(
        "Before 4.52 an incomplete accumulation at the end of an epoch makes no step.",
        "warmup_steps wins over warmup_ratio before 5.0, and loses from 5.0 to 5.14; 5.15 has no warmup_ratio.",
        "Before 5.4 the timescale of inverse_sqrt is ignored.",
    ),
    surprises=(
        "The first step of a warmup trains with a learning rate of 0.",
        "`constant` ignores a warmup without a word.",
        "`5e-5` in YAML is text to PyYAML, and the Trainer stops; write 5.0e-5.",
    ),
    source="transformers: training_args.py, trainer.py, optimization.py",
    example="learning_rate: 1.0e-5\nlr_scheduler_type: cosine\nwarmup_steps: 30\nmax_steps: 300\n",
    scalars=yaml11,
    text_numbers="PyYAML",
    epochs=("num_train_epochs", ("max_steps",)),
    steps=("max_steps", ()),
)
