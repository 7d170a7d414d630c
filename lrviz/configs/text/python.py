"""A Python config, as mmengine and mmcv write them -> nodes. It is read as syntax and never run.

Parsing gives a `Module`, since a config may name others (`_base_ = [...]`, `with read_base(): from .x import *`) whose
values its own expressions use; `composed` reads these and gives the mapping of the whole config. What needs more than
syntax is `Unreadable` and matters only where a schedule depends on it: a name that a loop, a condition or a call may
have changed counts as such.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lrviz.configs.text.merge import Read, beside, folder_of, merged, once, refuse_shared
from lrviz.configs.text.pieces import assigns, holds, put, reads_base, touched
from lrviz.configs.text.python_expression import ENVIRONMENT, Names
from lrviz.configs.text.scalars import Scalars
from lrviz.configs.text.unreadable import ImportedName, Unreadable
from lrviz.errors import Position, Problems, ScheduleError
from lrviz.schedule.text.document import Item, Key, Node, text_of

SOURCE: Final = "__source__"
"""The one key of a config that is parsed and not yet composed; Python's own names begin like that."""

BASE, DELETE = "_base_", "_delete_"

_ENVIRONMENT = re.compile(r"\{\{\s*\$[^{}\n]*\}\}")
_UNSEEN: Final = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr"})
"""Functions that may change any name."""


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed file: its statements, and its lines in bytes, in which Python counts columns."""

    file: str
    body: list[ast.stmt]
    lines: list[bytes]


def parse_python(data: bytes | str, file: str, scalars: Scalars) -> Node:
    """The `Module` of a file, as the only value of a mapping. Raises `ScheduleError` for what is no Python."""
    text = text_of(data, file).replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = syntax_of(text)
    except SyntaxError as error:
        where = Position(file, error.lineno or 1, max(error.offset or 1, 1))
        raise ScheduleError.at(where, f"this is not Python: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError):
        raise ScheduleError.at(Position(file), "this is nested too deep, or a number in it is too long") from None
    where = Position(file, 1, 1)
    module = Node(Module(file, tree.body, text.encode().split(b"\n")), where)
    return Node({SOURCE: Item(Node(SOURCE, where), module)}, where)


def syntax_of(text: str) -> ast.Module:
    """The statements of a config, in which `{{$NAME:default}}` is a name that no other part of it has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns about escapes such as "\d"
        try:
            return ast.parse(text)
        except SyntaxError:
            stands = _ENVIRONMENT.sub(lambda found: f"{{{{{ENVIRONMENT:{len(found[0]) - 4}}}}}}", text)
            if stands == text:
                raise
            return ast.parse(stands)


def composed(root: Node, read: Read, within: str = "", chain: tuple[str, ...] = ()) -> Node:
    """The mapping of a whole config, with those that it names.

    `within` is the folder of its file, relative to that of the first one, `chain` the files that led to it. Raises
    `ScheduleError` with every file that is missing or names itself.
    """
    source = root.get(SOURCE)
    if source is None:
        return root
    return _Reader(source.value, read, within, chain).config()


