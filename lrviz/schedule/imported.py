"""Where the values of a schedule come from that was read from another program's config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from lrviz.errors import Position

Origin: TypeAlias = Literal["config", "default", "data", "derived"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a config, with its origin.

    `key` is the key of the config (`optimizer.params.lr`), the name of a fact, or of what is "derived" a name in words
    (`warmup steps`). A "default" is the program's own, of a key that the file does not have; "data" is what the user
    added. `where` is its place: of a default or a derived value that of the nearest key that decides about it. `how`
    is the calculation of a derived value, or what is worth knowing about another.
    """

    value: Any
    key: str
    where: Position
    origin: Origin = "config"
    how: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """How a config was read: by which dialect, as which releases, and with what.

    `program` is the title of the dialect, `decided` what chose among releases that differ (`transformers 5.23
    (installed)`; empty where they agree), `summary` the schedule in a line (`cosine, warmup 30 of 294 steps`). `values`
    are those that the schedule follows from, in the order in which they were read, `document` the schedule in our
    words, with a `Value` for each value, `lost` names what that does not say, and `files` are the
    paths of the files that the config names.
    """

    dialect: str
    program: str
    file: str
    summary: str
    decided: str
    values: tuple[Value, ...]
    document: Any
    lost: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def place_of(self, *keys: str) -> Position | None:
        """The place in the config from which these keys of the document follow: that of the first value in them."""
        parts = (self.document[key] for key in keys if key in self.document)
        return next((each.where for part in parts for each in _values(part) if each.where.line), None)

    def stretched(self, factor: str) -> Imported:
        """The same, with a word that the plan has another length than the config's."""
        return replace(self, summary=f"{self.summary}, stretched by {factor}")

    def __str__(self) -> str:
        as_release = f", read as {self.decided}" if self.decided else ""
        return f"{self.file}: {self.program}{as_release}: {self.summary}"


def _values(part: Any) -> Iterator[Value]:
    """The values in a part of a document, in its order, without what is inside of another."""
    if isinstance(part, Value):
        yield part
    elif isinstance(part, Mapping):
        for inside in part.values():
            yield from _values(inside)
    elif isinstance(part, list | tuple):
        for inside in part:
            yield from _values(inside)
