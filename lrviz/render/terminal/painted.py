"""Lines for a terminal, made of coloured pieces of text: painted, cut and wrapped to a width in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from lrviz.ansi import DIM, paint, width_of
from lrviz.foreign import escaped

COLORS = tuple(f"38;5;{color}" for color in (32, 166, 29, 169, 136, 37, 133, 244))
"""Those of the 256 colours that can be read on black and on white, in the order of the colours in pictures."""


class Piece(NamedTuple):
    """A text, and the number of the escape code that it is painted with, if any."""

    text: str
    code: str = ""


Line: TypeAlias = list[Piece]


def painted(line: Iterable[Piece], color: bool) -> str:
    """A line as it is written, without trailing blanks, and without escape codes if not `color`."""
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
    """A user's text, escaped, and with `ascii` a mark in place of each letter beyond ASCII."""
    shown = escaped(text)
    return shown.encode("ascii", "replace").decode("ascii") if ascii else shown


def cut(text: str, width: int, ascii: bool) -> str:
    """A text cut to at most `width` columns, with dots at its end if it is longer."""
    if width_of(text) <= width:
        return text
    dots = "..." if ascii else "…"
    if width <= len(dots):
        return dots[: max(0, width)]
    while text and width_of(text) > width - len(dots):
        text = text[:-1]
    return text.rstrip() + dots


def wrapped(words: Sequence[Line], width: int, gap: str = " ") -> list[Line]:
    """Puts words, each kept whole, into as few lines of this width as possible."""
    lines: list[Line] = []
    for word in words:
        room = width - sum(width_of(text) for text, _ in lines[-1]) - len(gap) if lines else 0
        if lines and sum(width_of(text) for text, _ in word) <= room:
            lines[-1] += [Piece(gap), *word]
        else:
            lines.append(list(word))
    return lines


def prose(text: str, width: int, code: str = DIM) -> list[Line]:
    """A sentence in lines of this width; a longer word is cut."""
    return wrapped([[Piece(cut(word, width, text.isascii()), code)] for word in text.split()], width)


def shortened(lines: list[Line], most: int, width: int, ascii: bool) -> list[Line]:
    """At most `most` lines of this width, with dots at the end if some are left out."""
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
