"""A schedule file with other values, edited in place: comments, order and layout stay as they are.

Only texts of values and keys are replaced, added and taken out, at the places that the YAML parser gives. What that
cannot do (a value that schedules share and that becomes two, a file that is laid out in an unusual way) is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from lrviz.errors import ScheduleError
from lrviz.schedule.model import Schedule
from lrviz.schedule.reading.inherit import inherit
from lrviz.schedule.text.document import Item, Node, parse
from lrviz.schedule.text.yaml_text import one_line, scalar_text


class UneditableError(Exception):
    """An edit that is not possible in place."""


def edited(source: str, schedule: Schedule, keys: Mapping[str, Node]) -> str | None:
    """The text of a file whose schedules have these keys; None if it cannot be edited to say so.

    `schedule` is one of them. Nothing promises that the result says the same: it has to be read.
    """
    if schedule.key or schedule.imported is not None or not source.strip():
        return None
    try:
        root = parse(source, schedule.file)
        edits = _Edits(source, root)
        members = root.get("schedules")
        if members is None:
            edits.change(root, next(iter(keys.values())))
        else:
            for name, new in keys.items():
                edits.change(inherit(root, members.value[name].value), new)
        return edits.applied()
    except (UneditableError, ScheduleError, KeyError, yaml.YAMLError):
        return None


@dataclass
class _Edits:
    """The edits of a text, by the part of it that each replaces."""

    source: str
    root: Node
    scalars: dict[tuple[int, int], yaml.Node] = field(default_factory=dict)
    others: dict[tuple[int, int], yaml.Node] = field(default_factory=dict)
    found: dict[tuple[int, int], str] = field(default_factory=dict)
    added: dict[int, dict[str, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in _nodes(yaml.compose(self.source, Loader=yaml.SafeLoader)):
            assert node.start_mark is not None
            nodes = self.scalars if isinstance(node, yaml.ScalarNode) else self.others
            nodes[(node.start_mark.line + 1, node.start_mark.column + 1)] = node

    def applied(self) -> str:
        text, end = self.source, len(self.source) + 1
        every = {**self.found, **{(at, at): "".join(texts) for at, texts in self.added.items()}}
        for (start, stop), new in sorted(every.items(), reverse=True):
            if stop > end:
                raise UneditableError
            text, end = text[:start] + new + text[stop:], start
        return text

    def at(self, value: Node) -> yaml.Node:
        """A value where it stands in the file; one that is none of it cannot be edited."""
        nodes, where = self.others if value.is_mapping or value.is_list else self.scalars, value.where
        node = nodes.get((where.line, where.column))
        if node is None or where.file != self.root.where.file:
            raise UneditableError
        return node

    def put(self, start: int, stop: int, text: str) -> None:
        if self.found.setdefault((start, stop), text) != text:
            raise UneditableError

    # --- what changed ---------------------------------------------------------------------------------------------

    def change(self, old: Node, new: Node) -> None:
        """Makes a value another one."""
        if old.plain() == new.plain():
            return
        if old.is_mapping and new.is_mapping:
            self._mapping(old, new)
        elif old.is_list and new.is_list and len(old.value) == len(new.value):
            for one, other in zip(old.value, new.value, strict=True):
                self.change(one, other)
        else:
            self._replace(old, one_line(new))

    def _replace(self, old: Node, text: str) -> None:
        node = self.at(old)
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            raise UneditableError
        assert node.start_mark is not None
        assert node.end_mark is not None
        self.put(node.start_mark.index, node.end_mark.index, text)

    def _mapping(self, old: Node, new: Node) -> None:
        kept = [key for key in old.value if key in new.value]
        added = [key for key in new.value if key not in old.value]
        if len(old.value) == len(new.value) and added:  # places, in the same order
            for one, other in zip(old.items(), new.items(), strict=True):
                if one.key.value != other.key.value:
                    self._replace(one.key, scalar_text(other.key.value))
                self.change(one.value, other.value)
            return
        for key in kept:
            self.change(old.value[key].value, new.value[key].value)
        gone = [key for key in old.value if key not in new.value]
        if gone and not kept:
            raise UneditableError
        for key in gone:
            self._remove(old, key)
        if added:
            self._add(old, kept[0], [new.value[key] for key in added])

    def _add(self, mapping: Node, after: object, items: list[Item]) -> None:
        """Keys behind one that stays."""
        there = mapping.value[after]
        value, key = self.at(there.value), self.at(there.key)
        if not isinstance(value, yaml.ScalarNode):
            raise UneditableError
        assert value.end_mark is not None
        assert key.start_mark is not None
        column = key.start_mark.column
        flow = self._is_flow(mapping)
        for item in items:
            text = f"{scalar_text(item.key.value)}: {one_line(item.value)}"
            text = f", {text}" if flow else f"\n{' ' * column}{text}"
            self.added.setdefault(value.end_mark.index, {})[text] = None

    def _remove(self, mapping: Node, key: object) -> None:
        """A key with its value, which is a scalar: in brackets with its comma, else with its line."""
        item = mapping.value[key]
        first, last = self.at(item.key), self.at(item.value)
        if isinstance(last, yaml.CollectionNode) and not last.flow_style:
            raise UneditableError
        assert first.start_mark is not None
        assert last.end_mark is not None
        start, stop = first.start_mark.index, last.end_mark.index
        if self._is_flow(mapping):
            before = re.search(r",\s*\Z", self.source[:start])
            after = re.match(r"\s*,\s*", self.source[stop:])
            if before is not None:
                start = before.start()
            elif after is not None:
                stop += after.end()
        else:
            line = self.source.rfind("\n", 0, start) + 1
            end = self.source.find("\n", stop)
            if self.source[line:start].strip():  # behind the dash of a list
                raise UneditableError
            start, stop = line, len(self.source) if end < 0 else end + 1
        self.put(start, stop, "")

    def _is_flow(self, mapping: Node) -> bool:
        node = self.at(mapping)
        if not isinstance(node, yaml.MappingNode):
            raise UneditableError
        return bool(node.flow_style)


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """A node and all inside of it."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _nodes(key)
            yield from _nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for member in node.value:
            yield from _nodes(member)
    if node is not None:
        yield node
