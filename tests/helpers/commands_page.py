"""What `docs/commands.md` says of each verb: its `--help`, as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

OFTEN = 8
"""An option that so many verbs describe in the same words is described once, for all of them."""


class Row(NamedTuple):
    """An argument or option: how it is written, and what it does."""

    written: str
    does: str

    @property
    def name(self) -> str:
        """Without short names, values and defaults: `--format`."""
        return re.findall(r"--?[\w-]+", self.written)[-1] if self.written.startswith("-") else self.written.split()[0]


class Help(NamedTuple):
    """The `--help` of a verb: how it is called, paragraphs and lines of examples, arguments, options."""

    usage: str
    paragraphs: list[str]
    examples: list[str]
    arguments: list[Row]
    options: list[Row]


def parse(text: str) -> Help:
    """What `lrviz VERB --help` prints, taken apart."""
    head, _, rest = text.partition("\n\n")
    parts = re.split(r"^(Arguments|Options):\n", rest, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    pieces = [piece.strip("\n") for piece in parts[0].split("\n\n") if piece.strip()]
    examples = [line.strip() for piece in pieces for line in piece.splitlines() if piece.strip().startswith("lrviz ")]
    paragraphs = [_paragraph(piece) for piece in pieces if not piece.strip().startswith("lrviz ")]
    return Help(
        " ".join(head.removeprefix("Usage: ").split()),
        paragraphs,
        examples,
        list(_rows(sections.get("Arguments", ""))),
        list(_rows(sections.get("Options", ""))),
    )


def _paragraph(piece: str) -> str:
    """A paragraph on one line, or a table that stays as it is."""
    lines = [line.strip() for line in piece.splitlines()]
    if all(re.match(r"[\w ,]+?  +\w", line) for line in lines):
        return "\n".join(["```text", *lines, "```"])
    return " ".join(" ".join(lines).split())


def _rows(section: str) -> Iterator[Row]:
    for entry in re.split(r"\n(?=  \S)", section.strip("\n")):
        if entry.strip():
            written, _, does = entry.strip().replace("\n", "   ").partition("  ")
            yield Row(written, " ".join(does.split()))


def shared(helps: Mapping[str, Help]) -> list[Row]:
    """The options that many verbs have, in the order in which they are listed."""
    counts = Counter(row for each in helps.values() for row in each.options)
    return [row for row, count in counts.items() if count >= OFTEN]


def one_section(page: Help, common: list[Row]) -> str:
    """What the page says of a verb."""
    parts = [*page.paragraphs, f"```text\n{page.usage}\n```"]
    if page.examples:
        parts.append("\n".join(["```text", *page.examples, "```"]))
    own = [row for row in page.options if row not in common and row.name != "--help"]
    if rows := [*map(_named, page.arguments), *own]:
        parts.append(table(rows))
    if also := [f"`{row.name}`" for row in page.options if row in common and row.name != "--help"]:
        parts.append(f"It also takes {', '.join(also)}, which are [described below](#options-that-commands-share).")
    return "\n\n".join(parts)


def which_files(page: Help) -> str:
    """What a verb takes as schedules."""
    (files,) = (row.does for row in page.arguments if row.name == "FILES")
    return re.sub(r"(?<=[ (])(-|[*\w.]+\.\w+(?:#\S+)?)(?=[ ,.])", r"`\1`", files.replace("..", "."))


def table(rows: list[Row]) -> str:
    lines = ["| | |", "| --- | --- |", *(f"| {_code(row.written)} | {_text(row.does)} |" for row in rows)]
    return "\n".join(lines)


def _named(row: Row) -> Row:
    """An argument without its type; files are explained once."""
    does = "Schedule files: see [which files](#which-files)." if row.name == "FILES" else row.does
    return Row(row.name, does)


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"


def _text(text: str) -> str:
    """A help text as the cell of a table, with no markup but its `code`."""
    text = re.sub(r" *\[required\]", " Required.", text)
    text = re.sub(r" *\[default: (?:\(([^()]*)\))?(.*)\]$", r" Default: \1\2.", text)
    if "](#" in text:
        return text
    parts = text.split("`")
    return "`".join(part if at % 2 else re.sub(r"([|*_<])", r"\\\1", part) for at, part in enumerate(parts))
