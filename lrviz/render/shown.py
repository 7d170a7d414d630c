"""What is drawn: a curve, and what is known of it beside its learning rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrviz.curve import Curve
from lrviz.errors import Position, Problem
from lrviz.schedule.catalogue import OPTIMIZERS
from lrviz.schedule.expect import Expectation, Level, Point, Span
from lrviz.schedule.model import Schedule


@dataclass(frozen=True, slots=True)
class Expected:
    """An expectation of a schedule, and whether its curve meets it."""

    expectation: Expectation
    holds: bool

    def __str__(self) -> str:
        """The expectation as the file has it: `at 30 epochs: 0.01`, `constant: [20, 30]`."""
        return str(self.expectation)

    def words(self, groups: Sequence[str]) -> str:
        """The same, with the name of the param group where it is about one of these."""
        return self.expectation.words(groups)

    @property
    def where(self) -> Position:
        """The line of the file that it stands in."""
        return self.expectation.where

    def marks(self, curve: Curve, group: int) -> Sequence[Point | Level | Span]:
        """Its marks on the line of one param group; none where it is about another group."""
        own = self.expectation.group
        if own is not None and curve.groups_differ and own != group:
            return ()
        return self.expectation.marks(curve, group, self.holds)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One curve as pictures and pages take it. A curve that was not simulated from a file has nothing else.

    `expected` are the expectations that can be held against the curve, in the order of the file; `findings` all that a
    check says of it.
    """

    curve: Curve
    schedule: Schedule | None = None
    expected: tuple[Expected, ...] = ()
    findings: tuple[Problem, ...] = ()

    def reasons(self, expected: Expected) -> list[str]:
        """All that the check says of an expectation that fails."""
        place = (expected.where, f"expect.{expected.expectation.key}")
        return [each.message for each in self.findings if (each.where, each.code) == place]


def shown_of(curves: Sequence[Curve | Shown]) -> list[Shown]:
    """Each curve as it is drawn; one that comes alone has nothing else."""
    return [each if isinstance(each, Shown) else Shown(each) for each in curves]


def momentum_name(shown: Sequence[Shown]) -> str:
    """What the schedulers of some curves move beside the learning rate: `beta1`, `momentum`, or either."""
    names = {_momentum_name(each) for each in shown if each.curve.momentum_columns is not None}
    return names.pop() if len(names) == 1 else "momentum or beta1"


def _momentum_name(shown: Shown) -> str:
    if shown.schedule is None:
        return "momentum or beta1"
    return "beta1" if OPTIMIZERS[shown.schedule.optimizer.type].argument("betas") is not None else "momentum"
