"""TOML -> nodes with positions.

The standard library's reader decides what is TOML and gives the values; it gives no positions. A scanner goes over the
text first: it finds where each key and value stands, and it bounds what the reader has to do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from lrviz.configs.text.place import Places
from lrviz.configs.text.scalars import Scalars
from lrviz.errors import Position, ScheduleError
from lrviz.number import NumberError, check_length
from lrviz.schedule.text.document import Item, Node, text_of

_BLANK = re.compile(r"[ \t]*+")
_LINES = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")
_REST = re.compile(r"[ \t]*+(?:#[^\r\n]*+)?+(?:\r?\n|\Z)")
_BARE = re.compile(r"[A-Za-z0-9_-]++")
_TEXT = re.compile(
    r'"""[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+"{3,5}'
    r"|'''[^']*+(?:'(?!'')[^']*+)*+'{3,5}"
    r'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
    r"|'[^'\n]*+'"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:[^\s,\]}#]*+")
_WORD = re.compile(r"[^\s,\]}#=]++")
_FAILED = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def parse_toml(data: bytes | str, file: str, scalars: Scalars | None = None) -> Node:
    """The mapping of a TOML text, as nodes; `scalars` is not looked at, since TOML has types of its own.

    Dates are the text that stands there. Raises `ScheduleError` for anything but one bounded, well-formed document.

    >>> parse_toml("[optimizer]\\nlr = 8e-4", "a.toml").get("optimizer").get("lr").where.line
    2
    """
    text = text_of(data, file)
    scanner = _Scanner(text, file)
    scanner.document()
    scanner.places.raise_problems()
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, scanner.places, text) from None
    return _node(values, scanner.root, scanner.places, text)


@dataclass(slots=True)
class _Spot:
    """Where a value stands. `keys` are the offsets of the keys of a mapping; `inside` its values, or a list's."""

    at: int
    end: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    inside: dict[str, _Spot] | list[_Spot] | None = None


class _StopError(Exception):
    """The text is no TOML from here on; the reader says why."""


class _Scanner:
    """Goes over a text without judging it, and notes where things stand; `at` is the offset of what comes next."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.places = Places(text, file)
        self.root = _Spot(0, inside={})
        self.at = 0

    def document(self) -> None:
        table, depth = self.root, 0
        try:
            while self.skip(_LINES) < len(self.text):
                if self.text[self.at] == "[":
                    table, depth = self.header()
                else:
                    self.pair(table, depth + 1)
                if _REST.match(self.text, self.at) is None:
                    return
        except _StopError:
            return

    def skip(self, pattern: re.Pattern[str]) -> int:
        """Passes what matches, which may be nothing, and returns where that ends."""
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at
        return self.at

    def take(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def header(self) -> tuple[_Spot, int]:
        """The table that `[a.b]` or `[[a.b]]` begins, and how deep it is."""
        many = self.take("[[") or not self.take("[")
        names = list(self.key())
        if not self.take("]]" if many else "]"):
            raise _StopError
        *before, (last, at) = names
        table = self.descend(self.root, before)
        if not many:
            return self.descend(table, [(last, at)]), len(names)
        self.places.count(at, len(names) + 1)
        assert isinstance(table.inside, dict)
        table.keys.setdefault(last, at)
        known = table.inside.setdefault(last, _Spot(at, inside=[]))
        if not isinstance(known.inside, list):
            raise _StopError
        known.inside.append(_Spot(at, inside={}))
        return known.inside[-1], len(names) + 1

    def key(self) -> Iterator[tuple[str, int]]:
        """The parts of a key (`a."b c".d`) with their offsets."""
        for depth in count(1):
            self.skip(_BLANK)
            start = self.at
            self.places.count(start, depth)
            found = _BARE.match(self.text, start) or _TEXT.match(self.text, start)
            if found is None or found[0].startswith(('"""', "'''")):
                raise _StopError
            self.at = found.end()
            yield _name(found[0]), start
            self.skip(_BLANK)
            if not self.take("."):
                return

    def descend(self, table: _Spot, names: list[tuple[str, int]]) -> _Spot:
        """The table inside that these keys lead to, made where it is not there; of a list its last member."""
        for name, at in names:
            if not isinstance(table.inside, dict):
                raise _StopError
            table.keys.setdefault(name, at)
            table = table.inside.setdefault(name, _Spot(at, inside={}))
            if isinstance(table.inside, list) and table.inside:
                table = table.inside[-1]
        if not isinstance(table.inside, dict):
            raise _StopError
        return table

    def pair(self, table: _Spot, depth: int) -> None:
        """`key = value` in a table."""
        names = list(self.key())
        if not self.take("="):
            raise _StopError
        self.skip(_BLANK)
        *before, (last, at) = names
        table = self.descend(table, before)
        assert isinstance(table.inside, dict)
        value = self.value(depth + len(names))
        if last in table.inside:
            self.places.duplicate(last, at, table.keys[last])
        else:
            table.keys[last], table.inside[last] = at, value

    def value(self, depth: int) -> _Spot:
        start = self.at
        self.places.count(start, depth if self.text.startswith(("[", "{"), start) else depth - 1)
        if self.take("["):
            members = []
            while self.skip(_LINES) < len(self.text) and not self.take("]"):
                members.append(self.value(depth + 1))
                self.between("]")
            return _Spot(start, self.at, inside=members)
        if self.take("{"):
            table = _Spot(start, inside={})
            while self.skip(_LINES) < len(self.text) and not self.take("}"):
                self.pair(table, depth + 1)
                self.between("}")
            table.end = self.at
            return table
        found = _TEXT.match(self.text, start) or _DATE.match(self.text, start) or _WORD.match(self.text, start)
        if found is None:
            raise _StopError
        try:
            if found[0][0] not in "\"'":
                check_length(found[0])
        except NumberError as error:
            self.places.stop(start, str(error), error.hint)
        self.at = found.end()
        return _Spot(start, self.at)

    def between(self, end: str) -> None:
        """Passes the comma between two members; stops at anything else than the end."""
        self.skip(_LINES)
        if not self.take(",") and not self.text.startswith(end, self.at):
            raise _StopError


