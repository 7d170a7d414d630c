"""The parameter schedulers of mmengine, each of which changes the learning rate that it finds -> schedulers of ours.

They act in the order of their list, in calls `begin` to `end - 1` of their own clock (iterations or epochs), counted
from `begin`. Those that multiply (Linear, Constant, Step, MultiStep, Exponential, and others towards 0) give a product;
the others move a rate towards an `eta_min`. Written as torch's own classes where these do the same, in phases or in a
`ChainedScheduler`, and else as one expression of closed forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lrviz.schedule.imported import Value
from lrviz.schedule.text import expression

MULTIPLY = ("LinearLR", "ConstantLR", "StepLR", "MultiStepLR", "ExponentialLR")
"""Schedulers that only multiply."""

SETTLED = ("LinearLR", "ConstantLR")
"""Schedulers whose last call leaves the rate where further calls would."""


@dataclass(frozen=True)
class Clock:
    """The ticks of a run: `count` epochs, or iterations (`batches` of them an epoch, one optimizer step after each
    `accumulate`). In a run of iterations without epochs, `batches` is 0, and what is called once an epoch never is."""

    count: int
    in_epochs: bool = False
    batches: int = 0
    accumulate: int = 1

    @property
    def steps(self) -> int:
        """Optimizer steps of the run (its epochs, if it is counted in these)."""
        return -(-self.count // self.accumulate)

    @property
    def tick(self) -> str:
        """The iteration (or epoch) of `t`, an optimizer step."""
        last = f"{self.accumulate} * t + {self.accumulate - 1}"
        if self.accumulate == 1:
            return "t"
        return f"({last})" if self.count % self.accumulate == 0 else f"min({last}, {self.count - 1})"


@dataclass(frozen=True)
class Scheduler:
    """One scheduler. `epochs` means that its clock counts epochs; `values` are its arguments."""

    kind: str
    begin: int
    end: int
    epochs: bool
    values: Mapping[str, Value]

    @property
    def span(self) -> int:
        return self.end - self.begin

    @property
    def eta(self) -> float:
        """`eta_min`, 0 where there is none."""
        return float(self.values["eta_min"].value) if "eta_min" in self.values else 0.0

    def number(self, name: str) -> Any:
        return self.values[name].value

    @property
    def multiplies(self) -> bool:
        if self.kind == "CosineAnnealingLR":
            return self.eta == 0 and self.span - 1 <= self.number("T_max")
        return self.kind in MULTIPLY or (self.kind == "PolyLR" and self.eta == 0)

    def factor(self, at: str) -> str:
        """What it has multiplied by, or for others the part of the way to `eta_min` that is left, in its call `at`."""
        last, kind = self.span - 1, self.kind
        if kind == "ConstantLR":
            factor = self.number("factor")
            return f"({factor!r} if {at} < {last} else 1.0)" if last else repr(factor)
        if kind == "LinearLR":
            start, end = self.number("start_factor"), self.number("end_factor")
            return f"({start!r} + {end - start!r} * {at} / {last})" if last else repr(start)
        if kind == "StepLR":
            return f"{self.number('gamma')!r} ** ({at} // {self.number('step_size')})"
        if kind == "MultiStepLR":
            counted = [each.value for each in self.number("milestones")]
            gamma, passed = self.number("gamma"), [(counted.count(each), each) for each in sorted({*counted})]
            return " * ".join(f"({gamma**times!r} if {at} >= {each} else 1.0)" for times, each in passed) or "1.0"
        if kind == "ExponentialLR":
            return f"{self.number('gamma')!r} ** ({at})"
        if kind == "PolyLR":
            return f"(1 - {at} / {last}) ** {self.number('power')!r}" if last else "1.0"
        return f"(1 + cos(pi * {at} / {self.number('T_max')})) / 2"

    def changes(self, low: int, high: int) -> bool:
        """True if one of its calls `low < n <= high` changes the rate, counted as its clock does."""
        last = self.end - 1
        if self.kind == "MultiStepLR":
            calls: Sequence[int] = [self.begin + int(each.value) for each in self.number("milestones")]
        elif self.kind == "ConstantLR":
            calls = [self.begin, last] if self.number("factor") != 1 else []
        elif self.kind == "StepLR":
            size = self.number("step_size")
            following = self.begin + max(1, -(-(low + 1 - self.begin) // size)) * size
            calls = [following]
        else:
            return low < last and high >= self.begin and low < high
        return any(low < each <= high and each <= last for each in calls)


# --- one expression ------------------------------------------------------------------------------------------------


def expression_of(schedulers: Sequence[Scheduler], clock: Clock, lr: float) -> str | None:
    """The factor of a learning rate in optimizer step `t`, as one expression; None if there is none of closed forms."""
    moving = sorted((each for each in schedulers if not each.multiplies), key=lambda each: _first(each, clock))
    product = [each for each in schedulers if each.multiplies]
    made = _product(product, clock)
    before = -1
    for each in moving:
        first, last = _first(each, clock), _last(each, clock)
        if first >= clock.count:
            continue
        if first <= before or not lr or any(_changes(other, clock, first, last) for other in product):
            return None
        before = last
        now = _moved(each, clock, value_at(made, first, clock), lr)
        if any(_changes(other, clock, last, clock.count) for other in product):
            later = _product(product, clock)
            now = f"({now}) * {later} / {value_at(later, last, clock)!r}"
        made = f"({now}) if {_now(each, clock)} >= {each.begin} else {made}" if first > 0 else now
    return made if len(made) <= expression.MAX_LENGTH else None


def value_at(text: str, tick: int, clock: Clock) -> float:
    """The value of an expression at an iteration (or epoch), which need not end in an optimizer step."""
    return expression.parse(text.replace(clock.tick, "t") if clock.accumulate > 1 else text, ("t",)).function("t")(tick)


def _product(schedulers: Sequence[Scheduler], clock: Clock) -> str:
    factors = []
    for each in schedulers:
        if _first(each, clock) < clock.count:
            factor = each.factor(_local(each, clock))
            factors.append(f"({factor} if {_now(each, clock)} >= {each.begin} else 1.0)" if each.begin else factor)
    return " * ".join(factors) or "1.0"


def _moved(each: Scheduler, clock: Clock, begin: float, lr: float) -> str:
    """The factor under a scheduler that moves the rate from the factor `begin` towards its `eta_min`."""
    at, eta = _local(each, clock), each.eta / lr
    if each.kind in _SETS:
        return f"({_SETS[each.kind](each, at)}) / {lr!r}"
    way = repr(begin - eta)
    if each.kind == "CosineAnnealingLR" and each.span - 1 > each.number("T_max"):  # it climbs again, to the base rate
        way = f"({way} if {at} <= {each.number('T_max')} else {1.0 - eta!r})"
    return f"{eta!r} + {way} * {each.factor(at)}"


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


def _now(each: Scheduler, clock: Clock) -> str:
    """How often it was called."""
    if clock.in_epochs or not each.epochs:
        return clock.tick
    return f"({clock.tick} // {clock.batches})" if clock.batches else "0"


def _local(each: Scheduler, clock: Clock) -> str:
    """Its call, counted from `begin`; after its last one it stays there."""
    now = _now(each, clock)
    calls = clock.count if clock.in_epochs or not each.epochs else clock.count // (clock.batches or clock.count)
    held = f"min({now}, {each.end - 1})" if each.end <= calls else now
    return f"({held} - {each.begin})" if each.begin else held


def _first(each: Scheduler, clock: Clock) -> int:
    """The tick of its first call; that of a run without epochs is never, but for the one that makes it."""
    if clock.in_epochs or not each.epochs:
        return each.begin
    return each.begin * clock.batches if clock.batches or not each.begin else clock.count


def _last(each: Scheduler, clock: Clock) -> int:
    if clock.in_epochs or not each.epochs:
        return each.end - 1
    return (each.end - 1) * clock.batches


def _changes(each: Scheduler, clock: Clock, low: int, high: int) -> bool:
    """True if it changes the rate at a tick after `low`, up to `high`."""
    high = min(high, clock.count - 1)
    if clock.in_epochs or not each.epochs:
        return each.changes(low, high)
    return bool(clock.batches) and each.changes(low // clock.batches, high // clock.batches)


# --- torch's own classes -------------------------------------------------------------------------------------------


def torch_of(schedulers: Sequence[Scheduler], clock: Clock, *, one_group: bool) -> Any:
    """The same with torch's own classes: a scheduler, one in phases, or a `ChainedScheduler`; None if they differ."""
    if clock.accumulate > 1 and not clock.in_epochs:
        return None
    used = [each for each in schedulers if _first(each, clock) < clock.count]
    if any(each.epochs is not clock.in_epochs for each in used):
        return None
    classes = [_torch_class(each, one_group) for each in used]
    if any(each is None for each in classes):
        return None
    if len(used) == 1 and not used[0].begin and _lasts(used[0], clock):
        return classes[0]
    if any(each.kind == "OneCycleLR" for each in used):
        return None
    order = sorted(range(len(used)), key=lambda index: used[index].begin)
    if all(used[a].end <= used[b].begin for a, b in pairwise(order)):
        return list(_phases([(used[index], classes[index]) for index in order], clock))
    if all(not each.begin and _lasts(each, clock) for each in used):
        return {"type": "ChainedScheduler", "schedulers": classes}
    return None


