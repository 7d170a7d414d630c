"""What the code of a finding means: in a line, and explained."""

from __future__ import annotations

from typing import Final

from lrviz.checks.finding import Kind
from lrviz.checks.lint import RULES
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import CODES, READING
from lrviz.schedule.expect import EXPECT
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

KINDS: Final[dict[Kind, str]] = {
    "input": "an input that cannot be checked, or that torch refuses to run",
    "expectation": "what a schedule is expected to do",
    "lint": "what is odd about a schedule",
    "log": "what a real run logged, beside its plan",
}
"""What a finding of each kind is about."""

OWN: Final[tuple[Kind, ...]] = ("input", "log")
"""Kinds whose findings have the kind as their code: no rule and no expectation, and `ignore` cannot name them."""


def summary(code: str, kind: Kind = "lint") -> str:
    """A code in a few words, without a capital and a full stop; of a code that nothing describes, its kind's."""
    key = EXPECT.argument(code.removeprefix("expect.")) if code.startswith("expect.") else None
    if key is not None:
        return key.meaning
    if code in RULES:
        first = (RULES[code].__doc__ or "").strip().partition("\n")[0]
        return f"{first[:1].lower()}{first[1:].removesuffix('.')}"
    return READING.get(code, KINDS[kind])


def explanation(code: str) -> str:
    """What a finding means, as its rule documents it. Raises `ScheduleError` for a code that does not exist."""
    if code in RULES:
        return f"{code}: {(RULES[code].__doc__ or '').strip()}\n"
    if code in READING:
        return f"{code}: {READING[code]}. (Found while the file is read.)\n"
    if code in OWN:
        return f"{code}: {KINDS[code]}.\n"
    if code.startswith("expect.") and EXPECT.argument(code.removeprefix("expect.")) is not None:
        return f"{code}: an expectation that does not hold: {summary(code)}. The README says when each holds.\n"
    raise ScheduleError.at(
        Position("lrviz"),
        f"there is no finding {show(code)}",
        f"did you mean {nearest}?" if (nearest := suggest(code, CODES)) else "`lrviz check --rules` lists them",
    )
