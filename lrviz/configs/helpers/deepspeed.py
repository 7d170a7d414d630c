"""The schedulers of a DeepSpeed file (`runtime/lr_schedules.py`), in DeepSpeed's own order of operations.

The constructor sets the learning rate of step 0, and the first call of `step()` computes index 0 of the schedule: from
step 1 on, everything comes one step late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lrviz.configs.config import Config
from lrviz.configs.helpers.deepspeed_reader import AUTO, Filled, Reader, Scheduled
from lrviz.schedule.catalogue.schedulers import LR_SCHEDULER, SCHEDULERS
from lrviz.schedule.imported import Value
from lrviz.words import show

__all__ = ["Filled", "Scheduled", "read_scheduler"]

FROM_CODE: Final = ("LambdaLR", "MultiplicativeLR", "ReduceLROnPlateau", "ChainedScheduler", "SequentialLR")
"""Classes of torch that JSON cannot say everything for, or that are not stepped as DeepSpeed steps a scheduler."""

TORCH: Final = tuple(name for name, entry in SCHEDULERS.items() if entry.module == LR_SCHEDULER)


def read_scheduler(config: Config, filled: Filled | None = None) -> Scheduled | None:
    """The scheduler of a DeepSpeed file; None if it has none. `config` is the whole file."""
    if not config.has("scheduler"):
        return None
    reader = Reader(config, filled)
    if filled is not None:
        hold_against(
            config,
            {
                "scheduler.params.warmup_max_lr": filled.lr,
                "scheduler.params.total_num_steps": filled.steps,
                "scheduler.params.warmup_num_steps": filled.warmup,
            },
        )
    name = config.choice("scheduler.type", (*_OWN, *TORCH), what="scheduler of DeepSpeed or torch")
    written = config.node("scheduler.type")
    if written is None or written.value != name.value:  # which arguments it takes is not known
        return None
    if name.value in _OWN:
        return _OWN[name.value](reader, name)
    if name.value in FROM_CODE:
        config.error(name.where, f"DeepSpeed cannot make a {name.value} from a file: it takes what is code")
        return None
    params = {str(item.key.value): item.value for item in reader.params.root.items()}
    return Scheduled({"type": "AdamW", "lr": reader.lr()}, {"type": name, **params}, f"{name.value} of torch")


def hold_against(config: Config, expected: Mapping[str, Value]) -> None:
    """Reports numbers of a DeepSpeed file that contradict those of the training config, by their path."""
    for path, ours in expected.items():
        node = config.node(path)
        if node is not None and node.value != AUTO and node.value != ours.value:
            config.error(
                node.where,
                f"{path} is {show(node.value)}, but {ours.key} of the training config gives {show(ours.value)}",
                'write "auto", which takes over what the training config says',
            )


def _paired(reader: Reader, low: list[Value], high: list[Value]) -> list[tuple[Value, Value]]:
    """The lowest and the highest rate of each param group; a lone one counts for every group."""
    if len(low) > 1 and len(high) > 1 and len(low) != len(high):
        reader.config.error(
            high[0].where, f"{len(low)} and {len(high)} learning rates do not fit the same param groups"
        )
        high = high[:1]
    count = max(len(low), len(high))
    return list(zip(low * count if len(low) == 1 else low, high * count if len(high) == 1 else high, strict=True))


# --- warmups ---------------------------------------------------------------------------------------------------------

_WARMUP: Final = ("warmup_min_lr", "warmup_max_lr", "warmup_num_steps", "warmup_type", "last_batch_iteration")


def _warmup_lr(reader: Reader, name: Value) -> Scheduled:
    reader.check(_WARMUP)
    default: Value | float = 0.001
    if not reader.params.has("warmup_max_lr") and reader.config.since("deepspeed", "0.17.2"):
        default = reader.lr()
    warmup = reader.warmup()
    return _warmed(reader, name, default, warmup, "1.0", f"WarmupLR, warmup {warmup.value:,} steps")


def _warmup_decay_lr(reader: Reader, name: Value) -> Scheduled:
    reader.check((*_WARMUP, "total_num_steps"))
    total, warmup = reader.count("total_num_steps"), reader.warmup()
    fall = f"max(0.0, ({total.value} - (t - 1)) / {float(max(1.0, total.value - warmup.value))!r})"
    words = f"WarmupDecayLR, warmup {warmup.value:,} of {total.value:,} steps"
    return _warmed(reader, name, 0.001, warmup, fall, words)


def _warmed(
    reader: Reader, name: Value, default: Value | float, warmup: Value, after: str, words: str
) -> Scheduled:  # fmt: skip
    """A warmup from `warmup_min_lr` to `warmup_max_lr`, and a factor `after` it of what lies between them."""
    pairs = _paired(reader, reader.rates("warmup_min_lr", 0.0), reader.rates("warmup_max_lr", default))
    rise = reader.rise(warmup.value)
    own = reader.optimizer_lr()
    first_is_own = own is not None and not reader.config.since("deepspeed", "0.15.3")
    factors = []
    _say_what_is_ignored(reader, own, pairs[0][1])
    for low, high in pairs:
        if not high.value > 0:
            reader.config.error(high.where, f"warmup_max_lr must be above 0 (got {show(high.value)})")
            return reader.scheduled(name, [high], ["1.0"], words)
        between = f"{rise} if t <= {warmup.value} else {after}"
        factor = f"({between})"
        if low.value:
            factor = f"({low.value!r} + {high.value - low.value!r} * ({between})) / {high.value!r}"
        first = own.value if first_is_own and own is not None else low.value
        factors.append(f"{first / high.value!r} if t < 1 else {factor}")
    if first_is_own and own is not None:
        words += f", step 0 with {own.value:g}"
    return reader.scheduled(name, [high for _, high in pairs], factors, words)


def _say_what_is_ignored(reader: Reader, own: Value | None, peak: Value) -> None:
    """Warns where the peak is not the learning rate that the file gives the optimizer."""
    if own is None or own.origin != "config" or own.value == peak.value:
        return
    said = "unless warmup_max_lr is given" if peak.origin == "default" else "as warmup_max_lr says"
    reader.config.warn(
        own.where,
        "overridden",
        f"{own.key} {own.value:g} is not used: the scheduler's peak is {peak.value:g} {said}",
        f"write warmup_max_lr: {own.value:g}" if peak.origin == "default" else "",
    )


def _warmup_cosine_lr(reader: Reader, name: Value) -> Scheduled:
    reader.check(("total_num_steps", "warmup_min_ratio", "warmup_num_steps", "cos_min_ratio", "warmup_type",
                  "last_batch_iteration"))  # fmt: skip
    total, warmup, lr = reader.count("total_num_steps"), reader.warmup(), reader.lr()
    low = reader.params.number("warmup_min_ratio", 0.0).value
    floor = reader.params.number("cos_min_ratio", 0.0001).value
    rise = f"{low!r} + {reader.rise(warmup.value)} * {1.0 - low!r}" if low else reader.rise(warmup.value)
    progress = f"min(1.0, (t - {warmup.value}) / {max(1, total.value - warmup.value)})"
    fall = f"max(0.0, {floor!r} + {1.0 - floor!r} * ((1 + cos(pi * {progress})) / 2))"
    first = "0.0" if reader.config.since("deepspeed", "0.15.3") else "1.0"
    factor = f"{first} if t < 1 else {rise} if t <= {warmup.value} else {fall}"
    words = f"WarmupCosineLR, warmup {warmup.value:,} of {total.value:,} steps"
    if first == "1.0":
        words += f", step 0 with {lr.value:g}"
    return reader.scheduled(name, [lr], [factor], words)


# --- cycles ----------------------------------------------------------------------------------------------------------


def _one_cycle(reader: Reader, name: Value) -> Scheduled:
    reader.check((
        "cycle_min_lr", "cycle_max_lr", "decay_lr_rate", "cycle_first_step_size", "cycle_second_step_size",
        "cycle_first_stair_count", "cycle_second_stair_count", "decay_step_size", "cycle_momentum", "cycle_min_mom",
        "cycle_max_mom", "decay_mom_rate", "last_batch_iteration",
    ))  # fmt: skip
    params = reader.params
    low, high = params.number("cycle_min_lr", low=0), params.number("cycle_max_lr", above=0)
    first = params.number("cycle_first_step_size", 2000.0, above=0)
    second = params.number("cycle_second_step_size", first, above=0)
    total = first.value + second.value
    ratio = first.value / total
    x = f"(1.0 + t / {total!r} - floor(1 + t / {total!r}))"
    scale = f"({x} / {ratio!r} if {x} <= {ratio!r} else ({x} - 1) / {ratio - 1!r})"
    scale = _stairs(reader, first.value, second.value, scale)
    cycle = f"({low.value!r} + {high.value - low.value!r} * {scale}) / {high.value!r}"
    rate, every = params.number("decay_lr_rate", 0.0), params.number("decay_step_size", 0.0, low=0)
    after = f"{low.value!r}"
    if rate.value and every.value:
        after = f"{low.value!r} / (1 + {rate.value!r} * ((t - {total!r}) / {every.value!r}))"
    factor = f"{cycle} if t <= {total!r} else {after} / {high.value!r}"
    words = f"OneCycle, {low.value:g} to {high.value:g} and back in {total:,.0f} steps"
    found = reader.scheduled(name, [high], [factor], words)
    moves = params.flag("cycle_momentum", True).value
    return found._replace(lost=("the momentum that OneCycle moves",) if moves else ())


def _stairs(reader: Reader, first: float, second: float, scale: str) -> str:
    """The scale of a cycle in stairs, which changed nothing in older releases."""
    up = reader.params.whole("cycle_first_stair_count", 0, low=0)
    down = reader.params.whole("cycle_second_stair_count", up, low=0)
    if not (up.value or down.value) or not reader.config.since("deepspeed", "0.19.4"):
        return scale
    at = f"(t % {first + second!r})"
    rising = f"floor({at} * {up.value} / {first!r}) / {up.value}" if up.value else scale
    falling = f"floor(({first + second!r} - {at}) * {down.value} / {second!r}) / {down.value}" if down.value else scale
    return f"({rising} if {at} <= {first!r} else {falling})"


def _lr_range_test(reader: Reader, name: Value) -> Scheduled:
    reader.check(("lr_range_test_min_lr", "lr_range_test_step_size", "lr_range_test_step_rate",
                  "lr_range_test_staircase", "last_batch_iteration"))  # fmt: skip
    params = reader.params
    lows = reader.rates("lr_range_test_min_lr", 0.001)
    size = params.whole("lr_range_test_step_size", 2000, low=1)
    rate = params.number("lr_range_test_step_rate", 1.0)
    passed = f"t / {size.value}"
    if params.flag("lr_range_test_staircase", False).value:
        passed = f"floor({passed})"
    words = f"LRRangeTest from {lows[0].value:g}, plus {rate.value:g} times that every {size.value:,} steps"
    return reader.scheduled(name, lows, [f"1 + {rate.value!r} * ({passed})"] * len(lows), words)


_OWN: Final[Mapping[str, Callable[[Reader, Value], Scheduled]]] = {
    "WarmupLR": _warmup_lr,
    "WarmupDecayLR": _warmup_decay_lr,
    "WarmupCosineLR": _warmup_cosine_lr,
    "OneCycle": _one_cycle,
    "LRRangeTest": _lr_range_test,
}
