"""The arguments of sd-scripts as one mapping: the sections of its file, and the command line before them."""

from __future__ import annotations

from collections.abc import Sequence

from lrviz.configs.config import Config
from lrviz.configs.overrides import flags
from lrviz.errors import Position
from lrviz.number import real
from lrviz.schedule.text.document import Item, Key, Node


def flat(root: Node, where: Position) -> Node:
    """All sections of a TOML file as one mapping, as sd-scripts merges them: the last of two equal keys counts, and the
    command line before all of them."""
    items: dict[Key, Item] = {}
    said: dict[Key, Item] = {}
    for key, item in root.value.items():
        if item.value.is_mapping:
            items |= item.value.value
        elif is_said(item.value, root):
            said[key] = item
        else:
            items[key] = item
    return Node(items | said, where)


def is_said(value: Node, root: Node) -> bool:
    """True for a value of the command line."""
    return value.where.file != root.where.file


def of_command(config: Config) -> Config:
    """The arguments of a command, and those of the file that its `--config_file` names; the command counts first."""
    root, file = Node({}, config.root.where), None
    if config.has("config_file"):
        file = config.beside("config_file")
    if file is not None:
        root = flat(file.root, file.root.where)
    return Config(_with(root, config.root), config.session)


def overridden(root: Node, texts: Sequence[str]) -> Node:
    """A config with what the command line of sd-scripts was given."""
    return _with(root, flags(Node({}, root.where), texts))


def _with(root: Node, arguments: Node) -> Node:
    """A config with arguments of the command line, where `10%` is a share."""
    items: dict[Key, Item] = dict(root.value)
    for key, item in arguments.value.items():
        value, written = item.value, item.value.value
        if key in ("lr_warmup_steps", "lr_decay_steps") and isinstance(written, str) and written.endswith("%"):
            try:
                value = Node(real(written[:-1]) / 100, value.where)
            except ValueError:  # reading it says what is wrong
                value = item.value
        items[key] = Item(item.key, value)
    return Node(items, root.where)
