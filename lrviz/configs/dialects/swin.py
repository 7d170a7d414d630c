"""Swin Transformer, and projects that copied its `config.py` and `lr_scheduler.py`: YAML of yacs with `TRAIN`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, FileReader, Key, Plan
from lrviz.configs.helpers import yacs as of_yacs
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yacs
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node

_NAMES: Final = ("cosine", "linear", "step", "multistep")
_FLAGS: Final = {
    "--batch-size": "DATA.BATCH_SIZE",
    "--accumulation-steps": "TRAIN.ACCUMULATION_STEPS",
}


def recognize(outline: Outline) -> str:
    if outline.any("SOLVER", "_BASE_"):
        return ""
    if outline.any("TRAIN.LR_SCHEDULER"):
        return "`TRAIN.LR_SCHEDULER`"
    mark = outline.any("TRAIN.BASE_LR", "TRAIN.WARMUP_LR")
    if mark:
        return f"`{mark}`"
    kind = outline.at("MODEL.TYPE")
    return f"`MODEL.TYPE: {kind}`" if isinstance(kind, str) and kind.startswith("swin") else ""


def compose(root: Node, overrides: Sequence[str], read: FileReader) -> Node:
    return of_yacs.compose(root, overrides, read, "BASE", _FLAGS)


def read(config: Config) -> Plan:
    train = config.section("TRAIN")
    scheduler = train.section("LR_SCHEDULER")
    name = scheduler.choice("NAME", _NAMES, "cosine", what="scheduler of Swin")
    where = scheduler.where("NAME") if scheduler.has("NAME") else train.where("EPOCHS", "BASE_LR")
    accumulate = max(train.whole("ACCUMULATION_STEPS", 1, low=0).value, 1)
    batches = config.fact("batches_per_epoch", where).value
    per_epoch = max(batches // accumulate, 1)
    epochs, warmup_epochs = train.whole("EPOCHS", 300, low=1), train.number("WARMUP_EPOCHS", 20.0, low=0)
    how = f"int({warmup_epochs.value:g} x {per_epoch})"
    warmup = config.derived("warmup steps", int(warmup_epochs.value * per_epoch), how, warmup_epochs)
    steps = config.derived("steps", epochs.value * per_epoch, f"{epochs.value} x {per_epoch}", epochs)
    if train.whole("START_EPOCH", 0, low=0).value:
        config.error(train.where("START_EPOCH"), "only a whole run can be drawn, from START_EPOCH 0", "leave it out")
    lr, warmup_lr, min_lr = _scaled(config, train, accumulate)
    update = _update(batches, accumulate, per_epoch)
    rate = _rate(scheduler, name, lr.value, min_lr.value, update, steps.value, warmup.value, per_epoch)
    first = lr.value
    if warmup.value:
        first, slope = warmup_lr.value, (lr.value - warmup_lr.value) / warmup.value
        rate = f"{first!r} + {update} * {slope!r} if {update} < {warmup.value} else {rate}"
    document: dict[str, Any] = {
        "steps": steps,
        "steps_per_epoch": per_epoch,
        "optimizer": {"type": "AdamW", "lr": lr},
        "scheduler": "none",
    }
    if lr.value:
        factor = f"({first!r} if t < 1 else {rate}) / {lr.value!r}"
        made = Value(factor, name.key, where, "derived", f"{name.value} of timm, one step late")
        document["scheduler"] = {"type": "LambdaLR", "lr_lambda": made}
    lost = ("rates of layers (LAYER_DECAY), which need the model",) if train.has("LAYER_DECAY") else ()
    return Plan(document, f"{name.value}, warmup {warmup.value:,} of {steps.value:,} steps", lost)


def _update(batches: int, accumulate: int, per_epoch: int) -> str:
    """The number with which the scheduler was last called before step `t`: that of the step before, or a little more
    where batches at the end of an epoch make no step, because these are counted."""
    if batches % accumulate == 0 or batches < accumulate:
        return "(t - 1)"
    before, within = f"((t - 1) // {per_epoch} * {batches}", f"((t - 1) % {per_epoch} + 1)"
    return f"({before} + {accumulate} * {within} - 1) // {accumulate})"


def _scaled(config: Config, train: Config, accumulate: int) -> tuple[Value, Value, Value]:
    """The rates, each times batch x devices / 512 and the accumulation, as main.py does it."""
    batch = config.section("DATA").whole("BATCH_SIZE", 128, low=1)
    devices = config.fact("devices", batch.where if batch.origin == "config" else train.where("BASE_LR"))

    def scaled(key: str, default: float) -> Value:
        given = train.number(key, default, low=0)
        made = given.value * batch.value * devices.value / 512.0
        how = f"{given.value:g} x {batch.value} x {devices.value} / 512"
        if accumulate > 1:
            made, how = made * accumulate, f"{how} x {accumulate}"
        return config.derived(f"{key}, scaled", made, how, given)

    return scaled("BASE_LR", 5e-4), scaled("WARMUP_LR", 5e-7), scaled("MIN_LR", 5e-6)


def _rate(
    scheduler: Config, name: Value, lr: float, low: float, at: str, steps: int, warmup: int, per_epoch: int
) -> str:
    """The rate after the warmup, of update `at`."""
    if name.value == "linear":
        return f"{lr!r} - {lr - lr * 0.01!r} * (({at} - {warmup}) / {max(steps - warmup, 1)})"
    if name.value == "step":
        every = max(int(scheduler.number("DECAY_EPOCHS", 30.0, above=0).value * per_epoch), 1)
        return f"{lr!r} * {scheduler.number('DECAY_RATE', 0.1).value!r} ** ({at} // {every})"
    if name.value == "multistep":
        return _multistep(scheduler, lr, at, warmup, per_epoch)
    if not scheduler.has("WARMUP_PREFIX") and warmup:
        scheduler.note(
            name.where,
            "copies-differ",
            "WARMUP_PREFIX is true where the file does not say it; copies of the project made before 2022 begin the "
            "cosine with the warmup",
            "write WARMUP_PREFIX, or --set TRAIN.LR_SCHEDULER.WARMUP_PREFIX=false",
        )
    prefix = scheduler.flag("WARMUP_PREFIX", True).value
    length = max(steps - warmup if prefix else steps, 1)
    passed = f"({at} - {warmup})" if prefix and warmup else at
    return f"{low!r} + {0.5 * (lr - low)!r} * (1 + cos(pi * {passed} / {length})) if {passed} < {length} else {low!r}"


def _multistep(scheduler: Config, lr: float, at: str, warmup: int, per_epoch: int) -> str:
    given = scheduler.list_of("MULTISTEPS", values.real, ())
    gamma = scheduler.number("GAMMA", 0.1).value
    steps = sorted(each.value * per_epoch for each in given.value)
    if not steps or warmup > steps[0]:
        scheduler.error(
            given.where,
            "multistep needs MULTISTEPS, and none of them inside the warmup",
            "write MULTISTEPS: [200, 250]",
        )
    return repr(lr) + "".join(f" * ({gamma!r} if {at} >= {step:.15g} else 1.0)" for step in steps)


DIALECT: Final = Dialect(
    name="swin",
    title="Swin Transformer and its kin",
    marks="`TRAIN` with `LR_SCHEDULER`, `BASE_LR` or `WARMUP_LR`; or `MODEL.TYPE: swin...`",
    recognize=recognize,
    read=read,
    keys=(
        Key("TRAIN.BASE_LR", "the peak for a batch of 512 over all devices", "5e-4"),
        Key("TRAIN.WARMUP_LR", "where the warmup begins, scaled as BASE_LR is", "5e-7"),
        Key("TRAIN.MIN_LR", "the end of the cosine, scaled as BASE_LR is", "5e-6"),
        Key("TRAIN.EPOCHS", "length of the run", "300"),
        Key("TRAIN.WARMUP_EPOCHS", "length of the warmup", "20"),
        Key("TRAIN.ACCUMULATION_STEPS", "batches per optimizer step; the rates are times it too", "1"),
        Key("TRAIN.LR_SCHEDULER.NAME", "cosine, linear, step or multistep", "cosine"),
        Key("TRAIN.LR_SCHEDULER.WARMUP_PREFIX", "begin the cosine after the warmup", "true"),
        Key("TRAIN.LR_SCHEDULER.DECAY_EPOCHS", "epochs between the decays of step", "30"),
        Key("TRAIN.LR_SCHEDULER.DECAY_RATE", "the factor of a decay of step", "0.1"),
        Key("TRAIN.LR_SCHEDULER.MULTISTEPS", "epochs of the decays of multistep"),
        Key("TRAIN.LR_SCHEDULER.GAMMA", "the factor of a decay of multistep", "0.1"),
        Key("DATA.BATCH_SIZE", "batch of one device", "128"),
    ),
    facts=("batches_per_epoch", "devices"),
    differences=("Copies of the project made before 2022 have no WARMUP_PREFIX: their cosine begins with the warmup.",),
    surprises=(
        "BASE_LR, WARMUP_LR and MIN_LR are all times batch x devices / 512.",
        "The scheduler is called after each step with the number of that step, so the rate comes one step late.",
    ),
    source="Swin-Transformer: main.py, lr_scheduler.py, config.py; timm: scheduler/cosine_lr.py",
    example=(
        "DATA: {BATCH_SIZE: 64}\n"
        "TRAIN:\n  EPOCHS: 100\n  WARMUP_EPOCHS: 5\n  BASE_LR: 1e-3\n"
        "  LR_SCHEDULER: {NAME: cosine, WARMUP_PREFIX: true}\n"
    ),
    scalars=yacs,
    epochs=("TRAIN.EPOCHS", ()),
    compose=compose,
)
