"""`snapshot: curve.csv`: the whole curve equals the one stored in a file. Compared in `checks/snapshot.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from lrviz.errors import Position, Problems
from lrviz.schedule.expect.base import Expectation, Write
from lrviz.schedule.text.document import Node
from lrviz.words import show


@dataclass(frozen=True, slots=True)
class Snapshot(Expectation):
    """The whole curve equals the one stored in the CSV file `path`, which is relative to the schedule file."""

    where: Position
    path: str
    group: int | None = None
    key: str = "snapshot"

    def text(self, write: Write) -> str:
        return f"snapshot: {self.path}"


def read(node: Node, problems: Problems) -> Snapshot | None:
    """The snapshot that a schedule names."""
    if isinstance(node.value, str) and node.value.isprintable() and PurePath(node.value).suffix == ".csv":
        return Snapshot(node.where, node.value)
    message = f"snapshot must be the path of a .csv file (got {show(node.value)})"
    problems.at(node, message, "snapshot: snapshots/warmup-cosine.csv")
    return None
