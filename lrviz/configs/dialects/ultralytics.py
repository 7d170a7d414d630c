"""ultralytics: the flat `args.yaml` of a run, and files for `cfg=`."""

from __future__ import annotations

from math import ceil
from typing import Any, Final, NamedTuple

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers import keys
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value

_OPTIMIZERS: Final = ("SGD", "MuSGD", "Adam", "Adamax", "AdamW", "NAdam", "RAdam", "RMSProp", "auto")
_HYP: Final = ("anchor_t", "cls_pw", "obj_pw", "fl_gamma", "obj")
"""Keys of YOLOv5's files of hyper-parameters."""


_KEYS: Final = (
    "lr0", "lrf", "cos_lr", "epochs", "batch", "nbs", "warmup_epochs", "warmup_bias_lr", "optimizer", "time",
    "fraction", "device", "patience", "momentum", "warmup_momentum",
)  # fmt: skip
_MISTAKEN: Final = {
    "lr": "lr0",
    "learning_rate": "lr0",
    "batch_size": "batch",
    "num_epochs": "epochs",
    "warmup": "warmup_epochs",
    "opt": "optimizer",
    "cosine_lr": "cos_lr",
}
"""Keys of other programs, and what ultralytics calls the same."""


class _Run(NamedTuple):
    """A run in batches: those of an epoch, of the warmup (0: none), and the most that a step accumulates, for which the
    warmup aims at `goal`."""

    epochs: int
    batches: int
    warmup: int
    accumulation: int
    goal: float


def recognize(outline: Outline) -> str:
    return "`lr0` and `lrf`" if outline.has("lr0", "lrf") else ""


def read(config: Config) -> Plan:
    for key in _HYP:
        if config.has(key):
            message = f"{key} belongs to a file of hyper-parameters of YOLOv5, which does not say the run"
            config.error(config.where(key), message, "lrviz reads args.yaml of ultralytics, not hyp.*.yaml of YOLOv5")
            return Plan({"epochs": 1, "optimizer": {"lr": 1.0}, "scheduler": "none"}, "")
    keys.nearly(config, _KEYS, "ultralytics", foreign=_MISTAKEN, stops=True)
    epochs = config.whole("epochs", 100, low=1)
    if config.has("time"):
        config.error(config.where("time"), "`time` ends the run after so many hours, so its length is not known",
                     "write time: null and the epochs that it made")  # fmt: skip
    batch = _batch(config)
    samples = config.fact("samples", batch.where)
    batches = _batches(config, samples, batch)
    nominal = config.whole("nbs", 64, low=1)
    optimizer, lr, bias = _optimizer(config, samples, max(batch.value, nominal.value), epochs)
    last = config.number("lrf", 0.01, low=0)
    accumulation = max(round(nominal.value / batch.value), 1)
    if accumulation > 1:
        how = f"round({nominal.value} / {batch.value})"
        accumulation = config.derived("batches per optimizer step", accumulation, how, batch).value
    goal = nominal.value / batch.value
    if goal != accumulation and (goal < 1 or config.since("ultralytics", "8.4.190")):
        goal = accumulation
    run = _Run(epochs.value, batches.value, _warmup(config, epochs, batches), accumulation, goal)
    steps, now = _clock(run)
    cosine = config.flag("cos_lr", False)
    rates = _rates(run, now, lr.value, bias.value if run.warmup else 0.0, last.value, cosine=bool(cosine.value))
    how = "the schedule of ultralytics, which sets the learning rate itself"
    unit = config.derived("optimizer.lr", 1.0, how, lr)
    kind = optimizer if optimizer in ("Adam", "Adamax", "AdamW", "NAdam", "RAdam") else "SGD"
    document: dict[str, Any] = {
        "steps": config.derived("steps", steps, f"{epochs.value} epochs of {batches.value} batches", epochs),
        "steps_per_epoch": batches if accumulation == 1 else None,
        "optimizer": {"type": kind, "lr": unit},
        "scheduler": lambda_lr(rates["weights"], lr, how),
    }
    if rates["weights"] != rates["bias"]:
        document["optimizer"] = {"type": kind, "groups": [{"name": name, "lr": unit} for name in rates]}
        formulas = {name: Value(text, lr.key, lr.where, "derived", how) for name, text in rates.items()}
        document["scheduler"] = {"type": "LambdaLR", "lr_lambda": formulas}
    shape = "cosine" if cosine.value else "linear"
    return Plan(
        document,
        f"{optimizer}, {shape} from {lr.value:g} to {lr.value * last.value:g}, warmup {run.warmup:,} of "
        f"{run.epochs * run.batches:,} batches",
        _lost(config, optimizer),
    )


