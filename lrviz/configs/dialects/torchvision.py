"""torchvision's references: shell scripts that train classification and detection models with flags."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import lambda_lr
from lrviz.configs.outline import Outline
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values

_SCHEDULERS: Final = ("steplr", "cosineannealinglr", "exponentiallr")
_DETECTION: Final = ("fasterrcnn", "maskrcnn", "keypointrcnn", "retinanet", "ssd", "fcos")


def recognize(outline: Outline) -> str:
    if outline.has("lr_warmup_epochs") or outline.has("lr_warmup_method"):
        return "`--lr-warmup-epochs`" if outline.has("lr_warmup_epochs") else "`--lr-warmup-method`"
    if str(outline.at("lr_scheduler")).lower() in (*_SCHEDULERS, "multisteplr"):
        return f"`--lr-scheduler {outline.at('lr_scheduler')}`"
    detection = outline.has("lr_steps") and (outline.has("aspect_ratio_group_factor") or _detects(outline.at("model")))
    return "`--lr-steps` of detection" if detection else ""


def _detects(model: Any) -> bool:
    return isinstance(model, str) and model.startswith(_DETECTION)


def read(config: Config) -> Plan:
    model = config.text("model", "").value
    if config.has("lr_steps") or config.has("aspect_ratio_group_factor") or _detects(model):
        return _detection(config)
    return _classification(config)


def _classification(config: Config) -> Plan:
    """torch's schedulers, called after each epoch, behind a warmup in a SequentialLR."""
    lr, epochs = config.number("lr", 0.1, low=0), config.whole("epochs", 90, low=1)
    warmup = config.whole("lr_warmup_epochs", 0, low=0)
    name = _lower(config, "lr_scheduler", _SCHEDULERS, "steplr", "scheduler of torchvision's references")
    main: dict[str, Any] = {"type": "ExponentialLR", "gamma": config.number("lr_gamma", 0.1)}
    if name.value == "steplr":
        main = {"type": "StepLR", "step_size": config.whole("lr_step_size", 30, low=1), "gamma": main["gamma"]}
    elif name.value == "cosineannealinglr":
        rest = config.derived("T_max", epochs.value - warmup.value, f"{epochs.value} - {warmup.value}", epochs)
        main = {"type": "CosineAnnealingLR", "T_max": rest, "eta_min": config.number("lr_min", 0.0, low=0)}
    scheduler = main
    if warmup.value:
        method = _lower(config, "lr_warmup_method", ("linear", "constant"), "constant", "warmup of torchvision")
        part = config.number("lr_warmup_decay", 0.01, above=0)
        rising = {"type": "ConstantLR", "factor": part, "total_iters": warmup}
        if method.value == "linear":
            rising = {"type": "LinearLR", "start_factor": part, "total_iters": warmup}
        scheduler = {"type": "SequentialLR", "schedulers": [rising, main], "milestones": [warmup]}
    document = {
        "epochs": epochs,
        "steps_per_epoch": config.known("batches_per_epoch"),
        "optimizer": {"type": _optimizer(config), "lr": lr},
        "scheduler": scheduler,
    }
    return Plan(document, f"{name.value}, lr {lr.value:g}, warmup {warmup.value} of {epochs.value} epochs", _LOST)


_LOST: Final = ("momentum, weight decay and other hyper-parameters of the optimizer",)


def _lower(config: Config, key: str, names: tuple[str, ...], default: str, what: str) -> Value:
    """A name in whatever case it is written."""
    found = config.text(key, default)
    if found.value.lower() in names:
        return Value(found.value.lower(), found.key, found.where, found.origin)
    return config.choice(key, names, what=what)


def _optimizer(config: Config) -> str:
    name = str(config.text("opt", "sgd").value).lower()
    return "AdamW" if name == "adamw" else "RMSprop" if name == "rmsprop" else "SGD"


def _detection(config: Config) -> Plan:
    """torch's schedulers by epoch, and a warmup over the first 1000 batches, but no more than the first epoch has."""
    lr, epochs = config.number("lr", 0.02, low=0), config.whole("epochs", 26, low=1)
    names = ("multisteplr", "cosineannealinglr")
    name = _lower(config, "lr_scheduler", names, "multisteplr", "scheduler of torchvision's detection")
    batches = config.fact("batches_per_epoch", epochs.where)
    warmup = config.derived("warmup steps", min(1000, batches.value - 1), f"min(1000, {batches.value} - 1)", batches)
    if name.value == "multisteplr":
        found = config.list_of("lr_steps", values.whole, (16, 22))
        steps = [each.value if isinstance(each, Value) else each for each in found.value]
        gamma = config.number("lr_gamma", 0.1).value
        passed = " + ".join(f"(1 if n >= {step * batches.value} else 0)" for step in steps).replace("n", "t") or "0"
        factor = f"{gamma!r} ** ({passed})"
    else:
        factor = f"(1 + cos(pi * (t // {batches.value}) / {epochs.value})) / 2"
    rise = f"{1.0 / 1000!r} + {1.0 - 1.0 / 1000!r} * t / {warmup.value}"
    formula = f"({rise}) if t < {warmup.value} else {factor}" if warmup.value else factor
    how = f"{name.value} of torchvision's detection"
    document = {
        "epochs": epochs,
        "steps_per_epoch": batches,
        "interval": "step",
        "optimizer": {"type": _optimizer(config), "lr": lr},
        "scheduler": lambda_lr(formula, name, how),
    }
    return Plan(document, f"{name.value}, lr {lr.value:g}, warmup {warmup.value} steps, {epochs.value} epochs", _LOST)


DIALECT: Final = Dialect(
    name="torchvision",
    title="torchvision references",
    marks="flags `--lr-warmup-epochs`, `--lr-scheduler ...lr`, or `--lr-steps` of a detection model",
    recognize=recognize,
    read=read,
    keys=(
        Key("--lr", "the learning rate, which is not scaled by the batch", "0.1; detection 0.02"),
        Key("--lr-scheduler", "steplr, cosineannealinglr or exponentiallr; detection: multisteplr", "steplr"),
        Key("--epochs", "length of the run", "90; detection 26"),
        Key("--lr-warmup-epochs", "length of the warmup", "0"),
        Key("--lr-warmup-method", "linear or constant", "constant"),
        Key("--lr-warmup-decay", "the part of the learning rate that the warmup begins at", "0.01"),
        Key("--lr-step-size", "steplr: epochs between drops", "30"),
        Key("--lr-gamma", "factor of a drop", "0.1"),
        Key("--lr-min", "cosineannealinglr: the floor", "0"),
        Key("--lr-steps", "detection: epochs of the drops", "16 22"),
    ),
    facts=("batches_per_epoch",),
    surprises=("Detection has a warmup of up to 1000 batches inside of the first epoch, which no flag turns off.",),
    source="vision: references/classification/train.py, references/detection/train.py and engine.py",
    example="torchrun --nproc_per_node=8 train.py --model resnet50 --epochs 60 --lr 0.8 \\\n"
    "    --lr-scheduler cosineannealinglr --lr-warmup-epochs 5 --lr-warmup-method linear --lr-warmup-decay 0.1\n",
    epochs=("epochs", ()),
    override=overrides.flags,
)
