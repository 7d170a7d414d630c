"""The lint: likely mistakes in a schedule that torch runs without complaint. One file per rule.

A rule is a module with `check(subject)`, which yields its findings and uses no other rule. Its docstring is the page
that users read: a one-line summary, an explanation, and a PASS and a FAIL snippet, which the tests run. `yields.py`
drops findings that another finding explains; here the others get their codes, and those that the schedule accepts are
dropped. To add a rule, write its file, add its code to `schedule/catalogue/codes.py`, and add examples to the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import import_module
from types import ModuleType
from typing import Final

from lrviz.checks.finding import Finding
from lrviz.checks.lint.helpers.foreign_hint import hint_for_config
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


def lint(schedule: Schedule, curve: Curve | None, name: str, ignore: Collection[str] = ()) -> Iterator[Finding]:
    """The findings of the rules in a schedule, without those that it accepts, in the order of the file.

    `curve` is None if torch refuses to run the schedule. `name` is the name of the schedule in the report, `ignore`
    what the project accepts besides.
    """
    accepted = {*ignore, *(each.code for each in schedule.ignore)}
    left = unexplained(oddities(schedule, curve), accepted=accepted)
    found = dict.fromkeys(
        Finding(each.where, name, code, each.severity, each.message, each.hint, "lint")
        for code in RULES
        for each in left[code]
    )
    remarks = (Finding.of(remark, name, "lint") for remark in schedule.remarks)
    yield from sorted((each for each in (*found, *remarks) if each.code not in accepted), key=lambda each: each.where)


def oddities(schedule: Schedule, curve: Curve | None) -> dict[str, list[Oddity]]:
    """The findings of every rule by itself, and the remarks made while the file was read, by code."""
    subject = Subject(schedule, curve)
    found: dict[str, list[Oddity]] = {code: list(rule.check(subject)) for code, rule in RULES.items()}
    if schedule.imported is not None:
        for code, each in found.items():
            found[code] = [oddity._replace(hint=hint_for_config(oddity.hint)) for oddity in each]
    for remark in schedule.remarks:
        found.setdefault(remark.code, []).append(Oddity(remark.where, remark.message, remark.hint, remark.severity))
    return found
