"""The key `expect` -> `Expectations`: every value, every place in the run, and what contradicts what."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Literal, NamedTuple, cast

from pydantic_core import PydanticCustomError

from lrviz.alike import EXPECTED
from lrviz.errors import Problems
from lrviz.place import Place, outside, text_of
from lrviz.run import Run
from lrviz.schedule.catalogue import EXPECT
from lrviz.schedule.expectation import (
    At,
    Between,
    Direction,
    Expectation,
    Expectations,
    Extreme,
    MaxJump,
    Peak,
    Snapshot,
    places,
)
from lrviz.schedule.reading.contradiction import contradictions
from lrviz.schedule.reading.fields import check
from lrviz.schedule.reading.place import read_place
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Item, Node
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show

EXAMPLE = "expect: {at: {0: 0.1}}"

Directions = Literal["increasing", "decreasing", "constant"]


def read_expect(node: Node | None, run: Run | None, groups: tuple[str, ...] | None, problems: Problems) -> Expectations:
    """What a schedule expects. `run` and `groups` (the names of the param groups) are None where the file has them
    wrong; what depends on them is then not looked at.

    A place outside of the run is a problem, unless the command line gave the run another length.
    """
    if node is None:
        return Expectations()
    if not node.is_mapping:
        problems.at(node, f"expect must be a mapping (got {show(node.value)})", EXAMPLE)
        return Expectations()
    known = len(problems)
    check(node, EXPECT, problems)
    reader = _Reader(run, groups, problems)
    expected = tuple(each for key in _READERS for each in reader.read(key, node.value.get(key)))
    expected = tuple(sorted(expected, key=lambda each: each.where))
    tolerance = reader.number(node.get("tolerance"), "tolerance", low=0, below=1) if "tolerance" in node.value else None
    snapshot = reader.snapshot(node.get("snapshot"))
    if run is not None and not run.changed:
        for place in dict.fromkeys(place for each in expected for place in places(each)):
            wrong = outside(place, run)
            if wrong is not None:
                problems.at(place, wrong.message, wrong.hint)
    if len(problems) == known:
        problems += contradictions(expected, EXPECTED if tolerance is None else tolerance)
    return Expectations(expected, snapshot, EXPECTED if tolerance is None else tolerance)


class _OfGroup(NamedTuple):
    """A value, and the param group that it is said of; None for all of them."""

    group: int | None
    node: Node


class _Reader:
    """Reads the values of `expect`; what is wrong becomes a problem, and what is right is read all the same."""

    def __init__(self, run: Run | None, groups: tuple[str, ...] | None, problems: Problems) -> None:
        self.run, self.groups, self.problems = run, groups, problems

    def read(self, key: str, item: Item | None) -> Iterator[Expectation]:
        if item is not None:
            yield from _READERS[key](self, key, item.value)

    # --- the keys ------------------------------------------------------------------------------------------------

    def at(self, key: str, node: Node) -> Iterator[Expectation]:
        if not node.is_mapping or not node.value:
            got = "an empty mapping" if node.value == {} else show(node.value)
            self.problems.at(node, f"at must be a mapping of places to learning rates (got {got})", EXAMPLE)
            return
        for item in node.items():
            place = self.place(item.key, end=True)
            for group, value in self.by_group(item.value):
                rate = self.rate(value, "at")
                if place is not None and rate is not None:
                    yield At(value.where, group, place, rate)

    def extreme(self, key: str, node: Node) -> Iterator[Expectation]:
        for group, value in self.by_group(node):
            rate = self.rate(value, key)
            if rate is not None:
                yield Extreme(value.where, group, cast(Literal["max", "min"], key), rate)

    def between(self, key: str, node: Node) -> Iterator[Expectation]:
        for group, value in self.by_group(node):
            if not value.is_list or len(value.value) != 2:
                self.problems.at(value, f"between must be [low, high] (got {_shown(value)})", "between: [1e-5, 0.1]")
                continue
            low, high = ({each.group: each for each in self.by_group(side)} for side in value.value)
            for name in {**low, **high}:
                below, above = low.get(name), high.get(name)
                rates = [
                    limit if each is None else self.rate(each.node, "between")
                    for each, limit in ((below, -math.inf), (above, math.inf))
                ]
                where = (below or above or _OfGroup(None, value)).node.where if name is not None else value.where
                if rates[0] is None or rates[1] is None:
                    continue
                if rates[0] > rates[1]:
                    self.problems.at(where, f"between: {rates[0]} is above {rates[1]}", "the lower one comes first")
                yield Between(where, name if group is None else group, rates[0], rates[1])

    def peak(self, key: str, node: Node) -> Iterator[Expectation]:
        for group, value in self.by_group(node):
            place = self.place(value)
            if place is not None:
                yield Peak(value.where, group, place)

    def direction(self, key: str, node: Node) -> Iterator[Expectation]:
        name = cast(Directions, key)
        for group, value in self.by_group(node):
            if value.value is True:
                yield Direction(value.where, group, name)
                continue
            stretches = value.value if value.is_list and any(each.is_list for each in value.value) else (value,)
            for stretch in stretches:
                ends = self.stretch(key, stretch)
                if ends is not None:
                    yield Direction(stretch.where, group, name, *ends)

    def stretch(self, key: str, node: Node) -> tuple[Place, Place] | None:
        if not node.is_list or len(node.value) != 2:
            hint = "leave it out" if node.value is False else f"{key}: true, or {key}: [0, 5 epochs]"
            self.problems.at(node, f"{key} must be true, [from, to], or a list of such (got {_shown(node)})", hint)
            return None
        start, stop = self.place(node.value[0]), self.place(node.value[1], end=True)
        if start is None or stop is None:
            return None
        if start.moment >= stop.moment:
            message = f"{key}: {start.text} is not before {stop.text}"
            self.problems.at(node, message, "a stretch goes from an earlier place to a later one")
            return None
        return start, stop

    def max_jump(self, key: str, node: Node) -> Iterator[Expectation]:
        for group, value in self.by_group(node):
            factor = self.number(value, key, low=1)
            if factor is not None:
                yield MaxJump(value.where, group, factor)

    def snapshot(self, node: Node | None) -> Snapshot | None:
        if node is None:
            return None
        if not isinstance(node.value, str) or not node.value.isprintable() or PurePath(node.value).suffix != ".csv":
            self.problems.at(
                node,
                f"snapshot must be the path of a .csv file (got {show(node.value)})",
                "snapshot: snapshots/warmup-cosine.csv",
            )
            return None
        return Snapshot(node.where, node.value)

    # --- what they hold ------------------------------------------------------------------------------------------

    def by_group(self, node: Node) -> Iterator[_OfGroup]:
        """The value itself, or each value of a mapping by group."""
        if not node.is_mapping:
            yield _OfGroup(None, node)
            return
        if not node.value:
            self.problems.at(node, "a mapping by param group names at least one", "{backbone: 1e-5, head: 1e-3}")
        for item in node.items():
            name = text_of(item.key.value)
            if self.groups is None:
                continue
            if name in self.groups:
                yield _OfGroup(self.groups.index(name), item.value)
            else:
                hint = did_you_mean(name, self.groups)
                self.problems.at(item.key, f"there is no param group {show(item.key.value)}", hint)

    def rate(self, node: Node, title: str) -> float | None:
        return self.number(node, title, low=0, what="a learning rate")

    def number(
        self, node: Node | None, title: str, *, low: float, below: float = math.inf, what: str = "a number"
    ) -> float | None:
        assert node is not None
        try:
            number = float(values.number(node.value))
        except PydanticCustomError as error:
            context = error.context or {}
            self.problems.at(node, f"{title} must be {context['wanted']}", context["hint"])
            return None
        if number < low or number >= below:
            limits = f"at least {low:g}" + (f" and below {below:g}" if below < math.inf else "")
            self.problems.at(node, f"{title} must be {what} of {limits} (got {show(node.value)})")
            return None
        return number

    def place(self, node: Node, *, end: bool = False) -> Place | None:
        return read_place(node, self.run, self.problems, end=end)


_READERS: dict[str, Callable[[_Reader, str, Node], Iterator[Expectation]]] = {
    "at": _Reader.at,
    "max": _Reader.extreme,
    "min": _Reader.extreme,
    "between": _Reader.between,
    "peak": _Reader.peak,
    "increasing": _Reader.direction,
    "decreasing": _Reader.direction,
    "constant": _Reader.direction,
    "max_jump": _Reader.max_jump,
}


def _shown(node: Node) -> str:
    if node.is_list:
        return f"a list of {len(node.value)}"
    return show(node.value)
