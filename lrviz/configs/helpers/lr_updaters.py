"""The policies of mmcv 1.x (`LrUpdaterHook`): closed forms of an iteration or epoch, in its own order of operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lrviz.configs.config import Config
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values

ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Fixed": (),
    "Step": ("step", "gamma", "min_lr"),
    "Exp": ("gamma",),
    "Poly": ("power", "min_lr"),
    "Inv": ("gamma", "power"),
    "CosineAnnealing": ("min_lr", "min_lr_ratio"),
    "FlatCosineAnnealing": ("start_percent", "min_lr", "min_lr_ratio"),
    "CosineRestart": ("periods", "restart_weights", "min_lr", "min_lr_ratio"),
    "Cyclic": ("target_ratio", "cyclic_times", "step_ratio_up", "anneal_strategy", "gamma"),
    "OneCycle": (
        "max_lr", "total_steps", "pct_start", "anneal_strategy", "div_factor", "final_div_factor", "three_phase",
    ),
    "LinearAnnealing": ("min_lr", "min_lr_ratio"),
}  # fmt: skip
"""The policies, with their arguments."""

BY_ITERATION: Final = ("Cyclic", "OneCycle")
"""Policies that know no epochs."""

Rate = Callable[[float], str]
"""The rate that a policy gives a param group, as an expression, by the group's own learning rate."""


def rate_of(policy: str, config: Config, at: str, length: int) -> Rate:
    """The rate of a policy at the epoch or iteration `at` of a run that is `length` of them long."""
    return _POLICIES[policy](config, at, length)


def _cosine(start: str, end: str, share: str, weight: str = "") -> str:
    scale = f"0.5 * {weight}" if weight else "0.5"
    return f"{end} + {scale} * ({start} - {end}) * (cos(pi * ({share})) + 1)"


def _linear(start: str, end: str, share: str) -> str:
    return f"{start} + ({end} - {start}) * ({share})"


def _target(config: Config) -> Callable[[float], str]:
    """The lowest rate of a group."""
    both = config.has("min_lr") and config.has("min_lr_ratio")
    if both or not (config.has("min_lr") or config.has("min_lr_ratio")):
        where = config.where("min_lr_ratio" if both else "policy")
        config.error(where, f"{config.path} needs one of min_lr and min_lr_ratio", "write min_lr=0")
    if config.has("min_lr_ratio"):
        ratio = config.number("min_lr_ratio").value
        return lambda lr: repr(lr * ratio)
    low = config.number("min_lr", 0.0).value
    return lambda lr: repr(low)


def _fixed(config: Config, at: str, length: int) -> Rate:
    return repr


def _step(config: Config, at: str, length: int) -> Rate:
    gamma = config.number("gamma", 0.1).value
    given = config.list_of("step", values.whole)
    steps = [each.value for each in given.value]
    for each in given.value:
        if each.value <= 0:
            config.error(each.where, f"{config.path}.step must be above 0 (got {each.value})")
            return repr
    found = config.node("step")
    if found is not None and not found.is_list:
        passed = f"{gamma!r} ** ({at} // {steps[0]})"
    else:  # the number of the first milestone that lies ahead, in the order of the list
        passed = repr(gamma ** len(steps))
        for index, step in reversed(list(enumerate(steps))):
            passed = f"({gamma**index!r} if {at} < {step} else {passed})"
    low = config.number("min_lr", None).value
    return lambda lr: f"max({lr!r} * {passed}, {low!r})" if low is not None else f"{lr!r} * {passed}"


def _exp(config: Config, at: str, length: int) -> Rate:
    gamma = config.number("gamma").value
    return lambda lr: f"{lr!r} * {gamma!r} ** {at}"


def _poly(config: Config, at: str, length: int) -> Rate:
    power, low = config.number("power", 1.0).value, config.number("min_lr", 0.0).value
    return lambda lr: f"{lr - low!r} * (1 - {at} / {length}) ** {power!r} + {low!r}"


def _inv(config: Config, at: str, length: int) -> Rate:
    gamma, power = config.number("gamma").value, config.number("power", 1.0).value
    return lambda lr: f"{lr!r} * (1 + {gamma!r} * {at}) ** {-power!r}"


def _cosine_annealing(config: Config, at: str, length: int) -> Rate:
    target = _target(config)
    return lambda lr: _cosine(repr(lr), target(lr), f"{at} / {length}")


def _flat_cosine(config: Config, at: str, length: int) -> Rate:
    target, share = _target(config), config.number("start_percent", 0.75, low=0, high=1)
    start = round(length * share.value)
    if start >= length:
        return repr
    return lambda lr: (
        f"{lr!r} if {at} < {start} else " + _cosine(repr(lr), target(lr), f"({at} - {start}) / {length - start}")
    )


