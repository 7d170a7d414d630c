"""LLaMA-Factory: TrainingArguments with its own keys beside them, and the files of its new engine "v1"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import trainer, trainer_keys
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import dotted
from lrviz.configs.text.scalars import omegaconf, yaml11
from lrviz.schedule.imported import Value

_STAGES: Final = ("pt", "sft", "rm", "ppo", "dpo", "kto")
_BESIDE_STAGE: Final = ("finetuning_type", "cutoff_len", "template", "lora_target", "dataset_dir")

_SAMPLES: Final = "samples of the training set, after max_samples (of each data set), val_size and packing"


def recognize(outline: Outline) -> str:
    beside = outline.any(*_BESIDE_STAGE)
    if outline.at("stage") in _STAGES and beside:
        return f"stage with {beside}"
    batch = outline.any("global_batch_size", "micro_batch_size")
    return f"train_dataset with {batch}" if outline.has("train_dataset") and batch else ""


def read(config: Config) -> Plan:
    if not config.has("stage") and config.has("train_dataset"):
        return _read_v1(config)
    trainer_keys.check(config, stops="LLaMA-Factory", own=("batch_size",))
    trainer_keys.note_own_rate(config)
    _refuse_text_numbers(config)
    program = replace(trainer.HF, stable_decay=_stable_decay, samples=_SAMPLES)
    if config.choice("stage", _STAGES, "sft").value == "ppo":
        program = replace(program, batches=_ppo_batches)
    rate = config.number("learning_rate", 5e-5, low=0)
    return trainer.plan(config, rate, program, _groups(config, rate))


def _refuse_text_numbers(config: Config) -> None:
    """Before OmegaConf read the file, `5e-6` was text, on which the run stops."""
    for key in ("learning_rate", "warmup_ratio", "num_train_epochs"):
        found = config.node(key)
        if found is not None and isinstance(found.value, str) and not config.since("llamafactory", "0.9.4"):
            message = f"{key}: {found.value} is text to PyYAML, with which LLaMA-Factory before 0.9.4 reads it"
            config.refuse(found.where, message, "write it with a dot: 5.0e-6")


def _stable_decay(config: Config, steps: Value, warmup: Value) -> Mapping[str, Value]:
    """What warmup_stable_decay gets where the file does not say: a third of what is left for the stable part, the rest
    for the decay."""
    left = steps.value - warmup.value
    stable = left // 3
    where = config.where("lr_scheduler_type")
    return {
        "num_stable_steps": config.derived("num_stable_steps", stable, f"({steps.value} - {warmup.value}) // 3", where),
        "num_decay_steps": config.derived("num_decay_steps", left - stable, f"{left} - {stable}", where),
    }


def _groups(config: Config, rate: Value) -> list[dict[str, Any]] | None:
    """The param groups of LoRA+, in its order."""
    if not config.has("loraplus_lr_ratio"):
        return None
    ratio = config.number("loraplus_lr_ratio", above=0)
    embedding = config.number("loraplus_lr_embedding", 1e-6, low=0)
    how = f"{rate.value!r} x {ratio.value:g}"
    other = config.derived("learning rate of LoRA B", rate.value * ratio.value, how, ratio)
    rates = {"lora_a": rate, "lora_b": other, "lora_b_nodecay": other, "embedding": embedding}
    return [{"name": name, "lr": lr} for name, lr in rates.items()]


def _ppo_batches(config: Config, batch: Value, accumulation: Value) -> Value:
    """A step of PPO is a round over a buffer of batches."""
    samples, devices = config.fact("samples", batch.where, _SAMPLES), config.fact("devices", batch.where)
    buffer = config.whole("ppo_buffer_size", 1, low=1)
    together = batch.value * accumulation.value * buffer.value * devices.value
    rounds = -(-samples.value // together)
    config.warn(
        config.where("stage"),
        "ppo-steps",
        "stage ppo counts rounds of PPO as steps: one for every "
        f"{batch.value} x {accumulation.value} x {buffer.value} x {devices.value} samples",
        "the log of the run prints `Total training steps`; --steps sets it",
    )
    how = f"ceil({samples.value} / {together}) rounds x {accumulation.value}"
    return config.derived("batches per epoch", rounds * accumulation.value, how, buffer)


# --- the engine v1 ---------------------------------------------------------------------------------------------------


def _read_v1(config: Config) -> Plan:
    rate = config.number("learning_rate", 1e-4, low=0)
    for key in ("lr_scheduler_type", "warmup_ratio", "warmup_steps"):
        if config.has(key):
            message = f"{key} has no effect: the engine v1 of LLaMA-Factory looks at lr_scheduler_config alone"
            config.warn(config.where(key), "unknown-key", message, "leave it out")
    if config.has("lr_scheduler_config"):
        config.error(
            config.where("lr_scheduler_config"),
            "the engine v1 of LLaMA-Factory has no scheduler of its own, so what this one does is in another program",
            "leave lr_scheduler_config out for a constant learning rate",
        )
    steps, per_epoch = _length_v1(config)
    document = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": {"type": "AdamW", "lr": rate},
        "scheduler": "none",
    }
    return Plan(document, f"constant, {steps.value:,} steps", ("weight_decay",))


def _length_v1(config: Config) -> tuple[Value, Value | None]:
    limit = config.whole("max_steps", None)
    if limit.value is not None and limit.value > 0:
        return limit, None
    epochs = config.whole("num_train_epochs", 3, low=1)
    strategy = config.text("batching_strategy", "normal")
    if strategy.value.lower() != "normal":
        return config.fact("steps", strategy.where), None
    micro = config.whole("micro_batch_size", 1, low=1)
    samples, devices = config.fact("samples", micro.where, _SAMPLES), config.fact("devices", micro.where)
    together = config.whole("global_batch_size", Value(micro.value * devices.value, "global_batch_size", micro.where))
    if together.value % (micro.value * devices.value):
        message = f"global_batch_size must be a multiple of micro_batch_size x devices ({micro.value * devices.value})"
        config.error(together.where, f"{message} (got {together.value})")
    one = max(1, together.value // devices.value)
    count = samples.value // devices.value // one
    if not count:
        config.error(together.where, f"no batch is full: {samples.value} samples make less than {together.value}")
    how = f"floor(floor({samples.value} / {devices.value}) / {one})"
    per_epoch = config.derived("steps per epoch", max(1, count), how, together)
    total = epochs.value * per_epoch.value
    return config.derived("steps", total, f"{epochs.value} x {per_epoch.value}", epochs), per_epoch


DIALECT: Final = Dialect(
    name="llamafactory",
    title="LLaMA-Factory",
    marks="`stage` (pt, sft, rm, ppo, dpo, kto) with `finetuning_type`; of its engine v1 `train_dataset` with "
    "`global_batch_size` or `micro_batch_size`",
    recognize=recognize,
    read=read,
    keys=(
        Key("learning_rate", "the peak", "5e-5, of v1 1e-4"),
        Key("lr_scheduler_type", "the scheduler", "linear"),
        Key("lr_scheduler_kwargs", "its own arguments"),
        *trainer_keys.LENGTHS,
        Key("loraplus_lr_ratio", "rate of LoRA B, in learning rates"),
        Key("loraplus_lr_embedding", "rate of LoRA embeddings, with loraplus_lr_ratio", "1e-6"),
        Key("ppo_buffer_size", "batches of a round of PPO", "1"),
        Key("micro_batch_size, global_batch_size", "of v1: batch of one device, and of a step", "1, all devices"),
    ),
    facts=("samples", "devices", "metric"),
    packages=("transformers", "llamafactory"),
    differences=(
        "Before transformers 4.52 an incomplete accumulation at the end of an epoch makes no step.",
        "warmup_steps wins over warmup_ratio before 5.0, and loses from 5.0 to 5.14; 5.15 has no warmup_ratio.",
        "Before LLaMA-Factory 0.9.4 `5e-6` in YAML is text, and the run stops.",
    ),
    surprises=(
        "warmup_stable_decay without arguments is stable for a third of what the warmup leaves.",
        "`stage: pt` packs by default, so its samples are packed sequences.",
        "The engine v1 trains with a constant learning rate unless lr_scheduler_config names a scheduler.",
    ),
    source="llamafactory: hparams/parser.py, train/trainer_utils.py, v1/config/training_args.py",
    example=(
        "stage: sft\nfinetuning_type: lora\nlearning_rate: 1.0e-4\nlr_scheduler_type: cosine\nwarmup_steps: 30\n"
        "max_steps: 300\n"
    ),
    scalars=yaml11,
    interpolation=True,
    epochs=("num_train_epochs", ("max_steps",)),
    steps=("max_steps", ()),
    override=dotted(omegaconf),
)
