"""SARIF 2.1.0, for code scanning.

A result for each finding; with `verbose`, one of kind `pass` for each expectation that held, which not every viewer
tells from a finding (GitHub's does not). The rules are those that a result names, each explained by the docstring of
its lint rule, or by the catalogue.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lrviz.address import SITE
from lrviz.checks.explanation import summary as summary_of
from lrviz.checks.finding import Finding, Held, Results
from lrviz.checks.lint import RULES
from lrviz.checks.report.options import ReportOptions
from lrviz.errors import Position
from lrviz.files import STDIN
from lrviz.foreign import escaped, json_text
from lrviz.schedule.catalogue import CODES

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(results: Results, options: ReportOptions) -> str:
    from importlib.metadata import version

    outcomes: list[Finding | Held] = [*results.findings, *(results.held if options.verbose else ())]
    rules = {each.code: _rule(each) for each in outcomes}
    driver = {"name": "lrviz", "version": version("lrviz"), "rules": list(rules.values())}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, list(rules)) for each in outcomes],
    }
    if any(each.where.file == STDIN for each in outcomes):
        run["artifacts"] = [{"description": {"text": "standard input"}}]
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(each: Finding | Held) -> dict[str, Any]:
    code = each.code
    rule: dict[str, Any] = {"id": code}
    # of the codes that can hold, only `log` is in no catalogue
    summary = summary_of(code, each.kind if isinstance(each, Finding) else "log")
    rule["shortDescription"] = {"text": f"{summary[:1].upper()}{summary[1:]}."}
    explained = inspect.getdoc(RULES[code]) if code in RULES else None
    if explained is not None:
        # the examples after the explanation are only for `help`
        words = re.split(r"^(?:PASS|FAIL):", explained.partition("\n")[2], maxsplit=1, flags=re.MULTILINE)[0].split()
        rule["fullDescription"] = {"text": " ".join(words) or rule["shortDescription"]["text"]}
        rule["help"] = {"text": explained}
    if SITE and code in CODES:
        rule["helpUri"] = f"{SITE}check.html#{code}"
    return rule


def _result(each: Finding | Held, codes: Sequence[str]) -> dict[str, Any]:
    text = escaped(each.message)
    if isinstance(each, Finding) and each.hint:
        text += f"\nhint: {escaped(each.hint)}"
    related = each.related if isinstance(each, Finding) else None
    result = {
        "ruleId": each.code,
        "ruleIndex": codes.index(each.code),
        "kind": "pass" if isinstance(each, Held) else "fail",
        "level": "none" if isinstance(each, Held) else each.severity,
        # a single brace would begin a placeholder (SARIF 2.1.0, 3.11.5)
        "message": {"text": text.replace("{", "{{").replace("}", "}}")},
        "locations": [_location(each)],
    }
    if related is not None:
        followed = {"text": "the finding follows from this"}
        result["relatedLocations"] = [{"physicalLocation": _physical(related), "message": followed}]
    return result


def _location(each: Finding | Held) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(each.where)}
    if each.schedule is not None:
        location["logicalLocations"] = [{"name": each.schedule}]
    return location


def _physical(where: Position) -> dict[str, Any]:
    file, line, column = where
    # standard input has no URI: it is the only member of `artifacts`
    physical: dict[str, Any] = {"artifactLocation": {"index": 0} if file == STDIN else {"uri": _uri(file)}}
    if line:
        physical["region"] = {"startLine": line} | ({"startColumn": column} if column else {})
    return physical


def _uri(file: str) -> str:
    from urllib.parse import quote

    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")
