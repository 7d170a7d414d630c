"""Values, names and texts of a schedule file in Python code: nothing in a file may become code of its own.

Texts are escaped as everywhere in lrviz (`lrviz/foreign.py`), so that they have no line breaks and no hidden
characters. As literals they read back as they were.
"""

from __future__ import annotations

import keyword
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lrviz.foreign import escaped, pieces
from lrviz.training.code.layout import WIDTH, Doc, bracketed, group


def number(value: float) -> str:
    """A number that reads back to the same bits and type: `0.9`, `3e-4`, `5e12`."""
    if not isinstance(value, float):
        return repr(value)
    if not math.isfinite(value):
        return f'float("{value}")'
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    whole, *rest = map(str, digits)
    mantissa = f"{whole}.{''.join(rest)}" if rest else whole
    return f"{'-' if sign else ''}{mantissa}e{int(exponent) + len(rest)}"


def ordinal(number: int) -> str:
    """`2nd`, `500th`."""
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{last}"


def string(text: str) -> str:
    """A literal in the quotes that need fewer escapes; hidden characters and commands to CI systems are escaped."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    inside = (
        f"\\{letter}" if letter in ("\\", quote) else piece for letter, piece in zip(text, pieces(text), strict=True)
    )
    return f"{quote}{''.join(inside)}{quote}"


def literal(value: Any) -> Doc:
    """A plain value of a file."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Mapping):
        return bracketed("{", [_pair(key, each) for key, each in value.items()], "}")
    if isinstance(value, Sequence):
        return bracketed("[", [literal(each) for each in value], "]")
    return str(value) if value is None or isinstance(value, bool) else number(value)


def _pair(key: Any, value: Any) -> Doc:
    return group(literal(key), ": ", literal(value))


def docstring(paragraphs: Iterable[str], indent: int = 0) -> list[str]:
    """A docstring, wrapped; one of a single line has its quotes on it. Double quotes inside become single ones."""
    blank, quotes = " " * indent, '"""'
    texts = [escaped(text).replace("\\", "\\\\").replace('"', "'").strip() for text in paragraphs]
    first, *rest = filter(None, texts)
    if not rest:
        begin = _wrapped(first, indent, before=len(quotes), after=len(quotes))
        if len(begin) == 1:
            return [f"{blank}{quotes}{begin[0]}{quotes}"]
    else:
        begin = _wrapped(first, indent, before=len(quotes))
    body = [line for text in rest for line in ["", *_wrapped(text, indent)]]
    return [f"{blank}{quotes}{begin[0]}", *(f"{blank}{line}".rstrip() for line in [*begin[1:], *body]), blank + quotes]


def _wrapped(text: str, indent: int, before: int = 0, after: int = 0) -> list[str]:
    """The lines of a paragraph, with room before the first and after each."""
    room = WIDTH - indent - after
    found = textwrap.wrap(text, room, initial_indent=" " * before, break_long_words=False, break_on_hyphens=False)
    return [found[0][before:], *found[1:]]


def identifier(text: str) -> str:
    """A text as a part of a name in Python: `step-decay gamma=0.5` is `step_decay_gamma_0_5`. It may be empty."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower())[:60].strip("_")


def is_name(text: str) -> bool:
    """True if a text can be written as the name of an argument."""
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)


class Names:
    """Hands out names of a module, each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def new(self, wanted: str) -> str:
        """The wanted name, with a number behind it where it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name