def _cosine_restart(config: Config, at: str, length: int) -> Rate:
    target = _target(config)
    periods = [each.value for each in config.list_of("periods", values.whole).value]
    weights = config.list_of("restart_weights", values.real, (1.0,))
    parts = [each.value if isinstance(each, Value) else each for each in weights.value]
    if len(parts) != len(periods):
        config.error(weights.where, f"{config.path}: as many restart_weights as periods are needed")
    elif sum(periods) < length:
        config.error(
            config.where("periods"),
            f"{config.path}.periods end after {sum(periods)} of {length}, where mmcv stops with an error",
            "let them add up to the length of the run",
        )

    def rate(lr: float) -> str:
        made, end = "", sum(periods)
        for period, weight in reversed(list(zip(periods, parts, strict=False))):
            text = _cosine(repr(lr), target(lr), f"({at} - {end - period}) / {period}", repr(weight))
            made = f"({text} if {at} < {end} else {made})" if made else text
            end -= period
        return made or repr(lr)

    return rate


def _anneal(config: Config) -> Callable[[str, str, str], str]:
    return {"cos": _cosine, "linear": _linear}[config.choice("anneal_strategy", ("cos", "linear"), "cos").value]


def _cyclic(config: Config, at: str, length: int) -> Rate:
    given = config.list_of("target_ratio", values.real, (10.0, 1e-4))
    high, *rest = [each.value if isinstance(each, Value) else each for each in given.value] or [10.0]
    low = rest[0] if rest else high / 1e5
    times, share = config.whole("cyclic_times", 1, low=1), config.number("step_ratio_up", 0.4, low=0)
    gamma, anneal = config.number("gamma", 1.0, above=0, high=1).value, _anneal(config)
    cycle = length // times.value
    if cycle < 1 or share.value >= 1:
        config.error(
            times.where, f"{config.path}: each of cyclic_times cycles needs an iteration, and step_ratio_up is below 1"
        )
        return repr
    up = int(share.value * cycle)
    place, scale = f"({at} % {cycle})", f"{gamma!r} ** ({at} // {cycle})"
    top = repr(high) if gamma == 1 else f"(1 - {scale} + {high!r} * {scale})"
    end = repr(low) if gamma == 1 or up else f"(1 - {scale} + {low!r} * {scale})"  # mmcv scales the end without a rise
    start = top if up else repr(high)

    def rate(lr: float) -> str:
        falling = anneal(f"{lr!r} * {start}", f"{lr!r} * {end}", f"({place} - {up}) / {cycle - up}")
        if not up:
            return falling
        return f"{anneal(repr(lr), f'{lr!r} * {top}', f'{place} / {up}')} if {place} < {up} else {falling}"

    return rate


def _one_cycle(config: Config, at: str, length: int) -> Rate:
    top, total = config.number("max_lr", low=0), config.whole("total_steps", length, low=1)
    share, anneal = config.number("pct_start", 0.3, low=0, high=1).value, _anneal(config)
    div = config.number("div_factor", 25.0, above=0).value
    final = config.number("final_div_factor", 1e4, above=0).value
    if total.value < length:
        config.error(
            total.where,
            f"{config.path}.total_steps must be at least the {length} iterations of the run (got {total.value})",
        )
    base = top.value / div
    parts: list[tuple[Any, float, float]] = [(share * total.value - 1.0, 1, div), (total.value - 1, div, 1 / final)]
    if config.flag("three_phase", False).value:
        parts[1:] = [(2 * share * total.value - 2.0, div, 1), (total.value - 1, 1, 1 / final)]
    made, texts, begin = "", [], 0.0
    for end, first, last in parts:
        if end != begin:
            texts.append((end, anneal(repr(base * first), repr(base * last), f"({at} - {begin!r}) / {end - begin!r}")))
        begin = end
    for end, text in reversed(texts):
        made = f"({text} if {at} <= {end!r} else {made})" if made else text
    return lambda lr: made or repr(base)


def _linear_annealing(config: Config, at: str, length: int) -> Rate:
    target = _target(config)
    return lambda lr: _linear(repr(lr), target(lr), f"{at} / {length}")


_POLICIES: Final[Mapping[str, Callable[[Config, str, int], Rate]]] = {
    "Fixed": _fixed,
    "Step": _step,
    "Exp": _exp,
    "Poly": _poly,
    "Inv": _inv,
    "CosineAnnealing": _cosine_annealing,
    "FlatCosineAnnealing": _flat_cosine,
    "CosineRestart": _cosine_restart,
    "Cyclic": _cyclic,
    "OneCycle": _one_cycle,
    "LinearAnnealing": _linear_annealing,
}
