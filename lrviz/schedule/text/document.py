"""YAML 1.2 text -> plain data, and where in the text each key and value stands.

PyYAML scans and parses; what a scalar means is decided here by the YAML 1.2 core schema, because stock
PyYAML reads `1e-3` as text, `on` as true and `1:30` as 90, and silently lets the last duplicate key win.
The text is untrusted: its size, its depth and its nodes (an alias counts every time it is used) are bounded,
and nothing in it can name a type or run code.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike, fspath
from typing import Any, NamedTuple, TypeAlias

import yaml

from lrviz.errors import Position, Problems, ScheduleError
from lrviz.number import MAX_NUMBER, NumberError, check_length, integer
from lrviz.schedule.text.commas import MOST_PIECES, NO_PIECE, Piece, opens, pieces_of
from lrviz.schedule.text.quoting import is_schedule
from lrviz.words import show

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_NODES = 100_000

Key: TypeAlias = str | int | float


class Item(NamedTuple):
    """One `key: value` of a mapping; the key is a node too, so that an error can point at it."""

    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the place where its text begins (of an alias: where the anchored value stands).

    `value` is a str, int, float, bool or None, a tuple of nodes, or a dict of key -> `Item`. `quoted` text stays
    text even if it looks like a number; `text_at` is the number of columns from `where` to its first character, or
    None if it spans several lines. `tag` is that of a value in the config of another program (`!ref`). `origin` says
    how a value follows from the text, where it is not the text itself: `15 x 0.5`.
    """

    value: Any
    where: Position
    quoted: bool = False
    text_at: int | None = None
    tag: str = ""
    origin: str = ""

    @property
    def is_mapping(self) -> bool:
        """True if the value is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """True if the value is a list."""
        return isinstance(self.value, tuple)

    def get(self, key: Key) -> Node | None:
        """The value under `key` of a mapping; None if the key is missing or this is not a mapping."""
        item = self.value.get(key) if self.is_mapping else None
        return item.value if item is not None else None

    def items(self) -> Iterator[Item]:
        """The keys and values of a mapping, each with its place, in the order of the file."""
        return iter(self.value.values())

    def plain(self) -> Any:
        """The value without positions: dict, list and scalars."""
        if self.is_mapping:
            return {key: item.value.plain() for key, item in self.value.items()}
        if self.is_list:
            return [node.plain() for node in self.value]
        return self.value


def node_of(value: Any, where: Position, depth: int = 1) -> Node:
    """Plain data as nodes that all stand in one place: mappings, lists, tuples, paths and scalars, those of numpy too.

    Raises `ScheduleError` for anything else.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, PathLike):
        value = fspath(value)
    if depth > MAX_DEPTH:
        raise ScheduleError.at(where, f"lists and mappings are nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        items = [(key.item() if hasattr(key, "item") else key, inside) for key, inside in value.items()]
        return Node({key: Item(node_of(key, where), node_of(inside, where, depth + 1)) for key, inside in items}, where)
    if isinstance(value, list | tuple):
        return Node(tuple(node_of(member, where, depth + 1) for member in value), where)
    if value is not None and not isinstance(value, str | int | float):
        kind = type(value).__name__
        raise ScheduleError.at(where, f"expected mappings, lists, text and numbers, as in a file (got {kind})")
    return Node(value, where, quoted=isinstance(value, str))


def parse(
    data: bytes | str,
    file: str,
    problems: Problems | None = None,
    *,
    discreet: bool = False,
    scalars: Callable[[str], Any] | None = None,
) -> Node:
    """The one document of a YAML text, as nodes; `file` is the name that positions carry.

    Raises `ScheduleError` for anything but one bounded, well-formed YAML 1.2 document. If `problems` is given,
    duplicate keys are added to it and the rest of the file is still read; the first of the two counts. If `discreet`,
    messages quote the text only if it is a schedule: it may be any file of the machine. With `scalars`, the text is the
    config of another program, which reads scalars like that: tags in it are data that is not looked at.
    """
    text = text_of(data, file, discreet=discreet)
    try:
        composer = _Composer(text, file, discreet, scalars)
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, file, discreet) from None
    except ScheduleError:
        raise
    except (OverflowError, ValueError):
        raise _no_character(text, file, discreet) from None
    if problems is None and composer.problems:
        raise ScheduleError(composer.problems)
    if problems is not None:
        problems += composer.problems
    return root