def _batch(config: Config) -> Value:
    found = config.node("batch")
    whole = found is None or (isinstance(found.value, int) and found.value >= 1)
    batch = config.whole("batch", 16) if whole else config.number("batch")
    if batch.value < 1 or batch.value != int(batch.value):
        config.error(batch.where, f"batch {batch.value:g} lets ultralytics choose the batch (AutoBatch), so it is not "
                     "known", "write the batch that it chose: --set batch=16")  # fmt: skip
        return Value(16, batch.key, batch.where)
    return Value(int(batch.value), batch.key, batch.where, batch.origin)


def _batches(config: Config, samples: Value, batch: Value) -> Value:
    """The batches that each device draws in an epoch; `batch` is that of all devices together."""
    known = config.known("batches_per_epoch")
    if known is not None:
        return known
    count = samples.value
    if config.has("fraction"):
        count = round(count * config.number("fraction", above=0, high=1).value)
    device = config.plain("device")
    listed = str(device.value) if device is not None else ""
    names = [name for name in listed.strip("[]() ").split(",") if name.strip()]
    devices = max(1, len(names))
    each = -(-count // devices)
    size = max(1, min(batch.value // devices, each))
    how = f"ceil({count} / {batch.value})" if devices == 1 else f"ceil({each} / {size}) on each of {devices} devices"
    return config.derived("batches per epoch", -(-each // size), how, batch)


def _optimizer(config: Config, samples: Value, batch: int, epochs: Value) -> tuple[str, Value, Value]:
    """The optimizer, its learning rate, and that at which biases begin; `auto` chooses all three."""
    by_lower = {name.lower(): name for name in _OPTIMIZERS}
    written = config.text("optimizer", "auto")
    name = by_lower.get(written.value.lower(), "")
    if not name:
        name = config.choice("optimizer", _OPTIMIZERS, what="optimizer of ultralytics").value
    lr, bias = config.number("lr0", 0.01, low=0), config.number("warmup_bias_lr", 0.1, low=0)
    if name != "auto":
        return name, lr, bias
    if lr.origin == "config" and lr.value != 0.01:
        config.warn(lr.where, "overridden", "optimizer: auto chooses a learning rate of its own, so lr0 has no "
                    "effect", "name the optimizer, such as optimizer: SGD")  # fmt: skip
    bias = config.derived("warmup_bias_lr", 0.0, "optimizer: auto begins biases at 0", written)
    iterations = ceil(samples.value / batch) * epochs.value
    if iterations > 10_000:
        chosen = "MuSGD" if config.since("ultralytics", "8.4") else "SGD"
        why = f"auto: {iterations:,} iterations are more than 10,000, so {chosen} at 0.01"
        return chosen, config.derived("lr0", 0.01, why, written), bias
    classes = config.fact("classes", written.where)
    how = f"auto: {iterations:,} iterations, so AdamW at round(0.002 x 5 / (4 + {classes.value}), 6)"
    return "AdamW", config.derived("lr0", round(0.002 * 5 / (4 + classes.value), 6), how, written), bias


def _warmup(config: Config, epochs: Value, batches: Value) -> int:
    given = config.number("warmup_epochs", 3.0, low=0)
    if not given.value:
        return 0
    count = round(min(given.value, max(epochs.value - 1, 0)) * batches.value)
    older = max(round(given.value * batches.value), 100)
    if count != older and not config.since("ultralytics", "8.4.105"):
        how = f"max(round({given.value:g} x {batches.value}), 100)"
        return int(config.derived("warmup batches", older, how, given).value)
    how = f"round(min({given.value:g}, {epochs.value} - 1) x {batches.value})"
    return int(config.derived("warmup batches", count, how, given).value)


def _clock(run: _Run) -> tuple[int, str]:
    """The optimizer steps of a run, and the last batch of step `t` as text: during the warmup the accumulation grows,
    so that steps are denser in the beginning."""
    total = run.epochs * run.batches
    if run.accumulation == 1:
        return total, "t"
    pieces, batch, step, size = ["t"], 0, 0, 1
    if not run.warmup:
        batch, size = run.accumulation - 1, run.accumulation
        pieces = [f"{batch} + {size} * t"]
    while batch <= run.warmup and size < run.accumulation:
        following = batch + 1
        while following <= run.warmup and following - batch < _accumulated(run, following):
            following += 1
        if following > run.warmup:  # from here on the accumulation stays as it was last
            following = max(following, batch + _accumulated(run, run.warmup))
        if following >= total:
            return step + 1, f"({' + '.join(pieces)})"
        if following - batch > size:
            pieces.append(f"{following - batch - size} * max(0, t - {step})")
            size = following - batch
        batch, step = following, step + 1
    left = max(0, total - 1 - batch)
    return step + 1 + left // size, f"({' + '.join(pieces)})"


def _accumulated(run: _Run, batch: int) -> int:
    """The batches that a step takes, at a batch of the warmup; numpy rounds halves to even as Python does."""
    return max(1, round((run.goal - 1) / run.warmup * batch + 1))


def _rates(run: _Run, now: str, lr: float, bias: float, last: float, *, cosine: bool) -> dict[str, str]:
    """The learning rates of weights and biases as functions of the step."""
    epoch = f"({now} // {run.batches})"
    if cosine:
        part = f"max((1 - cos({epoch} * pi / {run.epochs})) / 2, 0) * {last - 1!r} + 1"
    else:
        part = f"max(1 - {epoch} / {run.epochs}, 0) * {1.0 - last!r} + {last!r}"
    rate = f"{lr!r} * ({part})"
    if not run.warmup:
        return {"weights": rate, "bias": rate}
    return {
        name: f"({rate} - {first!r}) / {run.warmup} * {now} + {first!r} if {now} < {run.warmup} else {rate}"
        for name, first in (("weights", 0.0), ("bias", bias))
    }


def _lost(config: Config, optimizer: str) -> tuple[str, ...]:
    lost = ["momentum and its warmup, weight decay"]
    if optimizer == "MuSGD":
        where = config.where("optimizer", "lr0")
        message = "MuSGD gives the classification head three times this learning rate"
        config.note(where, "left-out", message)
        lost.append(message)
    if config.has("patience") and config.whole("patience").value < config.whole("epochs", 100).value:
        lost.append("patience: the run may end earlier")
    return tuple(lost)


DIALECT: Final = Dialect(
    name="ultralytics",
    title="ultralytics",
    marks="`lr0` and `lrf`",
    recognize=recognize,
    read=read,
    keys=(
        Key("lr0", "the peak", "0.01"),
        Key("lrf", "the floor as a part of lr0", "0.01"),
        Key("cos_lr", "a cosine in place of a line", "false"),
        Key("epochs", "length of the run", "100"),
        Key("batch", "samples of a batch on all devices", "16"),
        Key("nbs", "samples of a step, for which batches are accumulated", "64"),
        Key("warmup_epochs", "length of the warmup", "3"),
        Key("warmup_bias_lr", "learning rate that biases begin at", "0.1"),
        Key("optimizer", "auto chooses optimizer and learning rate", "auto"),
    ),
    facts=("samples", "classes"),
    packages=("ultralytics",),
    differences=(
        "Before 8.4.105 the warmup has at least 100 batches.",
        "Since 8.4 auto takes MuSGD for long runs, before that SGD.",
    ),
    surprises=(
        "With optimizer: auto, the default, lr0 is ignored.",
        "lrf is never reached: it would be the learning rate of an epoch after the last.",
        "A learning rate without a dot (1e-3) is text, and ultralytics stops.",
    ),
    source="ultralytics: ultralytics/engine/trainer.py, cfg/default.yaml",
    example="epochs: 12\nbatch: 64\noptimizer: SGD\nlr0: 0.01\nlrf: 0.01\nwarmup_epochs: 3.0\n",
    scalars=yaml11,
    text_numbers="PyYAML",
    epochs=("epochs", ()),
    override=overrides.dotted(yaml11),
)
