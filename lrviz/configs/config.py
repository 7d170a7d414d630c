"""What a dialect reads a config with: typed values by key, and what `Inquiry` has beside them.

Every value that is read is remembered, so that `lrviz explain` can show from what a schedule follows. Problems,
questions and remarks are collected; a dialect reads on after them, with a value that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from lrviz.configs.inquiry import Inquiry
from lrviz.configs.session import Session
from lrviz.configs.text.unreadable import ImportedName, Unreadable
from lrviz.errors import Position, Problem
from lrviz.schedule.imported import Value
from lrviz.schedule.text import values
from lrviz.schedule.text.document import Node
from lrviz.schedule.text.expression import ExpressionError
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show

T = TypeVar("T")


class _Required:
    """The default of a key that has none."""


REQUIRED = _Required()


def _has_to_run(unknown: Unreadable, where: Position) -> Problem:
    """The problem of a value that the schedule depends on and that only running the config would show."""
    what = f"{unknown.what[:1].upper()}{unknown.what[1:]}"
    depends = f", in line {where.line}" if where.line != unknown.where.line else ""
    message = f"{what} stands here, and nothing in a config is run; the schedule depends on it{depends}"
    return Problem(unknown.where, message, unknown.hint)


class Config(Inquiry):
    """A mapping of a config, and the session that reads it.

    Keys may be paths (`optimizer.params.lr`). A key whose value is null counts as missing. `defaults` are values that
    the program puts where a key is missing, before it looks at the mapping.
    """

    def __init__(
        self, node: Node, session: Session, path: str = "", defaults: Mapping[str, Value] = {}, *, known: bool = True
    ) -> None:
        super().__init__(node, session)
        self.path = path
        self.defaults = defaults
        self.is_known = known  # else the mapping itself is not known here, which is said already

    # --- structure -------------------------------------------------------------------------------------------------

    def node(self, key: str) -> Node | None:
        """The value at a key as it stands in the file; None if it is missing or null."""
        found: Node | None = self.root
        for part in [key] if self.root.get(key) is not None else key.split("."):
            found = found.get(part) if found is not None else None
        return found if found is not None and found.value is not None else None

    def has(self, key: str) -> bool:
        """True if the config has the key, a dotted path, even with a value of null."""
        return self.node(key) is not None

    def where(self, *keys: str) -> Position:
        """Where the first of these keys that is there has its value; else where the mapping begins."""
        for key in keys:
            found = self.node(key)
            if found is not None:
                return found.where
        return self.root.where

    def section(self, key: str) -> Config:
        """A mapping inside; an empty one if it is missing. Anything else there is a problem."""
        found = self._resolved(self.node(key))
        known = self.is_known and (found is not None or not self.has(key))
        path = f"{self.path}.{key}".removeprefix(".")
        if found is not None and not found.is_mapping:
            self.error(found.where, f"{path} must be a mapping (got {show(found.value)})")
        if found is None or not found.is_mapping:
            found = Node({}, self.where(key))
        return Config(found, self.session, path, known=known)

    def members(self, key: str) -> list[Config]:
        """The members of a list of mappings; a lone mapping is a list of one."""
        found = self._resolved(self.node(key))
        nodes = [] if found is None else list(found.value) if found.is_list else [found]
        path = f"{self.path}.{key}".removeprefix(".")
        members = []
        for index, node in enumerate(nodes):
            if node.is_mapping:
                members.append(Config(node, self.session, f"{path}[{index}]"))
            else:
                self.error(node.where, f"{path} must hold mappings (got {show(node.value)})")
        return members

    # --- values ----------------------------------------------------------------------------------------------------

    def number(
        self,
        key: str,
        default: float | Value | _Required | None = REQUIRED,
        *,
        low: float | None = None,
        above: float | None = None,
        high: float | None = None,
    ) -> Value:
        """A real number, as a float. Text that is one counts, with a warning where the program does not convert it."""

        def checked(value: Any) -> float:
            read = values.real(value)
            if low is not None and read < low:
                values.wrong(f"at least {low:g}", value)
            if above is not None and read <= above:
                values.wrong(f"above {above:g}", value)
            if high is not None and read > high:
                values.wrong(f"at most {high:g}", value)
            return read

        return self._value(key, default, checked, max(low or 0.0, above or 0.0) or 1.0, number=True)

    def whole(self, key: str, default: int | Value | _Required | None = REQUIRED, *, low: int | None = None) -> Value:
        """A whole number, as an int."""

        def checked(value: Any) -> int:
            read = values.whole(value)
            if low is not None and read < low:
                values.wrong(f"at least {low}", value)
            return read

        return self._value(key, default, checked, low or 1, number=True)

    def text(self, key: str, default: str | Value | _Required | None = REQUIRED) -> Value:
        """The text at a key, or the default; without one the key is required."""
        return self._value(key, default, values.text, "")

    def flag(self, key: str, default: bool | Value | _Required = REQUIRED) -> Value:
        """The true or false at a key, or the default; without one the key is required."""
        return self._value(key, default, values.flag, False)

    def choice(
        self,
        key: str,
        names: Iterable[str],
        default: str | Value | _Required | None = REQUIRED,
        *,
        what: str = "",
        aliases: Mapping[str, str] | None = None,
    ) -> Value:
        """One of the program's own names; `what` they are (`scheduler of transformers`) completes the error."""
        names = list(names)

        def checked(value: Any) -> str:
            read = values.text(value)
            if read not in names:
                hint = did_you_mean(read, names, aliases)
                values.wrong(
                    f"{'an' if what[0] in 'aeio' else 'a'} {what}" if what else "one of " + ", ".join(names),
                    value,
                    hint,
                )
            return read

        return self._value(key, default, checked, names[0])

    def list_of(self, key: str, one: Callable[[Any], T], default: Sequence[T] | _Required | None = REQUIRED) -> Value:
        """A list whose members `one` reads (`values.real`, `values.whole`); a lone value is a list of one.

        Members keep their places: `value` is a tuple of `Value`.
        """
        found = self.node(key)
        if found is not None and found.is_list and any(self._resolved(node) is None for node in found.value):
            return Value((), self._path(key), found.where)
        if found is None or not found.is_list:
            return self._value(key, default, lambda value: (Value(one(value), key, self.where(key)),), ())
        members = []
        for index, node in enumerate(found.value):
            member = f"{key}[{index}]"
            try:
                members.append(Value(one(node.value), member, node.where))
            except values.WrongValueError as error:
                self.error(node.where, f"{self._path(member)} must be {error.wanted}", error.hint)
        return self._use(Value(tuple(members), self._path(key), found.where))

    def plain(self, key: str) -> Value | None:
        """Any value as it stands, for an argument that is passed on; None if it is missing, null, or not known."""
        found = self.node(key)
        if found is None or any(self._resolved(each) is None for each in _leaves(found)):
            return None
        return self._use(Value(found.plain(), self._path(key), found.where))

    def _value(self, key: str, default: Any, read: Callable[[Any], Any], fits: Any, *, number: bool = False) -> Value:
        found = self.node(key)
        path = self._path(key)
        if found is None:
            default = self.defaults.get(key, default)
            if isinstance(default, Value):
                return self._use(default)
            if isinstance(default, _Required):
                if self.is_known:
                    self.error(self.where(), f"{path} is missing, and it has no default")
                default = fits
            return self._use(Value(default, path, self.where(), "default"))
        if self._resolved(found) is None:
            return self._use(Value(fits, path, found.where))
        if number and isinstance(found.value, ImportedName):
            self.error(found.where, f"{path}: {found.value} is imported, and no module is", "write the number")
            return self._use(Value(fits, path, found.where))
        try:
            value = read(found.value)
        except values.WrongValueError as error:
            self.error(found.where, f"{path} must be {error.wanted}", error.hint)
            value = fits
        except ExpressionError as error:
            self.error(found.where, f"{path}: {error.message}", error.hint)
            value = fits
        else:
            if number and isinstance(found.value, str) and self.session.text_numbers:
                self._text_number(path, found, value)
        return self._use(Value(value, path, found.where))

    def _resolved(self, node: Node | None) -> Node | None:
        """A node that is read; None, with its problem, for one whose value is not known here."""
        problem = None
        if node is not None and isinstance(node.value, Unreadable):
            problem = _has_to_run(node.value, node.where)
        elif node is not None and isinstance(node.value, str):
            problem = self.session.unresolved.get(node.where)
        if problem is None:
            return node
        if problem not in self.session.problems:
            self.session.problems.append(problem)
        return None

    def _text_number(self, path: str, found: Node, value: float) -> None:
        written = f"{value:.1e}" if isinstance(value, float) and float(f"{value:.1e}") == value else repr(value)
        quoted = " because of its quotes" if found.quoted else ""
        reader = "JSON" if found.where.file.endswith(".json") else self.session.text_numbers
        self.warn(
            found.where,
            "text-number",
            f"{path}: {found.value} is text to {reader}{quoted}, not a number",
            f"write {written}",
        )

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}".removeprefix(".")

    # --- files beside it -------------------------------------------------------------------------------------------

    def beside(self, key: str) -> Config | None:
        """The config in the file that a key names, read as this one is; None, with a note, if there is none."""
        found = self.node(key)
        if found is None or not isinstance(found.value, str):
            return None
        node = self.session.read_file(found.value, found.where)
        if node is None or not node.is_mapping:
            return None
        return Config(node, self.session, self._path(key))


def _leaves(node: Node) -> Iterator[Node]:
    if node.is_mapping:
        for item in node.items():
            yield from _leaves(item.value)
    elif node.is_list:
        for member in node.value:
            yield from _leaves(member)
    else:
        yield node
