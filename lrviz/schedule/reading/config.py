"""The key `config`: another program's config, from which run, optimizer and scheduler come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from lrviz.errors import Problem, Problems, ScheduleError
from lrviz.reach import Reach
from lrviz.schedule.catalogue import CONFIG
from lrviz.schedule.imported import Imported
from lrviz.schedule.reading.fields import check
from lrviz.schedule.text.document import Node
from lrviz.words import show

REPLACED: Final = ("epochs", "steps", "steps_per_epoch", "data", "interval", "optimizer", "scheduler")
"""Keys that come from the config; beside it they are errors."""


class Reading(Protocol):
    """What a config says, in our words."""

    @property
    def root(self) -> Node:
        """The document that the config becomes."""

    @property
    def imported(self) -> Imported:
        """What is said of the config: its program, its summary."""

    @property
    def remarks(self) -> Any:
        """Warnings and notes about the config."""


class Expanded(NamedTuple):
    """A schedule whose `config` was read: its keys, those of the config included."""

    node: Node
    imported: Imported | None = None
    remarks: tuple[Problem, ...] = ()


ReadConfig = Callable[[Node, Node | None, Reach], Reading]
"""Reads the value of `config`, with the metric beside it. A length from the command line is the program's own."""


def checked_config(node: Node, problems: Problems) -> Node | None:
    """The file that the value of `config` names; None, with the problems, if something in it is wrong."""
    if not node.is_mapping:
        hint = "config: {file: ../configs/sft.yaml, data: {samples: 52002, devices: 8}}"
        problems.at(node, f"config must be a mapping (got {show(node.value)})", hint)
        return None
    given = check(node, CONFIG, problems)
    data = node.get("data")
    if data is not None and not data.is_mapping:
        problems.at(data, f"config: data must be a mapping (got {show(data.value)})", "data: {samples: 52002}")
        return None
    return node.value["file"].value if given is not None else None


def expanded(node: Node, read: ReadConfig | None, reach: Reach, problems: Problems) -> Expanded | None:
    """The keys of a schedule, where those of the config that it names stand beside its own; None if that is wrong."""
    config = node.get("config")
    if config is None:
        return Expanded(node)
    beside = [name for name in REPLACED if name in node.value]
    for name in beside:
        problems.at(node.value[name].key, f"`{name}` comes from the config; it may not stand beside `config`",
                    "take one of them out; `overrides` of `config` change its values")  # fmt: skip
    if beside:
        checked_config(config, problems)
        return None
    if read is None:
        problems.at(config, "a config cannot be read here")
        return None
    try:
        reading = read(config, node.get("metric"), reach)
    except ScheduleError as error:
        problems += error.problems
        return None
    own = {key: item for key, item in node.value.items() if key != "config"}
    return Expanded(Node({**reading.root.value, **own}, node.where), reading.imported, tuple(reading.remarks))
