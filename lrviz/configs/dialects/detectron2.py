"""detectron2: YAML with `SOLVER`, on top of the files of `_BASE_`. All of it counts iterations."""

from __future__ import annotations

import math
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
from lrviz.schedule.text.suggest import did_you_mean

_READ: Final = (
    "LR_SCHEDULER_NAME", "MAX_ITER", "BASE_LR", "BASE_LR_END", "GAMMA", "STEPS", "NUM_DECAYS", "WARMUP_FACTOR",
    "WARMUP_ITERS", "WARMUP_METHOD", "RESCALE_INTERVAL", "IMS_PER_BATCH", "REFERENCE_WORLD_SIZE", "BIAS_LR_FACTOR",
)  # fmt: skip
_OTHERS: Final = (
    "MOMENTUM", "NESTEROV", "WEIGHT_DECAY", "WEIGHT_DECAY_NORM", "WEIGHT_DECAY_BIAS", "CHECKPOINT_PERIOD", "AMP",
    "CLIP_GRADIENTS",
)  # fmt: skip
"""Keys of SOLVER that change no learning rate."""

_RELATIVES: Final = {
    "LR_POLICY": "SlowFast",
    "MAX_EPOCH": "SlowFast or fast-reid",
    "WARMUP_EPOCHS": "SlowFast",
    "WARMUP_START_LR": "SlowFast",
    "COSINE_END_LR": "SlowFast",
    "SCHED": "fast-reid",
    "ETA_MIN_LR": "fast-reid",
    "DELAY_EPOCHS": "fast-reid",
    "LR_MULTIPLIER_OVERWRITE": "a project on top of detectron2",
    "BACKBONE_MULTIPLIER": "a project on top of detectron2",
}
"""Keys of SOLVER that programs around detectron2 have added, and whose they are."""

_NAMES: Final = ("WarmupMultiStepLR", "WarmupCosineLR", "WarmupStepWithFixedGammaLR")
_EPSILON: Final = 1e-6
"""By how much of a run fvcore's schedulers look ahead."""


def recognize(outline: Outline) -> str:
    mark = outline.any("SOLVER.MAX_ITER", "SOLVER.STEPS", "SOLVER.WARMUP_ITERS", "SOLVER.IMS_PER_BATCH", "_BASE_")
    return f"`{mark}`" if mark else ""


def compose(root: Node, overrides: Sequence[str], read: FileReader) -> Node:
    return of_yacs.compose(root, overrides, read, "_BASE_", strict=True)


def read(config: Config) -> Plan:
    solver = config.section("SOLVER")
    _refuse_relatives(solver)
    name = solver.choice("LR_SCHEDULER_NAME", _NAMES, "WarmupMultiStepLR", what="scheduler of detectron2")
    scale = _scale(solver)
    lr = solver.number("BASE_LR", 0.001, low=0)
    if scale != 1:
        lr = solver.derived("lr", lr.value * scale, f"{lr.value:g} x {scale:g}", lr)
    length = _scaled(solver, solver.whole("MAX_ITER", 40_000, low=1), scale)
    warmup = _scaled(solver, solver.whole("WARMUP_ITERS", 1000, low=0), scale)
    schedule = _schedule(solver, name, lr, length.value, scale)
    factor = _warmed(solver, schedule, warmup, length.value)
    bias = solver.number("BIAS_LR_FACTOR", 1.0, low=0)
    optimizer: dict[str, Any] = {"type": "SGD", "lr": lr}
    if bias.value != 1:
        of_bias = solver.derived("lr of bias", lr.value * bias.value, f"{lr.value:g} x {bias.value:g}", bias)
        optimizer = {"type": "SGD", "groups": [{"name": "weight", "lr": lr}, {"name": "bias", "lr": of_bias}]}
    where = solver.where("LR_SCHEDULER_NAME", "MAX_ITER")
    document = {
        "steps": length,
        "optimizer": optimizer,
        "scheduler": {"type": "LambdaLR", "lr_lambda": Value(factor, "SOLVER", where, "derived", f"{name.value}")},
    }
    return Plan(document, f"{name.value}, warmup {warmup.value:,} of {length.value:,} iterations")


def _refuse_relatives(solver: Config) -> None:
    known = (*_READ, *_OTHERS)
    for item in solver.root.items():
        key = str(item.key.value)
        if key in known or key.startswith("COMPUTED_"):
            continue
        whose = f"it is one of {_RELATIVES[key]}" if key in _RELATIVES else did_you_mean(key, known)
        solver.error(item.key.where, f"detectron2 has no SOLVER.{key}, so this is the config of another program", whose)


