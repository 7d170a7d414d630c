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
    """A docstring, wrapped. Double quotes become single ones, so that no text ends it."""
    blank = " " * indent
    wrapped = [_wrapped(text, indent, 3 if index == 0 else 0) for index, text in enumerate(filter(None, paragraphs))]
    body = [f"{blank}{line}" if line else "" for each in wrapped for line in ["", *each]][1:]
    first, rest = body[0], body[1:]
    head = f'{blank}"""{first[indent:]}'
    if not rest and len(head) + 3 <= WIDTH:
        return [f'{head}"""']
    return [head, *rest, f'{blank}"""']


def _wrapped(text: str, indent: int, quotes: int) -> list[str]:
    """The lines of a paragraph; the first leaves room for the quotes."""
    harmless = escaped(text).replace("\\", "\\\\").replace('"', "'").strip()
    found = textwrap.wrap(
        harmless, WIDTH - indent, initial_indent=" " * quotes, break_long_words=False, break_on_hyphens=False
    )
    return [line.removeprefix(" " * quotes) if index == 0 else line for index, line in enumerate(found)]


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
        """This name, or with a number behind it where it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name
