"""torchtune: the YAML of a recipe (`tune run RECIPE --config x.yaml`)."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import keys, trainer, transformers
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import dotted
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value
from lrviz.schedule.text.suggest import did_you_mean

COSINE: Final = "get_cosine_schedule_with_warmup"
MODULES: Final = ("torchtune.training.lr_schedulers", "torchtune.training", "torchtune.modules",
                  "torchtune.modules.lr_schedulers", "torchtune.utils")  # fmt: skip
"""Where releases of torchtune have it."""


_MEANT: Final = {
    "lr": "optimizer.lr",
    "learning_rate": "optimizer.lr",
    "scheduler": "lr_scheduler",
    "num_epochs": "epochs",
    "max_steps": "max_steps_per_epoch",
    "warmup_steps": "lr_scheduler.num_warmup_steps",
}
"""Keys of other programs, and what torchtune calls the same."""

_OWN: Final = (
    "optimizer",
    "lr_scheduler",
    "epochs",
    "max_steps_per_epoch",
    "batch_size",
    "gradient_accumulation_steps",
)


def recognize(outline: Outline) -> str:
    return outline.any("optimizer._component_", "model._component_", "lr_scheduler._component_")


def read(config: Config) -> Plan:
    for key in ("ppo_epochs", "forward_batch_size"):
        if config.has(key):
            config.error(config.where(key), "torchtune's PPO recipe counts its steps by rollouts, and is not read",
                         "write it as a schedule file of lrviz")  # fmt: skip
            return Plan({}, "")
    keys.mistaken(config, "torchtune", _MEANT, _OWN)
    optimizer = config.section("optimizer")
    kind = optimizer.text("_component_", "").value
    of_torch = not config.has("optimizer") or kind.startswith(("torch.optim.", "bitsandbytes.optim."))
    lr = optimizer.number("lr", 1e-3, low=0) if of_torch else optimizer.number("lr", low=0)
    steps, per_epoch = _steps(config)
    document: dict[str, Any] = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": {"type": "AdamW", "lr": lr},
        "scheduler": "none",
    }
    if not config.has("lr_scheduler"):
        return Plan(document, f"constant, {steps.value:,} steps")
    arguments = config.section("lr_scheduler")
    component = arguments.text("_component_")
    module, _, name = component.value.rpartition(".")
    if name != COSINE or (module and module not in MODULES):
        config.error(
            component.where,
            f"torchtune builds a scheduler with num_training_steps, which {component.value} is not known to take",
            did_you_mean(name, [COSINE]),
        )
        return Plan(document, "")
    for item in arguments.root.items():
        key = str(item.key.value)
        if key not in ("_component_", "num_warmup_steps", "num_cycles"):
            hint = did_you_mean(key, ("num_warmup_steps", "num_cycles"))
            config.error(item.key.where, f"lr_scheduler: {COSINE} has no argument {key!r} here", hint)
    warmup = arguments.whole("num_warmup_steps", low=0)
    trainer.warn_of_long_warmup(config, warmup, steps)
    factor = transformers.cosine(warmup.value, steps.value, arguments.number("num_cycles", 0.5).value)
    document["scheduler"] = lambda_lr(factor, component, f"cosine of torchtune, warmup {warmup.value}")
    return Plan(document, f"cosine, warmup {warmup.value:,} of {steps.value:,} steps")


def _steps(config: Config) -> tuple[Value, Value]:
    """The steps of the run and of an epoch: only whole batches, and only whole accumulations."""
    epochs = config.whole("epochs", low=1)
    accumulation = config.whole("gradient_accumulation_steps", 1, low=1)
    batches = _batches(config, epochs)
    count = batches.value // accumulation.value
    how = f"floor({batches.value} / {accumulation.value})"
    limit = config.whole("max_steps_per_epoch", None, low=1)
    if limit.value is not None and limit.value < count:
        count, how = limit.value, f"max_steps_per_epoch {limit.value}, less than {how}"
    if not count:
        config.error(
            accumulation.where, f"an epoch of {batches.value} batches has no step: {accumulation.value} make one"
        )
    per_epoch = config.derived("steps per epoch", max(1, count), how, accumulation)
    total = epochs.value * per_epoch.value
    return config.derived("steps", total, f"{epochs.value} x {per_epoch.value}", epochs), per_epoch


def _batches(config: Config, epochs: Value) -> Value:
    """The batches that one device draws in an epoch; what is asked for is what completes what is known."""
    known, samples, devices = map(config.known, ("batches_per_epoch", "samples", "devices"))
    if known is not None:
        return known
    if samples is None and devices is None:
        meaning = "batches that one device draws in an epoch; samples and devices will do as well"
        return config.fact("batches_per_epoch", epochs.where, meaning)
    batch = config.whole("batch_size", low=1)
    meaning = "samples of the training set, after packing" if _is_packed(config) else ""
    samples = samples or config.fact("samples", batch.where, meaning)
    devices = devices or config.fact("devices", batch.where)
    count = -(-samples.value // devices.value) // batch.value
    how = f"floor(ceil({samples.value} / {devices.value}) / {batch.value})"
    return config.derived("batches per epoch", count, how, batch)


def _is_packed(config: Config) -> bool:
    dataset = config.node("dataset")
    return dataset is not None and dataset.is_mapping and bool(config.section("dataset").flag("packed", False).value)


DIALECT: Final = Dialect(
    name="torchtune",
    title="torchtune",
    marks="`_component_` inside of `optimizer`, `model` or `lr_scheduler`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.lr", "the peak", "1e-3"),
        Key("lr_scheduler", "`_component_` and arguments of get_cosine_schedule_with_warmup; without it the learning "
            "rate is constant"),
        Key("lr_scheduler.num_warmup_steps", "steps of the warmup"),
        Key("lr_scheduler.num_cycles", "waves of the cosine", "0.5"),
        Key("epochs", "length of the run"),
        Key("max_steps_per_epoch", "ends each epoch early, and counts in the length of the schedule"),
        Key("batch_size", "batch of one device"),
        Key("gradient_accumulation_steps", "batches per optimizer step", "1"),
    ),
    facts=("samples", "devices", "batches_per_epoch"),
    surprises=(
        "Recipes of full fine-tuning usually have no lr_scheduler, and train with a constant learning rate.",
        "An incomplete batch and an incomplete accumulation at the end of an epoch are left out.",
    ),
    source="torchtune: torchtune/training/lr_schedulers.py, recipes/lora_finetune_single_device.py",
    example="""\
model:
  _component_: torchtune.models.llama3_1.lora_llama3_1_8b
optimizer:
  _component_: torch.optim.AdamW
  lr: 3e-4
lr_scheduler:
  _component_: torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup
  num_warmup_steps: 100
epochs: 2
batch_size: 2
gradient_accumulation_steps: 8
""",
    scalars=omegaconf,
    text_numbers="OmegaConf",
    epochs=("epochs", ()),
    override=dotted(omegaconf),
)  # fmt: skip