class _Reader:
    """Reads the statements of a file, one after the other."""

    def __init__(self, module: Module, read: Read, within: str, chain: tuple[str, ...]) -> None:
        self.module, self.read, self.within, self.chain = module, read, within, chain
        self.problems = Problems()
        self.base: Node | None = None
        named = next((each for each in module.body if assigns(each, BASE)), None)
        self.names = Names(module.file, module.lines, None)
        if named is not None:
            self.names.base = self.base = self._bases(named)

    def config(self) -> Node:
        for statement in self.module.body:
            self._statement(statement)
        if self.problems:
            raise ScheduleError(self.problems)
        where = Position(self.module.file, 1, 1)
        values = self.names.values.items()
        items: dict[Key, Item] = {
            name: Item(Node(name, value.where, quoted=True), value)
            for name, value in values
            if not name.startswith("__") and name != BASE and not isinstance(value.value, ImportedName)
        }
        own = Node(items, where)
        return merged(own, self.base or Node({}, where), delete=DELETE, clash=refuse_mapping)

    # --- the files it names ----------------------------------------------------------------------------------------

    def _bases(self, statement: ast.stmt) -> Node:
        """The configs of `_base_`, in one mapping; no two of them may have a key in common."""
        assert isinstance(statement, ast.Assign)
        named = self.names.value(statement.value)
        items: dict[Key, Item] = {}
        for node in named.value if named.is_list else (named,):
            if not isinstance(node.value, str):
                self.problems.at(node, "_base_ must be the name of a file, or a list of names")
                continue
            found = self._config(node.value, node.where)
            try:
                refuse_shared(found, items, BASE, node.where)
            except ScheduleError as error:
                self.problems += error.problems
            items |= found
        return Node(items, named.where)

    def _config(self, name: str, where: Position) -> dict[Key, Item]:
        """The values of another config; none, with a problem, if it cannot be read."""
        if "::" in name:
            self.problems.at(
                where,
                f"{name} lies in an installed package, which is not looked at",
                "hand in the whole config, which a run writes into its work_dirs",
            )
            return {}
        path = beside(name, self.within)
        try:
            chain = once(path, self.chain, where)
            found = self.read(path, where)
            if found is None:
                raise ScheduleError.at(where, f"{name} cannot be read", "is the path relative to this file?")
            found = composed(found, self.read, folder_of(path), chain)
        except ScheduleError as error:
            self.problems += error.problems
            return {}
        return dict(found.value)

    def _imports(self, statement: ast.ImportFrom) -> None:
        """`from .x import *` inside of `with read_base()`."""
        where = self.names.where(statement)
        if not statement.level or statement.module is None:
            self.problems.at(
                where,
                f"{statement.module} lies in an installed package, which is not looked at",
                "hand in the whole config, which a run writes into its work_dirs",
            )
            return
        name = "../" * (statement.level - 1) + statement.module.replace(".", "/") + ".py"
        items = self._config(name, where)
        for alias in statement.names:
            if alias.name == "*":
                self.names.values |= {str(key): item.value for key, item in items.items()}
            elif alias.name in items:
                self.names.values[alias.asname or alias.name] = items[alias.name].value
            elif items:
                self.problems.at(self.names.where(alias), f"{name} has no name {alias.name!r}")

    # --- statements ------------------------------------------------------------------------------------------------

    def _statement(self, statement: ast.stmt) -> None:
        names = self.names
        if isinstance(statement, ast.Assign):
            if assigns(statement, BASE):
                return
            value = names.value(statement.value)
            for target in statement.targets:
                self._assign(target, value, statement)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(statement.target, names.value(statement.value), statement)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            left, right = names.value(statement.target), names.value(statement.value)
            names.values[statement.target.id] = names.combined(statement, statement.op, left, right)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                names.values[name] = Node(
                    ImportedName(name if alias.asname is None else alias.name), names.where(alias)
                )
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                path = ImportedName(f"{statement.module}.{alias.name}")
                names.values[alias.asname or alias.name] = Node(path, names.where(alias), quoted=True)
        elif isinstance(statement, ast.With | ast.If) and reads_base(statement):
            for each in statement.body:
                if isinstance(each, ast.ImportFrom):
                    self._imports(each)
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.values[statement.name] = names.unreadable(statement, f"a call of {statement.name}")
        elif isinstance(statement, ast.Expr) and self._updates(statement.value):
            pass
        elif not isinstance(statement, ast.Pass | ast.AnnAssign):
            self._changes(statement)

    def _assign(self, target: ast.expr, value: Node, statement: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            self.names.values[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List) and value.is_list and len(value.value) == len(target.elts):
            for each, member in zip(target.elts, value.value, strict=True):
                self._assign(each, member, statement)
        elif not self._puts(target, lambda there: value):
            self._changes(statement)

    def _updates(self, call: ast.expr) -> bool:
        """True for a text alone, and for `x.update(...)` or `x.merge(...)` of a known mapping, which is done."""
        if isinstance(call, ast.Constant):
            return True
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            return False
        method, of = call.func.attr, call.func.value
        if method not in ("update", "merge") or len(call.args) + bool(call.keywords) != 1:
            return False
        new = self.names.value(call.args[0] if call.args else ast.copy_location(
            ast.Call(ast.Name("dict"), [], call.keywords), call
        ))  # fmt: skip
        if not new.is_mapping:
            return False

        def update(there: Node | None) -> Node | None:
            if there is None or not there.is_mapping:
                return None
            if method == "merge":
                return merged(new, there, delete=DELETE)
            return Node({**there.value, **new.value}, there.where)

        return self._puts(of, update)

    def _puts(self, target: ast.expr, change: Callable[[Node | None], Node | None]) -> bool:
        """Changes what stands at `x`, `x.a` or `x["a"]`; False if that is not known, or known by another name too."""
        keys: list[Any] = []
        of = target
        while isinstance(of, ast.Attribute | ast.Subscript):
            keys.append(of.attr if isinstance(of, ast.Attribute) else self.names.value(of.slice).value)
            of = of.value
        if not isinstance(of, ast.Name) or of.id not in self.names.values:
            return False
        there = self.names.values[of.id]
        if any(holds(other, there) for name, other in self.names.values.items() if name != of.id):
            return False
        made = put(there, keys[::-1], change)
        if made is None:
            return False
        self.names.values[of.id] = made
        return True

    def _changes(self, statement: ast.stmt) -> None:
        """Marks every name that a statement may change as unreadable."""
        changed = set(touched(statement))
        for name in self.names.values if changed & _UNSEEN else changed:
            there = self.names.values.get(name)
            if there is not None and isinstance(there.value, ImportedName):
                continue
            unknown = self.names.unreadable(statement, "a statement that has to run")
            for other, value in self.names.values.items():
                if there is not None and other != name and (holds(value, there) or holds(there, value)):
                    self.names.values[other] = unknown
            self.names.values[name] = unknown


def refuse_mapping(path: str, value: Node, below: Node) -> None:
    """Raises `ScheduleError` for a dict in the place of something else, as mmengine does."""
    if isinstance(below.value, Unreadable):
        return
    raise ScheduleError.at(
        value.where,
        f"{path} is a dict here, but not in the base, at {below.where}",
        "write _delete_=True in it to replace that of the base",
    )
