"""The key `train` as it stands in a file, of which nothing is read before `lrviz train` asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lrviz.schedule.text.document import Node


@dataclass(frozen=True, slots=True)
class WrittenTraining:
    """The values of `train` in one file: its own (None without any) and those that its schedules have, by name.

    `schedules` are the names of all schedules of the file, in its order.
    """

    of_file: Node | None
    of_schedules: Mapping[str, Node]
    schedules: tuple[str, ...]


NOTHING_WRITTEN = WrittenTraining(None, {}, ())


def written_training(root: Node, schedules: Iterable[str]) -> WrittenTraining:
    """The key `train` of a document with these schedules."""
    names, members = tuple(schedules), root.get("schedules")
    inside = {name: members.get(name) for name in names} if members is not None else {}
    own = {name: node for name, member in inside.items() if member is not None and (node := member.get("train"))}
    return WrittenTraining(root.get("train"), own, names)