def text_of(data: bytes | str, file: str, *, discreet: bool = False) -> str:
    """The text of a file. Raises `ScheduleError` for a picture, what is not in its encoding, is larger than
    `MAX_BYTES`, or has control characters. If `discreet`, its bytes are quoted only if it is a schedule."""
    if isinstance(data, bytes):
        _refuse_picture(data, file)
        text = _decode(data, file, discreet)
    else:
        text = data.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        raise _too_large(file)
    _refuse_unprintable(text, file)
    return text


def lines_of(data: bytes) -> list[str]:
    """The lines of a text as positions count them, even if the text is malformed."""
    return re.split("\r\n|\r|\n", readable(data))


def lines_to_quote(data: bytes) -> list[str]:
    """The lines of a text, for quoting them in messages: those of a schedule, none of any other file."""
    return lines_of(data) if is_schedule(readable(data)) else []


# --- bytes -> text ---------------------------------------------------------------------------------------


def _too_large(file: str) -> ScheduleError:
    return ScheduleError.at(Position(file), "the file is larger than 1 MB, the limit for a schedule file")


def _decode(data: bytes, file: str, discreet: bool) -> str:
    if len(data) > MAX_BYTES:
        raise _too_large(file)
    encoding, data = _encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        got = " ".join(f"0x{byte:02x}" for byte in data[error.start : error.start + 4])
        got = f" (got the bytes {got})" if not discreet or is_schedule(before) else ""
        raise ScheduleError.at(
            _position(file, before, len(before)),
            f"the text is not {encoding.upper()}{got}",
            "save the file as UTF-8",
        ) from None


PICTURES = {
    b"\x89PNG": "a PNG picture",
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive",
    b"<?xml": "XML, perhaps an SVG picture",
    b"<svg": "an SVG picture",
    b"<!doctype html": "a web page",
}
"""How files begin that people name in place of the schedule that they were made from."""


def _refuse_picture(data: bytes, file: str) -> None:
    head = data[:64].lstrip()
    kind = next((kind for mark, kind in PICTURES.items() if head[: len(mark)].lower() == mark.lower()), None)
    if kind is not None:
        raise ScheduleError.at(
            Position(file), f"this is {kind}, not a schedule file", "name the YAML file that it was made from"
        )


