"""Text on a terminal: what the terminal can show, escape codes for colour, and how many columns a text takes.

This is the only module that writes escape codes, and the only one that measures text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

BOLD, DIM, UNDERLINED = "1", "2", "4"
RED, GREEN, YELLOW, CYAN = "31", "32", "33", "36"

CLEAR_SCREEN = "\x1b[H\x1b[2J"
"""Moves to the upper left corner and clears the screen."""

CLEAR_LINE = "\r\x1b[2K"
"""Moves to the beginning of the line and clears it."""

ESCAPE: Final = "\x1b"
"""The character with which every escape code begins."""

_CODES = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\^_])")
"""Escape codes: of colour, of movements, and titles of windows."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The abilities of an output: colour, a `width` in columns (None: unlimited), and letters (ASCII only or all)."""

    color: bool = False
    width: int | None = None
    ascii: bool = False

    @property
    def mark(self) -> str:
        """What leads a footnote or marks a value: a bullet, where the terminal can show one."""
        return "*" if self.ascii else "•"

    @property
    def rule(self) -> str:
        """One character of a horizontal line."""
        return "-" if self.ascii else "─"


def paint(text: str, code: str, color: bool) -> str:
    """A text between the escape code of a style and the one that ends it; unchanged without `color`.

    >>> paint("0.1", BOLD, color=True)
    '\\x1b[1m0.1\\x1b[0m'
    >>> paint("0.1", BOLD, color=False)
    '0.1'
    """
    return f"\x1b[{code}m{text}\x1b[0m" if color and code and text else text


def unpainted(text: str) -> str:
    """A text without escape codes.

    >>> unpainted(paint("lr", BOLD, color=True))
    'lr'
    """
    return _CODES.sub("", text) if ESCAPE in text else text


_ONE_COLUMN_EACH = re.compile("[ -~\u2026\u2022\u2500\u2800-\u28ff]*")
"""ASCII, dots, marks, rules and braille: most measured texts consist of these."""


def width_of(text: str) -> int:
    """The number of terminal columns that a text takes; a letter may take 0, 1 or 2.

    >>> width_of("lr"), width_of("学習率"), width_of("e\\u0301")
    (2, 6, 1)
    """
    if _ONE_COLUMN_EACH.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # imported late: loading its tables takes longer than a whole short answer

    return cell_len(text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """A text padded with blanks to a width in columns: after it, or before it with `right`."""
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks
