"""OLMo-core's `config.json`, which a run saves: `_CLASS_` says what each part is."""

from __future__ import annotations

from math import ceil, cos, pi
from typing import Any, Final, NamedTuple

from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import absolute
from lrviz.configs.outline import Outline
from lrviz.schedule.imported import Value

_CLASSES: Final = (
    "ConstantScheduler",
    "ConstantWithWarmup",
    "WSD",
    "PowerLR",
    "LinearWithWarmup",
    "InvSqrtWithWarmup",
    "CosWithWarmup",
    "HalfCosWithWarmup",
    "CosWithWarmupAndLinearDecay",
)
_DECAYING: Final = ("WSD", "PowerLR", "CosWithWarmupAndLinearDecay")


class _Curve(NamedTuple):
    """A schedule as a function of `now`, a step or a count of tokens as text; `end` is that of the run."""

    lr: float
    now: str
    end: int
    warmup: int
    first: float


def recognize(outline: Outline) -> str:
    found = outline.at("train_module.scheduler._CLASS_") or outline.at("train_module._CLASS_")
    return f"`_CLASS_: {found}`" if str(found).startswith("olmo_core.") else ""


def read(config: Config) -> Plan:
    module = config.section("train_module")
    lr = module.section("optim").number("lr", above=0)
    given = module.section("scheduler")
    name = _class(given)
    per_step = config.section("data_loader").whole("global_batch_size", None, low=1)
    steps, tokens = _length(config, per_step)
    in_tokens = given.choice("units", ("steps", "tokens"), "steps").value == "tokens"
    if in_tokens and per_step.value is None:
        given.error(given.where("units"), "a schedule in tokens needs data_loader.global_batch_size")
        per_step = Value(1, "global_batch_size", given.where())
    document: dict[str, Any] = {"steps": steps}
    warmup = 0
    if not given.root.value or name.value == "ConstantScheduler":
        document |= {"optimizer": {"type": "AdamW", "lr": lr}, "scheduler": "none"}
    else:
        own = given.whole("t_max", None, low=1)
        end = tokens if in_tokens else steps.value
        warmup = _share(given, "warmup", own.value or end)
        first = given.number("warmup_min_lr", 0.0, low=0)
        now = f"((t + 1) * {per_step.value})" if in_tokens else "(t + 1)"
        curve = _Curve(lr.value, now, end, warmup, first.value)
        formula = _formula(given, name.value, curve, own.value or end)
        document |= absolute(config, formula, lr, name, "OLMo-core")
    unit = " tokens" if in_tokens else ""
    return Plan(document, f"{name.value}, warmup {warmup:,}{unit} of {steps.value:,} steps", _lost(module))


def _class(given: Config) -> Value:
    found = given.text("_CLASS_", "ConstantScheduler")
    name = found.value.rpartition(".")[2]
    if name not in _CLASSES:
        known = ", ".join(_CLASSES)
        given.error(found.where, f"lrviz does not read the scheduler {name!r} of OLMo-core", f"it reads {known}")
        name = "ConstantScheduler"
    return Value(name, found.key, found.where, found.origin)


def _length(config: Config, per_step: Value) -> tuple[Value, int]:
    """The steps of the run, and its tokens (0 where the batch is not known)."""
    duration = config.section("trainer").section("max_duration")
    count = duration.whole("value", low=1)
    unit = duration.choice("unit", ("steps", "epochs", "tokens"), "epochs").value
    batch = per_step.value or 0
    if unit == "tokens":
        if not batch:
            config.error(count.where, "a run in tokens needs data_loader.global_batch_size")
            batch = 1
        steps = config.derived("steps", ceil(count.value / batch), f"ceil({count.value} / {batch})", count)
        return steps, count.value
    if unit == "epochs":
        batches = config.fact("batches_per_epoch", count.where, "batches of all devices together in an epoch")
        count = config.derived("steps", count.value * batches.value, f"{count.value} x {batches.value}", count)
    return count, count.value * batch


def _share(given: Config, key: str, of: int, default: float | None = None) -> int:
    """`warmup` or `decay`: a count, under an older name as well, or a fraction, but not both."""
    count = given.whole(key, given.whole(f"{key}_steps", None, low=0), low=0)
    fraction = given.number(f"{key}_fraction", default if count.value is None else None, low=0, high=1)
    if (count.value is None) == (fraction.value is None):
        given.error(given.where(f"{key}_fraction", key), f"OLMo-core takes either {key} or {key}_fraction")
        return 1
    if count.value is not None:
        return int(count.value)
    how = f"round({of} x {fraction.value:g})"
    return int(given.derived(f"{key} steps", round(of * fraction.value), how, fraction).value)


