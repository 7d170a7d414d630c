"""The parameter schedulers of mmengine, each of which changes the learning rate that it finds -> schedulers of ours.

They act in the order of their list, in calls `begin` to `end - 1` of their own clock (iterations or epochs), counted
from `begin`. Those that multiply (Linear, Constant, Step, MultiStep, Exponential, and others towards 0) give a product;
the others move a rate towards an `eta_min`. Written as torch's own classes where these do the same, in phases or in a
`ChainedScheduler`, and else as one expression of closed forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrviz.schedule.imported import Value

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
        if self.accumulate == 1:
            return "t"
        return f"min({self.accumulate} * t + {self.accumulate - 1}, {self.count - 1})"


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
        """For how long it is active, in its own unit: epochs or steps."""
        return self.end - self.begin

    @property
    def eta(self) -> float:
        """`eta_min`, 0 where there is none."""
        return float(self.values["eta_min"].value) if "eta_min" in self.values else 0.0

    def number(self, name: str) -> Any:
        """The value of one of its arguments, given or default."""
        return self.values[name].value

    @property
    def multiplies(self) -> bool:
        """True if every one of its updates multiplies the learning rate that it finds, so that it can be a factor."""
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


# --- when it is called ---------------------------------------------------------------------------------------------


def called(each: Scheduler, clock: Clock) -> str:
    """How often it was called."""
    if clock.in_epochs or not each.epochs:
        return clock.tick
    return f"({clock.tick} // {clock.batches})" if clock.batches else "0"


def local(each: Scheduler, clock: Clock) -> str:
    """Its call, counted from `begin`; after its last one it stays there."""
    now = called(each, clock)
    calls = clock.count if clock.in_epochs or not each.epochs else clock.count // (clock.batches or clock.count)
    held = f"min({now}, {each.end - 1})" if each.end <= calls else now
    return f"({held} - {each.begin})" if each.begin else held


def first_tick(each: Scheduler, clock: Clock) -> int:
    """The tick of its first call; that of a run without epochs is never, but for the one that makes it."""
    if clock.in_epochs or not each.epochs:
        return each.begin
    return each.begin * clock.batches if clock.batches or not each.begin else clock.count


def last_tick(each: Scheduler, clock: Clock) -> int:
    """The tick of its last call."""
    if clock.in_epochs or not each.epochs:
        return each.end - 1
    return (each.end - 1) * clock.batches


def changes_in(each: Scheduler, clock: Clock, low: int, high: int) -> bool:
    """True if it changes the rate at a tick after `low`, up to `high`."""
    high = min(high, clock.count - 1)
    if clock.in_epochs or not each.epochs:
        return each.changes(low, high)
    return bool(clock.batches) and each.changes(low // clock.batches, high // clock.batches)
