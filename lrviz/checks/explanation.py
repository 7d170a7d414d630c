"""The meaning of a finding's code: in one line, and explained."""

from __future__ import annotations

from typing import Final

from lrviz.checks.finding import Kind
from lrviz.checks.lint import RULES
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import CHECKPOINT, CODES, CONFIG_REMARKS, READING, TRAIN_EXPECT
from lrviz.schedule.expect import EXPECT
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

KINDS: Final[dict[Kind, str]] = {
    "input": "an input that cannot be checked, or that torch refuses to run",
    "internal": "a fault of lrviz itself",
    "expectation": "an expectation of a schedule",
    "lint": "a likely mistake in a schedule",
    "log": "the log of a real run, compared with its plan",
    "checkpoint": CHECKPOINT["checkpoint"],
}
"""The subject of the findings of each kind."""

OWN: Final[tuple[Kind, ...]] = ("input", "internal", "log")
"""Kinds that are the code of their findings as well: neither rules nor expectations, and not for `ignore`."""


def summary(code: str, kind: Kind = "lint") -> str:
    """A code in a few words, without a capital and a full stop; the words of its kind for a code without its own."""
    key = EXPECT.argument(code.removeprefix("expect.")) if code.startswith("expect.") else None
    if key is not None:
        return key.meaning
    shown = TRAIN_EXPECT.argument(code.removeprefix("train.")) if code.startswith("train.") else None
    if shown is not None:
        return shown.meaning
    if code in RULES:
        first = (RULES[code].__doc__ or "").strip().partition("\n")[0]
        return f"{first[:1].lower()}{first[1:].removesuffix('.')}"
    return READING.get(code) or CONFIG_REMARKS.get(code) or CHECKPOINT.get(code, KINDS[kind])


def explanation(code: str) -> str:
    """The meaning of a code, as its rule documents it. Raises `ScheduleError` for a code that does not exist."""
    if code in RULES:
        return f"{code}: {(RULES[code].__doc__ or '').strip()}\n"
    if code in READING:
        return f"{code}: {READING[code]}. (Found while the file is read.)\n"
    if code in CONFIG_REMARKS:
        return f"{code}: {CONFIG_REMARKS[code]}. (Found while the config of another program is read.)\n"
    if code in CHECKPOINT:
        return f"{code}: {CHECKPOINT[code]}. (Found by --checkpoint.)\n"
    if code in OWN:
        return f"{code}: {KINDS[code]}.\n"
    if code.startswith("expect.") and EXPECT.argument(code.removeprefix("expect.")) is not None:
        return f"{code}: an expectation that failed: {summary(code)}. docs/check.md says when each holds.\n"
    if code.startswith("train.") and TRAIN_EXPECT.argument(code.removeprefix("train.")) is not None:
        what = f"trainings that do not show what they should: {summary(code)}"
        return f"{code}: {what}. docs/schedule-file.md says when each holds.\n"
    raise ScheduleError.at(
        Position("lrviz"),
        f"no finding has the code {show(code)}",
        f"did you mean {nearest}?" if (nearest := suggest(code, CODES)) else "`lrviz check --rules` lists them",
    )
