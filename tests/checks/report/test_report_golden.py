"""Reports exactly as they are written: golden files beside this one, one for each report and format."""

from __future__ import annotations

import importlib.metadata
from inspect import cleandoc
from pathlib import Path

import pytest
from helpers.golden import Golden
from reports import REPORTS, lines

from lrviz.checks.lint import RULES
from lrviz.checks.report import FORMATS, sarif
from lrviz.checks.report.options import ReportOptions

GOLDEN = Path(__file__).parent / "golden"

SUFFIXES = {"text": "txt", "concise": "concise.txt", "json": "json", "github": "github.txt", "junit": "xml"}
OPTIONS = {
    "color": ReportOptions(lines, color=True),
    "verbose": ReportOptions(lines, verbose=True),
    "verbose-color": ReportOptions(lines, verbose=True, color=True),
    "quiet": ReportOptions(lines, quiet=True),
    "ascii": ReportOptions(lines, ascii=True),
}

CASES = {
    f"{report}.{SUFFIXES.get(name, name)}": (report, name, ReportOptions(lines))
    for report in REPORTS
    for name in FORMATS
} | {f"{report}-{name}.txt": (report, "text", OPTIONS[name]) for report in ("mixed", "odd") for name in OPTIONS}
CASES["mixed-verbose.sarif"] = ("mixed", "sarif", OPTIONS["verbose"])
"""The report, format and options of each golden file."""


@pytest.fixture(autouse=True)
def _what_changes_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The version, and what the rules' own docstrings say."""
    explained = cleandoc(
        """A cosine that climbs.

        It goes on
        for {half a period}.

        PASS:

            epochs: 1

        FAIL:

            epochs: 2
        """
    )
    monkeypatch.setattr(importlib.metadata, "version", lambda name: f"{name}-version")
    monkeypatch.setattr(RULES["cosine-climbs"], "__doc__", explained)
    monkeypatch.setattr(sarif, "RULES", {"cosine-climbs": RULES["cosine-climbs"]})


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, golden: Golden) -> None:
    report, format, options = CASES[name]
    text = FORMATS[format](REPORTS[report], options)
    golden.same_text(GOLDEN / name, text.encode("utf-8", "backslashreplace").decode())


def test_there_is_no_golden_file_without_a_case(golden: Golden) -> None:
    golden.no_orphans(GOLDEN, (GOLDEN / name for name in CASES))
