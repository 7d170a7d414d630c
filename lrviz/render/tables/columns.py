"""Columns of text side by side: every table, list and short answer for people is laid out here.

Widths are in columns of the terminal, as `width_of` measures them. Cells are never cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap
from typing import IO

from lrviz.ansi import BOLD, DIM, Terminal, pad, paint, width_of
from lrviz.foreign import escaped, markdown_text

GAP = 3
"""Blanks between two columns."""

NARROWEST_FOLD, LONGEST_TITLE = 8, 32
"""Titles are folded to no less than the first width; in a table that is turned, if there is room, than the second."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A title and cells, each of one or more lines, aligned right or, with `left`, left.

    A cell with fewer lines than its neighbours is aligned with their last lines. `paint` colours a line of a cell: it
    takes the row, from 0, and the line with its leading blanks.
    """

    cells: Sequence[str]
    title: str = ""
    left: bool = False
    paint: Callable[[int, str], str] | None = None

    @property
    def width(self) -> int:
        """The width of the widest cell."""
        return max((width_of(line) for cell in self.cells for line in cell.split("\n")), default=0)


def aligned(columns: Sequence[TextColumn], gap: int = GAP, widths: Sequence[int] | None = None) -> Iterator[str]:
    """The rows of some columns as text, without titles; a row may be several lines.

    >>> list(aligned([TextColumn(["step", "cosine"], left=True), TextColumn(["1", "30"])]))
    ['step      1', 'cosine   30']
    """
    widths = [column.width for column in columns] if widths is None else widths
    for row, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
        lines = []
        for line in _bottom_aligned([cell.split("\n") for cell in cells]):
            texts = (_cell(*each, row) for each in zip(columns, line, widths, strict=True))
            lines.append((" " * gap).join(texts).rstrip())
        yield "\n".join(lines)


def _cell(column: TextColumn, text: str, width: int, row: int) -> str:
    shown = text if column.left else pad(text, width, right=True)
    blanks = " " * (width - width_of(shown))
    return (column.paint(row, shown) if column.paint else shown) + blanks


def _bottom_aligned(cells: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """The lines of cells side by side, with blank lines above cells that have fewer."""
    high = max(map(len, cells), default=0)
    return zip(*([""] * (high - len(lines)) + list(lines) for lines in cells), strict=True)


# --- a table: titles, a rule, rows ----------------------------------------------------------------------------------


def write_columns(
    columns: Sequence[TextColumn],
    stream: IO[str],
    terminal: Terminal,
    *,
    fixed: int = 1,
    gap: int = GAP,
    section: int | None = None,
    bold_line: bool = False,
    turn: bool = False,
) -> bool:
    """Writes columns under their titles and a rule; row `section` has a blank line before it.

    If they are wider than `terminal.width`, titles are folded, and columns continue below, where the first `fixed` ones
    are repeated; then the result is True. With `turn`, rows and columns change places instead if that fits. Each title
    is painted bold by itself, or, with `bold_line`, all as one line.
    """
    widths = [_width(column, terminal) for column in columns]
    blocks = _blocks(widths, fixed, gap, terminal.width)
    if turn and len(blocks) > 1:
        turned = _turned(columns)
        for least in (LONGEST_TITLE, NARROWEST_FOLD):
            turned_widths = [_width(column, terminal, least) for column in turned]
            if terminal.width is not None and _whole(turned_widths, gap) <= terminal.width:
                _write_block(turned, turned_widths, stream, terminal, gap, None, bold_line)
                return False
    for index, block in enumerate(blocks):
        shown = [*range(fixed), *block]
        stream.write("\n" if index else "")
        _write_block(
            [columns[at] for at in shown], [widths[at] for at in shown], stream, terminal, gap, section, bold_line
        )
    return len(blocks) > 1


def _turned(columns: Sequence[TextColumn]) -> list[TextColumn]:
    """The same table with a row for each column after the first, whose cells become titles; cells keep their
    colours."""
    first, *others = columns
    names = TextColumn([" ".join(column.title.split()) for column in others], first.title.strip(), left=True)
    rows = zip(*(column.cells for column in others), strict=True)
    titles = (cell.strip() for cell in first.cells)

    def painted(of: int) -> Callable[[int, str], str]:
        def paint(row: int, line: str) -> str:
            by = others[row].paint
            return by(of, line) if by is not None else line

        return paint

    return [
        names,
        *(
            TextColumn([*map(str.strip, row)], title, paint=painted(at))
            for at, (title, row) in enumerate(zip(titles, rows, strict=True))
        ),
    ]


def continued(several: bool) -> str:
    """What to do about a table that is wider than the terminal; `several` if it is about more than one schedule."""
    choose = "; --only chooses schedules" if several else ""
    return f"wider than the terminal, so it goes on below: `| less -S` shows it in one piece{choose}"


def write_caption(caption: str, stream: IO[str], terminal: Terminal) -> None:
    """Writes sentences below a table, each from a new line."""
    lines = caption.split("\n")
    if terminal.width is not None:
        lines = [part for line in lines for part in wrap(line, terminal.width, break_long_words=False)]
    stream.write("\n" + "".join(f"{paint(line, DIM, terminal.color)}\n" for line in lines))


def _write_block(
    columns: Sequence[TextColumn],
    widths: Sequence[int],
    stream: IO[str],
    terminal: Terminal,
    gap: int,
    section: int | None,
    bold_line: bool,
) -> None:
    titles = [_folded(column.title, width, terminal) for column, width in zip(columns, widths, strict=True)]
    for line in _bottom_aligned(titles):
        texts = [
            pad(text, width, right=not column.left) for column, text, width in zip(columns, line, widths, strict=True)
        ]
        stream.write(_bold(texts, gap, bold_line, terminal) + "\n")
    stream.write(terminal.rule * _whole(widths, gap) + "\n")
    for row, text in enumerate(aligned(columns, gap, widths)):
        stream.write(f"\n{text}\n" if row == section else f"{text}\n")


def _whole(widths: Sequence[int], gap: int) -> int:
    """The width of all columns side by side."""
    return sum(widths) + gap * (len(widths) - 1)


def _bold(texts: Sequence[str], gap: int, whole: bool, terminal: Terminal) -> str:
    if whole or not terminal.color:
        return paint((" " * gap).join(texts).rstrip(), BOLD, terminal.color)
    between = paint(" " * (gap - 1), BOLD, terminal.color) + " "
    return between.join(paint(text, BOLD, terminal.color) for text in texts)


def _width(column: TextColumn, terminal: Terminal, least: int = NARROWEST_FOLD) -> int:
    """The width of the cells, or of the title, folded to no less than `least`, if that is wider."""
    titles = column.title.split("\n")
    return max(column.width, *(width_of(each) if terminal.width is None else _folds_to(each, least) for each in titles))


def _folds_to(title: str, least: int) -> int:
    return min(width_of(title), max(least, *map(width_of, _pieces(title))))


def _folded(title: str, width: int, terminal: Terminal) -> list[str]:
    lines = title.split("\n")
    return lines if terminal.width is None else list(chain.from_iterable(fold(line, width) for line in lines))


def _blocks(widths: Sequence[int], fixed: int, gap: int, width: int | None) -> list[list[int]]:
    """The columns after the `fixed` ones, in blocks that each fit beside those."""
    behind = range(fixed, len(widths))
    if width is None:
        return [list(behind)]
    room = width - sum(widths[:fixed]) - gap * (fixed - 1)
    blocks: list[list[int]] = []
    left = 0
    for at in behind:
        if not blocks or widths[at] + gap > left:
            blocks.append([])
            left = room
        blocks[-1].append(at)
        left -= widths[at] + gap
    return blocks


def _pieces(name: str) -> list[str]:
    """A name split where it may be folded: after a slash, a colon, a dash, an underscore or a blank."""
    return re.findall(r"[^-/_: ]*[-/_: ]?", name)[:-1] or [name]


def fold(name: str, width: int) -> list[str]:
    """A name in lines of at most `width` columns, where its pieces allow it.

    >>> fold("warmup-cosine/backbone", 14)
    ['warmup-cosine/', 'backbone']
    """
    if width_of(name) <= width:
        return [name]
    lines = [""]
    for piece in _pieces(name):
        if lines[-1] and width_of(lines[-1]) + width_of(piece) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


# --- a table in Markdown --------------------------------------------------------------------------------------------


def write_pipes(columns: Sequence[TextColumn], stream: IO[str]) -> None:
    """A table of pipes and dashes."""
    titles = [column.title.replace("\n", " ") for column in columns]
    rules = [":---" if column.left else "---:" for column in columns]
    rows = (
        [markdown_text(cell.strip()) for cell in cells] for cells in zip(*(each.cells for each in columns), strict=True)
    )
    for cells in (map(markdown_text, map(str.strip, titles)), rules, *rows):
        stream.write("| " + " | ".join(cells) + " |\n")


# --- lists and short answers ----------------------------------------------------------------------------------------


def lines_of(rows: Sequence[Sequence[str]]) -> str:
    """Short answers for people and for a shell: a line for each row, without titles, colour and blank columns.

    A cell is one line, and is escaped.

    >>> lines_of([("step", "", "0.1"), ("cosine", "", "1e-05")])
    'step     0.1\\ncosine   1e-05\\n'
    """
    columns = [TextColumn(list(map(escaped, cells)), left=True) for cells in zip(*rows, strict=True) if any(cells)]
    return "".join(f"{line}\n" for line in aligned(columns))


def beside(picture: Sequence[str], text: Sequence[str], color: str, terminal: Terminal) -> Iterator[str]:
    """The lines of a thumbnail, painted in a color, with lines of text at its right, the first of them bold.

    Both are aligned at the top.
    """
    high = max(len(picture), len(text))
    left = TextColumn(
        [*picture, *[" " * width_of(picture[0])] * (high - len(picture))],
        left=True,
        paint=lambda row, line: paint(line, color, terminal.color and bool(line.strip())),
    )
    right = TextColumn(
        [*text, *[""] * (high - len(text))],
        left=True,
        paint=lambda row, line: line if row else paint(line, BOLD, terminal.color),
    )
    return aligned([left, right], gap=2)
