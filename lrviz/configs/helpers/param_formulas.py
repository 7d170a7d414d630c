"""All parameter schedulers of a config of mmengine as one expression of `t`, the optimizer step."""

from __future__ import annotations

from collections.abc import Sequence

from lrviz.configs.helpers.param_schedulers import Clock, Scheduler, called, changes_in, first_tick, last_tick, local
from lrviz.schedule.text import expression

MOST_PIECES = 16
"""Epochs in which one scheduler may act at the same time as others."""


def expression_of(schedulers: Sequence[Scheduler], clock: Clock, lr: float) -> str | None:
    """The factor of a learning rate in optimizer step `t`, as one expression; None if there is none of closed forms."""
    moving = sorted((each for each in schedulers if not each.multiplies), key=lambda each: first_tick(each, clock))
    product = [each for each in schedulers if each.multiplies]
    made = _product(product, clock)
    before = -1
    for each in moving:
        begin, end = first_tick(each, clock), last_tick(each, clock)
        if begin >= clock.count:
            continue
        if begin <= before or not lr:
            return None
        before = end
        if any(changes_in(other, clock, begin, end) for other in product):
            moved = _overlapped(each, product, clock, value_at(made, begin, clock), lr)
        else:
            moved = _moved(each, clock, value_at(made, begin, clock), lr)
        if moved is None:
            return None
        if any(changes_in(other, clock, end, clock.count) for other in product):
            later = _product(product, clock)
            moved = f"({moved}) * {later} / {value_at(later, end, clock)!r}"
        made = f"({moved}) if {called(each, clock)} >= {each.begin} else {made}" if begin > 0 else moved
    return made if len(made) <= expression.MAX_LENGTH else None


def value_at(text: str, tick: int, clock: Clock) -> float:
    """The value of an expression at an iteration (or epoch), which need not end in an optimizer step."""
    return expression.parse(text.replace(clock.tick, "t") if clock.accumulate > 1 else text, ("t",)).function("t")(tick)


def _product(schedulers: Sequence[Scheduler], clock: Clock) -> str:
    factors = []
    for each in schedulers:
        if first_tick(each, clock) < clock.count:
            factor = each.factor(local(each, clock))
            factors.append(f"({factor} if {called(each, clock)} >= {each.begin} else 1.0)" if each.begin else factor)
    return " * ".join(factors) or "1.0"


def _moved(each: Scheduler, clock: Clock, begin: float, lr: float) -> str:
    """The factor under a scheduler that moves the rate from the factor `begin` towards its `eta_min`."""
    at, eta = local(each, clock), each.eta / lr
    if each.kind in _SETS:
        return f"({_SETS[each.kind](each, at)}) / {lr!r}"
    way = repr(begin - eta)
    if each.kind == "CosineAnnealingLR" and each.span - 1 > each.number("T_max"):  # it climbs again, to the base rate
        way = f"({way} if {at} <= {each.number('T_max')} else {1.0 - eta!r})"
    return f"{eta!r} + {way} * {each.factor(at)}"


def _overlapped(each: Scheduler, product: Sequence[Scheduler], clock: Clock, factor: float, lr: float) -> str | None:
    """The factor under a scheduler of epochs, towards an `eta_min`, of which others of iterations change the beginning:
    a product within each epoch, until they stand still, and then its own closed form."""
    at, eta = local(each, clock), each.eta / lr
    active = [other for other in product if changes_in(other, clock, first_tick(each, clock), last_tick(each, clock))]
    if not each.epochs or any(other.epochs for other in active) or each.kind in _SETS:
        return None
    calls = max(other.end - 1 for other in active) // clock.batches - each.begin
    if calls > MOST_PIECES or (each.kind == "CosineAnnealingLR" and each.span - 1 > each.number("T_max")):
        return None
    others = _product(product, clock)

    def of_others(tick: int) -> float:
        return value_at(others, tick, clock)

    def way(call: int) -> float:
        return expression.parse(each.factor(str(call))).value()

    begin = first_tick(each, clock)
    parts = []
    for call in range(calls + 1):
        tick = begin + call * clock.batches
        if call:
            factor = eta + (factor * of_others(tick) / of_others(tick - clock.batches) - eta) * way(call) / way(
                call - 1
            )
        parts.append(factor / of_others(tick))
    *early, made = map(repr, parts)
    for call, part in reversed(list(enumerate(early))):
        made = f"({part} if {at} <= {call} else {made})"
    settled = parts[-1] * of_others(begin + (calls + 1) * clock.batches - 1)
    after = f"{eta!r} + {(settled - eta) / way(calls)!r} * {each.factor(at)}"
    return f"{made} * {others} if {at} <= {calls} else {after}"


def _one_cycle(each: Scheduler, at: str) -> str:
    """The rates of OneCycleLR, which it sets whatever they were before."""
    total, share, top = each.number("total_steps"), each.number("pct_start"), each.number("eta_max")
    low = top / each.number("div_factor")
    parts = [(share * total - 1.0, low, top), (total - 1, top, low / each.number("final_div_factor"))]
    if each.number("three_phase"):
        parts[1:] = [(2 * share * total - 2.0, top, low), (total - 1, low, low / each.number("final_div_factor"))]
    texts, begin = [], 0.0
    for end, first, last in parts:
        way = f"({at} - {begin!r}) / {end - begin!r}" if end != begin else "0.0"
        cosine = f"{last!r} + {(first - last) / 2.0!r} * (cos(pi * ({way})) + 1)"
        linear = f"{last - first!r} * ({way}) + {first!r}"
        texts.append((end, cosine if each.number("anneal_strategy") == "cos" else linear))
        begin = end
    *before, (_, made) = texts
    for end, text in reversed(before):
        made = f"({text} if {at} <= {end!r} else {made})"
    return made


def _restarts(each: Scheduler, at: str) -> str:
    """The rates of CosineRestartLR, which begins each period at a part of the base rate."""
    periods = [one.value for one in each.number("periods")]
    weights = [one.value for one in each.number("restart_weights")]
    eta, base, ends = each.eta, each.number("base"), [sum(periods[: index + 1]) for index in range(len(periods))]
    at = f"min({at}, {ends[-1] - 1})"
    made = ""
    for period, weight, end in reversed(list(zip(periods, weights, ends, strict=True))):
        text = f"{eta!r} + {base * weight - eta!r} * (1 + cos(pi * ({at} - {end - period}) / {period})) / 2"
        made = f"({text} if {at} < {end} else {made})" if made else text
    return made


_SETS = {"OneCycleLR": _one_cycle, "CosineRestartLR": _restarts}
