"""`expect` under `train` -> what the trainings must show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lrviz.errors import Problems
from lrviz.schedule.catalogue import TRAIN_EXPECT
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.schedule.train.expected import Better, Bounded, Bounds, Fate, TrainingExpectation
from lrviz.words import show

EXAMPLES: Final = {
    "diverges": "diverges: [hot]",
    "converges": "converges: [warm]",
    "better": "better: {cosine: constant}, or {cosine: [constant, step]}",
    "final_loss": "final_loss: {right: [0, 0.2]}, or {right: 0.2} for at most 0.2",
    "best_loss": "best_loss: {right: [0, 0.2]}, or {right: 0.2} for at most 0.2",
    "accuracy": "accuracy: {right: [0.95, 1]}, or {right: 0.95} for at least 0.95",
}


def read_training_expect(node: Node, schedules: Sequence[str], problems: Problems) -> tuple[TrainingExpectation, ...]:
    """What the trainings of these schedules must show, in the order of the file; what is wrong is added to `problems`.

    That two of them cannot both hold is wrong, too.
    """
    if not node.is_mapping:
        problems.at(node, f"expect must be a mapping (got {show(node.value)})", "expect: {diverges: [hot]}")
        return ()
    check(node, TRAIN_EXPECT, problems)
    known, reader = len(problems), _Reader(schedules, problems)
    found = [
        each
        for key, read in _READERS.items()
        if (item := node.value.get(key)) is not None
        for each in read(reader, item.value)
    ]
    expected = tuple(sorted(found, key=lambda each: each.where))
    if len(problems) == known:
        _contradict(expected, problems)
    return expected


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads values that name schedules. Each error becomes a problem and does not stop the rest from being read."""

    schedules: Sequence[str]
    problems: Problems

    def fate(self, key: Literal["diverges", "converges"], node: Node) -> Iterator[Fate]:
        for each, name in self.names(key, node):
            yield Fate(each.where, key, name)

    def better(self, node: Node) -> Iterator[Better]:
        for name, value in self.by_schedule("better", node):
            for each, than in self.names("better", value):
                yield Better(each.where, name, than)

    def bounds(self, key: Bounded, node: Node) -> Iterator[Bounds]:
        for name, value in self.by_schedule(key, node):
            limits = self.limits(key, value)
            if limits is not None:
                yield Bounds(value.where, key, name, *limits)

    def limits(self, key: Bounded, node: Node) -> tuple[float, float] | None:
        """`[low, high]`; a single number is the largest loss, or the smallest accuracy."""
        if node.is_list and len(node.value) != 2:
            what = f"{key} must be [low, high] or a number (got a list of {len(node.value)})"
            self.problems.at(node, what, EXAMPLES[key])
            return None
        numbers = [self.number(key, each) for each in (node.value if node.is_list else (node,))]
        low, high = numbers if len(numbers) == 2 else (numbers[0], math.inf)
        if low is None or high is None:
            return None
        if len(numbers) == 1:
            return (low, math.inf) if key == "accuracy" else (-math.inf, low)
        if low > high:
            self.problems.at(node, f"{key}: {low} is above {high}", "the lower one comes first")
        return low, high

    def number(self, key: Bounded, node: Node) -> float | None:
        try:
            number = float(values.number(node.value))
        except values.WrongValueError as error:
            self.problems.at(node, f"{key} must be {error.wanted}", error.hint or EXAMPLES[key])
            return None
        if key == "accuracy" and not 0 <= number <= 1:
            hint = f"write {number / 100:g} for {number:g} %" if 2 <= number <= 100 else ""
            self.problems.at(node, f"accuracy must be at least 0 and at most 1 (got {show(node.value)})", hint)
            return None
        return number

    def by_schedule(self, key: str, node: Node) -> Iterator[tuple[str, Node]]:
        """Each value of a mapping by schedule, with the name of that."""
        if not node.is_mapping or not node.value:
            got = "an empty mapping" if node.is_mapping else show(node.value)
            self.problems.at(node, f"{key} must be a mapping by schedule (got {got})", EXAMPLES[key])
            return
        for item in node.items():
            if self.knows(item.key):
                yield item.key.value, item.value

    def names(self, key: str, node: Node) -> Iterator[tuple[Node, str]]:
        """The schedules of a list, or the one that is named, each with its node."""
        if node.is_mapping or node.value == ():
            got = "an empty list" if node.value == () else "a mapping"
            self.problems.at(node, f"{key} must name schedules (got {got})", EXAMPLES[key])
            return
        for each in node.value if node.is_list else (node,):
            if self.knows(each):
                yield each, each.value

    def knows(self, node: Node) -> bool:
        """True if this is the name of a schedule; else that is a problem."""
        if isinstance(node.value, str) and node.value in self.schedules:
            return True
        text = str(node.value)
        hint = f'write "{text}"' if text in self.schedules else did_you_mean(text, self.schedules)
        self.problems.at(node, f"there is no schedule {show(node.value)}", hint)
        return False


_READERS: Final[dict[str, Callable[[_Reader, Node], Iterator[TrainingExpectation]]]] = {
    "diverges": lambda reader, node: reader.fate("diverges", node),
    "converges": lambda reader, node: reader.fate("converges", node),
    "better": lambda reader, node: reader.better(node),
    "final_loss": lambda reader, node: reader.bounds("final_loss", node),
    "best_loss": lambda reader, node: reader.bounds("best_loss", node),
    "accuracy": lambda reader, node: reader.bounds("accuracy", node),
}


def _contradict(expected: Sequence[TrainingExpectation], problems: Problems) -> None:
    """Adds what cannot hold beside an expectation that stands before it."""
    fates: dict[str, str] = {}
    for each in expected:
        if isinstance(each, Fate) and fates.setdefault(each.schedule, each.key) != each.key:
            problems.at(each, f"{each.schedule} cannot both diverge and converge", "keep one of them")
    pairs: set[tuple[str, str]] = set()
    for each in expected:
        if not isinstance(each, Better):
            continue
        if each.schedule == each.than:
            problems.at(each, f"better: {each.schedule} cannot be better than itself")
        elif (each.than, each.schedule) in pairs:
            problems.at(each, f"better: {each.schedule} and {each.than} cannot each be better than the other")
        pairs.add((each.schedule, each.than))
        if fates.get(each.schedule) == "diverges":
            what = f"better: {each.schedule} is to diverge, and then it is no better than {each.than}"
            problems.at(each, what, "a training that diverged has an infinite loss")
