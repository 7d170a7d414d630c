"""What in the files made a schedule another one: values of its document, not lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lrviz.errors import Position
from lrviz.schedule.imported import Value
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.config import REPLACED
from lrviz.schedule.text.document import Node


class _Missing:
    """In place of a value that one side does not have."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True)
class Cause:
    """A value that is another one now: its key, and the plain value and the place of it on both sides.

    A side that does not have it has `MISSING` and no place. A file that the schedule names is a cause by its path; then
    the values say that it "is another", or that it is not there.
    """

    key: str
    old: Any
    new: Any
    old_where: Position | None = None
    where: Position | None = None
    is_file: bool = False


def causes_of(old: Schedule, new: Schedule) -> list[Cause]:
    """The values in which two schedules differ, in the order of the new one, then of the old.

    Of the config of another program its own keys, unless these are all the same.
    """
    found: list[Cause] = []
    if old.imported is not None and new.imported is not None:
        found = list(_between(_of_config(old), _of_config(new)))
    written = _between(*(_leaves(each.written) for each in (old, new)))
    return found + [each for each in written if not (found and _root(each.key) in REPLACED)]


Leaf = tuple[Any, Position]


def _between(old: Mapping[str, Leaf], new: Mapping[str, Leaf]) -> Iterator[Cause]:
    """The keys whose values differ. A mapping that only one side has is one of them, not each of its keys."""
    for key, (value, where) in new.items():
        before = old.get(key)
        if before is None:
            yield from () if _above(key, new, old) else (Cause(key, MISSING, value, None, where),)
        elif not _same(before[0], value):
            yield Cause(key, before[0], value, before[1], where)
    for key, (value, where) in old.items():
        if key not in new and not _above(key, old, new):
            yield Cause(key, value, MISSING, where, None)


def _above(key: str, having: Mapping[str, Leaf], other: Mapping[str, Leaf]) -> bool:
    """True for a key inside of a mapping that is a difference itself."""
    parent = key
    while parent := parent.rpartition(".")[0]:
        if parent in having and (parent not in other or not _is_inner(other[parent][0])):
            return True
    return False


def _is_inner(value: Any) -> bool:
    return isinstance(value, dict)


def _same(a: Any, b: Any) -> bool:
    """True for equal values; two mappings, whose keys are compared by themselves, count as the same."""
    if isinstance(a, dict) and isinstance(b, dict):
        return True
    return type(a) is type(b) and (a == b or (a != a and b != b)) if not _numbers(a, b) else a == b


def _numbers(a: Any, b: Any) -> bool:
    return all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b))


def _leaves(node: Node | None) -> dict[str, Leaf]:
    """Every value of a document by its path: `optimizer.lr`, `scheduler[1].gamma`; mappings too."""
    found: dict[str, Leaf] = {}
    waiting: list[tuple[str, Node]] = [] if node is None else [("", node)]
    while waiting:
        path, each = waiting.pop()
        if path:
            found[path] = (each.plain(), each.where)
        inside: list[tuple[str, Node]] = []
        if each.is_mapping:
            inside = [(f"{path}.{key}".removeprefix("."), item.value) for key, item in each.value.items()]
        elif each.is_list and any(member.is_mapping for member in each.value):
            found[path] = ({}, each.where)  # its members are compared by themselves
            inside = [(f"{path}.[{index}]", member) for index, member in enumerate(each.value)]
        waiting += reversed(inside)
    return found


def shown_key(key: str) -> str:
    """A key as people write it: `groups[0].lr`."""
    return key.replace(".[", "[")


def _of_config(schedule: Schedule) -> dict[str, Leaf]:
    """The values of another program's config that the schedule follows from; what is derived follows from them."""
    assert schedule.imported is not None
    values = [each for each in schedule.imported.values if each.origin != "derived"]
    return {each.key: (_plain(each.value), each.where) for each in values}


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return _plain(value.value)
    if isinstance(value, Node):
        return value.plain()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value


def _root(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]
