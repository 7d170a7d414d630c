"""One reading of a config: what is given, as which releases it is read, and what was found so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from lrviz.configs.facts import Fact, Given
from lrviz.errors import Position, Problem, Problems
from lrviz.reach import Reach
from lrviz.schedule.imported import Value
from lrviz.schedule.text.document import Node

Version: TypeAlias = tuple[int, ...]


def version_of(text: str) -> Version:
    """`5.15.0rc1` as (5, 15): its numbers, without zeros at the end."""
    numbers = []
    for part in text.split("."):
        digits = part[: next((index for index, letter in enumerate(part) if not letter.isdigit()), len(part))]
        if not digits:
            break
        numbers.append(int(digits[:9]))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


class RefusedError(Exception):
    """A file that this release of the program refuses."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Question(NamedTuple):
    """A fact that is missing, and the place that makes the curve depend on it."""

    name: str
    fact: Fact
    where: Position


@dataclass
class Session:
    """One reading of a config, as one release of every package: what is given, and what was found so far.

    `releases` holds the release to read as, by package; a package that is not there is read as the newest. `asked` are
    the releases, by package, at which the dialect found a difference; of those in `said` the config itself names its
    release. `unresolved` are the problems of texts that stand for a value which is not known here (`${oc.env:HOME}`),
    by their place: errors only where such a value is read.
    """

    given: Given
    reach: Reach
    releases: Mapping[str, Version] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    remarks: Problems = field(default_factory=Problems)
    questions: dict[str, Question] = field(default_factory=dict)
    said: dict[str, Version] = field(default_factory=dict)
    used: dict[str, Value] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)
    text_numbers: str = ""
    unresolved: Mapping[Position, Problem] = field(default_factory=dict)
    read_file: Callable[[str, Position], Node | None] = lambda name, where: None
