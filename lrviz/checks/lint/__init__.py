"""The lint: what is odd about a schedule though torch runs it. One rule a file, whose docstring explains it.

A rule is a module with `check(subject)`, which yields what it finds and knows no other rule. Its docstring begins with
a line that sums it up, and holds a PASS and a FAIL snippet, which the tests run. What findings of several rules have
one cause, `yields.py` says; here they get their code, and those that the schedule accepts are taken out. To add a rule:
the file, its code in `schedule/catalogue/codes.py`, and its examples in the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Final

from lrviz.checks.finding import Finding
from lrviz.checks.lint.helpers.oddity import Oddity
from lrviz.checks.lint.helpers.subject import Subject
from lrviz.checks.lint.yields import unexplained
from lrviz.curve import Curve
from lrviz.errors import Position, ScheduleError
from lrviz.schedule.catalogue import CODES, LINT, READING
from lrviz.schedule.expect import EXPECT
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

RULES: Final[dict[str, ModuleType]] = {
    code: import_module(f"{__name__}.{code.replace('-', '_')}") for code in sorted(LINT)
}
"""Every rule by its code, in the order in which findings at one place are listed."""

KINDS: Final = {
    "input": "an input that cannot be checked, or that torch refuses to run",
    "log": "what a real run logged, beside its plan",
}
"""What is no rule and no expectation, and that `ignore` cannot name."""


def explanation(code: str) -> str:
    """What a finding means, as its rule documents it. Raises `ScheduleError` for a code that does not exist."""
    if code in READING:
        return f"{code}: {READING[code]}. (Found while the file is read.)\n"
    if code in KINDS:
        return f"{code}: {KINDS[code]}.\n"
    key = EXPECT.argument(code.removeprefix("expect.")) if code.startswith("expect.") else None
    if key is not None:
        return f"{code}: an expectation that does not hold: {key.meaning}. The README says when each holds.\n"
    if code not in LINT:
        raise ScheduleError.at(
            Position("lrviz"),
            f"there is no finding {show(code)}",
            f"did you mean {nearest}?" if (nearest := suggest(code, CODES)) else "`lrviz check --rules` lists them",
        )
    return f"{code}: {(RULES[code].__doc__ or '').strip()}\n"


def lint(schedule: Schedule, curve: Curve | None, name: str) -> Iterator[Finding]:
    """What the rules find in a schedule, in the order of the file, but for what it accepts.

    `curve` is None where torch refused to run the schedule, `name` is what the schedule is called.
    """
    left = unexplained(oddities(schedule, curve))
    found = dict.fromkeys(
        Finding(each.where, name, code, each.severity, each.message, each.hint, "lint")
        for code in RULES
        for each in left[code]
    )
    remarks = (Finding.of(remark, name, "lint") for remark in schedule.remarks)
    yield from sorted(
        (each for each in (*found, *remarks) if not schedule.accepts(each.code)), key=lambda each: each.where
    )


def oddities(schedule: Schedule, curve: Curve | None) -> dict[str, list[Oddity]]:
    """What every rule finds by itself, and what was remarked on while the file was read, by code."""
    subject = Subject(schedule, curve)
    found: dict[str, list[Oddity]] = {code: list(rule.check(subject)) for code, rule in RULES.items()}
    for remark in schedule.remarks:
        found.setdefault(remark.code, []).append(Oddity(remark.where, remark.message, remark.hint, remark.severity))
    return found
