"""A model card (`README.md`) -> a mapping: the bullets below its heading of hyperparameters, and what else it says.

The bullets are the keys of the mapping. Beside them stand, under keys that no bullet has because they end in a blank,
the rows of the table of results, the sizes of the data sets, and the releases of the packages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

from lrviz.configs.text.scalars import Scalars
from lrviz.errors import Position, ScheduleError
from lrviz.number import NumberError
from lrviz.schedule.text.document import MAX_BYTES, Item, Node, node_of, readable, resolve

ROWS: Final = "rows "
"""The rows of the first table with a column Step: mappings by column."""

SIZES: Final = "sizes "
"""The samples of each training set."""

RELEASES: Final = "releases "
"""The releases of packages, by their name in lower case."""

_BULLET = re.compile(r"\s*[-*]\s+(`?)([A-Za-z_]\w*)\1\s*:\s*(\S.*)?")
_SIZE = re.compile(r"\s*[-*]\s+Size:\s+([0-9,]+) training samples\s*")
_TAG = re.compile(r"\s*-\s+dataset_size:([0-9]+)\s*")
_RELEASE = re.compile(r"\s*[-*]\s+([A-Za-z][^:\s]*(?: [^:\s]+)*?):?\s+([0-9][\w.+-]*)")

MAX_LINE: Final = 1_000
"""A longer line is text, no bullet."""


def parse_card(data: bytes | str, file: str, scalars: Scalars) -> Node:
    """The mapping of a model card. Values are read as Python wrote them."""
    if len(data) > MAX_BYTES:
        raise ScheduleError.at(Position(file), "the file is larger than 1 MB, the limit for a config")
    found: dict[Any, Item] = {}
    sizes: list[Node] = []
    tags: list[Node] = []
    releases: dict[Any, Item] = {}
    lines = re.split("\r\n|\r|\n", readable(data))
    rows = _rows(lines, file)
    heading = ""
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            continue
        line = line.rstrip()
        if line.startswith("#"):
            heading = line.strip("# \t").lower()
        elif size := _SIZE.fullmatch(line):
            sizes.append(_number(size[1], Position(file, number, size.start(1) + 1)))
        elif tag := _TAG.fullmatch(line):
            tags.append(_number(tag[1], Position(file, number, tag.start(1) + 1)))
        elif "hyperparameters" in heading and (bullet := _BULLET.fullmatch(line)):
            key = Node(bullet[2], Position(file, number, bullet.start(2) + 1))
            found[bullet[2]] = Item(
                key, _value(bullet[3] or "", Position(file, number, max(bullet.start(3), bullet.end(2)) + 1))
            )
        elif heading == "framework versions" and (release := _RELEASE.fullmatch(line)):
            where = Position(file, number, release.start(2) + 1)
            package = release[1].lower().replace(" ", "-")
            releases[package] = Item(Node(package, where), Node(release[2], where, quoted=True))
    top = Position(file, 1, 1)
    for name, value in ((ROWS, rows), (SIZES, tuple(sizes or tags[:1])), (RELEASES, releases)):
        found[name] = Item(Node(name, top), Node(value, top))
    return Node(found, top)


def _number(text: str, where: Position) -> Node:
    return _value(text.replace(",", ""), where)


def _value(text: str, where: Position) -> Node:
    """A value as Python writes it; anything else is text."""
    try:
        if text[:1] in ("{", "[", "("):
            return node_of(ast.literal_eval(text), where)
        value = None if text == "None" else resolve(text)
    except NumberError as error:
        raise ScheduleError.at(where, str(error), error.hint) from None
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        value = text
    return Node(value, where, quoted=isinstance(value, str))


def _rows(lines: list[str], file: str) -> tuple[Node, ...]:
    """The rows of the first table that has a column Step."""
    for index, line in enumerate(lines):
        columns = [cell for cell, _ in _cells(line)]
        if "Step" in columns and index + 1 < len(lines) and set(lines[index + 1].strip()) <= set("|:- "):
            rows = []
            for number, row in enumerate(lines[index + 2 :], index + 3):
                cells = list(_cells(row))
                if len(cells) != len(columns):
                    break
                items = {
                    column: Item(Node(column, at := Position(file, number, start)), _value(cell.strip("*"), at))
                    for column, (cell, start) in zip(columns, cells, strict=True)
                }
                rows.append(Node(items, Position(file, number, 1)))
            return tuple(rows)
    return ()


def _cells(line: str) -> Iterator[tuple[str, int]]:
    """The cells of a row of a table, each with its column in the text."""
    if line.lstrip().startswith("|"):
        for cell in re.finditer(r"[^|]+(?=\|)", line):
            text = cell[0].strip()
            if text or cell.start():
                yield text, cell.start() + len(cell[0]) - len(cell[0].lstrip()) + 1
