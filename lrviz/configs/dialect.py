"""What a dialect is: the config of one program, described as data, and the function that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from lrviz.configs.config import Config
from lrviz.configs.outline import Outline
from lrviz.configs.text.scalars import CORE, Scalars
from lrviz.errors import Position
from lrviz.schedule.text.document import Node


class Part(NamedTuple):
    """A file that a config is composed of: its text, and the config in it (an empty mapping, if it has only
    comments)."""

    text: str
    root: Node


FileReader: TypeAlias = Callable[[str, Position], Part | None]
"""Reads a file that a place of a config names; None if there is none. Names are relative to the folder of the file that
the user named. Raises `ScheduleError` for what may not be read."""


def roots(read: FileReader) -> Callable[[str, Position], Node | None]:
    """Reads only the configs in the files."""

    def root(name: str, where: Position) -> Node | None:
        part = read(name, where)
        return part.root if part is not None else None

    return root


class Key(NamedTuple):
    """A key of a config that its learning rates depend on; `default` as the program's documentation writes it."""

    name: str
    meaning: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dialect makes of a config.

    `document` has the keys of a schedule file of ours; its values are plain ones, or `Value`s with their place.
    `summary` says it in a line: `cosine, warmup 30 of 294 steps`. `lost` names what the document does not say.
    """

    document: Mapping[str, Any]
    summary: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The config of one program.

    `name` is what `--from` takes, and that of its line in the registry, which has the suffixes of its files and the
    words without which no file is looked at. `marks` says in words by what a file is recognized; `recognize` returns
    the mark that it found in a file, or "". `yields_to` are dialects that the file rather is where both are recognized.

    `example` is a small, complete file, with the first of the suffixes.

    `scalars` is how the program reads unquoted text. `text_numbers` names the reader to which `5e-5` is text that is
    then refused ("PyYAML"); it is empty where such text is converted.

    With `interpolation`, `${a.b}` is replaced before the config is read (`text/interpolation.py`).

    A file `without_schedule` is recognized only to say so where it is named; in a folder it is passed over.

    `epochs` and `steps` are the keys that `--epochs` and `--steps` set, each with the keys that they take out.
    `override` applies what the program's own command line was given. `compose` does so as well, and makes the whole
    config of a file that is only a part of it or names others, before anything else looks at it.
    """

    name: str
    title: str
    marks: str
    recognize: Callable[[Outline], str]
    read: Callable[[Config], Plan]
    keys: tuple[Key, ...]
    source: str
    example: str
    facts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    surprises: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    scalars: Scalars = CORE
    text_numbers: str = ""
    epochs: tuple[str, tuple[str, ...]] | None = None
    steps: tuple[str, tuple[str, ...]] | None = None
    override: Callable[[Node, Sequence[str]], Node] | None = None
    compose: Callable[[Node, Sequence[str], FileReader], Node] | None = None
    interpolation: bool = False
    without_schedule: bool = False
    title_of: Callable[[Config], str] | None = None
