"""Megatron-LM: `MODEL_ARGS` of a YAML with flags as keys, files for `--yaml-cfg`, and shell scripts with the flags.

Its clock counts samples. Where the run is given in iterations, all of its numbers are multiples of the batch, so the
curve does not depend on that.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from lrviz.configs import overrides
from lrviz.configs.config import Config
from lrviz.configs.dialect import Dialect, Key, Plan
from lrviz.configs.helpers.formula import absolute
from lrviz.configs.helpers.launch import devices
from lrviz.configs.outline import Outline
from lrviz.configs.text.arguments import name_of
from lrviz.configs.text.scalars import yaml11
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Item, Node

_STYLES: Final = ("linear", "cosine", "constant", "inverse-square-root", "WSD")
_ENDINGS: Final = ("exponential", "linear", "cosine", "minus_sqrt")
_OTHER: Final = {
    "train_iters": ("train_samples", "lr_decay_samples", "lr_warmup_samples", "lr_wsd_decay_samples",
                    "rampup_batch_size"),
    "train_samples": ("train_iters", "lr_decay_iters", "lr_warmup_iters", "lr_wsd_decay_iters"),
}  # fmt: skip
"""What may not stand beside the length of a run."""


class _Clock(NamedTuple):
    """A run: its iterations, the samples seen before iteration `t` as text, and the samples of one unit of its keys."""

    steps: Value
    now: str
    unit: int
    suffix: str


def recognize(outline: Outline) -> str:
    inside = outline.at("MODEL_ARGS")
    for key, found in [*outline.tree.items(), *(inside.items() if isinstance(inside, dict) else ())]:
        if name_of(str(key)) == "lr_decay_style" and isinstance(found, str):
            own = outline.any("optimizer.params", "pipe-parallel-size", "pipe_parallel_size", "train-iters")
            return "" if own else f"`{key}`"
    return ""


def read(config: Config) -> Plan:
    config = _arguments(config)
    style = config.choice("lr_decay_style", _STYLES, "linear", what="decay style of Megatron-LM")
    lr, low = config.number("lr", above=0), config.number("min_lr", 0.0, low=0)
    first = config.number("lr_warmup_init", 0.0, low=0)
    if low.value > lr.value or first.value > lr.value:
        where = low if low.value > lr.value else first
        config.error(where.where, f"{where.key} ({where.value:g}) must not be above lr ({lr.value:g})")
    clock = _clock(config)
    decay = config.whole(f"lr_decay_{clock.suffix}", None, low=1)
    end = (clock.unit * decay.value) if decay.value else _whole_run(config, clock)
    fraction = config.number("lr_warmup_fraction", None, low=0, high=1)
    count = config.whole(f"lr_warmup_{clock.suffix}", 0, low=0)
    if fraction.value is not None and count.value:
        config.error(count.where, f"{count.key} and lr_warmup_fraction say the same in two ways", "keep one of them")
    warmup: float = count.value * clock.unit
    source = count
    if fraction.value is not None:
        source, warmup = fraction, fraction.value * end
        config.derived("warmup", warmup / clock.unit, f"{fraction.value:g} x {end // clock.unit}", fraction)
    if warmup >= end:
        message = f"the warmup ({warmup / clock.unit:g}) must be shorter than the decay ({end // clock.unit:g})"
        config.error(source.where, f"{message}, says Megatron-LM", f"lr_decay_{clock.suffix} defaults to the run")
        warmup = 0
    formula = _formula(config, style.value, (lr.value, low.value, first.value), (clock.now, warmup, end), clock)
    document: dict[str, Any] = {"steps": clock.steps, **absolute(config, formula, lr, style, "Megatron-LM")}
    return Plan(
        document,
        f"{style.value}, warmup {warmup / clock.unit:g} of {clock.steps.value:,} iterations"
        if clock.suffix == "iters"
        else f"{style.value}, warmup {warmup:,.10g} samples of {clock.steps.value:,} iterations",
        _lost(config),
    )


def _arguments(config: Config) -> Config:
    """The arguments by the names that argparse gives them, wherever they stand."""
    root = config.root
    inside = next((item.value for item in root.items() if str(item.key.value) == "MODEL_ARGS"), None)
    nested = [inside] if inside is not None else [item.value for item in root.items()]
    found: dict[Any, Item] = {}
    for node in [*nested, root]:  # what the command line was given stands at the top
        if node.is_mapping:
            found |= {name_of(str(item.key.value)): item for item in node.items()}
    several = found.get("rampup_batch_size")
    if several is not None and isinstance(several.value.value, str):  # MODEL_ARGS has the words of a command line
        members = tuple(Node(word, several.value.where) for word in several.value.value.split())
        found["rampup_batch_size"] = Item(several.key, Node(members, several.value.where))
    return Config(Node(found, (inside or root).where), config.session, config.path)


def _clock(config: Config) -> _Clock:
    by = "train_samples" if config.has("train_samples") and not config.has("train_iters") else "train_iters"
    for key in _OTHER[by]:
        if config.has(key):
            message = f"{key} cannot stand beside {by}: Megatron-LM counts either iterations or samples"
            config.error(config.where(key), message, f"keep what ends in {by.partition('_')[2]}")
    if config.has("step_batch_size_schedule"):
        where = config.where("step_batch_size_schedule")
        config.error(where, "lrviz does not read step_batch_size_schedule, with which the batch grows in steps")
    if by == "train_iters":
        batch = config.whole("global_batch_size", 1, low=1).value
        return _Clock(config.whole("train_iters", low=1), f"(t * {batch})" if batch > 1 else "t", batch, "iters")
    samples, batch = config.whole("train_samples", low=1), _batch(config)
    if config.has("rampup_batch_size"):
        return _rampup(config, samples, batch)
    how = f"{samples.value} // {batch}"
    steps = config.derived("iterations", max(1, samples.value // batch), how, samples)
    return _Clock(steps, f"(t * {batch})", 1, "samples")


def _batch(config: Config) -> int:
    """The samples of an iteration: those of one micro-batch on each data parallel process, if it is not said."""
    if config.has("global_batch_size"):
        return int(config.whole("global_batch_size", low=1).value)
    micro = config.whole("micro_batch_size", low=1)
    processes = devices(config, micro.where)
    how = f"{micro.value} x {processes.value}"
    return int(config.derived("global batch size", micro.value * processes.value, how, micro).value)


def _rampup(config: Config, samples: Value, batch: int) -> _Clock:
    """A batch that grows from `start` by `increment` while the first `ramp` samples are seen."""
    found = config.list_of("rampup_batch_size", values.whole)
    start, increment, ramp = ([each.value for each in found.value] + [1, 1, 1])[:3]
    if len(found.value) != 3 or increment < 1 or start < 1 or (batch - start) % max(1, increment) or batch < start:
        config.error(found.where, "rampup_batch_size must be three numbers: the first batch, the increment by which it "
                     f"reaches {batch}, and the samples that this takes")  # fmt: skip
        return _Clock(Value(1, "iterations", found.where), "t", 1, "samples")
    grown = (batch - start) // increment
    per = ramp / grown if grown else 0.0
    pieces, seen, steps, size = [f"{start} * t"], 0, 0, start
    while seen <= ramp and seen <= samples.value and size < batch:
        now = min(batch, start + int(seen / per) * increment) if per and seen <= ramp else batch
        if now > size:
            pieces.append(f"{now - size} * max(0, t - {steps})")
            size = now
        more = max(1, -(-int(per * ((size - start) // increment + 1) - seen) // size)) if per else 1
        more = min(more, (min(ramp, samples.value) - seen) // size + 1)
        seen, steps = seen + more * size, steps + more
    while seen <= min(ramp, samples.value):
        seen, steps = seen + size, steps + 1
    if size < batch:
        pieces.append(f"{batch - size} * max(0, t - {steps})")
    steps += max(0, samples.value - seen) // batch
    total = config.derived("iterations", max(1, steps), f"{samples.value} samples with a growing batch", samples)
    return _Clock(total, f"({' + '.join(pieces)})", 1, "samples")


def _whole_run(config: Config, clock: _Clock) -> int:
    length = config.whole("train_samples" if clock.suffix == "samples" else "train_iters", low=1)
    return int(length.value) * clock.unit


def _formula(
    config: Config, style: str, rates: tuple[float, float, float], times: tuple[str, float, int], clock: _Clock
) -> str:
    (lr, low, first), (now, warmup, end) = rates, times
    progress = f"({now} - {warmup!r}) / {end - warmup!r}"
    if style == "constant":
        after = f"{lr!r}"
    elif style == "inverse-square-root":
        after = f"max({low!r}, {lr * max(warmup, 1) ** 0.5!r} / (max({now}, 1) ** 0.5))"
    elif style == "WSD":
        after = f"{low!r} + ({_ending(config, now, end, clock)}) * {lr - low!r}"
    else:
        wave = f"0.5 * (cos(pi * ({progress})) + 1.0)" if style == "cosine" else f"(1.0 - {progress})"
        after = f"{low!r} + {wave} * {lr - low!r}"
    if style != "constant":
        after = f"{low!r} if {now} > {end} else {after}"
    rising = f"{first!r} + ({lr - first!r} * {now} / {float(warmup)!r})"
    return f"{rising} if {now} <= {warmup!r} else {after}" if warmup else after


def _ending(config: Config, now: str, end: int, clock: _Clock) -> str:
    """The factor of WSD: 1, then a decay over the last part of the schedule."""
    length = config.whole(f"lr_wsd_decay_{clock.suffix}", low=1)
    kind = config.choice("lr_wsd_decay_style", _ENDINGS, "exponential", what="decay style of WSD").value
    begin = end - length.value * clock.unit
    progress = f"({now} - {begin}) / {length.value * clock.unit}"
    fall = {
        "linear": f"1.0 - {progress}",
        "cosine": f"0.5 * (cos(pi * ({progress})) + 1.0)",
        "exponential": f"(2.0 * 0.5 ** ({progress})) - 1.0",
        "minus_sqrt": f"1.0 - sqrt({progress})",
    }[kind]
    return f"1.0 if {now} <= {begin} else {fall}"


def _lost(config: Config) -> tuple[str, ...]:
    lost = ["betas, weight decay and other hyper-parameters of the optimizer"]
    if config.has("decoupled_lr"):
        where = config.where("decoupled_lr")
        config.note(where, "left-out", "embedding and output layers have decoupled_lr in place of this learning rate")
        lost.append("decoupled_lr: the learning rate of embedding and output layers")
    return tuple(lost)


DIALECT: Final = Dialect(
    name="megatron",
    title="Megatron-LM",
    marks="`--lr-decay-style` or `lr_decay_style`, at the top or under `MODEL_ARGS`",
    recognize=recognize,
    read=read,
    keys=(
        Key("lr", "the peak"),
        Key("min-lr", "the floor", "0"),
        Key("lr-decay-style", "linear, cosine, constant, inverse-square-root or WSD", "linear"),
        Key("lr-decay-iters, lr-decay-samples", "where the decay ends", "the run"),
        Key("lr-warmup-iters, lr-warmup-samples", "length of the warmup", "0"),
        Key("lr-warmup-fraction", "the warmup as a part of the decay, not rounded"),
        Key("lr-warmup-init", "learning rate that the warmup begins at", "0"),
        Key("lr-wsd-decay-style", "exponential, linear, cosine or minus_sqrt", "exponential"),
        Key("lr-wsd-decay-iters, lr-wsd-decay-samples", "length of the decay of WSD"),
        Key("train-iters, train-samples", "length of the run; everything else is in the same unit"),
        Key("global-batch-size", "samples of an iteration", "micro-batch-size x data parallel processes"),
        Key("rampup-batch-size", "first batch, increment, samples: a batch that grows"),
    ),
    facts=("devices",),
    surprises=(
        "A warmup given as a fraction is not rounded to whole iterations.",
        "After lr-decay-iters the learning rate is min-lr.",
        "The first iteration trains with lr-warmup-init, which is 0.",
    ),
    source="Megatron-LM: megatron/core/optimizer_param_scheduler.py, megatron/training/training.py",
    example="MODEL_ARGS:\n  --global-batch-size: 32\n  --train-iters: 1500\n  --lr: 2.5e-4\n  --min-lr: 2.5e-5\n"
    "  --lr-decay-style: cosine\n  --lr-warmup-fraction: 0.01\n",
    scalars=yaml11,
    override=overrides.flags,
)
