"""Hugging Face `TrainingArguments`: flat YAML or JSON that `HfArgumentParser` reads."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import trainer, trainer_keys
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags
from lrviz.configs.text.arguments import PROGRAM
from lrviz.configs.text.scalars import yaml11

_MARKS: Final = ("per_device_train_batch_size", "lr_scheduler_type", "warmup_ratio", "num_train_epochs")


_NO_TRAINER: Final = ("num_warmup_steps", "max_train_steps")
"""Arguments of the scripts of transformers that have no Trainer."""


def recognize(outline: Outline) -> str:
    if outline.suffix != ".sh":
        return outline.any(*_MARKS)
    mark = outline.any("per_device_train_batch_size")
    program = next((each for each in str(outline.tree.get(PROGRAM, "")).split("\n") if each.endswith(".py")), "")
    return f"{PurePath(program).name} with --{mark}" if mark and program and not outline.any(*_NO_TRAINER) else ""


_SWIFT: Final = ("tuner_type", "train_type")
_DIFFER_IN_SWIFT: Final = ("learning_rate", "lr_scheduler_type", "per_device_train_batch_size",
                           "gradient_accumulation_steps")  # fmt: skip


def read(config: Config) -> Plan:
    _refuse_defaults_of_swift(config)
    trainer_keys.check(config)
    trainer_keys.note_own_rate(config)
    return trainer.plan(config, config.number("learning_rate", 5e-5, low=0))


def _refuse_defaults_of_swift(config: Config) -> None:
    """ms-swift has the Trainer's keys and other defaults, which are not known here."""
    mark = next((key for key in _SWIFT if config.has(key)), None)
    missing = [key for key in _DIFFER_IN_SWIFT if not config.has(key)]
    if mark is not None and missing:
        message = f"{mark} is a key of ms-swift, which has defaults of its own for {', '.join(missing)}"
        config.error(config.where(mark), message, "write their values, as the log of a run shows them")


DIALECT: Final = Dialect(
    name="hf",
    title="Hugging Face TrainingArguments",
    marks="`per_device_train_batch_size`, `lr_scheduler_type`, `warmup_ratio` or `num_train_epochs` at the top; "
    "in a script a program `*.py` with `--per_device_train_batch_size`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak", "5e-5"),
        Key("lr_scheduler_type", "the scheduler", "linear"),
        Key("lr_scheduler_kwargs", "its own arguments: a mapping, or its text in JSON"),
        *trainer_keys.LENGTHS,
        Key("dataloader_drop_last", "leave out the last, incomplete batch", "false"),
        Key("accelerator_config.split_batches", "the batch is that of all devices together", "false"),
        Key("eval_strategy, eval_steps", "when a plateau is stepped", "no, 500"),
        Key("deepspeed", "a DeepSpeed file; its scheduler, if it has one, is used instead"),
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
        "`constant` ignores a warmup without a word; so does `reduce_lr_on_plateau`.",
        "The mode of `reduce_lr_on_plateau` stays `min`, also for an accuracy.",
        "`5e-5` in YAML is text to PyYAML, and the Trainer stops; write 5.0e-5.",
    ),
    source="transformers: training_args.py, trainer.py, optimization.py",
    example="learning_rate: 1.0e-5\nlr_scheduler_type: cosine\nwarmup_steps: 30\nmax_steps: 300\n",
    scalars=yaml11,
    text_numbers="PyYAML",
    epochs=("num_train_epochs", ("max_steps",)),
    steps=("max_steps", ()),
    override=flags,
    yields_to=("llamafactory", "trl", "axolotl"),
)
