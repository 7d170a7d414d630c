"""Text for people: each finding with its source line and a caret, and a summary at the end.

schedule.yaml:5:12: error: the learning rate at epoch 10 is 0.09, not 0.1 [expect.at]
  5 |   at: {10: 0.1}
    |            ^
  hint: ...
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from typing import Final

from lrviz.ansi import BOLD, CYAN, DIM, GREEN, RED, YELLOW, paint, width_of
from lrviz.checks.finding import NAMED, Finding, Held, Results
from lrviz.checks.report.options import ReportOptions
from lrviz.checks.report.summary import summary
from lrviz.errors import Position, Severity
from lrviz.foreign import escaped, pieces

LONGEST_LINE: Final = 100
"""The widest source line, in columns of a terminal; a longer one is cut around the caret."""

COLORS: Final[dict[Severity, str]] = {
    "error": f"{BOLD};{RED}",
    "warning": f"{BOLD};{YELLOW}",
    "note": f"{BOLD};{CYAN}",
}
WELL = f"{BOLD};{GREEN}"


def write(results: Results, options: ReportOptions) -> str:
    page = _Page(results, options)
    blocks = []
    # the user named a log or checkpoint, so it gets an answer; expectations are only counted
    held = [each for each in results.held if options.verbose or each.code in NAMED]
    if held and not options.quiet:
        blocks.append("\n".join(map(page.held, held)))
    blocks += ["\n".join(page.finding(finding, schedules)) for finding, schedules in _merged(results)]
    if not options.quiet:
        blocks.append(page.paint(summary(results), WELL if results.ok else COLORS["error"]))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _merged(results: Results) -> Iterator[tuple[Finding, list[str]]]:
    """Every finding with its schedules: schedules that inherit a line share its findings."""
    schedules: dict[Finding, list[str]] = {}
    for finding in results.findings:
        names = schedules.setdefault(finding._replace(schedule=None), [])
        if finding.schedule is not None:
            names.append(finding.schedule)
    yield from schedules.items()


@dataclass(frozen=True)
class _Page:
    """The results and options that all blocks of a report share."""

    results: Results
    options: ReportOptions

    @cached_property
    def lines(self) -> Callable[[str], Sequence[str]]:
        """The lines of a file, cached because many findings may be in one file."""
        return cache(self.options.lines)

    @cached_property
    def schedules_in(self) -> Counter[str]:
        """The number of schedules in each file."""
        return Counter(file for file, _ in self.results.schedules)

    def held(self, held: Held) -> str:
        return self.headline(held.where, "holds", WELL, held.message, held.code, [held.schedule])

    def finding(self, finding: Finding, schedules: Sequence[str]) -> Iterator[str]:
        color = COLORS[finding.severity]
        yield self.headline(finding.where, finding.severity, color, finding.message, finding.code, schedules)
        yield from self.source(finding.where, color)
        if finding.follows:
            yield f"  {finding.follows}"
        if finding.hint:
            yield f"  hint: {escaped(finding.hint)}"

    def headline(
        self, where: Position, word: str, color: str, message: str, code: str, schedules: Sequence[str]
    ) -> str:
        text = f"{self.paint(f'{where}:', BOLD)} {self.paint(f'{word}:', color)} {escaped(message)}"
        text += f" {self.paint(f'[{code}]', color)}"
        told_apart = len(self.results.schedules) > 1 and self.schedules_in[where.file] != 1
        return f"{text} ({escaped(', '.join(schedules))})" if schedules and told_apart else text

    def source(self, where: Position, color: str) -> Iterator[str]:
        """The source line of a position with the caret below; nothing if there is no such line."""
        lines = self.lines(where.file)
        if not 0 < where.line <= len(lines):
            return
        shown, before = _excerpt(lines[where.line - 1], where.column, self.options.ascii)
        gutter = f"{where.line} |"
        yield f"  {self.paint(gutter, DIM)} {shown}".rstrip()
        if where.column:
            yield f"  {self.paint('|'.rjust(len(gutter)), DIM)} {' ' * before}{self.paint('^', color)}"

    def paint(self, text: str, color: str) -> str:
        return paint(text, color, self.options.color)


def _excerpt(line: str, column: int, ascii: bool) -> tuple[str, int]:
    """The visible part of a line, and the number of terminal columns before the character at `column`."""
    caret = min(max(column - 1, 0), len(line))
    first = max(0, caret - LONGEST_LINE)
    part = line[first : caret + LONGEST_LINE]
    shown = [_shown(*each, ascii) for each in zip(part, pieces(part), strict=True)]
    edges = list(accumulate(map(width_of, shown), initial=0))
    caret -= first
    begin, end = 0, len(shown)
    cut = "..." if ascii else "…"
    if edges[-1] > LONGEST_LINE or len(shown) < len(line):
        room = LONGEST_LINE - 2 * len(cut)
        begin = bisect_left(edges, max(0, min(edges[caret] - room // 2, edges[-1] - room)))
        end = bisect_right(edges, edges[begin] + room) - 1
    left = cut if first + begin > 0 else ""
    right = cut if first + end < len(line) else ""
    return f"{left}{''.join(shown[begin:end])}{right}", len(left) + edges[caret] - edges[begin]


def _shown(character: str, piece: str, ascii: bool) -> str:
    """What stands for a character of a source line, of which `piece` is safe."""
    if character == "\t":
        return "    "
    # escaped as a stream with ASCII encoding would write it
    return piece.encode("ascii", "backslashreplace").decode() if ascii else piece
