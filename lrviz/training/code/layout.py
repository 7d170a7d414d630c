"""Lays code out in lines of at most 88 characters, as `ruff format` does.

A document is text with places where a line may break. A group is printed on one line if it fits; if not, all of its own
places break, and the groups inside of it are tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

WIDTH = 88
INDENT = 4


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a line may break; `flat` stands there if it does not. A `hard` one always breaks."""

    flat: str = ""
    hard: bool = False


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that is there only if its group breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Indented:
    """Parts that begin a line of their own, further in, where the group around them is broken."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that stand on one line if they fit, and are broken all at once if not."""

    parts: tuple[Doc, ...]


Doc: TypeAlias = str | Break | IfBroken | Indented | Group

SOFT = Break()
SPACE = Break(" ")
HARD = Break(hard=True)


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a list or an argument of a call, with comments on the lines above it and behind it."""

    doc: Doc
    above: Sequence[str] = field(default=())
    beside: str = ""


def group(*parts: Doc) -> Group:
    """A group of these parts."""
    return Group(parts)


def bracketed(opening: str, items: Iterable[Item | Doc], closing: str) -> Doc:
    """Items in brackets: on one line, or each on a line of its own with a comma behind it."""
    members = [each if isinstance(each, Item) else Item(each) for each in items]
    if not members:
        return f"{opening}{closing}"
    parts: list[Doc] = [SOFT]
    for index, item in enumerate(members):
        last = index == len(members) - 1
        for comment in item.above:
            parts += [f"# {comment}", HARD]
        parts += [item.doc, IfBroken(",") if last else ","]
        if item.beside:
            parts += [f"  # {item.beside}", *([] if last else [HARD])]
        elif not last:
            parts.append(SPACE)
    # a comment at the end runs to the end of its line
    return Group((opening, Indented(tuple(parts)), HARD if members[-1].beside else SOFT, closing))


def call(function: str, items: Iterable[Item | Doc]) -> Doc:
    """A call of a function with these arguments, each on a line of its own where they do not fit on one."""
    return bracketed(f"{function}(", items, ")")


def lines(*parts: Doc, indent: int = 0) -> list[str]:
    """A document as lines that begin at this column."""
    return (" " * indent + _text(Group(parts), indent)).split("\n")


def fits(*parts: Doc, indent: int = 0) -> bool:
    """True if a document needs only one line."""
    return len(found := lines(*parts, indent=indent)) == 1 and len(found[0]) <= WIDTH


_Todo: TypeAlias = list[tuple[int, bool, Doc]]
"""What is still to be printed, the next at the end: the column of its lines, whether it is broken, and the document."""


def _text(doc: Doc, indent: int) -> str:
    out: list[str] = []
    column = indent
    todo: _Todo = [(indent, True, doc)]
    while todo:
        at, broken, part = todo.pop()
        match part:
            case str():
                out.append(part)
                column += len(part)
            case IfBroken():
                todo.append((at, broken, part.text if broken else ""))
            case Break() if broken:
                out.append("\n" + " " * at)
                column = at
            case Break():
                out.append(part.flat)
                column += len(part.flat)
            case Indented():
                todo += [(at + INDENT, broken, each) for each in reversed(part.parts)]
            case Group():
                breaks = _has_hard(part) or not _fits(part, WIDTH - column, todo)
                todo += [(at, breaks, each) for each in reversed(part.parts)]
    return "".join(out)


def _has_hard(doc: Doc) -> bool:
    return (isinstance(doc, Break) and doc.hard) or (
        isinstance(doc, Group | Indented) and any(map(_has_hard, doc.parts))
    )


def _fits(doc: Doc, room: int, rest: _Todo) -> bool:
    """True if a document fits on the line, with what follows it up to the next place that may break."""
    todo = [(broken, each) for _, broken, each in rest] + [(False, doc)]
    while room >= 0:
        if not todo:
            return True
        broken, part = todo.pop()
        match part:
            case str():
                room -= len(part)
            case IfBroken():
                room -= len(part.text) if broken else 0
            case Break():
                if broken or part.hard:
                    return True
                room -= len(part.flat)
            case Indented() | Group():  # a group that follows may break at its first place
                todo += [(broken, each) for each in reversed(part.parts)]
    return False