def _lasts(each: Scheduler, clock: Clock) -> bool:
    """True if torch's class, which never ends, does what this one does up to the end of the run."""
    return each.end >= clock.count or (each.kind in SETTLED and each.span > 1)


def _phases(members: Sequence[tuple[Scheduler, Any]], clock: Clock) -> Iterator[dict[str, Any]]:
    """A phase for each scheduler, up to its last call, and others that hold the rate in between."""
    now = 0
    for each, made in members:
        if each.begin > now:
            yield {"type": "none", "for": each.begin - now}
        if each.end >= clock.count:
            yield made
            return
        now = each.end if each.kind in SETTLED and each.span > 1 else each.end - 1
        yield {**made, "for": now - each.begin}
    yield {"type": "none"}


def _torch_class(each: Scheduler, one_group: bool) -> dict[str, Any] | None:
    values, last = each.values, each.span - 1
    if not last or each.kind == "CosineRestartLR":
        return None
    if each.kind == "OneCycleLR":
        return _one_cycle_class(each)
    if each.kind == "LinearLR":
        return {
            "type": "LinearLR",
            "start_factor": values["start_factor"],
            "end_factor": values["end_factor"],
            "total_iters": last,
        }
    if each.kind == "ConstantLR":
        return {"type": "ConstantLR", "factor": values["factor"], "total_iters": last}
    if each.kind == "StepLR":
        return {"type": "StepLR", "step_size": values["step_size"], "gamma": values["gamma"]}
    if each.kind == "MultiStepLR":
        whole = all(float(one.value).is_integer() for one in values["milestones"].value)
        milestones = list(values["milestones"].value)
        if not whole or not milestones or any(one.value < 1 for one in milestones):
            return None
        return {"type": "MultiStepLR", "milestones": milestones, "gamma": values["gamma"]}
    if each.kind == "ExponentialLR":
        return {"type": "ExponentialLR", "gamma": values["gamma"]}
    if each.kind == "PolyLR" and each.multiplies:
        return {"type": "PolynomialLR", "total_iters": last, "power": values["power"]}
    if each.kind == "CosineAnnealingLR" and last <= each.number("T_max") and (one_group or "ratio" not in values):
        return {"type": "CosineAnnealingLR", "T_max": values["T_max"], "eta_min": values.get("eta_min")}
    return None


def _one_cycle_class(each: Scheduler) -> dict[str, Any]:
    names = ("total_steps", "pct_start", "anneal_strategy", "div_factor", "final_div_factor", "three_phase")
    values = {name: each.values[name] for name in names}
    return {"type": "OneCycleLR", "max_lr": each.values["eta_max"], **values, "cycle_momentum": False}
