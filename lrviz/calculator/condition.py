"""When does a condition hold? It is looked at at every tick of a run: once for every call of `scheduler.step()`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import cast

from lrviz.curve import Curve
from lrviz.duration import clock
from lrviz.errors import Position, Problem, Problems, ScheduleError
from lrviz.schedule.text.expression import Expression, ExpressionError, ExpressionValueError, parse
from lrviz.words import moment, show

NAMES = ("lr", "epoch", "step", "momentum")
"""What a condition may be about."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ticks one after the other at which a condition holds, from `first` to `last`, which is one of them.

    `lr` is the learning rate at the first and at the last. `epochs` and `steps` are how long the stretch is, None where
    the run does not know it.
    """

    first: int
    last: int
    lr: tuple[float, float]
    epochs: float | None
    steps: int | None


@dataclass(frozen=True, slots=True)
class Occurrences:
    """When a condition holds of a schedule: `stretches` in the order of the run, none of which touch.

    `group` is a param group by its name, None where one stands for all.
    """

    curve: Curve
    group: str | None
    stretches: tuple[Stretch, ...]

    @property
    def never(self) -> bool:
        return not self.stretches

    @property
    def always(self) -> bool:
        return bool(self.stretches) and (self.stretches[0].first, self.stretches[0].last) == (0, len(self.curve) - 1)


def read_condition(text: str) -> Expression:
    """A condition as it is typed, `lr < 1e-5 and epoch > 10`. Raises `ScheduleError`."""
    try:
        return parse(text, NAMES, condition=True)
    except ExpressionError as error:
        hint = error.hint
        if error.message == "unknown name 'end'":
            hint = "a condition is about the steps of the run; `lrviz at end` shows what the last call leaves"
        message = f"{error.message} (column {error.offset + 1} of {show(text)})"
        raise ScheduleError.at(Position("lrviz"), message, hint) from None


def when(condition: Expression, curves: Sequence[Curve]) -> list[Occurrences]:
    """When a condition holds of each curve: an answer for each param group, or one alone where they do not differ.

    `epoch` and `step` are those at which a tick begins. Raises `ScheduleError` with every name that a run does not
    know, and every curve of which the condition has no value somewhere.
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


def _unknown(condition: Expression, curve: Curve) -> Iterator[tuple[str, str]]:
    """Which names of a condition a run does not know, and what would help."""
    for name, text in clock(curve.run.steps_per_epoch, curve.run.interval).items():
        if text is None and name in condition.names:
            yield f"{name} is not known in this run", "give the run `steps_per_epoch` or `data`"
    if "momentum" in condition.names and curve.momentum_columns is None:
        yield "nothing moves the momentum of this schedule", "OneCycleLR and CyclicLR do"


def _answers(condition: Expression, curve: Curve) -> Iterator[Occurrences]:
    known = {
        name: text for name, text in clock(curve.run.steps_per_epoch, curve.run.interval).items() if text is not None
    }
    holds = cast("Callable[[int, float, float], bool]", condition.function("t", known, ("lr", "momentum")))
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
    """The first and the last index of every run of ones."""
    first = truths.find(1)
    while first >= 0:
        after = truths.find(0, first)
        after = len(truths) if after < 0 else after
        yield first, after - 1
        first = truths.find(1, after)


def _length(curve: Curve, first: int, last: int) -> tuple[float | None, int | None]:
    """How many epochs and steps some ticks are long; the last of a run in steps may be cut short."""
    if curve.run.total_steps is None:
        return last + 1 - first, None
    each = curve.run.steps_per_tick
    steps = min((last + 1) * each, curve.run.total_steps) - first * each
    return steps / curve.run.steps_per_epoch if curve.run.steps_per_epoch else None, steps
