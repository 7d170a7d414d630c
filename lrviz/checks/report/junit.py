"""JUnit XML, for the test pages of CI systems.

Each file is a suite, with a test case for each expectation, one named `lint` for each schedule, one for each finding
about an input, and one for each finding about a log or a checkpoint. An input that cannot be checked is an `error`;
everything else that makes the check fail is a `failure`; findings that do not fail are in `system-out`.

JUnit has no schema of its own, and readers differ: only elements and attributes are used that both the xunit plugin of
Jenkins and pyEDAA's `Any-JUnit.xsd` know. Nothing is timed; `time` is always 0, for readers that require it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lrviz.checks.finding import NAMED, Finding, Held, Results
from lrviz.checks.report.options import ReportOptions
from lrviz.foreign import escaped
from lrviz.words import several

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

UNCHECKED: Final = ("input", "internal")
"""The kinds of findings about what could not be checked."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: the findings that make it fail, and the others."""

    name: str
    failing: tuple[Finding, ...] = ()
    passing: tuple[Finding, ...] = ()

    @property
    def outcome(self) -> str:
        """The name of the element for its outcome; empty if it passed."""
        if not self.failing:
            return ""
        return "error" if self.failing[0].kind in UNCHECKED else "failure"


def write(results: Results, options: ReportOptions) -> str:
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    root = Element("testsuites", name="lrviz check")
    total: list[_Case] = []
    outcomes: list[Finding | Held] = [*results.findings, *results.held]
    for file in dict.fromkeys([*results.files, *(each.where.file for each in outcomes)]):
        cases = list(_cases(results, file))
        suite = SubElement(root, "testsuite", {"name": escaped(file), **_counts(cases), "skipped": "0", "time": "0"})
        seen = Counter[str]()
        for case in cases:
            # readers merge two cases with the same name
            name = escaped(case.name)
            seen[name] += 1
            name = name if seen[name] == 1 else f"{name} #{seen[name]}"
            _fill(SubElement(suite, "testcase", classname=escaped(file), name=name, time="0"), case)
        total += cases
    root.attrib.update({**_counts(total), "time": "0"})
    indent(root)
    # ASCII with references survives whatever encoding it is passed on in
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, "us-ascii").decode()}\n'


def _fill(element: Element, case: _Case) -> None:
    from xml.etree.ElementTree import SubElement

    if case.failing:
        message = case.failing[0].message if len(case.failing) == 1 else several(len(case.failing), "finding")
        outcome = SubElement(element, case.outcome, type=case.failing[0].code, message=escaped(message))
        outcome.text = _text(case.failing)
    if case.passing:
        SubElement(element, "system-out").text = _text(case.passing)


def _cases(results: Results, file: str) -> Iterator[_Case]:
    """The test cases of a file by schedule, those about the file as a whole first."""
    findings = [finding for finding in results.findings if finding.where.file == file]
    linted = [name for each, name in results.schedules if each == file]
    linted += [finding.schedule for finding in findings if finding.kind == "lint" and finding.schedule is not None]
    names = [None, *linted, *(finding.schedule for finding in findings)]
    names += [held.schedule for held in results.held if held.where.file == file]
    for name in dict.fromkeys(names):
        mine = [finding for finding in findings if finding.schedule == name]
        yield from (_single(results, each) for each in mine if each.kind in UNCHECKED)
        expected: list[Finding | Held] = [each for each in mine if each.kind == "expectation"]
        expected += (held for held in results.held if (held.where.file, held.schedule) == (file, name))
        for each in sorted(expected, key=lambda each: each.where):
            yield _Case(_name(each)) if isinstance(each, Held) else _single(results, each)
        lint = [each for each in mine if each.kind == "lint"]
        if lint or name in linted:
            failing = tuple(filter(results.fails, lint))
            passing = tuple(each for each in lint if not results.fails(each))
            yield _Case("lint" if name is None else f"{name}: lint", failing, passing)
        yield from (_single(results, each) for each in mine if each.kind in NAMED)


def _single(results: Results, finding: Finding) -> _Case:
    if results.fails(finding):
        return _Case(_name(finding), failing=(finding,))
    return _Case(_name(finding), passing=(finding,))


def _name(each: Finding | Held) -> str:
    """`cosine: expect.at 5:12`: the same whether it holds or not, so that readers can follow it over time."""
    _, line, column = each.where
    name = each.code
    # the line at which a log leaves the plan is not part of its identity
    if line and (each.kind if isinstance(each, Finding) else each.code) not in NAMED:
        name += f" {line}:{column}" if column else f" {line}"
    return name if each.schedule is None else f"{each.schedule}: {name}"


def _text(findings: Iterable[Finding]) -> str:
    problems = (each.problem for each in findings)
    return "\n".join(map(str, problems))


def _counts(cases: Collection[_Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
    }
