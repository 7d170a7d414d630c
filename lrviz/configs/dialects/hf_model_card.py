"""The model card that the Trainer of transformers writes: the hyperparameters of a run, without its data."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import cards, trainer
from lrviz.configs.outline import Outline
from lrviz.configs.text.markdown import ROWS
from lrviz.schedule.imported import Value

_MARK: Final = "- lr_scheduler_type:"

_CARD: Final = trainer.Trainer(
    warmup_steps="lr_scheduler_warmup_steps",
    warmup_ratio="lr_scheduler_warmup_ratio",
    epochs="num_epochs",
    limit="training_steps",
    batch="train_batch_size",
)

_NEED_ARGUMENTS: Final = ("cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay")
_TAKE_ARGUMENTS: Final = ("cosine", "cosine_with_restarts", "polynomial", "inverse_sqrt")


def recognize(outline: Outline) -> str:
    has_both = "### Training hyperparameters" in outline.text and _MARK in outline.text
    return f"Training hyperparameters with {_MARK}" if has_both else ""


def read(config: Config) -> Plan:
    cards.take_releases(config)
    config = cards.plain_names(config, "lr_scheduler_type")
    config, program = cards.one_warmup(config, _CARD)
    if not _says_enough(config):
        return Plan({}, "")
    rate = config.number("learning_rate", low=0)
    per_epoch = cards.steps_per_epoch(config) if config.has(ROWS) else None
    return trainer.plan(config, rate, replace(program, devices=_devices(config), per_epoch=per_epoch))


def _devices(config: Config) -> Value:
    """The processes of the run, which a card lists if there are several."""
    default = Value(1, "num_devices", config.where("train_batch_size"), "default", "a card lists more than one")
    return config.whole("num_devices", default, low=1)


def _says_enough(config: Config) -> bool:
    """False for a scheduler that needs arguments, which a card does not list; a note on one that may have had some."""
    name = config.node("lr_scheduler_type")
    if name is None:
        return True
    if name.value in _NEED_ARGUMENTS:
        config.error(
            name.where,
            f"{name.value} needs lr_scheduler_kwargs, which a model card does not list",
            "write them into a config of your own, with the values of this card",
        )
        return False
    if name.value in _TAKE_ARGUMENTS:
        message = f"a model card does not list lr_scheduler_kwargs: the defaults of {name.value} are assumed"
        config.note(name.where, "not-in-card", message)
    return True


DIALECT: Final = Dialect(
    name="hf-model-card",
    title="Hugging Face model card",
    marks="`### Training hyperparameters` with `- lr_scheduler_type:`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak"),
        Key("train_batch_size", "batch of one device", "8"),
        Key("num_devices", "data parallel processes", "1"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
        Key("lr_scheduler_type", "the scheduler", "linear"),
        Key("lr_scheduler_warmup_steps", "steps of the warmup; below 1, since transformers 5, a share", "0"),
        Key("lr_scheduler_warmup_ratio", "the warmup as a share of the run", "0"),
        Key("num_epochs", "length of the run", "3"),
        Key("training_steps", "length of the run in optimizer steps"),
        Key("columns Epoch and Step", "steps of an epoch, where the samples are not given"),
    ),
    facts=("samples",),
    packages=("transformers",),
    differences=("The card is read as the release that it names below `Framework versions`.",),
    surprises=(
        "lr_scheduler_kwargs are not in the card: their defaults are assumed, with a note.",
        "The table of results says how many steps an epoch has, so that often nothing has to be added.",
    ),
    source="transformers: modelcard.py",
    example=(
        "# my-model\n\n### Training hyperparameters\n\n- learning_rate: 3e-05\n- train_batch_size: 16\n"
        "- lr_scheduler_type: linear\n- lr_scheduler_warmup_ratio: 0.1\n- num_epochs: 3\n\n### Training results\n\n"
        "| Training Loss | Epoch | Step | Validation Loss |\n|:---:|:---:|:---:|:---:|\n"
        "| 0.412 | 1.0 | 282 | 0.371 |\n| 0.287 | 2.0 | 564 | 0.350 |\n"
    ),
    epochs=("num_epochs", ("training_steps",)),
    steps=("training_steps", ("num_epochs",)),
)