def _encoding(data: bytes) -> tuple[str, bytes]:
    """The encoding that a byte order mark names (UTF-8 without one), and the bytes after the mark."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
                       (codecs.BOM_UTF16_BE, "utf-16-be")):  # fmt: skip
        if data.startswith(mark):
            return name, data[len(mark) :]
    return "utf-8", data


def readable(data: bytes | str) -> str:
    """The text of a file, with signs in place of what cannot be decoded."""
    if isinstance(data, str):
        return data
    encoding, data = _encoding(data)
    return data.decode(encoding, "replace")


def _refuse_unprintable(text: str, file: str) -> None:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found is None:
        return
    name = "a NUL character" if found.group() == "\0" else f"the control character U+{ord(found.group()):04X}"
    raise ScheduleError.at(
        _position(file, text, found.start()),
        f"the text contains {name}, which YAML does not allow",
        "is this a schedule file? a schedule is plain text",
    )


def _position(file: str, text: str, index: int) -> Position:
    before = text[:index]
    return Position(file, before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


# --- text -> nodes ---------------------------------------------------------------------------------------


class _Composer:
    """Builds nodes from PyYAML's parser events, counting depth and nodes as it goes."""

    def __init__(self, text: str, file: str, discreet: bool, scalars: Callable[[str], Any] | None) -> None:
        self.scalars = scalars
        self.file = file
        self.text = text
        self.discreet = discreet
        self.lines = [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}  # the node, its size, its height
        self.nodes = 0
        self.piece = NO_PIECE  # that of the last node
        self.problems = Problems()

    @cached_property
    def quotes(self) -> bool:
        return not self.discreet or is_schedule(self.text)

    def quoted(self, words: str) -> str:
        """Words of the text for a message."""
        return words if self.quotes else "..."

    def document(self) -> Node:
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise ScheduleError.at(
                Position(self.file, 1, 1),
                "the file is empty",
                "the smallest schedule has `epochs`, `optimizer` and `scheduler`",
            )
        root = self.node(next(self.events), 1)
        next(self.events)  # the end of the document
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise ScheduleError.at(
                self.where(event),
                "a second document begins here; a schedule file holds one",
                "put the schedules under `schedules`, or in files of their own",
            )
        return root

    def where(self, event: yaml.Event) -> Position:
        """The position of an event. Lines end where editors end them, not at every line break of YAML 1.1."""
        assert event.start_mark is not None
        index = event.start_mark.index
        line = bisect_right(self.lines, index)
        return Position(self.file, line, index - self.lines[line - 1] + 1)

    def node(self, event: yaml.Event, depth: int) -> Node:
        where = self.where(event)
        self.piece = NO_PIECE
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), where, depth)
        assert isinstance(event, yaml.NodeEvent)
        self.count(1, where)
        before = self.nodes
        tag = str(event.tag or "") if self.scalars is not None and hasattr(event, "tag") else ""
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            text_at: int | None = 1 if event.style else 0
            if event.end_mark and event.start_mark and event.end_mark.line != event.start_mark.line:
                text_at = None
            value = _scalar(event, where, self.quoted, self.scalars)
            node = Node(value, where, not event.implicit[0], text_at, tag)
            if isinstance(value, tuple | list | dict):  # yacs reads text such as `(6000, 8000)`
                node = node_of(value, where)
            depth -= 1
            if event.style is None and event.start_mark and event.end_mark:
                self.piece = Piece(event.start_mark.index, event.end_mark.index)
        elif isinstance(event, yaml.SequenceStartEvent):
            self.check_depth(depth, where)
            if self.scalars is None:
                _refuse_tag(event, ("seq",), where, self.quoted)
            node = Node(self.sequence(depth, flow=bool(event.flow_style)), where, tag=tag)
            self.piece = NO_PIECE
        else:
            self.check_depth(depth, where)
            if self.scalars is None:
                _refuse_tag(event, ("map",), where, self.quoted)
            assert isinstance(event, yaml.MappingStartEvent)
            node = Node(self.mapping(depth, flow=bool(event.flow_style)), where, tag=tag)
            self.piece = NO_PIECE
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.nodes - before + 1, _height(node))
        return node

    def check_depth(self, depth: int, where: Position) -> None:
        if depth > MAX_DEPTH:
            raise ScheduleError.at(where, f"lists and mappings are nested more than {MAX_DEPTH} deep")

    def alias(self, name: str, where: Position, depth: int) -> Node:
        if name not in self.anchors:
            shown = self.quoted(name)
            raise ScheduleError.at(where, f"*{shown} has no anchor: there is no &{shown} before it")
        known = self.anchors[name]
        if known is None:
            raise ScheduleError.at(where, f"*{self.quoted(name)} stands for a value that contains it")
        node, size, height = known
        self.check_depth(depth + height - 1, where)
        self.count(size, where)
        return node

    def count(self, more: int, where: Position) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            raise ScheduleError.at(where, f"the file has more than {MAX_NODES:,} values, counting aliases")

    def members(self, end: type[yaml.Event], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), end):
            yield self.node(event, depth + 1)

    def sequence(self, depth: int, *, flow: bool) -> tuple[Node, ...]:
        found = [(node, self.piece) for node in self.members(yaml.SequenceEndEvent, depth)]
        nodes: list[Node] = []
        index = 0
        while index < len(found):
            node, piece = found[index]
            more = found[index + 1 : index + 1 + MOST_PIECES] if flow and opens(self.text, piece) else []
            count = pieces_of(self.text, piece, [each for _, each in more])
            nodes.append(self.whole(node, piece, more[count - 1][1], "") if count else node)
            index += 1 + count
        return tuple(nodes)

    def pairs(self, depth: int, *, flow: bool) -> Iterator[tuple[Node, Node]]:
        """The keys and values of a mapping; in a `flow` mapping, values that commas cut into pieces are whole."""
        members = self.members(yaml.MappingEndEvent, depth)
        found: list[tuple[Node, Piece, Node, Piece]] = []
        for key in members:
            piece = self.piece
            found.append((key, piece, next(members), self.piece))
        index = 0
        while index < len(found):
            key, _, value, piece = found[index]
            more = found[index + 1 : index + 1 + MOST_PIECES] if flow and opens(self.text, piece) else []
            alone = [own if empty.empty else NO_PIECE for _, own, _, empty in more]  # keys without a value
            count = pieces_of(self.text, piece, alone)
            yield key, self.whole(value, piece, alone[count - 1], f"{key.value}: ") if count else value
            index += 1 + count

    def whole(self, node: Node, first: Piece, last: Piece, key: str) -> Node:
        """A value put together of its pieces, so that nothing follows from what is reported here."""
        text = " ".join(self.text[first.start : last.stop].split())
        shown = f": {key}{text!r}" if self.quotes else ""
        self.problems.at(
            node,
            f"inside of {{ }} and [ ] a comma ends a value, here after {self.quoted(show(node.value))}",
            f"put the whole value in quotes{shown}",
        )
        return Node(text, node.where, False, None)

    def mapping(self, depth: int, *, flow: bool) -> dict[Key, Item]:
        items: dict[Key, Item] = {}
        merged: list[Node] = []
        for key, value in self.pairs(depth, flow=flow):
            if key.value == "<<" and not key.quoted:
                merged.extend(self.merge_sources(value))
                continue
            if isinstance(key.value, bool | tuple | dict) or key.value is None:
                raise ScheduleError.at(
                    key.where,
                    f"a key must be text (got {show(key.value)})",
                    "put it in quotes if it is a name",
                )
            first = items.get(key.value)
            if first is not None:
                self.problems.at(
                    key,
                    f"duplicate key {self.quoted(repr(key.value))}; it is already at "
                    f"line {first.key.where.line}, column {first.key.where.column}",
                    "keep one of the two",
                )
                continue
            items[key.value] = Item(key, value)
        for source in merged:  # a key of the mapping itself wins, then the first source that has it
            for name, item in source.value.items():
                items.setdefault(name, item)
        return items if not merged else {name: items[name] for name in _order(merged, items)}

    def merge_sources(self, value: Node) -> list[Node]:
        sources = list(value.value) if value.is_list else [value]
        for source in sources:
            if not source.is_mapping:
                raise ScheduleError.at(
                    source.where,
                    f"`<<` merges a mapping or a list of mappings (got {self.quoted(show(source.value))})",
                )
        return sources


