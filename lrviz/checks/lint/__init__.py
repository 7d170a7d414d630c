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
from lrviz.schedule.catalogue import LINT
from lrviz.schedule.model import Schedule

RULES: Final[dict[str, ModuleType]] = {
    code: import_module(f"{__name__}.{code.replace('-', '_')}") for code in sorted(LINT)
}
"""Every rule by its code, in the order in which findings at one place are listed."""


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
