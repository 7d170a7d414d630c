"""SpeechBrain: hyper-parameters in HyperPyYAML, of whose tags only `!ref` and known `!new:` are read. Nothing runs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.outline import Outline
from lrviz.configs.overrides import flags
from lrviz.configs.text.references import resolved
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean

_SCHEDULERS: Final = "!new:speechbrain.nnet.schedulers."
_OPTIMIZERS: Final = ("!name:torch.optim.", "!new:torch.optim.")
_TAG: Final = re.compile(r"!(?:new|name|apply|ref)\b")


def recognize(outline: Outline) -> str:
    if "!new:speechbrain." in outline.text:
        return "`!new:speechbrain...`"
    found = _TAG.search(outline.text)
    return f"the tag `{found[0]}`" if found is not None and outline.has("number_of_epochs") else ""


def read(config: Config) -> Plan:
    config = Config(resolved(config.root), config.session)
    schedulers = [item for item in config.root.items() if item.value.tag.startswith(_SCHEDULERS)]
    if len(schedulers) > 1:
        named = ", ".join(str(item.key.value) for item in schedulers)
        config.error(
            schedulers[1].key.where,
            f"the file has {len(schedulers)} schedulers ({named}); only train.py says what each of them drives",
            "keep the one to look at, in a copy",
        )
    epochs = _epochs(config)
    lr = _rate(config, schedulers[0].value if schedulers else None)
    if not schedulers:
        return Plan(
            {"epochs": epochs, "optimizer": {"type": "SGD", "lr": lr}, "scheduler": "none"},
            f"constant, {epochs.value:,} epochs",
        )
    item = schedulers[0]
    name = item.value.tag.removeprefix(_SCHEDULERS)
    own = Config(
        item.value if item.value.is_mapping else Node({}, item.value.where), config.session, str(item.key.value)
    )
    kind = _PER_STEP.get(name) or _PER_EPOCH.get(name)
    document: dict[str, Any] = {"optimizer": {"type": "SGD", "lr": lr}, "scheduler": "none"}
    if name == "ReduceLROnPlateau":
        document |= {"epochs": epochs, **_plateau(config, own)}
        return Plan(document, f"{name}, {epochs.value:,} epochs")
    if kind is None:
        _refuse(config, item.value, name)
        return Plan({**document, "epochs": epochs}, name)
    later = kind(own, lr.value)
    if name in _PER_STEP:
        document |= _steps(config, epochs, item.value)
    else:
        document["epochs"] = epochs
    factor = f"1.0 if t < 1 else ({later}) / {lr.value!r}"
    made = Value(
        factor, own.path, item.value.where, "derived", f"{name}, called for the first time after the first one"
    )
    if lr.value:
        document["scheduler"] = {"type": "LambdaLR", "lr_lambda": made}
    unit = "optimizer step" if name in _PER_STEP else "epoch"
    return Plan(document, f"{name} after each {unit}, {epochs.value:,} epochs")


def _refuse(config: Config, node: Node, name: str) -> None:
    if name == "NewBobScheduler":
        config.error(
            node.where,
            "NewBobScheduler compares each metric with the one before, as nothing of torch does: it cannot be drawn",
        )
        return
    known = [*_PER_STEP, *_PER_EPOCH, "ReduceLROnPlateau"]
    config.error(node.where, f"the scheduler {name} of SpeechBrain is not read", did_you_mean(name, known))


def _epochs(config: Config) -> Value:
    """The length of the run: `number_of_epochs`, or the limit of the counter of epochs."""
    if not config.has("number_of_epochs"):
        for item in config.root.items():
            if item.value.tag.startswith("!new:speechbrain.utils.epoch_loop.") and item.value.is_mapping:
                return Config(item.value, config.session, str(item.key.value)).whole("limit", low=1)
    return config.whole("number_of_epochs", low=1)


def _steps(config: Config, epochs: Value, node: Node) -> dict[str, Any]:
    """The optimizer steps of the run; what is accumulated at the end of an epoch makes none."""
    accumulate = config.whole("grad_accumulation_factor", config.whole("gradient_accumulation", 1, low=1), low=1)
    batches = config.fact("batches_per_epoch", node.where)
    per_epoch = batches.value // accumulate.value
    if per_epoch < 1:
        message = f"an epoch of {batches.value} batches makes no step with {accumulate.key} {accumulate.value}"
        config.error(accumulate.where, message)
    per_epoch = max(per_epoch, 1)
    each = config.derived("steps per epoch", per_epoch, f"floor({batches.value} / {accumulate.value})", accumulate)
    steps = config.derived("steps", epochs.value * per_epoch, f"{epochs.value} x {per_epoch}", epochs)
    return {"steps": steps, "steps_per_epoch": each}


def _rate(config: Config, scheduler: Node | None) -> Value:
    """The learning rate of the optimizer, with which the run begins."""
    optimizers = [item for item in config.root.items() if item.value.tag.startswith(_OPTIMIZERS)]
    if len(optimizers) > 1:
        named = ", ".join(str(item.key.value) for item in optimizers)
        config.error(optimizers[1].key.where, f"the file has several optimizers ({named})", "keep one, in a copy")
    for item in optimizers:
        if item.value.is_mapping:
            return Config(item.value, config.session, str(item.key.value)).number("lr", low=0)
    if scheduler is not None and scheduler.is_mapping:
        own = Config(scheduler, config.session)
        for key in ("lr_initial", "initial_value", "lr", "base_lr"):
            if own.has(key):
                return own.number(key, low=0)
    return config.number("lr", low=0)


# --- the rate of each scheduler in step (or epoch) t, from 1 on ------------------------------------------------------


def _noam(own: Config, lr: float) -> str:
    peak, warmup = own.number("lr_initial", low=0).value, own.whole("n_warmup_steps", low=1).value
    scale = warmup**0.5
    if own.has("model_size"):
        scale = own.number("model_size", above=0).value ** -0.5
    return f"{peak!r} * ({scale!r} * min(t ** -0.5, t * {warmup**-1.5!r}))"


def _noam_interval(own: Config, lr: float) -> str:
    steps, rates = own.list_of("anneal_steps", values.whole), own.list_of("anneal_rates", values.real)
    if len(steps.value) != len(rates.value):
        own.error(rates.where, f"{own.path}: as many anneal_rates as anneal_steps are needed")
    parts = zip(steps.value, rates.value, strict=False)
    return _noam(own, lr) + "".join(f" * ({rate.value!r} if t > {step.value} else 1.0)" for step, rate in parts)


def _inverse_sqrt(own: Config, lr: float) -> str:
    return f"1 / sqrt(max({own.whole('warmup_steps', low=1).value}, t))"


def _cyclic(own: Config, lr: float) -> str:
    low, high = own.number("base_lr", 0.001).value, own.number("max_lr", 0.006).value
    size, gamma = own.number("step_size", 2000.0, above=0).value, own.number("gamma", 1.0).value
    mode = own.choice("mode", ("triangular", "triangular2", "exp_range"), "triangular").value
    if own.has("scale_fn"):
        own.error(
            own.where("scale_fn"), f"{own.path}.scale_fn is a function, and nothing in a config is run", "use mode"
        )
    cycle = f"floor(1 + t / {2 * size!r})"
    scale = {"triangular": "", "triangular2": f" / 2.0 ** ({cycle} - 1)", "exp_range": f" * {gamma!r} ** t"}[mode]
    return f"{low!r} + {high - low!r} * max(0, 1 - abs(t / {size!r} - 2 * {cycle} + 1)){scale}"


def _interval(own: Config, lr: float) -> str:
    made = repr(lr)
    for each in sorted(own.members("intervals"), key=lambda one: one.whole("steps", 0).value):
        made = f"({each.number('lr', low=0).value!r} if t >= {each.whole('steps', low=1).value} else {made})"
    return made


def _linear_warmup(own: Config, lr: float) -> str:
    peak, warmup = own.number("initial_value", low=0).value, own.whole("num_warmup_steps", low=0).value
    total = own.whole("num_training_steps", low=1).value
    n = "(t - 1)"  # the first call, after the first step, gives the value of 0
    rise = f"{n} / {max(1, warmup)} * {peak!r}"
    return f"{rise} if {n} < {warmup} else {peak!r} * max(0.0, ({total} - {n}) / {max(1, total - warmup)})"


def _exp_decay(own: Config, lr: float) -> str:
    peak, warmup = own.number("lr", low=0).value, own.whole("n_warmup_steps", low=1).value
    total, factor = own.whole("total_steps", low=1).value, own.number("decay_factor", 0.1, above=0).value
    n, length = "(t - 1)", max(total - warmup, 1)
    fall = f"min({peak!r}, {peak!r} * {factor!r} ** (({n} - {warmup}) / {length}))"
    return f"{peak!r} * {n} / {warmup} if {n} < {warmup} else {fall}"


def _linear(own: Config, lr: float) -> str:
    first, last = own.number("initial_value", low=0).value, own.number("final_value", low=0).value
    count = own.whole("epoch_count", low=1).value
    return f"{first!r} + {last - first!r} * min(t, {count - 1}) / {max(count - 1, 1)}"


def _step(own: Config, lr: float) -> str:
    first = own.number("initial_value", low=0).value
    if own.has("half_life"):
        factor, drop = math.exp(-math.log(2) / own.number("half_life", above=0).value), 1.0
    else:
        factor, drop = own.number("decay_factor", 0.5).value, own.number("decay_drop", 2.0, above=0).value
    return f"{first!r} * {factor!r} ** floor((1 + t) / {drop!r})"


_PER_STEP: Final[Mapping[str, Callable[[Config, float], str]]] = {
    "NoamScheduler": _noam,
    "NoamIntervalScheduler": _noam_interval,
    "InverseSquareRootScheduler": _inverse_sqrt,
    "CyclicLRScheduler": _cyclic,
    "IntervalScheduler": _interval,
    "LinearWarmupScheduler": _linear_warmup,
    "WarmAndExpDecayLRSchedule": _exp_decay,
}
_PER_EPOCH: Final[Mapping[str, Callable[[Config, float], str]]] = {"LinearScheduler": _linear, "StepScheduler": _step}


def _plateau(config: Config, own: Config) -> dict[str, Any]:
    until = own.whole("dont_halve_until_epoch", 65, low=0)
    if until.value >= 1:
        own.error(
            until.where,
            f"{own.path}: up to epoch {until.value} (dont_halve_until_epoch) each metric replaces the best, which no "
            "scheduler of torch does, so it cannot be drawn",
            "only dont_halve_until_epoch: 0 can",
        )
    return {
        "scheduler": {
            "type": "ReduceLROnPlateau",
            "factor": own.number("factor", 0.5),
            "patience": own.whole("patience", 2, low=0),
            "threshold": 0.0,
            "threshold_mode": "abs",
            "min_lr": own.number("lr_min", 1e-8),
            "eps": 0.0,
        },
        "metric": config.metric(own.where()),
    }


DIALECT: Final = Dialect(
    name="speechbrain",
    title="SpeechBrain",
    marks="the tag `!new:speechbrain...`, or other tags of HyperPyYAML and `number_of_epochs`",
    recognize=recognize,
    read=read,
    keys=(
        Key("number_of_epochs", "length of the run"),
        Key("grad_accumulation_factor", "batches per optimizer step", "1"),
        Key("!name:torch.optim.X", "the optimizer, whose lr is that of the first step"),
        Key("!new:speechbrain.nnet.schedulers.X", "the scheduler: " + ", ".join([*_PER_STEP, *_PER_EPOCH])),
    ),
    facts=("batches_per_epoch", "metric"),
    surprises=(
        "A NoamScheduler is called after the step, as the recipes do it: the first step runs at the full rate.",
        "NewBobScheduler cannot be drawn: it compares with the metric before, not with the best.",
        "Batches that are left over at the end of an epoch make no step.",
    ),
    source="speechbrain: nnet/schedulers.py, core.py; recipes/LibriSpeech/ASR/transformer/train.py",
    example=(
        "number_of_epochs: 20\nlr: 0.001\n"
        "Adam: !name:torch.optim.Adam\n    lr: !ref <lr>\n"
        "lr_annealing: !new:speechbrain.nnet.schedulers.LinearScheduler\n"
        "    initial_value: !ref <lr>\n    final_value: !ref <lr> / 100\n    epoch_count: !ref <number_of_epochs>\n"
    ),
    epochs=("number_of_epochs", ()),
    override=flags,
)