def _order(merged: list[Node], items: dict[Key, Item]) -> dict[Key, None]:
    """The keys of a mapping that merges others: those of the last one first, its own last."""
    order = dict.fromkeys(name for source in reversed(merged) for name in source.value)
    return order | dict.fromkeys(items)


def _height(node: Node) -> int:
    if node.is_mapping:
        return 1 + max((_height(item.value) for item in node.items()), default=0)
    if node.is_list:
        return 1 + max(map(_height, node.value), default=0)
    return 0


# --- what a scalar means: the core schema of YAML 1.2 ------------------------------------------------------

_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CORE = "tag:yaml.org,2002:"


def resolve(text: str) -> Any:
    """The value of an unquoted scalar: None, a bool, an int, a float, or the text itself. Raises `NumberError`."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return integer(text, 0 if text[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(text):
        check_length(text)
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


_SURROGATE = re.compile("[\ud800-\udfff]")
_TAGGED = {"str": str, "int": int, "float": float, "bool": bool, "null": type(None)}


def _scalar(
    event: yaml.ScalarEvent,
    where: Position,
    quoted: Callable[[str], str],
    scalars: Callable[[str], Any] | None,
) -> Any:
    try:
        if scalars is not None:
            return scalars(event.value) if event.implicit[0] and event.tag is None else event.value
        return _value(event, where, quoted)
    except NumberError as error:
        raise ScheduleError.at(where, str(error), error.hint) from None


def _value(event: yaml.ScalarEvent, where: Position, quoted: Callable[[str], str]) -> Any:
    if _SURROGATE.search(event.value):  # JSON writes a character beyond U+FFFF as two escapes
        return event.value.encode("utf-16", "surrogatepass").decode("utf-16")
    if event.tag in (None, "!"):
        return resolve(event.value) if event.implicit[0] else event.value
    _refuse_tag(event, tuple(_TAGGED), where, quoted)
    wanted = _TAGGED[event.tag.removeprefix(_CORE)]
    value = event.value if wanted is str else resolve(event.value)
    if wanted is float and type(value) is int and abs(value) <= MAX_NUMBER:
        value = float(value)
    if type(value) is not wanted:
        raise ScheduleError.at(where, f"the text {quoted(repr(event.value))} does not match its tag")
    return value


def _refuse_tag(event: yaml.NodeEvent, allowed: tuple[str, ...], where: Position, quoted: Callable[[str], str]) -> None:
    tag = getattr(event, "tag", None)
    if tag in (None, "!") or tag.removeprefix(_CORE) in allowed:
        return
    shown = quoted(tag.replace(_CORE, "!!"))
    raise ScheduleError.at(where, f"a schedule file may not use the tag {shown}", "leave the tag out")


# --- what PyYAML found wrong -------------------------------------------------------------------------------


def _no_character(text: str, file: str, discreet: bool) -> ScheduleError:
    """An escape that is not a valid character; PyYAML lets it through or crashes on it."""
    escape = next(
        (
            each
            for each in re.finditer(r"\\U([0-9a-fA-F]{8})|\\u([dD][89a-fA-F][0-9a-fA-F]{2})", text)
            if each[2] or int(each[1], 16) > 0x10FFFF
        ),
        None,
    )
    where = _position(file, text, escape.start()) if escape else Position(file, 1, 1)
    shown = escape[0] if escape and (not discreet or is_schedule(text)) else "an escape"
    return ScheduleError.at(where, f"{shown} is not a valid character")


_FOUND = re.compile(r"""(found|handle|character) (['"]).*\2""")
"""What PyYAML quotes of a text when it says what is wrong; it quotes what it expected, too."""


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: str, discreet: bool) -> ScheduleError:
    mark = error.problem_mark or error.context_mark
    where = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
    problem = error.problem or "not valid YAML"
    if "'\\t'" in problem or (mark and text[mark.index : mark.index + 1] == "\t"):
        return ScheduleError.at(where, "a tab where YAML allows only spaces", "write spaces instead")
    if discreet and not is_schedule(text):
        problem = _FOUND.sub(r"\1 ...", problem)
    context = f"{error.context}: " if error.context else ""
    begun = error.context_mark
    if begun is not None and mark is not None and begun.line != mark.line:
        context = f"{error.context}, which begins at line {begun.line + 1}, column {begun.column + 1}: "
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "is a colon missing before this, or is it indented too far? text with `: ` in it needs quotes"
    elif "expected '<document start>'" in problem:
        hint = "only comments may stand before the first key or after `...`"
    elif "could not find expected ':'" in problem:
        hint = "`key: value` needs the colon and a space after it"
    elif "',' or '}'" in problem or "',' or ']'" in problem:
        hint = "is a comma, or the closing bracket, missing before this?"
    elif "block end" in problem:
        hint = "is this line indented like its neighbours?"
    return ScheduleError.at(where, f"this is not YAML: {context}{problem}", hint)
