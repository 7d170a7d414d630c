"""Hydra's composition: a config with a `defaults` list, the files that it names, and the overrides of a command line.

`compose` is for the field of that name of a `Dialect`, of any program that uses Hydra. Groups lie in folders beside the
file (`model: unet` is `model/unet.yaml`). What only Hydra has (`hydra/launcher`) is passed over; what lies in the
program's code (a ConfigStore) is not there, and an error says so.

Groups, packages and the order of things are those of Hydra 1.3 (`_internal/defaults_list.py`,
`core/default_element.py`): later items come first where they choose the options of groups.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from lrviz.configs.dialect import FileReader
from lrviz.configs.helpers.hydra_overrides import Override, applied, override_of, words
from lrviz.configs.text.interpolation import COMPOSED, MISSING
from lrviz.configs.text.merge import merged
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.text.document import Item, Node
from lrviz.words import show

MAX_FILES: Final = 500
GLOBAL: Final = "_global_"
SELF: Final = "_self_"

_HEADER: Final = re.compile(r"^\s*#\s*@package\s+(\S+)\s*$", re.MULTILINE)
_INTERPOLATION: Final = re.compile(r"\$\{([^${}]+)\}")


def compose(root: Node, overrides: Sequence[str], read_file: FileReader) -> Node:
    """The whole config of a file. Raises `ScheduleError` for what Hydra refuses, and for files that are not there."""
    given = [override_of(word, text) for text in overrides for word in words(text)]
    composer = _Composer(read_file)
    listed = _listed(root)
    for each in given:
        composer.choose(each, {str(item.group) for item in listed if item.group is not None})
    if listed or composer.appended:
        root = composer.compose(root, listed)
    for each in given:
        if each not in composer.taken:
            root = applied(root, each)
    return root


# --- the items of a defaults list ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Default:
    """An item of a defaults list: an option of a `group`, or a config by its `value`, if `group` is None.

    `folder` and `parent` are the group and the package of the config that holds the list; `header` is the package that
    the file itself names.
    """

    group: str | None
    value: str | tuple[str, ...] | None
    where: Position
    package: str | None = None
    optional: bool = False
    override: bool = False
    folder: str = ""
    parent: str = ""
    header: str | None = None

    @property
    def is_self(self) -> bool:
        return self.group is None and self.value == SELF

    @property
    def path(self) -> str:
        """The group and the name of the config, from the folder of the first config."""
        name = self.value if self.group is None else f"{self.group}/{self.value}"
        assert isinstance(name, str)
        return name[1:] if name.startswith("/") else f"{self.folder}/{name}".lstrip("/")

    @property
    def group_path(self) -> str:
        if self.group is None:
            return self.path.rpartition("/")[0]
        return self.group[1:] if self.group.startswith("/") else f"{self.folder}/{self.group}".lstrip("/")

    def final_package(self, *, with_header: bool = True) -> str:
        """Where the config goes in the whole one: keys with dots, "" for its top."""
        package = self.package if self.package is not None else self.header if with_header else None
        if package is None:
            group = self.group if self.group is not None else str(self.value).rpartition("/")[0]
            package = group.lstrip("/").replace("/", ".")
        package = package.replace("_group_", self.group_path.replace("/", "."))
        whole = f"{self.parent}.{package}".strip(".")
        before, mark, after = whole.rpartition(GLOBAL)
        return after.removeprefix(".") if mark else before or after

    @property
    def key(self) -> str:
        """By what an override names it: its group, with its package where that is not the usual one."""
        package = self.final_package(with_header=False)
        if package == self.group_path.replace("/", "."):
            return self.group_path
        return f"{self.group_path}@{package or GLOBAL}"


def _listed(config: Node) -> list[_Default]:
    """The defaults list of a config; empty if it has none."""
    node = config.get("defaults")
    if node is None or node.value is None:
        return []
    if not node.is_list:
        raise ScheduleError.at(node.where, f"defaults must be a list (got {show(node.plain())})", "- model: unet")
    return [_item(member) for member in node.value]


def _item(node: Node) -> _Default:
    if isinstance(node.value, str):
        name, _, package = node.value.partition("@")
        words = name.split()
        if not words:
            raise _no_item(node)
        return _Default(None, words[-1], node.where, _package(package), "optional" in words[:-1])
    if not node.is_mapping or len(node.value) != 1:
        raise _no_item(node)
    (item,) = node.items()
    name, _, package = str(item.key.value).partition("@")
    words = name.split()
    options = item.value.value if item.value.is_list else (item.value,)
    if not words or any(each.is_mapping or each.is_list for each in options):
        raise _no_item(node)
    texts = [each.value if each.value is None else str(each.value) for each in options]
    value = tuple(map(str, texts)) if item.value.is_list else texts[0]
    return _Default(words[-1], value, item.key.where, _package(package), "optional" in words, "override" in words)


def _no_item(node: Node) -> ScheduleError:
    message = f"an item of defaults is a name, or one group with its option (got {show(node.plain())})"
    return ScheduleError.at(node.where, message, "- model: unet")


def _package(text: str) -> str | None:
    return "" if text == "_here_" else text or None


# --- composition ---------------------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    """The content of a config and where it goes."""

    config: Node
    package: str


@dataclass
class _Composer:
    read_file: FileReader
    choices: dict[str, tuple[str | tuple[str, ...] | None, Position]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    deleted: dict[str, Position] = field(default_factory=dict)
    appended: list[_Default] = field(default_factory=list)
    taken: list[Override] = field(default_factory=list)
    known: dict[str, str | tuple[str, ...] | None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    count: int = 0

    def choose(self, override: Override, groups: set[str]) -> None:
        """Takes an override that is about a group; anything else is a value."""
        group, _, package = override.key.partition("@")
        value = override.value.plain() if override.value is not None else None
        named = value if isinstance(value, str) else None
        if group not in groups and not (named and "." not in group and self._file(f"{group}/{named}", override.where)):
            return
        if isinstance(value, dict):
            return
        if override.value is not None and not isinstance(value, str | list):
            message = f"{override.key} is a group, whose option is a name (got {show(value)})"
            raise ScheduleError.at(override.where, message, f"~{override.key} leaves it out")
        self.taken.append(override)
        chosen = tuple(map(str, value)) if isinstance(value, list) else value
        if override.sign == "~":
            self.deleted[override.key] = override.where
        elif override.sign == "+":
            self.appended.append(_Default(group, chosen, override.where, _package(package)))
        else:
            self.choices[override.key] = (chosen, override.where)

    def compose(self, root: Node, listed: list[_Default]) -> Node:
        parts = self._of(root, _Default(None, "", root.where), [*listed, *self.appended], "")
        for key, (_, where) in self.choices.items():
            if key not in self.used and not key.startswith("hydra"):
                group = key.partition("@")[0]
                others = [each for each in self.known if each.partition("@")[0] == group]
                hint = f"did you mean {others[0]}?" if others else f"+{key}=NAME adds it to the list"
                raise ScheduleError.at(where, f"no defaults list has the group {key}, so it cannot be overridden", hint)
        for key, where in self.deleted.items():
            if key not in self.used:
                raise ScheduleError.at(where, f"no defaults list has the group {key}, so it cannot be left out")
        whole = Node({}, root.where)
        for part in parts:
            config = part.config
            for key in reversed(part.package.split(".") if part.package else []):
                config = Node({key: Item(Node(key, config.where), config)}, config.where)
            whole = merged(config, whole, missing=MISSING)
        return Node(whole.value, root.where)

    def _of(self, config: Node, own: _Default, listed: list[_Default], package: str) -> list[_Placed]:
        """A config and those of its defaults list, in the order in which they are merged."""
        content = Node({key: item for key, item in config.value.items() if key != "defaults"}, config.where)
        mine = [_Placed(content, package)]
        if not listed:
            return mine
        selves = [each for each in listed if each.is_self]
        if len(selves) > 1:
            raise ScheduleError.at(selves[1].where, "_self_ stands twice in one defaults list")
        if not selves:
            listed = [*listed, _Default(None, SELF, own.where)]
        folder = own.group_path if own.value else ""
        listed = [each if each.is_self else replace(each, folder=folder, parent=package) for each in listed]
        for each in listed:
            if each.override:
                self.choices.setdefault(each.key, (each.value, each.where))
        found: list[list[_Placed] | _Default] = []
        for each in reversed(listed):
            if each.is_self:
                found.append(mine)
            elif not each.override:
                found += self._chosen(each)
        placed = [self._expand(self._resolved(each)) if isinstance(each, _Default) else each for each in found]
        return [part for parts in reversed(placed) for part in parts]

    def _chosen(self, default: _Default) -> list[list[_Placed] | _Default]:
        """The configs of an item, the last option first; one with `${...}` waits until all groups are known."""
        if default.group is not None and default.key in self.choices:
            self.used.add(default.key)
            value, where = self.choices[default.key]
            default = replace(default, value=value, where=where)
        if isinstance(default.value, tuple):
            options = [replace(default, group=None, value=f"{default.group}/{each}") for each in default.value]
            return [self._expand(each) for each in reversed(options)]
        if default.value is not None and "${" in default.value:
            return [default]
        return [self._expand(default)]

    def _resolved(self, default: _Default) -> _Default:
        def choice(match: re.Match[str]) -> str:
            if match[1] not in self.known:
                raise ScheduleError.at(default.where, f"{match[0]} is no group of the defaults list", COMPOSED)
            return str(self.known[match[1]])

        return replace(default, value=_INTERPOLATION.sub(choice, str(default.value)))

    def _expand(self, default: _Default) -> list[_Placed]:
        if default.group is not None and default.key in self.deleted:
            self.used.add(default.key)
            return []
        if default.group_path.partition("/")[0] == "hydra":
            return []
        if default.group is not None:
            if default.value == MISSING:
                message = f"the group {default.key} is ???: its option must be given"
                raise ScheduleError.at(default.where, message, f"--override {default.key}=NAME")
            before = self.known.setdefault(default.key, default.value)
            if before != default.value:
                message = f"the group {default.key} is both {before or 'null'} and {default.value or 'null'}"
                raise ScheduleError.at(
                    default.where, message, f"override the one that is there: {default.key}={before}"
                )
        if default.value is None:
            return []
        path = default.path
        file = self._file(path, default.where)
        if file is None:
            if default.optional:
                return []
            raise ScheduleError.at(default.where, f"there is no {path}.yaml beside the first config", _NOT_THERE)
        if path in self.open:
            circle = " -> ".join([*self.open[self.open.index(path) :], path])
            raise ScheduleError.at(default.where, f"the defaults lead in a circle: {circle}")
        self.count += 1
        if self.count > MAX_FILES:
            raise ScheduleError.at(default.where, f"the defaults name more than {MAX_FILES} configs")
        text, config = file
        default = replace(default, header=_header(text))
        self.open.append(path)
        try:
            return self._of(config, default, _listed(config), default.final_package())
        finally:
            self.open.pop()

    def _file(self, path: str, where: Position) -> tuple[str, Node] | None:
        found = self.read_file(path if path.endswith(".yaml") else f"{path}.yaml", where)
        if found is not None and not found.root.is_mapping:
            raise ScheduleError.at(found.root.where, f"a config is a mapping of keys (got {show(found.root.plain())})")
        return found


_NOT_THERE: Final = (
    "name the first config of the run (train.yaml), whose folder has the groups; a config that lies in the code "
    f"(ConfigStore) cannot be read: {COMPOSED}"
)


def _header(text: str) -> str | None:
    """The package that a file names in its first comments: absolute, with `_global_` before it."""
    comments = re.match(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:[ \t]*#[^\n]*)?", text)
    match = _HEADER.search(comments[0]) if comments is not None else None
    if match is None or match[1] == "_group_":
        return None
    return match[1] if match[1].startswith(GLOBAL) else f"{GLOBAL}.{match[1]}"
