"""`--pattern TEXT`: a line of a log, with fields in place of its numbers.

`{step}`, `{epoch}`, `{lr}` and `{lr:GROUP}` are fields, before which blanks may stand; blanks mean any blanks or none,
`...` any text, and the rest itself: `it {step} ... lr={lr}`. A line may match several times.
"""

from __future__ import annotations

import re
from typing import Final

from lrviz.errors import Position, ScheduleError
from lrviz.log.text.format import BLANKS, Format, line

_FIELD: Final = re.compile(r"\{([A-Za-z_]\w*(?::[^{}]*)?)\}")
_NUMBERS: Final = {"step": "COUNT", "epoch": "NUMBER", "lr": "NUMBER"}

MAX_PATTERN: Final = 1_000
"""The most characters of a pattern."""


def pattern_format(pattern: str) -> Format:
    """The format that a pattern describes.

    Raises `ScheduleError` for a pattern without `{lr}`, with a field that is unknown or doubled, or with two side by
    side.

    >>> found = pattern_format("it {step} ... lr={lr:body}").line.search("| it  7 loss 0.1 lr=1e-3")
    >>> found.groups()
    ('7', '1e-3')
    """
    if len(pattern) > MAX_PATTERN:
        raise _wrong(f"is longer than {MAX_PATTERN:,} characters", "write only the part of a line with the numbers")
    literals = _FIELD.split(pattern)
    fields, literals = literals[1::2], literals[::2]
    names: list[str] = []
    for field in fields:
        kind, _, group = field.partition(":")
        if kind not in _NUMBERS or (":" in field and (kind != "lr" or not group.strip())):
            raise _wrong(f"has the field {{{field}}}", "the fields are {step}, {epoch}, {lr} and {lr:GROUP}")
    for field in fields:
        if fields.count(field) > 1:
            raise _wrong(f"has {{{field}}} twice", "name param groups: {lr:GROUP}")
    rates = [field for field in fields if field.startswith("lr")]
    if not rates:
        raise _wrong("has no {lr}", 'say where the learning rate stands: --pattern "step {step} lr {lr}"')
    for before, literal, after in zip(fields, literals[1:], fields[1:], strict=False):
        if not literal:
            raise _wrong(f"has {{{before}}} and {{{after}}} side by side", "write what stands between them")
    text = _literal(literals[0])
    for field, literal in zip(fields, literals[1:], strict=True):
        name = field
        if field in rates:
            name = f"lr_{len(names)}" if names else "lr"
            names.append(field.partition(":")[2].strip() or "lr")
        text += rf"{BLANKS}(?<![0-9.])(?P<{name}>{_NUMBERS[field.partition(':')[0]]})(?![0-9]){_literal(literal)}"
    words = max((part for literal in literals for part in re.split(r"\s+|\.\.\.", literal)), key=len)
    return Format("", (words,) if words else (), line(text), names=tuple(names))


def _literal(text: str) -> str:
    """The regular expression of what stands between two fields."""
    parts = re.split(r"(\s+|\.\.\.)", text)
    return "".join(".*?" if part == "..." else BLANKS if part.isspace() else _itself(part) for part in parts)


def _itself(text: str) -> str:
    # `line` puts numbers where it reads these words
    return re.escape(text).replace("NUMBER", "[N]UMBER").replace("COUNT", "[C]OUNT")


def _wrong(what: str, hint: str) -> ScheduleError:
    return ScheduleError.at(Position("lrviz"), f"the text of --pattern {what}", hint)