def _scale(solver: Config) -> float:
    """Devices by those of REFERENCE_WORLD_SIZE, which `auto_scale_workers` adapts a config to."""
    reference = solver.whole("REFERENCE_WORLD_SIZE", 0, low=0)
    if not reference.value:
        return 1.0
    batch = solver.whole("IMS_PER_BATCH", 16, low=1)
    if batch.value % reference.value:
        solver.error(
            reference.where, f"SOLVER.IMS_PER_BATCH ({batch.value}) must be a multiple of REFERENCE_WORLD_SIZE"
        )
    return float(solver.fact("devices", reference.where).value / reference.value)


def _scaled(solver: Config, count: Value, scale: float) -> Value:
    if scale == 1:
        return count
    return solver.derived(count.key, round(count.value / scale), f"round({count.value} / {scale:g})", count)


# --- the schedule, as a factor at a part `where` of the run ---------------------------------------------------------


class _Schedule:
    """A factor of the rate: as an expression at a part of the run, itself an expression, and as a number."""

    def text(self, where: str, count: str) -> str:
        raise NotImplementedError

    def at(self, where: float) -> float:
        raise NotImplementedError


class _Steps(_Schedule):
    """`factors`, each up to one of `milestones` (`count` of the whole run)."""

    def __init__(self, factors: list[float], milestones: list[int], count: int) -> None:
        self.factors, self.milestones, self.count = factors, milestones, count

    def text(self, where: str, count: str) -> str:
        made = repr(self.factors[-1])
        for factor, milestone in reversed(list(zip(self.factors, self.milestones, strict=False))):
            made = f"({factor!r} if {count} < {milestone} else {made})"
        return made

    def at(self, where: float) -> float:
        passed = int((where + _EPSILON) * self.count)
        return self.factors[sum(each <= passed for each in self.milestones)]


class _Cosine(_Schedule):
    def __init__(self, end: float) -> None:
        self.end = end

    def text(self, where: str, count: str) -> str:
        return f"{self.end!r} + {0.5 * (1 - self.end)!r} * (1 + cos(pi * {where}))"

    def at(self, where: float) -> float:
        return self.end + 0.5 * (1 - self.end) * (1 + math.cos(math.pi * where))


def _schedule(solver: Config, name: Value, lr: Value, length: int, scale: float) -> _Schedule:
    gamma = solver.number("GAMMA", 0.1, above=0).value
    if name.value == "WarmupCosineLR":
        end = solver.number("BASE_LR_END", 0.0, low=0)
        if end.value > lr.value or not lr.value:
            solver.error(
                end.where,
                f"SOLVER.BASE_LR_END must be at most BASE_LR ({lr.value:g}), which must be above 0 (got {end.value:g})",
            )
            return _Cosine(0.0)
        return _Cosine(end.value / lr.value)
    if name.value == "WarmupStepWithFixedGammaLR":
        decays = solver.whole("NUM_DECAYS", 3, low=1).value
        factors = [1.0]
        for _ in range(decays):
            factors.append(factors[-1] * gamma)
        return _Steps(factors, list(range(1, decays + 1)), decays + 1)
    return _milestones(solver, gamma, length, scale)


def _milestones(solver: Config, gamma: float, length: int, scale: float) -> _Schedule:
    given = solver.list_of("STEPS", values.whole, (30_000,))
    steps = [each if isinstance(each, Value) else Value(each, "STEPS", given.where, "default") for each in given.value]
    scaled = [round(each.value / scale) for each in steps]
    kept = [step for step in scaled if step <= length]
    for each, step in zip(steps, scaled, strict=True):
        if step > length and each.origin != "default":
            solver.warn(
                each.where,
                "milestone-dropped",
                f"SOLVER.STEPS: {step} is beyond MAX_ITER ({length}), so detectron2 drops it",
            )
        elif step == length:
            solver.error(each.where, f"SOLVER.STEPS: {step} must be below MAX_ITER ({length})", "leave it out")
    if any(a >= b for a, b in zip([0, *kept], kept, strict=False)):
        solver.error(given.where, f"SOLVER.STEPS must rise from above 0 (got {scaled})")
    return _Steps([gamma**index for index in range(len(kept) + 1)], kept, length)


# --- the warmup ----------------------------------------------------------------------------------------------------


