"""One line a finding, `path:line:column: CODE message`, and nothing else; for editors and grep."""

from __future__ import annotations

from lrviz.checks.finding import Finding, Results
from lrviz.checks.report.options import ReportOptions


def write(results: Results, options: ReportOptions) -> str:
    return "".join(f"{line(finding)}\n" for finding in results.findings)


def line(finding: Finding) -> str:
    """A finding on one line, even where a file or a message has line breaks of its own."""
    return " ".join(f"{finding.where}: {finding.code} {finding.message}".splitlines())
