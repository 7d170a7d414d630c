"""The base of all keys of `expect`: each describes what it states in terms that do not depend on the others.

A key is two files: `schedule/expect/KEY.py` reads it, and `checks/expect/KEY.py` checks a curve against it. The reading
side also gives what the expectation states (a value, limits, a peak, a direction), so that contradictions can be found,
and how it is drawn. Nothing outside these two files knows the key.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal, TypeAlias

from lrviz.curve import Curve
from lrviz.errors import Position, Problem
from lrviz.place import Place, outside
from lrviz.run import Run
from lrviz.words import rate

Form: TypeAlias = Literal[
    "rates at places", "rate", "area", "pair of rates", "place", "ranges", "factor", "whole number", "duration"
]
"""How the value of a key is written; the JSON Schema of each form is in `schedule/schema/expect.py`."""

Write: TypeAlias = Callable[[float], str]
"""Writes a learning rate."""


# --- what an expectation states --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stated:
    """A learning rate that the curve has at `place`, or as its largest, smallest or mean value (`extreme`)."""

    value: float
    words: str
    place: Place | None = None
    extreme: Literal["max", "min", "mean"] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The learning rate stays within `low` to `high`; `words` describe a value outside: `is above max 0.1`."""

    words: str
    low: float = -math.inf
    high: float = math.inf
    extreme: Literal["max", "min"] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Between two places (None: an end of the run) the learning rate may rise or fall only as the flags say."""

    start: Place | None
    stop: Place | None
    may_rise: bool
    may_fall: bool


# --- how it is drawn -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """A mark at a tick and a learning rate; `words` say what the curve does instead if the expectation fails.

    If it is to have this learning rate, `words` only begin the sentence, and `found` is the one that the curve has.
    """

    tick: float
    lr: float
    words: str
    found: float | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A line at a learning rate, across the whole run."""

    lr: float


@dataclass(frozen=True, slots=True)
class Span:
    """A bar from one tick to another; `words` (`not increasing`) are shown if the expectation fails."""

    start: float
    stop: float
    words: str


# --- the keys --------------------------------------------------------------------------------------------------


class Expectation(ABC):
    """Something that must hold of the learning rate of one param group, or of all of them if `group` is None.

    `of_run` is True for what is about the run and not about any learning rate.
    """

    __slots__ = ()

    where: Position
    group: int | None
    key: str
    of_run: ClassVar[bool] = False

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that it names."""
        return ()

    def wrong_in(self, run: Run) -> Iterator[Problem]:
        """What cannot be checked in a run: places outside of it, a length that it does not know."""
        for place in self.places:
            wrong = outside(place, run)
            if wrong is not None:
                yield Problem(place.where, wrong.message, wrong.hint)

    @property
    def stated(self) -> Stated | None:
        """The value that it states."""
        return None

    @property
    def limits(self) -> Limits | None:
        """The limits that it sets for the whole run."""
        return None

    @property
    def peak(self) -> Place | None:
        """The place of the maximum."""
        return None

    @property
    def range(self) -> Range | None:
        """The range in which the learning rate may not move freely."""
        return None

    @property
    def lasting(self) -> tuple[Fraction, Fraction] | None:
        """The shortest and the longest run for which it holds, in ticks."""
        return None

    def marks(self, curve: Curve, group: int, holds: bool) -> Sequence[Point | Level | Span]:
        """The marks that a picture draws for it on the line of a group."""
        return ()

    @abstractmethod
    def text(self, write: Write) -> str:
        """The expectation as the file has it, `at 30 epochs: 0.01`, with learning rates as `write` writes them."""

    def __str__(self) -> str:
        return self.text(rate)

    def words(self, groups: Sequence[str], write: Write) -> str:
        """The same, followed by the name of its param group (from `groups`) if it is about a single one."""
        return self.text(write) if self.group is None else f"{self.text(write)} ({groups[self.group]})"
