"""OLMo's YAML: `optimizer.learning_rate`, `scheduler`, `max_duration` in steps, tokens or epochs."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import absolute
from lrviz.configs.helpers.keys import only
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import omegaconf
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values

_NAMES: Final = (
    "cosine_with_warmup",
    "linear_with_warmup",
    "inverse_sqrt_with_warmup",
    "max_scheduler",
    "constant",
    "cosine_linear_envelope",
    "constant_with_warmup",
)
_KEYS: Final = ("name", "units", "t_warmup", "t_max", "alpha_f", "warmup_min_lr", "grad_clip_warmup_steps",
                "grad_clip_warmup_factor")  # fmt: skip
_DURATION = re.compile(r"\s*(?P<number>[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(?P<unit>T|ep|)\s*")


class _Curve(NamedTuple):
    """A schedule as a function of `now`, a step or a count of tokens as text."""

    lr: float
    now: str
    warmup: int
    first: float
    length: int
    floor: float


def recognize(outline: Outline) -> str:
    own = outline.any("scheduler.t_warmup", "max_duration", "global_train_batch_size")
    found = own if outline.has("optimizer.learning_rate") and isinstance(outline.at("scheduler"), dict) else ""
    return f"`optimizer.learning_rate` with `{found}`" if found else ""


def read(config: Config) -> Plan:
    given = config.section("scheduler")
    only(given, _KEYS, "OLMo")
    name = given.choice("name", _NAMES, "cosine_with_warmup", what="scheduler of OLMo")
    lr = config.section("optimizer").number("learning_rate", 1e-4, above=0)
    units = given.choice("units", ("steps", "tokens"), "steps")
    steps, tokens = _length(config, units.value == "tokens")
    warmup = given.number("t_warmup", 100, low=0)
    longest = given.number("t_max", None, above=0)
    first = given.number("warmup_min_lr", None, low=0)
    if first.value is None:
        first = given.derived("warmup_min_lr", lr.value * 0.1, f"{lr.value:g} x 0.10", lr)
    if first.value >= lr.value:
        given.error(first.where, f"warmup_min_lr ({first.value:g}) must be below the learning rate ({lr.value:g})")
    curve = _Curve(
        lr.value,
        f"((t + 1) * {_per_step(config).value})" if units.value == "tokens" else "(t + 1)",
        int(warmup.value),
        first.value,
        int(longest.value) if longest.value is not None else tokens if units.value == "tokens" else steps.value,
        lr.value * given.number("alpha_f", 0.1).value,
    )
    document: dict[str, Any] = {"steps": _stopped(config, steps), **absolute(config, _formula(name.value, curve), lr,
                                                                             name, "OLMo")}  # fmt: skip
    unit = f" {units.value}" if units.value != "steps" else ""
    return Plan(
        document,
        f"{name.value}, warmup {int(warmup.value):,}{unit} of {steps.value:,} steps",
        ("betas, weight decay and other hyper-parameters of the optimizer",),
    )


def _per_step(config: Config) -> Value:
    batch = config.whole("global_train_batch_size", 512, low=1)
    length = config.section("model").whole("max_sequence_length", 1024, low=1)
    return config.derived("tokens per step", batch.value * length.value, f"{batch.value} x {length.value}", batch)


def _length(config: Config, in_tokens: bool) -> tuple[Value, int]:
    """The steps of the run, and its tokens (0 where nothing depends on them)."""
    found = config.node("max_duration")
    text = str(found.value) if found is not None else "10000"
    match = _DURATION.fullmatch(text)
    where = config.where("max_duration")
    if match is None or isinstance(found.value if found is not None else 0, float):
        config.error(where, f"max_duration must be steps, '2e12T' tokens, or '1ep' (got {text!r})")
        return Value(1, "max_duration", where), 1
    try:
        count = values.whole(float(match["number"]))
    except values.WrongValueError:
        count = int(float(match["number"]))
    per_step = _per_step(config).value if in_tokens or match["unit"] == "T" else 0
    if match["unit"] == "T":
        total, how = -(-count // per_step), f"ceil({count} / {per_step})"
    elif match["unit"] == "ep":
        batches = config.fact("batches_per_epoch", where, "batches of all devices together in an epoch")
        total, how = count * batches.value, f"{count} x {batches.value}"
    else:
        total, how = count, f"{count}"
    steps = config.derived("steps", max(1, total), how, where)
    return steps, count if match["unit"] == "T" else total * per_step


def _stopped(config: Config, steps: Value) -> Value:
    stop = config.whole("stop_at", None, low=1)
    return stop if stop.value is not None and stop.value < steps.value else steps


def _formula(name: str, curve: _Curve) -> str:
    lr, now, warmup, first, length, floor = curve
    passed, span = (f"({now} - {warmup})" if warmup else now), length - warmup
    wave = f"(1 + cos(pi * {passed} / {span})) / 2"
    root = f"{lr!r} * sqrt({warmup} / max({warmup}, {now}))"
    after = {
        "cosine_with_warmup": f"{floor!r} + {lr - floor!r} * {wave}",
        "linear_with_warmup": f"{lr!r} - {lr - floor!r} * ({passed} / {span})",
        "cosine_linear_envelope": f"{floor!r} + (1 - ({passed} / {span})) * ({lr - floor!r} * {wave})",
    }.get(name, "")
    after = f"{after} if {now} < {length} else {floor!r}" if after else ""
    if name == "constant":
        return f"{lr!r}"
    if name == "max_scheduler":
        cosine = f"({floor!r} + {lr - floor!r} * {wave}) if {now} < {length} else {floor!r}"
        after = f"max(({cosine}), {root})"
    elif name == "inverse_sqrt_with_warmup":
        after = root
    elif name == "constant_with_warmup":
        after = f"{lr!r}"
    rising = f"{first!r} + {lr - first!r} * {now} / {warmup}"
    return f"{rising} if {now} < {warmup} else {after}" if warmup else after


DIALECT: Final = Dialect(
    name="olmo",
    title="OLMo",
    marks="`optimizer.learning_rate` with `scheduler` and `max_duration`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.learning_rate", "the peak", "1e-4"),
        Key("scheduler.name", "the scheduler", "cosine_with_warmup"),
        Key("scheduler.units", "steps or tokens: what t_warmup and t_max count", "steps"),
        Key("scheduler.t_warmup", "length of the warmup", "100"),
        Key("scheduler.t_max", "length of the schedule", "the run"),
        Key("scheduler.alpha_f", "the floor as a part of the peak", "0.1"),
        Key("scheduler.warmup_min_lr", "learning rate that the warmup begins at", "a tenth of the peak"),
        Key("max_duration", "length of the run: steps, `2e12T` tokens, `1ep`", "10000"),
        Key("stop_at", "step at which the run ends before that"),
        Key("global_train_batch_size", "samples of a step", "512"),
        Key("model.max_sequence_length", "tokens of a sample", "1024"),
    ),
    facts=("batches_per_epoch",),
    surprises=(
        "The warmup begins at a tenth of the peak unless warmup_min_lr says otherwise.",
        "Step 0 already has the rate of one step of warmup.",
    ),
    source="OLMo 0.6.0: olmo/config.py, olmo/optim.py, olmo/train.py",
    example="optimizer: {name: adamw, learning_rate: 4.0e-4}\nscheduler: {name: cosine_with_warmup, t_warmup: 200}\n"
    "global_train_batch_size: 256\nmax_duration: 3000\n",
    scalars=omegaconf,
    interpolation=True,
    steps=("max_duration", ("stop_at",)),
    override=overrides.flags,
)
