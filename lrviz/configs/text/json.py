"""JSON -> nodes with positions.

The standard library's reader gives no positions and lets the last of two equal keys win. What it takes besides JSON is
taken too: `NaN`, `Infinity`, `-Infinity`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from lrviz.configs.text.place import Places
from lrviz.configs.text.scalars import Scalars
from lrviz.number import NumberError, check_length, integer
from lrviz.schedule.text.document import Item, Key, Node, resolve, text_of
from lrviz.words import show

_BLANK = re.compile(r"[ \t\r\n]*")
_BEGUN = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?+([eE][-+]?[0-9]++)?+")
_WORD = re.compile(r"[-+.\w]++")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: Final[dict[str, Any]] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
_ELSEWHERE: Final = {"True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false"}


def parse_json(data: bytes | str, file: str, scalars: Scalars | None = None) -> Node:
    """The one value of a JSON text, as nodes; `scalars` is not looked at, since JSON has types of its own.

    Raises `ScheduleError` for anything but one bounded, well-formed value without duplicate keys.

    >>> parse_json('{"lr": 1e-3}', "a.json").get("lr").where.column
    8
    """
    reader = _Reader(text_of(data, file), file)
    root = reader.document()
    reader.places.raise_problems()
    return root


class _Reader:
    """Reads values one after the other; `at` is the offset of the next character that is not blank."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.places = Places(text, file)
        self.at = 0
        self.blank()

    def blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def here(self, *signs: str) -> bool:
        return self.text.startswith(signs, self.at)

    def take(self, sign: str) -> bool:
        """Passes a sign, and the blanks after it, if it is next."""
        if not self.here(sign):
            return False
        self.at += len(sign)
        self.blank()
        return True

    def document(self) -> Node:
        if self.at == len(self.text):
            self.places.stop(0, "the file is empty")
        root = self.value(1)
        if self.at < len(self.text):
            self.unexpected("the end of the text", "a JSON file holds one value")
        return root

    def value(self, depth: int) -> Node:
        start = self.at
        self.places.count(start, depth if self.here("{", "[") else depth - 1)
        where = self.places.at(start)
        if self.take("{"):
            return Node(self.mapping(start, depth), where)
        if self.take("["):
            return Node(self.members(start, depth), where)
        if self.here('"'):
            return Node(self.string(), where, quoted=True, text_at=1)
        return Node(self.scalar(), where)

    def mapping(self, start: int, depth: int) -> dict[Key, Item]:
        items: dict[Key, Item] = {}
        places: dict[str, int] = {}
        if self.take("}"):
            return items
        while True:
            at = self.at
            if not self.here('"'):
                self.unexpected("a key in double quotes", "", start)
            key = self.string()
            if not self.take(":"):
                self.unexpected(f"`:` after the key {show(key)}", "", start)
            value = self.value(depth + 1)
            if key in items:
                self.places.duplicate(key, at, places[key])
            else:
                items[key] = Item(Node(key, self.places.at(at), quoted=True, text_at=1), value)
                places[key] = at
            if self.take("}"):
                return items
            self.comma("}", start)

    def members(self, start: int, depth: int) -> tuple[Node, ...]:
        nodes: list[Node] = []
        if self.take("]"):
            return ()
        while True:
            nodes.append(self.value(depth + 1))
            if self.take("]"):
                return tuple(nodes)
            self.comma("]", start)

    def comma(self, end: str, start: int) -> None:
        comma = self.at
        if not self.take(","):
            self.unexpected(f"`,` or `{end}`", "is a comma, or the closing bracket, missing before this?", start)
        if self.here(end):
            self.places.stop(comma, f"a comma stands before `{end}`, which JSON does not allow", "leave the comma out")

    def string(self) -> str:
        found = _BEGUN.match(self.text, self.at)
        if found is None or not self.text.startswith('"', found.end()):
            self.bad_string()
        text: str = found[0][1:]
        if "\\" in text:
            text = json.loads(found[0] + '"')
            if _SURROGATE.search(text):
                self.places.stop(self.at, "the text has an escape that is not a valid character")
        self.at = found.end() + 1
        self.blank()
        return text

    def scalar(self) -> Any:
        found = _WORD.match(self.text, self.at)
        if found is None:
            self.unexpected("a value", "")
        word = found[0]
        if word in _WORDS:
            value: Any = _WORDS[word]
        else:
            value = self.number(word)
        self.at = found.end()
        self.blank()
        return value

    def number(self, word: str) -> int | float:
        found = _NUMBER.fullmatch(word)
        if found is None:
            self.unexpected("a value", _hint_for(word))
        try:
            if found[1] is None and found[2] is None:
                return integer(word)
            check_length(word)
            return float(word)
        except NumberError as error:
            self.places.stop(self.at, str(error), error.hint)

    # --- what is wrong -------------------------------------------------------------------------------------------

    def unexpected(self, wanted: str, hint: str, begun: int | None = None) -> NoReturn:
        """Stops at something else than what is `wanted`, inside of the value that `begun` at an offset."""
        inside = ""
        if begun is not None:
            line, column = self.places.at(begun)[1:]
            kind = "mapping" if self.text[begun] == "{" else "list"
            inside = f", inside of the {kind} that begins at line {line}, column {column}"
        if self.at == len(self.text):
            self.places.stop(self.at, f"the text ends where {wanted} is expected{inside}")
        if self.here("//", "/*", "#"):
            self.places.stop(self.at, "JSON has no comments", "leave the comment out")
        got = _WORD.match(self.text, self.at)
        shown = show(got[0] if got else self.text[self.at])
        if self.here("'"):
            hint = "JSON writes text in double quotes"
        self.places.stop(self.at, f"this is not JSON: {wanted} is expected here (got {shown}){inside}", hint)

    def bad_string(self) -> NoReturn:
        """Stops at a text without an end, or with something in it that JSON does not allow."""
        begun = _BEGUN.match(self.text, self.at)
        assert begun is not None
        stopped = begun.end()
        if self.text[stopped : stopped + 1] == "\\":
            escape = self.text[stopped : stopped + 2]
            self.places.stop(stopped, f"the escape {escape} is not one of JSON", 'write "\\\\" for a backslash')
        if self.text[stopped : stopped + 1] == "\t":
            self.places.stop(stopped, "a tab inside of a text", 'write "\\t"')
        self.places.stop(self.at, "a text that has no end in its line", "close it with a double quote")


def _hint_for(word: str) -> str:
    """What to write in place of a word that is no value of JSON."""
    if word in _ELSEWHERE:
        return f"write {_ELSEWHERE[word]}"
    try:
        value = resolve(word.replace("_", ""))
    except NumberError:
        return ""
    if isinstance(value, int | float) and math.isfinite(value):
        return f"write {value!r}"
    return "text needs double quotes"
