"""Lines of a terminal: pieces of text, each in a colour, measured in the columns that they take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from lrviz.ansi import DIM, paint, width_of

COLORS = tuple(f"38;5;{color}" for color in (32, 166, 29, 169, 136, 37, 133, 244))
"""Of 256, those that can be read on black and on white, in the order of the figure's own."""


class Piece(NamedTuple):
    """A text, and how it is painted: the number of an escape code, or none."""

    text: str
    code: str = ""


Line: TypeAlias = list[Piece]


def painted(line: Iterable[Piece], color: bool) -> str:
    """A line as it is written, without blanks at its end, and without escape codes where there is no colour."""
    pieces: list[Piece] = []
    for text, code in line:
        if pieces and (code == pieces[-1].code or not text.strip()):  # blanks look the same in every colour
            pieces[-1] = Piece(pieces[-1].text + text, pieces[-1].code)
        else:
            pieces.append(Piece(text, code))
    if pieces:
        pieces[-1] = Piece(pieces[-1].text.rstrip(), pieces[-1].code)
    return "".join(paint(text, code, color) for text, code in pieces)


def printable(text: str, ascii: bool) -> str:
    """A text of a user's with a mark for each letter that would do something to a terminal, or that it lacks."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return shown.encode("ascii", "replace").decode("ascii") if ascii else shown


def cut(text: str, width: int, ascii: bool) -> str:
    """A text of at most so many columns; where it is longer, its end is dots."""
    if width_of(text) <= width:
        return text
    dots = "..." if ascii else "…"
    if width <= len(dots):
        return dots[: max(0, width)]
    while text and width_of(text) > width - len(dots):
        text = text[:-1]
    return text.rstrip() + dots


def wrapped(words: Sequence[Line], width: int, gap: str = " ") -> list[Line]:
    """Some pieces of lines, each kept whole, in as few lines of that width as they take."""
    lines: list[Line] = []
    for word in words:
        room = width - sum(width_of(text) for text, _ in lines[-1]) - len(gap) if lines else 0
        if lines and sum(width_of(text) for text, _ in word) <= room:
            lines[-1] += [Piece(gap), *word]
        else:
            lines.append(list(word))
    return lines


def prose(text: str, width: int, code: str = DIM) -> list[Line]:
    """A sentence in lines of that width; a word that is longer is cut."""
    return wrapped([[Piece(cut(word, width, text.isascii()), code)] for word in text.split()], width)


def shortened(lines: list[Line], most: int, width: int, ascii: bool) -> list[Line]:
    """At most so many lines of that width; where some are left out, dots at the end say so."""
    if len(lines) <= most:
        return lines
    dots = "..." if ascii else "…"
    kept = lines[:most]
    last: Line = []
    for piece in kept[-1]:
        room = width - len(dots) - 1 - sum(width_of(text) for text, _ in last)
        if width_of(piece.text) > room:
            break
        last.append(piece)
    return [*kept[:-1], [*last, Piece(f" {dots}" if last else dots)]]
