"""The input of a drawing: a curve with its schedule, expectations and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lrviz.curve import Curve
from lrviz.errors import Position, Problem
from lrviz.foreign import visible
from lrviz.schedule.catalogue import OPTIMIZERS
from lrviz.schedule.expect import Expectation, Level, Point, Span, Write
from lrviz.schedule.model import Schedule


@dataclass(frozen=True, slots=True)
class Expected:
    """An expectation of a schedule; `holds` if its curve meets it.

    `left` is where the curve leaves a snapshot, with the stored learning rate, and `left_group` in which param group.
    """

    expectation: Expectation
    holds: bool
    left: Point | None = None
    left_group: int = 0

    def text(self, write: Write) -> str:
        """The expectation as the file has it, `at 30 epochs: 0.01`, with learning rates as `write` writes them."""
        return self.expectation.text(write)

    def words(self, groups: Sequence[str], write: Write) -> str:
        """The same, with the name of the param group if the expectation is about a single one of `groups`."""
        return self.expectation.words(groups, write)

    @property
    def where(self) -> Position:
        """Its position in the file."""
        return self.expectation.where

    def marks(self, curve: Curve, group: int) -> Sequence[Point | Level | Span]:
        """Its marks on the line of one param group; empty if it is about another group."""
        own = self.expectation.group
        if own is not None and curve.groups_differ and own != group:
            return ()
        if self.left is not None:
            return (self.left,) if group == self.left_group else ()
        return self.expectation.marks(curve, group, self.holds)

    @property
    def states_value(self) -> bool:
        """True if its mark is where the curve should be, not where it is."""
        return self.left is not None or self.expectation.stated is not None


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """What a real run logged of param group `group`, by `ticks` of the plan, which may lie between two.

    `away` is how far each of the learning rates `lr` is from the plan. `first` is the index of the first that deviates;
    it is None if none does, or if that one is outside of the run, as `outside` others are. `words` say where it
    deviates, and are empty if it follows the plan.
    """

    name: str
    group: int
    ticks: NDArray[np.float64]
    lr: NDArray[np.float64]
    away: NDArray[np.float64]
    first: int | None = None
    words: str = ""
    outside: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Restarted:
    """How a curve went on after a restart at a tick: beside the `plan`, which it `leaves` or follows, as `words` say.

    `names` are the ways to restart after which it goes on so.
    """

    plan: Curve
    tick: int
    leaves: bool
    words: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One curve as pictures and pages take it. Without a schedule file, it has only the curve.

    `expected` are the expectations that the curve can be checked against, in the order of the file; `findings` are all
    problems that a check reports for it, and `command` is the command line that lists them. `logged` is what real runs
    of the schedule logged. `restarted` is given if the curve is that of a restarted training.
    """

    curve: Curve
    schedule: Schedule | None = None
    expected: tuple[Expected, ...] = ()
    findings: tuple[Problem, ...] = ()
    logged: tuple[Logged, ...] = ()
    command: str = ""
    restarted: Restarted | None = None

    def reasons(self, expected: Expected) -> list[str]:
        """The messages of the check about an expectation that fails."""
        place = (expected.where, f"expect.{expected.expectation.key}")
        return [visible(each.message) for each in self.findings if (each.where, each.code) == place]


def shown_of(curves: Sequence[Curve | Shown]) -> list[Shown]:
    """Each as a `Shown` whose names can be seen; a plain curve gets no schedule, expectations or findings."""
    shown = [each if isinstance(each, Shown) else Shown(each) for each in curves]
    return [replace(each, curve=_named_visibly(each.curve)) for each in shown]


def _named_visibly(curve: Curve) -> Curve:
    """A curve with the hidden characters of its names, title and source escaped."""
    groups = tuple(map(visible, curve.groups))
    title, source = (None if text is None else visible(text) for text in (curve.title, curve.source))
    return replace(curve, name=visible(curve.name), groups=groups, title=title, source=source)


def momentum_name(shown: Sequence[Shown]) -> str:
    """The name of the momentum that the schedulers change; `momentum or beta1` if curves differ or it is unknown."""
    names = {_momentum_name(each) for each in shown if each.curve.momentum_columns is not None}
    return names.pop() if len(names) == 1 else "momentum or beta1"


def _momentum_name(shown: Shown) -> str:
    return "momentum or beta1" if shown.schedule is None else momentum_of(shown.schedule)


def momentum_of(schedule: Schedule) -> str:
    """What the momentum of an optimizer is called."""
    return "beta1" if OPTIMIZERS[schedule.optimizer.type].argument("betas") is not None else "momentum"
