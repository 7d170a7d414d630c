"""The outline of a config: its keys and plain texts, fast and without positions, by which a dialect is recognized.

What reads other formats than YAML is imported where it is used: most files are YAML.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml

from lrviz.errors import ScheduleError
from lrviz.files import UnreadableError, suffix_of
from lrviz.schedule.text.document import MAX_BYTES, MAX_DEPTH, readable

if TYPE_CHECKING:
    from lrviz.reach import Reach

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it: ten times as fast."""


MOST_BROKEN = 100_000
"""Characters of a broken JSON file that are looked at once more."""


class Outline:
    """The keys and values of a config as plain data: dicts, lists, and scalars as text where the format has no types.

    `tree` is a dict, empty for what cannot be parsed or is no mapping; of Python the names that are assigned, of a
    shell script the arguments of its commands, of other text none: it is looked at as `text`.
    """

    def __init__(self, text: str, file: str, reach: Reach | None = None, folder: str = "") -> None:
        self.text = text
        self.suffix = suffix_of(file, text)
        self.reach, self.folder = reach, folder

    def beside(self, name: str) -> Outline | None:
        """The outline of a file that this one names; None if it cannot be read, or files are not looked at."""
        from lrviz.configs.text.merge import beside, folder_of

        path = beside(name, self.folder)
        try:
            data = self.reach.read(path) if self.reach is not None else None
        except (OSError, ValueError, UnreadableError):
            return None
        return Outline(readable(data), path, self.reach, folder_of(path)) if data is not None else None

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The config as plain data; empty where it cannot be parsed or is too large to be a config."""
        if len(self.text) > MAX_BYTES:
            return {}
        try:
            parser: Callable[[str], Any] = _PARSERS.get(self.suffix, _yaml)
            found = parser(self.text)
        except (ValueError, yaml.YAMLError, SyntaxError, RecursionError, MemoryError, OverflowError):
            return {}
        return found if isinstance(found, dict) else {}

    def at(self, path: str) -> Any:
        """The value at a path of keys (`SOLVER.MAX_ITER`), or None."""
        found: Any = self.tree
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found

    def has(self, *paths: str) -> bool:
        """True if there is something, even null, at every one of these paths."""
        return all(self._is_there(path) for path in paths)

    def any(self, *paths: str) -> str:
        """The first of these paths at which there is something; "" if there is none."""
        return next((path for path in paths if self._is_there(path)), "")

    def _is_there(self, path: str) -> bool:
        before, _, last = path.rpartition(".")
        parent = self.at(before) if before else self.tree
        return isinstance(parent, dict) and last in parent

    @cached_property
    def items(self) -> list[tuple[str, Any]]:
        """Every key with its value, at any depth, each shared part once."""
        return list(_items(self.tree))


def _items(root: Any) -> Iterator[tuple[str, Any]]:
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            for key, value in node.items():
                yield str(key), value
                waiting.append(value)
        elif isinstance(node, list):
            waiting += node


def _yaml(text: str) -> Any:
    """YAML with every scalar as text and every tag ignored."""
    root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    made: dict[int, Any] = {}

    def plain(node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == "tag:yaml.org,2002:null" else node.value
        if id(node) in made:
            return made[id(node)]
        if isinstance(node, yaml.SequenceNode):
            members: list[Any] = []
            made[id(node)] = members
            members += map(plain, node.value)
            return members
        mapping: dict[Any, Any] = {}
        made[id(node)] = mapping
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                mapping[key.value] = plain(value)
        return mapping

    return plain(root) if root is not None else None


def _json(text: str) -> Any:
    """JSON; what is broken, as far as it is YAML without its comments, so that the error is one of its program."""
    try:
        return json.loads(text)
    except ValueError:
        if len(text) > MOST_BROKEN:
            return {}
        return _yaml(re.sub(r"^\s*//.*|(?<=[,{\[])\s*//.*", "", text, flags=re.MULTILINE))


def _toml(text: str) -> Any:
    """TOML; of what is broken the keys of its lines, so that the error is one of its program."""
    from lrviz.configs.text.toml import parse_toml

    try:
        return parse_toml(text, "").plain()
    except ScheduleError:
        return _toml_lines(text)


def _toml_lines(text: str) -> dict[str, Any]:
    """The keys of lines that look like TOML, in the tables that lines above name."""
    found: dict[str, Any] = {}
    here = found
    for table, key, value in _TOML_LINE.findall(text):
        if key:
            here.setdefault(key, value)
            continue
        here = found
        for part in table.split(".")[:MAX_DEPTH]:
            inside = here.setdefault(part.strip(), {})
            here = inside if isinstance(inside, dict) else {}
    return found


_TOML_LINE = re.compile(r"^[ \t]*(?:\[([\w. -]+)\]|([A-Za-z_][\w-]*)[ \t]*=[ \t]*(.*))", re.MULTILINE)


def _python(text: str) -> dict[str, Any]:
    """The names that a Python file assigns at its top level, with the literals that they are assigned; of what is
    broken the names alone."""
    from lrviz.configs.text.python import syntax_of

    names: dict[str, Any] = {}
    try:
        statements = syntax_of(text).body
    except SyntaxError:
        return dict.fromkeys(re.findall(r"^([A-Za-z_]\w*)[ \t]*=", text, re.MULTILINE))
    for statement in statements:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                names[target.id] = _literal(statement.value)
    return names


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {each.arg: _literal(each.value) for each in node.keywords if each.arg is not None}
    if isinstance(node, ast.Dict):
        return {
            key.value: _literal(value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(member) for member in node.elts]
    return node.value if isinstance(node, ast.Constant) else None


def _shell(text: str) -> dict[str, Any]:
    """The arguments of all commands, by the names that argparse gives them (`lr_min`), and a line for each program."""
    from lrviz.configs.text.arguments import PROGRAM, commands

    found: dict[str, Any] = {}
    programs = []
    for command in commands(text, ""):
        programs.append(command.program)
        found |= command.arguments.plain()
    return {**found, PROGRAM: "\n".join(programs)}


def _nothing(text: str) -> dict[str, Any]:
    return {}


def _lines(text: str) -> dict[str, Any]:
    """`key: value` lines, as open_clip's params.txt has them."""
    return dict(re.findall(r"^([A-Za-z_]\w*): (.*)$", text, re.MULTILINE))


_PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": _json,
    ".toml": _toml,
    ".py": _python,
    ".sh": _shell,
    ".md": _nothing,
    ".txt": _lines,
}
