"""The files that a page is made from: their text with line numbers, and links to lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lrviz.errors import Position, Problem, Severity
from lrviz.render.page.html import Markup, join, tag
from lrviz.schedule.text.document import lines_of
from lrviz.words import several

MOST_LINES = 3_000
"""A page shows at most this many lines of a file."""

MOST_LETTERS = 2_000
"""A page shows at most this many letters of a line."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Files:
    """The files of a page: their bytes by name."""

    texts: Mapping[str, bytes]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each file, from 1, by which links name it."""
        return {name: number for number, name in enumerate(self.texts, 1)}

    @cached_property
    def lines(self) -> dict[str, list[str]]:
        """The lines of each file, without an empty one at its end."""
        return {name: _without_last(lines_of(text)) for name, text in self.texts.items()}

    def link(self, where: Position) -> Markup:
        """A position in words, linked to its line if that is on the page."""
        words = str(where._replace(file=called(where.file, self.texts)))
        if where.file not in self.numbers:
            return tag("span", words, class_="where")
        number, line = self.numbers[where.file], where.line
        here = 0 < line <= min(len(self.lines[where.file]), MOST_LINES)
        return tag("a", words, href=f"#file-{number}-line-{line}" if here else f"#file-{number}", class_="where")

    def sections(self, findings: Iterable[Problem]) -> Markup:
        """The text of every file, with a mark at each line that has a finding."""
        marks: dict[tuple[str, int], list[tuple[int, Problem]]] = {}
        for at, problem in enumerate(findings, 1):
            marks.setdefault((problem.where.file, problem.where.line), []).append((at, problem))
        return join(*(self._section(name, marks) for name in self.texts))

    def _section(self, name: str, marks: Mapping[tuple[str, int], list[tuple[int, Problem]]]) -> Markup:
        number, lines = self.numbers[name], self.lines[name]
        remarks = []
        if "\ufffd" in "".join(lines):
            remarks.append("Characters that cannot be shown are replaced by \ufffd.")
        if len(lines) > MOST_LINES:
            remarks.append(f"These are the first {MOST_LINES:,} of {len(lines):,} lines.")
        text = [
            _line(f"file-{number}-line-{at}", at, line, marks.get((name, at), [])) for at, line in enumerate(lines, 1)
        ][:MOST_LINES]
        title = f"file-{number}"
        return tag(
            "section",
            tag("h2", tag("span", "File "), tag("code", called(name, self.texts)), id=title),
            *(tag("p", remark, class_="quiet") for remark in remarks),
            tag("pre", *text, class_="box", tabindex="0", role="region", aria_labelledby=title),
            aria_labelledby=title,
        )


def called(name: str, names: Iterable[str]) -> str:
    """The name of a file on the page: an absolute path loses the folders that are not needed to tell it from others."""
    if not os.path.isabs(name):
        return name
    others = [other for other in names if other != name]
    parts = name.replace("\\", "/").split("/")
    for count in range(1, len(parts)):
        short = "/".join(parts[-count:])
        if not any(f"/{other}".replace("\\", "/").endswith(f"/{short}") for other in others):
            return short
    return parts[-1]


def _without_last(lines: list[str]) -> list[str]:
    """The lines without the empty one after a final line break."""
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def _line(anchor: str, number: int, line: str, marks: list[tuple[int, Problem]]) -> Markup:
    text = line
    if len(line) > MOST_LETTERS:
        text = f"{line[:MOST_LETTERS]}\u2026 ({several(len(line) - MOST_LETTERS, 'more letter')})"
    worst = min((problem.severity for _, problem in marks), key=SEVERITIES.index, default=None)
    links = (
        tag("a", problem.code or problem.severity, href=f"#finding-{at}", class_=f"mark {problem.severity}")
        for at, problem in marks
    )
    return join(tag("span", text, *links, id=anchor, data_line=str(number), class_=worst), "\n")
