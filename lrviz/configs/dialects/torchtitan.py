"""torchtitan's TOML, which it read until it took Python dataclasses instead."""

from __future__ import annotations

from typing import Any, Final

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import factor
from lrviz.configs.helpers.keys import only
from lrviz.configs.outline import Outline

_KEYS: Final = ("warmup_steps", "decay_ratio", "decay_type", "min_lr_factor", "lr_min", "total_steps")


def recognize(outline: Outline) -> str:
    if not outline.has("training.steps"):
        return ""
    if isinstance(outline.at("lr_scheduler"), dict):
        return "the tables `lr_scheduler` and `training`"
    return "`training.steps` with `optimizer.lr`" if outline.has("optimizer.lr") else ""


def read(config: Config) -> Plan:
    training, given = config.section("training"), config.section("lr_scheduler")
    only(given, _KEYS, "torchtitan")
    steps = training.whole("steps", 10_000, low=1)
    lr = config.section("optimizer").number("lr", 8e-4, low=0)
    if training.has("warmup_steps"):
        message = "before torchtitan 0.1 the warmup stood in [training], with a schedule that lrviz does not read"
        training.error(training.where("warmup_steps"), message, "write it in [lr_scheduler]")
    total = given.whole("total_steps", steps, low=1)
    warmup = given.whole("warmup_steps", 200, low=0)
    if warmup.value > total.value:
        given.warn(
            warmup.where,
            "warmup-too-long",
            f"the warmup of {warmup.value:,} steps is cut to the {total.value:,} steps of the run",
        )
        warmup = given.derived("warmup steps", total.value, f"min({warmup.value}, {total.value})", warmup)
    kind = given.choice("decay_type", ("linear", "sqrt", "cosine"), "linear", what="decay type of torchtitan")
    floor = given.number("min_lr_factor", given.number("lr_min", 0.0, low=0, high=1), low=0, high=1)
    ratio = given.number("decay_ratio", None, low=0, high=1)
    left = total.value - warmup.value
    decay = given.derived("decay steps", left, f"{total.value} - {warmup.value}", total)
    if ratio.value is not None:
        count = round(total.value * ratio.value)
        decay = given.derived("decay steps", min(count, left), f"round({total.value} x {ratio.value:g})", ratio)
        if count > left:
            message = f"the decay of {count:,} steps is cut to the {left:,} that the warmup leaves"
            given.warn(ratio.where, "warmup-too-long", message)
    formula = _formula(warmup.value, total.value + 1 - warmup.value - decay.value, decay.value, kind.value, floor.value)
    document: dict[str, Any] = {"steps": steps, **factor(formula, lr, kind, "torchtitan")}
    return Plan(
        document,
        f"warmup {warmup.value:,}, {kind.value} decay {decay.value:,} of {steps.value:,} steps",
        ("betas, weight decay and other hyper-parameters of the optimizer",),
    )


def _formula(warmup: int, stable: int, decay: int, kind: str, floor: float) -> str:
    """The factor at a step, counted from 1; a virtual step after the last one is where the floor would be reached."""
    held = warmup + stable
    if not decay:
        falling = "1.0"
    else:
        progress = f"(t + 1 - {held}) / {decay}"
        fall = {
            "linear": f"1 - {progress}",
            "sqrt": f"1 - sqrt({progress})",
            "cosine": f"0.5 * (1.0 + cos(pi * ({progress})))",
        }[kind]
        falling = f"1.0 if t < {held} else {floor!r} + {1 - floor!r} * ({fall})"
    return f"(t + 1) / {warmup} if t < {warmup} else {falling}" if warmup else falling


DIALECT: Final = Dialect(
    name="torchtitan",
    title="torchtitan",
    marks="the tables `lr_scheduler` and `training`, with `training.steps`",
    recognize=recognize,
    read=read,
    keys=(
        Key("optimizer.lr", "the peak", "8e-4"),
        Key("training.steps", "length of the run", "10000"),
        Key("lr_scheduler.warmup_steps", "steps of the warmup", "200"),
        Key("lr_scheduler.decay_ratio", "the decay as a share of the run", "all after the warmup"),
        Key("lr_scheduler.decay_type", "linear, sqrt or cosine", "linear"),
        Key("lr_scheduler.min_lr_factor", "the floor as a part of the peak (0.1.0 called it lr_min)", "0"),
        Key("lr_scheduler.total_steps", "length of the schedule, if it is not that of the run", "training.steps"),
    ),
    differences=("Since 0.3 torchtitan has Python dataclasses in place of TOML files.",),
    surprises=(
        "lr_min of 0.1.0 is a factor as well, not a learning rate.",
        "The last step does not reach the floor.",
        "The first step trains with the peak / warmup_steps, not with 0.",
    ),
    source="torchtitan v0.2.2: torchtitan/components/lr_scheduler.py",
    example="[optimizer]\nlr = 8e-4\n\n[lr_scheduler]\nwarmup_steps = 40\ndecay_ratio = 0.3\nmin_lr_factor = 0.05\n\n"
    "[training]\nsteps = 400\n",
    steps=("training.steps", ()),
    override=overrides.flags,
)
