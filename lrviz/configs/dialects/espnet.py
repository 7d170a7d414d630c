"""ESPnet and WeNet: `optim`, `optim_conf`, `scheduler`, `scheduler_conf`, and a length in epochs."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import factor
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value

_BY_STEP: Final = ("warmuplr", "noamlr")
_BY_EPOCH: Final = {
    "steplr": ("StepLR", ("step_size", "gamma")),
    "multisteplr": ("MultiStepLR", ("milestones", "gamma")),
    "exponentiallr": ("ExponentialLR", ("gamma",)),
    "cosineannealinglr": ("CosineAnnealingLR", ("T_max", "eta_min")),
}
"""torch's own classes, called after each epoch, with their arguments."""


def recognize(outline: Outline) -> str:
    return "`optim_conf` with `scheduler_conf`" if outline.has("optim_conf", "scheduler_conf") else ""


def read(config: Config) -> Plan:
    names = (*_BY_STEP, *_BY_EPOCH, "none")
    name = config.choice("scheduler", names, "none", what="scheduler of ESPnet or WeNet that lrviz reads")
    lr = config.section("optim_conf").number("lr", above=0)
    epochs = config.whole("max_epoch", low=1)
    given = config.section("scheduler_conf")
    lost = ("betas, weight decay and other hyper-parameters of the optimizer",)
    if name.value == "none":
        document: dict[str, Any] = {"epochs": epochs, "optimizer": {"type": "AdamW", "lr": lr}, "scheduler": "none"}
        return Plan(document, f"constant, {epochs.value} epochs", lost)
    if name.value in _BY_EPOCH:
        torchs, arguments = _BY_EPOCH[name.value]
        scheduler = {"type": torchs, **{key: given.plain(key) for key in arguments}}
        document = {"epochs": epochs, "optimizer": {"type": "AdamW", "lr": lr}, "scheduler": scheduler}
        return Plan(document, f"{name.value}, {epochs.value} epochs", lost)
    accumulation = config.whole("accum_grad", 1, low=1)
    per_epoch = config.whole("num_iters_per_epoch", None, low=1)
    batches = per_epoch if per_epoch.value is not None else config.fact("batches_per_epoch", epochs.where)
    updates = config.derived("steps per epoch", batches.value // accumulation.value,
                             f"floor({batches.value} / {accumulation.value})", accumulation)  # fmt: skip
    if updates.value < 1:
        message = f"an epoch of {batches.value} batches has no step with accum_grad {accumulation.value}"
        config.error(accumulation.where, message)
        updates = Value(1, updates.key, updates.where)
    warmup = given.number("warmup_steps", 25_000.0, low=0)
    steps = config.derived("steps", epochs.value * updates.value, f"{epochs.value} x {updates.value}", epochs)
    document = {
        "steps": steps,
        "steps_per_epoch": updates,
        **factor(_formula(given, name.value, warmup.value), lr, name, "ESPnet"),
    }
    return Plan(document, f"{name.value}, warmup {warmup.value:g} of {steps.value:,} steps", lost)


def _formula(given: Config, name: str, warmup: float) -> str:
    """The factor at a step, counted from 1."""
    count = int(warmup) if warmup == int(warmup) else warmup
    if not warmup:
        return "(t + 1) ** -0.5"
    slope = count**-1.5
    scale = count**0.5
    if name == "noamlr":
        size = given.number("model_size", 320.0, above=0).value
        scale = (int(size) if size == int(size) else size) ** -0.5
    return f"{scale!r} * min((t + 1) ** -0.5, (t + 1) * {slope!r})"


DIALECT: Final = Dialect(
    name="espnet",
    title="ESPnet and WeNet",
    marks="`optim_conf` with `scheduler_conf`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optim_conf.lr", "the peak"),
        Key("scheduler", "warmuplr, noamlr; by epoch: steplr, multisteplr, exponentiallr, cosineannealinglr"),
        Key("scheduler_conf.warmup_steps", "steps of the warmup", "25000"),
        Key("max_epoch", "length of the run"),
        Key("accum_grad", "batches per optimizer step", "1"),
        Key("num_iters_per_epoch", "batches of an epoch, if it is not the whole data set"),
    ),
    facts=("batches_per_epoch",),
    surprises=(
        "Batches that do not fill an accumulation at the end of an epoch make no step.",
        "The first step trains with lr / warmup_steps, not with 0.",
    ),
    source="espnet2/schedulers/warmup_lr.py, espnet2/train/trainer.py; wenet/utils/scheduler.py",
    example="optim: adam\noptim_conf: {lr: 0.002}\nscheduler: warmuplr\nscheduler_conf: {warmup_steps: 120}\n"
    "max_epoch: 5\naccum_grad: 4\n",
    scalars=yaml11,
    text_numbers="PyYAML",
    epochs=("max_epoch", ()),
)
