"""Reads a line of an unknown program by its names: `[it] step=100 | learning rate: 1e-4`.

A name is followed by `:`, `=` or a blank and a number. Where a line has the name of a learning rate and one of a step,
iteration or epoch (`lrviz/log/columns.py`), its format is derived, and other lines are read by it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from lrviz.log.columns import clock_of, says_lr
from lrviz.log.text.format import BLANKS, Format, line

_TOKEN: Final = line(
    r"""(?<![\w./-])(?P<name>[Ll]earning[ _-]?[Rr]ates?|LEARNING[ _-]?RATES?|[A-Za-z_][\w./-]*)"""
    r"""(?P<between>["']?\s{0,20}(?:[:=]|=>|->)?\s{0,20}["']?[\[(#]?\s{0,20})"""
    r"""(?P<value>NUMBER)(?P<of>\s{0,9}/\s{0,9}COUNT)?(?!\w|\.\w)"""
)
_RATE: Final = re.compile(
    r"(?<![a-z])lr(?:s|ate)?(?![a-z])|L[Rr]|[Ll]earning[ _-]?[Rr]ate|LEARNING[ _-]?RATE", re.ASCII
)
_INNER: Final = line(r"\]?\s{0,9}[,:]?\s{0,9}\[\s{0,9}(?P<iteration>COUNT)\s{0,9}/\s{0,9}(?P<of>COUNT)\s{0,9}(?=[\](])")
_PLACE: Final = line(r"(?<![\w./-])(?P<iteration>COUNT)\s{0,9}/\s{0,9}(?P<of>COUNT)(?![\w./-])")

MAX_TOKENS: Final = 200
MAX_RATES: Final = 20


class Token(NamedTuple):
    """A name and its number on a line: `kind` is what the name means, `rank` as in `clock_of`."""

    kind: str
    rank: int
    name: str
    between: str
    value: str
    of: bool
    start: int
    end: int


def names_rate(text: str) -> bool:
    """True for a line that may have the name of a learning rate; it takes a small part of the time of `tokens`."""
    return _RATE.search(text) is not None


def tokens(text: str) -> list[Token]:
    """The learning rates, steps and epochs of a line."""
    found: list[Token] = []
    for index, match in enumerate(_TOKEN.finditer(text)):
        if index == MAX_TOKENS:
            break
        name = match["name"].rstrip(".-/")
        if says_lr(name):
            kind, rank = "lr", 0
        elif (clock := clock_of(name)) is not None:
            kind, rank = clock
            if kind == "step" and not match["value"].isdigit():
                continue
        else:
            continue
        of = match["of"] is not None
        found.append(Token(kind, rank, match["name"], match["between"], match["value"], of, match.start(), match.end()))
    return found


def format_of(text: str) -> Format | None:
    """The format of a line that has a learning rate and a step or epoch; None for others."""
    found = tokens(text)
    rates = list({token.name: token for token in reversed(found) if token.kind == "lr"}.values())[::-1][:MAX_RATES]
    clocks = [min(each, key=lambda token: token.rank) for each in (_of(found, "step"), _of(found, "epoch")) if each]
    if not rates or not clocks:
        return None
    written = ""
    names: list[str] = []
    guessed = False
    ordered = sorted({*rates, *clocks}, key=lambda token: token.start)
    for token, following in zip(ordered, [*ordered[1:], None], strict=True):
        group = token.kind
        if token.kind == "lr":
            group = f"lr_{len(names)}" if names else "lr"
            names.append(token.name)
        name = re.escape(token.name)
        number = "COUNT" if token.kind == "step" else "NUMBER"
        written += rf"{'.*?' if written else ''}{name}(?<![\w./-]{name}){_blanks(token.between)}"
        written += rf"(?P<{group}>{number})(?!\w|\.\w)"
        if token.of:
            of = {"step": "(?P<of>COUNT)", "epoch": "(?P<total>COUNT)"}.get(token.kind, "COUNT")
            written += rf"{BLANKS}/{BLANKS}{of}"
        inner = _INNER.match(text, token.end) if token.kind == "epoch" and len(clocks) == 1 else None
        if inner is not None:
            written += _INNER.pattern
        elif token.kind == "epoch" and len(clocks) == 1 and following is not None:
            guessed = _PLACE.search(text, token.end, following.start) is not None
            written += rf".*?{_PLACE.pattern}" if guessed else ""
    return Format(
        "",
        tuple(token.name for token in rates),
        line(written),
        first_epoch=None,
        names=tuple(names),
        derived=True,
        guessed=guessed,
    )


def _of(found: list[Token], kind: str) -> list[Token]:
    return [token for token in found if token.kind == kind]


def _blanks(text: str) -> str:
    """What stands between a name and its number, with any number of blanks where it has some."""
    parts = re.split(r"(\s+)", text)
    return "".join(BLANKS if part.isspace() or not part else re.escape(part) for part in parts)
