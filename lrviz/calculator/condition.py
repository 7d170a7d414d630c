"""Answers `lrviz when`: finds the ticks of a run at which a condition holds.

The condition is evaluated at every tick, that is, once for each call of `scheduler.step()`. Learning rates and momentum
are compared with a relative tolerance of 1e-12, so that rounding does not move the moment at which one is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import cast

from lrviz.curve import Curve
from lrviz.duration import asks_for, clock
from lrviz.errors import Position, Problem, Problems, ScheduleError
from lrviz.run import AMOUNTS
from lrviz.schedule.text.expression import Expression, ExpressionError, ExpressionValueError, parse
from lrviz.words import moment, show

NAMES = ("lr", "epoch", "step", "tokens", "samples", "momentum")
"""The names that a condition may use."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive ticks at which a condition holds, from `first` to `last`, both included.

    `lr` is the learning rate at the first and at the last tick. `epochs` and `steps` are the length of the stretch;
    None if the run does not know the unit.
    """

    first: int
    last: int
    lr: tuple[float, float]
    epochs: float | None
    steps: int | None


@dataclass(frozen=True, slots=True)
class Occurrences:
    """When a condition holds in a schedule: `stretches` in the order of the run, with gaps between them.

    `group` is the name of a param group; None if one stands for all.
    """

    curve: Curve
    group: str | None
    stretches: tuple[Stretch, ...]

    @property
    def never(self) -> bool:
        """True if the condition holds at no tick of the run."""
        return not self.stretches

    @property
    def always(self) -> bool:
        """True if it holds from the first tick to the last, without a gap."""
        return bool(self.stretches) and (self.stretches[0].first, self.stretches[0].last) == (0, len(self.curve) - 1)


def read_condition(text: str) -> Expression:
    """Reads a condition such as `lr < 1e-5 and epoch > 10`. Raises `ScheduleError`."""
    try:
        return parse(text, NAMES, condition=True)
    except ExpressionError as error:
        hint = error.hint
        if error.message == "unknown name 'end'":
            hint = "a condition covers the steps of the run; `lrviz at end` shows the value after the last call"
        message = f"{error.message} (column {error.offset + 1} of {show(text)})"
        raise ScheduleError.at(Position("lrviz"), message, hint) from None


def when(condition: Expression, curves: Sequence[Curve]) -> list[Occurrences]:
    """When a condition holds in each curve: one result for each param group, or one in all if they do not differ.

    `epoch` and `step` in the condition are those at which a tick begins. Raises `ScheduleError` with every name that a
    run does not know, and every curve for which the condition has no value at some tick.
    """
    problems = Problems()
    answers: list[Occurrences] = []
    for curve in curves:
        unknown = [Problem(Position(curve.name), *words) for words in _unknown(condition, curve)]
        problems += unknown
        if not unknown:
            try:
                answers += _answers(condition, curve)
            except ExpressionValueError as error:
                message = f"{error.message} at {moment(curve.run, int(error.at))}"
                problems.at(Position(curve.name), message)
    if problems:
        raise ScheduleError(problems)
    return answers


def _clock(curve: Curve) -> dict[str, str | None]:
    """Every unit of the run as an expression of the tick `t`; None for one that the run does not know."""
    known = clock(curve.run, curve.run.interval)
    for unit in AMOUNTS:
        per_step = curve.run.per_step(unit)
        known[unit] = f"({known['step']}) * {per_step}" if per_step is not None else None
    return known


def _unknown(condition: Expression, curve: Curve) -> Iterator[tuple[str, str]]:
    """A message and a hint for each name in a condition that a run does not know."""
    for name, text in _clock(curve).items():
        if text is None and name in condition.names:
            yield f"{name} is not known in this run", asks_for(name, curve.run)
    if "momentum" in condition.names and curve.momentum_columns is None:
        yield "this schedule does not change the momentum", "OneCycleLR and CyclicLR do"


def _answers(condition: Expression, curve: Curve) -> Iterator[Occurrences]:
    known = {name: text for name, text in _clock(curve).items() if text is not None}
    holds = cast(
        "Callable[[int, float, float], bool]", condition.function("t", known, ("lr", "momentum"), ("lr", "momentum"))
    )
    momentum = curve.momentum_columns if "momentum" in condition.names else None
    differ = curve.groups_differ or (momentum is not None and len(set(map(bytes, momentum))) > 1)
    for group, name in enumerate(curve.groups if differ else curve.groups[:1]):
        rates = curve.columns[group]
        truths = bytes(map(holds, count(), rates, momentum[group] if momentum is not None else rates))
        stretches = (
            Stretch(first, last, (rates[first], rates[last]), *_length(curve, first, last))
            for first, last in _runs(truths)
        )
        yield Occurrences(curve, name if differ else None, tuple(stretches))


def _runs(truths: bytes) -> Iterator[tuple[int, int]]:
    """The first and the last index of every sequence of ones."""
    first = truths.find(1)
    while first >= 0:
        after = truths.find(0, first)
        after = len(truths) if after < 0 else after
        yield first, after - 1
        first = truths.find(1, after)


def _length(curve: Curve, first: int, last: int) -> tuple[float | None, int | None]:
    """The length of some ticks in epochs and in steps; the last tick of a run in steps may be cut short."""
    if curve.run.total_steps is None:
        return last + 1 - first, None
    each = curve.run.steps_per_tick
    steps = min((last + 1) * each, curve.run.total_steps) - first * each
    return steps / curve.run.steps_per_epoch if curve.run.steps_per_epoch else None, steps
