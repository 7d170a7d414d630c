"""The list of the programs whose configs are read: by what a file is recognized, and what has to be added to it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import IO

from lrviz.ansi import BOLD, DIM, Terminal, paint
from lrviz.configs.dialect import Dialect
from lrviz.configs.registry import LISTED

WIDTH = 80
MAX_WIDTH = 100


def write_list(dialects: Sequence[Dialect], stream: IO[str], terminal: Terminal) -> None:
    """Writes every dialect: the name that `--from` takes, its title, files and marks, and the facts that it may ask."""
    room = max(24, min(terminal.width or WIDTH, MAX_WIDTH))
    for dialect in dialects:
        stream.write(f"{paint(dialect.name, BOLD, terminal.color)}  {dialect.title}\n")
        facts = [*dialect.facts, *(f"{package} (its release)" for package in dialect.packages)]
        rows = [
            ("files", ", ".join(f"*{suffix}" for suffix in LISTED[dialect.name].suffixes)),
            ("marks", dialect.marks),
        ]
        rows += [("may ask", ", ".join(facts))] if facts else []
        for label, text in rows:
            first, *more = textwrap.wrap(text, room - 12)
            stream.write(f"  {paint(label.ljust(9), DIM, terminal.color)} {first}\n")
            stream.writelines(f"{' ' * 12}{line}\n" for line in more)
        stream.write("\n")
    hint = "--from NAME says which program's config a file is; --data NAME=VALUE adds what it may ask"
    stream.writelines(f"{paint(line, DIM, terminal.color)}\n" for line in textwrap.wrap(hint, room))
