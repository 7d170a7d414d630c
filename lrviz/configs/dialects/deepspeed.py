"""DeepSpeed: the JSON file that `deepspeed.initialize` reads, where it holds a scheduler."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import deepspeed
from lrviz.configs.outline import Outline

_MARKS: Final = ("zero_optimization", "train_micro_batch_size_per_gpu")


def recognize(outline: Outline) -> str:
    scheduler = outline.at("scheduler")
    if isinstance(scheduler, dict) and "type" in scheduler and "params" in scheduler:
        return "scheduler.type with scheduler.params"
    if outline.has("train_batch_size", "optimizer.params"):
        return "train_batch_size with optimizer.params"
    return outline.any(*_MARKS)


def read(config: Config) -> Plan:
    if not config.has("scheduler"):
        config.error(
            config.where("optimizer"),
            "this DeepSpeed file holds no scheduler: the learning rate is in the training config that names it",
            "name that config instead (Hugging Face's has this file under `deepspeed`)",
        )
        return Plan({}, "")
    steps = config.fact("steps", config.where("scheduler"))
    found = deepspeed.read_scheduler(config)
    if found is None:
        return Plan({}, "")
    document: dict[str, Any] = {"steps": steps, "optimizer": found.optimizer, "scheduler": found.scheduler}
    return Plan(document, f"{found.summary}, in a run of {steps.value:,} steps", found.lost)


DIALECT: Final = Dialect(
    name="deepspeed",
    title="DeepSpeed",
    marks="`scheduler` with `type` and `params`, `zero_optimization`, `train_micro_batch_size_per_gpu`, or "
    "`train_batch_size` with `optimizer.params`",
    recognize=recognize,
    read=read,
    keys=(
        Key("scheduler.type", "a scheduler of DeepSpeed (WarmupLR, WarmupDecayLR, WarmupCosineLR, OneCycle, "
            "LRRangeTest) or of torch"),
        Key("scheduler.params", "its arguments, each a number or, for the learning rates, a list of one a param group"),
        Key("scheduler.params.warmup_max_lr", "the peak; of WarmupLR by default the optimizer's", "0.001"),
        Key("scheduler.params.warmup_num_steps", "steps of the warmup, at least 2", "1000"),
        Key("scheduler.params.warmup_type", "shape of the warmup: log or linear", "log"),
        Key("scheduler.params.total_num_steps", "steps of the schedule; the run may have another length"),
        Key("optimizer.params.lr", "the learning rate that the optimizer is made with", "0.001"),
    ),
    text_numbers="DeepSpeed",
    facts=("steps",),
    packages=("deepspeed",),
    differences=(
        "Before 0.15.3, step 0 of a warmup trains with the optimizer's own learning rate, which is the peak.",
        "Before 0.17.2, the peak of WarmupLR is 0.001 unless warmup_max_lr is given.",
        "Since 0.19.3, warmup_num_steps must be a whole number above 0.",
        "Before 0.19.4, the stair counts of OneCycle change nothing.",
    ),
    surprises=(
        "A warmup is logarithmic unless warmup_type says linear.",
        "Everything comes one step late: a warmup of 100 holds its start for two steps and is done at step 101.",
        "The peak of WarmupDecayLR is 0.001 unless warmup_max_lr is given, whatever the optimizer's lr is.",
        "WarmupCosineLR trains step 0 with 0, not with warmup_min_ratio.",
        "With fp16, a step that overflows does not call the scheduler.",
        "A file without a scheduler is not read: the learning rate is in the training config that names it.",
    ),
    source="DeepSpeed: deepspeed/runtime/lr_schedules.py, deepspeed/runtime/engine.py",
    example="""\
{
  "train_micro_batch_size_per_gpu": 4,
  "optimizer": {"type": "AdamW", "params": {"lr": 3e-5}},
  "scheduler": {
    "type": "WarmupDecayLR",
    "params": {"total_num_steps": 1200, "warmup_max_lr": 3e-5, "warmup_num_steps": 100}
  }
}
""",
)  # fmt: skip
