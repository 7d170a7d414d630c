"""Files of records: CSV, JSON lines, and whole JSON such as a Hugging Face `trainer_state.json`."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from lrviz.files import UnreadableError, undecodable
from lrviz.number import integer

UNREADABLE = (OSError, ValueError, OverflowError, RecursionError, csv.Error)
"""What Python's readers raise for a file that they cannot read."""

MISSING: Final = {"", "nan", "none", "null"}
"""What loggers write in place of a missing number."""


class Record(NamedTuple):
    """One row of a file: values by name, and the line it begins in (0 if records have no lines of their own).

    `names` are the columns of a CSV, one object for all of its records, of which a short row has values for the first
    only; in other files they are the names of the values. `unended` marks a record whose line has no line end. If the
    file is still being written, it may be cut off.
    """

    line: int
    values: Mapping[str, Any]
    names: Collection[str]
    unended: bool = False

    @property
    def short(self) -> bool:
        """True if it has fewer values than names."""
        return len(self.values) < len(self.names)


def records(data: bytes, path: Path, *, growing: bool = False) -> Iterator[Record]:
    """The records of a file, in its order, from its content.

    Text that begins like JSON is read as JSON, whatever the file is called. With `growing`, the file may still be
    being written: a last line of JSON that is cut off is then a record without values, and otherwise an error. Raises
    `UnreadableError` and the errors in `UNREADABLE`.
    """
    text = _decoded(data, growing)
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson") or text.lstrip()[:1] in ("{", "["):
        return _of_json(text, growing)
    return _of_csv(text)


def _decoded(data: bytes, growing: bool) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")()
    try:
        return decoder.decode(data, final=not growing)  # a character cut in two belongs to the line that is cut off
    except UnicodeDecodeError as error:
        raise undecodable(error) from None


def _of_csv(text: str) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    names: dict[str, None] | None = None
    header: list[str] = []
    held: Record | None = None
    end = 0
    for row in reader:
        line, end = end + 1, reader.line_num
        if not row:
            continue
        if names is None:
            header = [name.strip() for name in row]
            names = dict.fromkeys(header)
            continue
        if held is not None:
            yield held
        held = Record(line, dict(zip(header, row, strict=False)), names)
    if held is not None:
        yield held._replace(unended=not text.endswith(("\n", "\r")))


def _delimiter(text: str) -> str:
    head = text[: text.find("\n") + 1] or text
    return next((each for each in ",\t;" if each in head), ",")


def _of_json(text: str, growing: bool) -> Iterator[Record]:
    try:
        whole = json.loads(text, parse_int=integer)
    except json.JSONDecodeError as error:
        return _of_lines(text, error, growing)
    if isinstance(whole, dict) and "log_history" not in whole:
        return iter([Record(text[: text.index("{")].count("\n") + 1, whole, whole.keys())])
    if isinstance(whole, dict):
        whole = whole["log_history"]
    if not isinstance(whole, list):
        raise _no_records()
    return (Record(0, row, row.keys()) for row in map(_mapping, whole))


def _of_lines(text: str, whole: json.JSONDecodeError, growing: bool) -> Iterator[Record]:
    """One object a line. `whole` is the error from reading the text as a single JSON value."""
    lines = text.split("\n")
    first = next(index for index, line in enumerate(lines) if line.strip()) if text.strip() else 0
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_int=integer)
        except json.JSONDecodeError as error:
            if growing and index == len(lines) - 1 and index > first:
                yield Record(index + 1, {}, (), unended=True)
                return
            place = (whole.lineno, whole.colno) if index == first else (index + 1, error.colno)
            reason = whole.msg if index == first else error.msg
            raise UnreadableError(f"this is not JSON: {reason}", "", *place) from None
        row = _mapping(value)
        yield Record(index + 1, row, row.keys())


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _no_records()
    return value


def _no_records() -> UnreadableError:
    return UnreadableError("contains no records", "one JSON object a line, or a trainer_state.json")
