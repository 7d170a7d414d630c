"""Compares a curve with its expectations, one module per key: an expectation holds, or fails for one or more groups.

A module has `judge(expected, group)`, which returns a `Failure`, or a sentence about the curve if it holds. A key that
expects a value also has `value(expected, group)`: the actual value of the curve, as a file writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from lrviz.checks.expect import area, at, between, direction, extremes, length, max_jump, peak, warmup
from lrviz.checks.expect.group import Failure, Group
from lrviz.checks.finding import Finding, Held, Kind
from lrviz.curve import Curve
from lrviz.schedule.expect import (
    Area,
    At,
    Between,
    Direction,
    Expectation,
    Expectations,
    Extreme,
    MaxJump,
    Peak,
    RunLength,
    Warmup,
)
from lrviz.words import several

_JUDGES: Final[dict[type[Expectation], Callable[[Any, Group], Failure | str]]] = {
    At: at.judge,
    Extreme: extremes.judge,
    Between: between.judge,
    Peak: peak.judge,
    Direction: direction.judge,
    MaxJump: max_jump.judge,
    RunLength: length.judge,
    Area: area.judge,
    Warmup: warmup.judge,
}

_VALUES: Final[dict[type[Expectation], Callable[[Any, Group], str]]] = {
    At: at.value,
    Extreme: extremes.value,
    Between: between.value,
    Area: area.value,
}
"""The actual value of a curve, for keys that expect a value."""


def expectations(expect: Expectations, curve: Curve, name: str) -> Iterator[Finding | Held]:
    """The result of every expectation of a curve but its snapshot, in the order of the file.

    `name` is the name of the curve in the report. If the run was given another length, a place outside it is a finding
    of kind "input"; so is a single learning rate for param groups that differ.
    """
    for _, results in outcomes(expect, curve, name):
        yield from results


def outcomes(expect: Expectations, curve: Curve, name: str) -> Iterator[tuple[Expectation, list[Finding | Held]]]:
    """The same, each expectation with its results."""
    for expected in expect.expected:
        yield expected, list(_outcome(expected, expect.tolerance, curve, name))


def _outcome(expected: Expectation, tolerance: float, curve: Curve, name: str) -> Iterator[Finding | Held]:
    code = f"expect.{expected.key}"

    def finding(failure: Failure, kind: Kind) -> Finding:
        return Finding(expected.where, name, code, "error", failure.message, failure.hint, kind)

    unusable = _unusable(expected, tolerance, curve)
    if unusable is not None:
        yield finding(unusable, "input")
        return
    judge = _JUDGES[type(expected)]
    results = [judge(expected, Group(expected, tolerance, curve, index)) for index in _groups(curve, expected)]
    failures = [each for each in results if isinstance(each, Failure)]
    for failure in failures:
        yield finding(failure, "expectation")
    if not failures:
        yield Held(expected.where, name, code, str(results[0]))


def _groups(curve: Curve, expected: Expectation) -> list[int]:
    """The groups to check: one stands for all if they do not differ, or if it is not about them."""
    if expected.group is not None:
        return [expected.group]
    return [0] if curve.uniform or expected.of_run else list(range(len(curve.groups)))


def _unusable(expected: Expectation, tolerance: float, curve: Curve) -> Failure | None:
    """Why an expectation cannot be checked on a curve; None if it can."""
    for wrong in expected.wrong_in(curve.run):
        return Failure(wrong.message, "values of the run come from the command line")
    value = _VALUES.get(type(expected))
    if value is not None and expected.group is None and not curve.uniform:
        now = {name: value(expected, Group(expected, tolerance, curve, at)) for at, name in enumerate(curve.groups)}
        text = ", ".join(f"{name}: {each}" for name, each in now.items())
        return Failure(
            f"{expected.key}: one value for {several(len(now), 'param group')} that differ",
            f"name the groups, or those that matter: {{{text}}}",
        )
    return None
