"""Whether a log is a table or a text, by its beginning."""

from __future__ import annotations

import json
import re

from lrviz.log.columns import says_lr
from lrviz.log.text.names import format_of

_NAME = re.compile(r"[\"']?[^=:\[\]{}|]{1,200}[\"']?")
"""The name of a column: a line of text has other signs beside a learning rate."""

_NUMBER = re.compile(r"\s*[\"']?[-+]?[0-9][0-9.eE+-]*[\"']?\s*")


def begins_json(text: str) -> bool:
    """True for a text that begins with a bracket, as JSON does and many lines of text."""
    return text.lstrip()[:1] in ("{", "[")


def is_table(text: str, column: str | None) -> bool:
    """True for JSON, and for a CSV with a column of learning rates, or with `column`."""
    text = text.lstrip()
    if begins_json(text):
        return _is_json(text)
    lines = [line for line in text.split("\n", 20)[:20] if line.strip()]
    return bool(lines) and _is_csv(lines, column)


def _is_json(text: str) -> bool:
    """True unless a text that begins with a bracket is certainly no JSON of records."""
    inside = text[1:].lstrip()[:1]
    if text[0] == "[":
        return inside in ("{", "]", "")
    if inside not in ('"', "}", ""):
        return False
    first, _, rest = text.partition("\n")
    after = rest.lstrip()[:1]
    if after in ("{", ""):
        return True
    try:
        json.loads(first)
    except ValueError:
        return True  # an object of several lines
    return False  # one object, and then text


def _is_csv(lines: list[str], column: str | None) -> bool:
    sign = next((each for each in ",\t;" if each in lines[0]), ",")
    names = [name.strip() for name in lines[0].split(sign)]
    if format_of(lines[0]) is not None:
        return False  # its first line is a record
    if not all(map(_NAME.fullmatch, filter(None, names))):
        return False
    if column in names or any(says_lr(name.strip("\"'")) for name in names):
        return True
    cells = lines[1].split(sign) if len(lines) > 1 else []
    return len(cells) == len(names) > 1 and sum(map(bool, map(_NUMBER.fullmatch, cells))) > len(cells) / 2