def _formula(given: Config, name: str, curve: _Curve, own: int) -> str:
    lr, now, end, warmup, first = curve
    floor = lr * given.number("alpha_f", 0.1, low=0).value
    passed, span = (f"({now} - {warmup})" if warmup else now), own - warmup
    included = name in ("ConstantWithWarmup", "WSD", "PowerLR")
    top = floor + (lr - floor) / 2 if name == "HalfCosWithWarmup" else lr
    power = given.number("b", -0.51).value if name == "PowerLR" else 0.0
    after = {
        "ConstantWithWarmup": f"{lr!r}",
        "WSD": f"{lr!r}",
        "PowerLR": f"{lr!r} * ({now} / {warmup}) ** {power!r}",
        "InvSqrtWithWarmup": f"{floor!r} + {lr - floor!r} * sqrt({warmup} / {now})",
        "LinearWithWarmup": f"{lr!r} - {lr - floor!r} * ({passed} / {span}) if {now} < {own} else {floor!r}",
        "HalfCosWithWarmup": f"{floor!r} + {lr - floor!r} * (1 + cos(pi * ({passed} + {span}) / {2 * span})) / 2"
        f" if {now} < {own} else {floor!r}",
    }.get(name, f"{floor!r} + {lr - floor!r} * (1 + cos(pi * {passed} / {span})) / 2 if {now} < {own} else {floor!r}")
    if name in _DECAYING:
        decay = _share(given, "decay", end, 0.1)
        begin = end - decay
        start = lr
        if name == "PowerLR" and warmup:
            start = lr * (begin / warmup) ** power
        elif name == "CosWithWarmupAndLinearDecay" and begin < own:
            start = floor + (lr - floor) * (1 + cos(pi * (begin - warmup) / span)) / 2
        elif name == "CosWithWarmupAndLinearDecay":
            start = floor
        lowest = given.number("decay_min_lr", 0.0, low=0).value
        tail = f"{lowest!r} + {start - lowest!r} * min({end} - {now}, {decay}) / {decay}"
        after = f"{tail} if {now} >= {begin} else ({after})" if decay else after
    if not warmup:
        return after
    compare = "<=" if included else "<"
    rising = f"{first!r} + {top - first!r} * min({now}, {warmup}) / {warmup}"
    return f"{rising} if {now} {compare} {warmup} else {after}"


def _lost(module: Config) -> tuple[str, ...]:
    lost = ["betas, weight decay and other hyper-parameters of the optimizer"]
    for group in module.section("optim").members("group_overrides"):
        if group.section("opts").has("lr"):
            where = group.section("opts").where("lr")
            group.note(where, "left-out", "parameters with an lr of their own follow the same schedule from that lr")
            lost.append("group_overrides with an lr of their own")
    return tuple(lost)


DIALECT: Final = Dialect(
    name="olmo-core",
    title="OLMo-core",
    marks="`_CLASS_` in `train_module`, beginning with `olmo_core`",
    recognize=recognize,
    read=read,
    keys=(
        Key("train_module.optim.lr", "the peak"),
        Key("train_module.scheduler._CLASS_", "the scheduler", "constant"),
        Key("train_module.scheduler.warmup", "length of the warmup (older: warmup_steps), or warmup_fraction"),
        Key("train_module.scheduler.decay", "length of the decay (older: decay_steps), or decay_fraction", "10 %"),
        Key("train_module.scheduler.alpha_f", "the floor of linear and cosine as a part of the peak", "0.1"),
        Key("train_module.scheduler.t_max", "length of the schedule", "the run"),
        Key("train_module.scheduler.units", "steps or tokens", "steps"),
        Key("trainer.max_duration", "`value` and `unit`: steps, epochs or tokens"),
        Key("data_loader.global_batch_size", "tokens of a step"),
    ),
    facts=("batches_per_epoch",),
    surprises=("Step 0 already has the rate of one step of warmup; WSD is at its floor in the last step.",),
    source="OLMo-core 3.0.0: src/olmo_core/optim/scheduler.py, train/trainer.py",
    example='{"train_module": {"optim": {"lr": 0.001}, "scheduler": {"warmup": 100, "decay_fraction": 0.2,\n'
    '  "_CLASS_": "olmo_core.optim.scheduler.WSD"}},\n'
    ' "trainer": {"max_duration": {"value": 1500, "unit": "steps"}}}\n',
)