def _name(written: str) -> str:
    """A part of a key, as the reader reads it."""
    if written[0] == "'":
        return written[1:-1]
    if written[0] != '"' or "\\" not in written:
        return written.strip('"')
    try:
        (name,) = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        raise _StopError from None
    return name


def _node(value: Any, spot: _Spot, places: Places, text: str) -> Node:
    """A value of the reader as a node, with the place that the scanner found."""
    where = places.at(spot.at)
    if isinstance(value, dict):
        assert isinstance(spot.inside, dict)
        items = {}
        for key, inside in value.items():
            written = text[spot.keys[key]] in "\"'"
            name = Node(key, places.at(spot.keys[key]), quoted=True, text_at=int(written))
            items[key] = Item(name, _node(inside, spot.inside[key], places, text))
        return Node(items, where)
    if isinstance(value, list):
        assert isinstance(spot.inside, list)
        members = zip(value, spot.inside, strict=True)
        return Node(tuple(_node(inside, member, places, text) for inside, member in members), where)
    if isinstance(value, str):
        several = text.startswith(('"""', "'''"), spot.at)
        return Node(value, where, quoted=True, text_at=None if several else 1)
    if isinstance(value, bool | int | float):
        return Node(value, where)
    return Node(text[spot.at : spot.end], where, quoted=True, text_at=0)


_HINTS = {
    "Invalid value": 'text needs quotes: "..."',
    "Invalid statement": "a line is `key = value` or `[table]`",
    "Expected '=' after a key in a key/value pair": "a line is `key = value` or `[table]`",
    "Expected newline or end of document after a statement": "is a quote missing, or a comment without #?",
}


def _not_toml(error: tomllib.TOMLDecodeError, places: Places, text: str) -> ScheduleError:
    """What the reader found wrong; it says the place in its message."""
    found = _FAILED.fullmatch(str(error))
    message, line, column = found.groups() if found is not None else (str(error), "1", "1")
    ends = " at the end of the text" if line is None else ""
    where = places.at(len(text)) if line is None else Position(places.file, int(line), int(column or 1))
    return ScheduleError.at(where, f"this is not TOML: {message}{ends}", _HINTS.get(message, ""))
