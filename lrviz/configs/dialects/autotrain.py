"""AutoTrain: `params` of a task, which become TrainingArguments of transformers."""

from __future__ import annotations

from typing import Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import trainer
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11


class _Defaults(NamedTuple):
    lr: float
    epochs: float
    batch: int
    accumulation: int


_TASKS: Final = {
    "llm": _Defaults(3e-5, 1, 2, 4),
    "vlm": _Defaults(3e-5, 1, 2, 4),
    "sentence-transformers": _Defaults(3e-5, 3, 8, 1),
    "seq2seq": _Defaults(5e-5, 3, 2, 1),
    "text": _Defaults(5e-5, 3, 8, 1),
    "token": _Defaults(5e-5, 3, 8, 1),
    "image": _Defaults(5e-5, 3, 8, 1),
    "object": _Defaults(5e-5, 3, 8, 1),
    "extractive": _Defaults(5e-5, 3, 8, 1),
}
"""The defaults of each kind of task, by how its name begins (`llm-sft`)."""


def recognize(outline: Outline) -> str:
    marks = ("task", "project_name", "base_model", "params")
    return "task, project_name, base_model and params" if outline.has(*marks) else ""


def read(config: Config) -> Plan:
    task = config.text("task", "llm")
    kind = next((kind for kind in _TASKS if task.value.lower().replace("_", "-").startswith(kind)), "")
    if not kind:
        hint = f"tasks begin with {', '.join(_TASKS)}"
        config.error(task.where, f"{task.value} is no task of AutoTrain with a learning rate", hint)
    lr, epochs, batch, accumulation = _TASKS[kind or "llm"]
    program = trainer.Trainer(
        scheduler="scheduler",
        default_ratio=0.1,
        removed=False,
        epochs="epochs",
        default_epochs=epochs,
        batch="batch_size",
        default_batch=batch,
        accumulation="gradient_accumulation",
        default_accumulation=accumulation,
    )
    params = config.section("params")
    return trainer.plan(params, params.number("lr", lr, low=0), program)


DIALECT: Final = Dialect(
    name="autotrain",
    title="AutoTrain",
    marks="`task`, `project_name`, `base_model` and a mapping `params`",
    recognize=recognize,
    read=read,
    keys=(
        Key("task", "names the defaults: llm-sft, text-classification, ..."),
        Key("params.lr", "the peak", "3e-5 (llm, vlm, sentence-transformers), 5e-5"),
        Key("params.scheduler", "a scheduler of transformers", "linear"),
        Key("params.warmup_ratio", "the warmup as a share of the run", "0.1"),
        Key("params.epochs", "length of the run", "1 (llm, vlm), 3"),
        Key("params.batch_size", "batch of one device", "2 (llm, vlm, seq2seq), 8"),
        Key("params.gradient_accumulation", "batches per optimizer step", "4 (llm, vlm), 1"),
    ),
    facts=("samples", "devices"),
    packages=("transformers",),
    differences=("Before transformers 4.52 an incomplete accumulation at the end of an epoch makes no step.",),
    surprises=("A warmup of 10 % is the default, which the file need not say.",),
    source="autotrain-advanced: trainers/*/params.py, trainers/clm/utils.py",
    example=(
        "task: llm-sft\nbase_model: my-org/base\nproject_name: my-project\ndata:\n  path: my-org/data\n"
        "params:\n  epochs: 3\n  batch_size: 2\n  lr: 3e-5\n  scheduler: cosine\n"
    ),
    scalars=yaml11,
    epochs=("params.epochs", ()),
)
