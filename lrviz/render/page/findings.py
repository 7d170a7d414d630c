"""The results of a check on a page: its findings, and the outcome of every expectation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lrviz.errors import Problem
from lrviz.render.drawing.plan import Drawing
from lrviz.render.drawing.said import findings_of, verdict_of
from lrviz.render.page.files import SEVERITIES, Files
from lrviz.render.page.html import Markup, join, table_section, tag
from lrviz.render.shown import Expected, Shown
from lrviz.words import Notation, several


def findings_section(shown: Sequence[Shown], files: Files) -> Markup:
    """The findings with their counts, or a sentence that there are none; empty if no file was checked."""
    if all(each.schedule is None for each in shown):
        return Markup("")
    found = findings_of(shown)
    count = Counter(problem.severity for problem in found)
    summary = ", ".join(several(count[severity], severity) for severity in SEVERITIES if count[severity])
    items = [
        _finding(at, problem, names if len(shown) > 1 else [], files)
        for at, (problem, names) in enumerate(found.items(), 1)
    ]
    body = tag("ol", *items, class_="findings") if items else tag("p", "Nothing found.", class_="nothing")
    return tag(
        "section",
        tag("h2", "Findings", tag("span", summary, class_="count") if summary else "", id="findings-title"),
        body,
        aria_labelledby="findings-title",
    )


def _finding(at: int, problem: Problem, names: Sequence[str], files: Files) -> Markup:
    severity, code = problem.severity, problem.code
    head = join(
        tag("strong", severity, class_="severity"),
        " ",
        tag("code", code) if code else "",
        " ",
        files.link(problem.where),
        " ",
        tag("span", ", ".join(names), class_="names") if names else "",
    )
    hint = tag("p", tag("span", "hint: ", class_="quiet"), problem.hint, class_="hint") if problem.hint else ""
    words = join(tag("p", head, class_="head"), tag("p", problem.message), hint)
    return tag("li", words, id=f"finding-{at}", class_=severity)


def expectations_section(drawing: Drawing, files: Files) -> Markup:
    """A table of all expectations and their outcomes."""
    shown, verdict = drawing.shown, verdict_of(drawing.shown)  # of all, though the chart may leave them out
    failing = len(verdict.failing)
    rows = [
        _expectation(each, expected, files, drawing.notation, named=len(shown) > 1)
        for each in shown
        for expected in each.expected
    ]
    if not rows:
        return Markup("")
    count = len(rows) + verdict.unchecked
    summary = f"all {count} hold" if verdict.all_hold else f"{len(rows) - failing} of {count} hold"
    if count == 1:
        summary = "fails" if failing else "holds"
    titles = [*(["schedule"] if len(shown) > 1 else []), "expected", "outcome", "where"]
    return table_section("Expectations", titles, rows, "words", count=tag("span", summary, class_="count"))


def _expectation(shown: Shown, expected: Expected, files: Files, notation: Notation, *, named: bool) -> Markup:
    outcome = (
        tag("td", tag("span", "\u25cb ", aria_hidden="true"), "holds", class_="holds")
        if expected.holds
        else tag("td", tag("span", "\u2715 ", aria_hidden="true"), "fails", _reason(shown, expected), class_="fails")
    )
    return tag(
        "tr",
        tag("td", shown.curve.name) if named else "",
        tag("td", tag("code", expected.words(shown.curve.groups, notation.in_sentence))),
        outcome,
        tag("td", files.link(expected.where)),
    )


def _reason(shown: Shown, expected: Expected) -> str:
    """The message of the check about an expectation that fails."""
    return "".join(f": {message}" for message in shown.reasons(expected)[:1])
