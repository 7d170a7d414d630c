"""What a schedule file refers to: metric files, snapshots, and classes that are not torch's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lrviz.schedule.text.document import Node


class NamedFile(NamedTuple):
    """A file as a schedule file writes it, and where it lies."""

    text: str
    path: Path


class References(NamedTuple):
    """The files and classes that a document depends on, each once, unordered. `classes` holds dotted paths."""

    metrics: frozenset[NamedFile]
    snapshots: frozenset[NamedFile]
    classes: frozenset[str]


def references_of(root: Node) -> References:
    """The files and classes named anywhere in a document, which may otherwise be invalid.

    A path is relative to the folder of the schedule file, or to the working directory if it is the file of a metric
    given on the command line.
    """
    metrics, snapshots, classes = set[NamedFile](), set[NamedFile](), set[str]()
    for node in _mappings(root):
        metric, expect, kind = node.get("metric"), node.get("expect"), node.get("type")
        if metric is not None:
            metrics |= _named(metric.get("file"), metric.where.file)
        if expect is not None:
            snapshots |= _named(expect.get("snapshot"), root.where.file)
        if kind is not None and isinstance(kind.value, str) and "." in kind.value:
            classes |= {kind.value} if not kind.value.startswith("torch.") else set()
    return References(frozenset(metrics), frozenset(snapshots), frozenset(classes))


def _mappings(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_mapping:
            yield node
            waiting += (item.value for item in node.items())
        elif node.is_list:
            waiting += node.value


def _named(node: Node | None, file: str) -> set[NamedFile]:
    if node is None or not isinstance(node.value, str):
        return set()
    return {NamedFile(node.value, Path(file).parent / node.value)}
