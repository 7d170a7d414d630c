"""The parts of `docs/configs.md` that follow from the registry: the table of all dialects, and a section for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lrviz.configs.dialect import Dialect
from lrviz.configs.facts import FACTS, Given
from lrviz.configs.registry import LISTED
from lrviz.errors import ScheduleError
from lrviz.loading import load_text

FENCES = {".yaml": "yaml", ".json": "json", ".toml": "toml", ".py": "python", ".sh": "sh", ".md": "md", ".txt": "text"}
ROWS = 7
"""Lines of a table that the page shows."""


def file_of(dialect: Dialect) -> str:
    """The name of the file with the example of a dialect."""
    return f"{dialect.name}{LISTED[dialect.name].suffixes[0]}"


def table(dialects: list[Dialect]) -> Iterator[str]:
    """A row for each dialect: its section, `--from`, files, and what may have to be added."""
    yield "| config | `--from` | files | may have to be added |"
    yield "| --- | --- | --- | --- |"
    for dialect in dialects:
        files = " ".join(f"`{suffix}`" for suffix in LISTED[dialect.name].suffixes if suffix != ".yml")
        added = ", ".join(f"`{name}`" for name in (*dialect.facts, *dialect.packages)) or "nothing"
        yield f"| [{dialect.title}](#{anchor(dialect.title)}) | `{dialect.name}` | {files} | {added} |"


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def section(dialect: Dialect, run: Callable[[str], str]) -> Iterator[str]:
    """The section of a dialect; `run` gives what a command prints in a folder with the examples."""
    file = file_of(dialect)
    fence = "````" if "```" in dialect.example else "```"
    yield f"### {dialect.title}"
    yield ""
    yield f"Recognized by {dialect.marks}."
    yield ""
    yield f"<!-- {file} -->"
    yield f"{fence}{FENCES[LISTED[dialect.name].suffixes[0]]}"
    yield dialect.example.rstrip("\n")
    yield fence
    yield ""
    command = f"lrviz table {file}{_data(dialect, file)}"
    yield from _command(command, run(command))
    if dialect.keys:
        yield ""
        yield "| key | means | default |"
        yield "| --- | --- | --- |"
        yield from (f"| `{each.name}` | {_cell(each.meaning)} | {_cell(each.default)} |" for each in dialect.keys)
    added = [f"`{name}`: {FACTS[name].meaning}." for name in dialect.facts]
    added += [f"`{name}`: its release, where releases differ." for name in dialect.packages]
    for words, points in (
        ("May have to be added, where the curve depends on it:", added),
        ("Where releases differ:", dialect.differences),
        ("What surprises:", dialect.surprises),
    ):
        if points:
            yield ""
            yield words
            yield ""
            yield from (f"- {point}" for point in points)
    yield ""
    yield f"Read as in {dialect.source}."
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _command(command: str, printed: str) -> Iterator[str]:
    """A command with the first lines that it prints."""
    lines = printed.splitlines()
    cut = len(lines) > ROWS + 2
    yield "```console"
    yield f"$ {command} | head -{ROWS}" if cut else f"$ {command}"
    yield from lines[: ROWS + 1] if cut else lines  # `head` does not see the line that says what was recognized
    yield "```"


def _data(dialect: Dialect, file: str) -> str:
    """What the example asks for, as an option."""
    try:
        load_text(dialect.example, file, given=Given(installed=False))
    except ScheduleError as error:
        names = [found[1] for each in error.problems if (found := re.search(r"depends on `(\w+)`", each.message))]
    else:
        return ""
    given = [f"{name}={FACTS[name].example}" for name in names if name in FACTS]
    return f" --data {','.join(given)}" if given else ""