def _warmed(solver: Config, schedule: _Schedule, warmup: Value, length: int) -> str:
    """The factor in iteration `t`, after a warmup towards what the schedule has at its end.

    fvcore compares parts of the run and looks ahead by a millionth of it; here that is a whole iteration or more only
    in runs of more than a million.
    """
    share = min(warmup.value / length, 1.0)
    rescale = solver.flag("RESCALE_INTERVAL", False).value
    method = solver.choice("WARMUP_METHOD", ("linear", "constant"), "linear").value
    start = solver.number("WARMUP_FACTOR", 1.0 / 1000, low=0).value * schedule.at(0.0)
    end = schedule.at(0.0) if rescale else schedule.at(share) if share < 1 else _at_end(schedule)
    begins = _first(lambda t: t / length + _EPSILON > share, length)
    squeezed = bool(rescale and share < 1)
    where = f"((t / {length} - {share!r}) / {1.0 - share!r})" if squeezed else f"t / {length}"
    after = _after(schedule, where, length, rescaled=squeezed, share=share)
    if not begins:
        return after
    part = f"(t / {length} / {share!r})"
    before = repr(start) if method == "constant" else f"{end!r} * {part} + {start!r} * (1 - {part})"
    return f"{before} if t < {begins} else {after}"


def _after(schedule: _Schedule, where: str, length: int, *, rescaled: bool, share: float) -> str:
    """The schedule after the warmup; milestones as the first iteration that counts as past them."""
    if not isinstance(schedule, _Steps):
        return schedule.text(where, "")

    def part(t: int) -> float:
        return (t / length - share) / (1.0 - share) if rescaled else t / length

    first = [
        _first(lambda t, each=each: int((part(t) + _EPSILON) * schedule.count) >= each, length)
        for each in schedule.milestones
    ]
    return _Steps(schedule.factors, first, length).text("", "t")


def _at_end(schedule: _Schedule) -> float:
    return schedule.factors[-1] if isinstance(schedule, _Steps) else schedule.at(1.0)


def _first(holds: Any, length: int) -> int:
    """The first iteration for which something holds, which then holds for all; `length` if there is none."""
    low, high = 0, length
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


DIALECT: Final = Dialect(
    name="detectron2",
    title="detectron2",
    marks="`SOLVER` with `MAX_ITER`, `STEPS`, `WARMUP_ITERS` or `IMS_PER_BATCH`; or `_BASE_`",
    recognize=recognize,
    read=read,
    keys=(
        Key("SOLVER.BASE_LR", "the learning rate without warmup and decay", "0.001"),
        Key("SOLVER.MAX_ITER", "length of the run", "40000"),
        Key(
            "SOLVER.LR_SCHEDULER_NAME",
            "WarmupMultiStepLR, WarmupCosineLR or WarmupStepWithFixedGammaLR",
            "WarmupMultiStepLR",
        ),
        Key("SOLVER.STEPS", "iterations at which GAMMA multiplies", "(30000,)"),
        Key("SOLVER.GAMMA", "the factor of each decay", "0.1"),
        Key("SOLVER.NUM_DECAYS", "decays of WarmupStepWithFixedGammaLR", "3"),
        Key("SOLVER.BASE_LR_END", "the end of WarmupCosineLR", "0"),
        Key("SOLVER.WARMUP_ITERS", "length of the warmup", "1000"),
        Key("SOLVER.WARMUP_FACTOR", "where the warmup begins, as a part of BASE_LR", "0.001"),
        Key("SOLVER.WARMUP_METHOD", "linear or constant", "linear"),
        Key("SOLVER.RESCALE_INTERVAL", "squeeze the schedule into what follows the warmup", "False"),
        Key("SOLVER.BIAS_LR_FACTOR", "factor of the rate of biases", "1"),
        Key("SOLVER.REFERENCE_WORLD_SIZE", "devices for which the file is meant; others change rate and length", "0"),
        Key("SOLVER.IMS_PER_BATCH", "batch over all devices", "16"),
    ),
    facts=("devices",),
    surprises=(
        "The warmup aims at what the schedule has at its end, so a WarmupCosineLR never reaches BASE_LR.",
        "A warmup of 1,000 iterations and STEPS of (30000,) count where the file says nothing else.",
        "STEPS beyond MAX_ITER are dropped.",
        "Devices matter only with REFERENCE_WORLD_SIZE.",
    ),
    source="detectron2: config/defaults.py, solver/build.py, solver/lr_scheduler.py; fvcore: common/param_scheduler.py",
    example="SOLVER:\n  BASE_LR: 0.02\n  MAX_ITER: 90000\n  STEPS: (60000, 80000)\n  IMS_PER_BATCH: 16\n",
    scalars=yacs,
    steps=("SOLVER.MAX_ITER", ()),
    compose=compose,
)
