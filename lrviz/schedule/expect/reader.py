"""How the values under `expect` are read: by param group, as learning rates, numbers and places."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lrviz.errors import Problems
from lrviz.place import Place, text_of
from lrviz.run import Run
from lrviz.schedule.reading.place import read_place
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show


class OfGroup(NamedTuple):
    """A value and the param group that it applies to (None: all of them)."""

    group: int | None
    node: Node


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads values of `expect`. Each error becomes a problem and does not stop the rest from being read.

    `run` and `groups` (the names of the param groups) are None if they are wrong in the file.
    """

    run: Run | None
    groups: tuple[str, ...] | None
    problems: Problems

    def by_group(self, node: Node) -> Iterator[OfGroup]:
        """The value itself, or each value of a mapping by group."""
        if not node.is_mapping:
            yield OfGroup(None, node)
            return
        if not node.value:
            self.problems.at(node, "a mapping by param group must name at least one", "{backbone: 1e-5, head: 1e-3}")
        for item in node.items():
            name = text_of(item.key.value)
            if self.groups is None:
                continue
            if name in self.groups:
                yield OfGroup(self.groups.index(name), item.value)
            else:
                hint = did_you_mean(name, self.groups)
                self.problems.at(item.key, f"there is no param group {show(item.key.value)}", hint)

    def rate(self, node: Node, title: str) -> float | None:
        """A learning rate."""
        return self.number(node, title, low=0, what="a learning rate")

    def number(
        self, node: Node, title: str, *, low: float, below: float = math.inf, what: str = "a number"
    ) -> float | None:
        """A number of at least `low` and less than `below`; `title` names it in errors."""
        try:
            number = float(values.number(node.value))
        except values.WrongValueError as error:
            self.problems.at(node, f"{title} must be {error.wanted}", error.hint)
            return None
        if number < low or number >= below:
            limits = f"at least {low:g}" + (f" and below {below:g}" if below < math.inf else "")
            self.problems.at(node, f"{title} must be {what} of {limits} (got {show(node.value)})")
            return None
        return number

    def whole(self, node: Node, title: str) -> int | None:
        """A whole number of at least 1."""
        try:
            number = values.whole(node.value)
        except values.WrongValueError as error:
            self.problems.at(node, f"{title} must be {error.wanted}", error.hint)
            return None
        if number < 1:
            self.problems.at(node, f"{title} must be at least 1 (got {show(node.value)})")
            return None
        return number

    def place(self, node: Node, *, end: bool = False) -> Place | None:
        """A place of the run; `end` allows the moment after the last call."""
        return read_place(node, self.run, self.problems, end=end)


def shown(node: Node) -> str:
    """A value in place of a pair, as errors quote it."""
    return f"a list of {len(node.value)}" if node.is_list else show(node.value)
