"""Lines `key: value` with Python's own words for values -> nodes with positions: open_clip's `params.txt`."""

from __future__ import annotations

import re
from typing import Any, Final

from lrviz.configs.text.place import Places
from lrviz.configs.text.scalars import Scalars
from lrviz.number import NumberError, check_length, integer
from lrviz.schedule.text.document import Item, Key, Node, text_of

_LINE = re.compile(r"([A-Za-z_]\w*):(?: (.*))?")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, Any]] = {"None": None, "True": True, "False": False, "inf": float("inf"), "nan": float("nan")}


def parse_params(data: bytes | str, file: str, scalars: Scalars | None = None) -> Node:
    """The mapping of such lines, as nodes; `scalars` is not looked at. What is no number, True, False or None is text.

    Raises `ScheduleError` for other lines, for keys that are there twice, and for an empty text.

    >>> parse_params("lr: 0.001\\nname: run", "params.txt").get("lr").where.column
    5
    """
    text = text_of(data, file)
    places = Places(text, file)
    items: dict[Key, Item] = {}
    for start, end in zip(places.lines, [*places.lines[1:], len(text)], strict=True):
        line = text[start:end].rstrip("\r\n")
        if not line.strip():
            continue
        places.count(start, 1)
        found = _LINE.fullmatch(line)
        if found is None:
            places.problems.at(places.at(start), f"a line must be `key: value` (got {line[:40]!r})")
            continue
        key, at = found[1], start + (found.start(2) if found[2] is not None else len(line))
        if key in items:
            first = items[key].key.where
            places.problems.at(
                places.at(start), f"duplicate key {key!r}; it is already at line {first.line}", "keep one of the two"
            )
            continue
        value = _value(found[2] or "", at, places)
        items[key] = Item(
            Node(key, places.at(start), quoted=True, text_at=0),
            Node(value, places.at(at), quoted=isinstance(value, str), text_at=0),
        )
    if not items and not places.problems:
        places.stop(0, "the file is empty")
    places.raise_problems()
    return Node(items, places.at(0))


def _value(written: str, at: int, places: Places) -> Any:
    if written in _WORDS:
        return _WORDS[written]
    try:
        if _INT.fullmatch(written):
            return integer(written)
        if _FLOAT.fullmatch(written):
            check_length(written)
            return float(written)
    except NumberError as error:
        places.problems.at(places.at(at), str(error), error.hint)
    return written
