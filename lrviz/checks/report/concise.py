"""One line a finding, `path:line:column: CODE message`, and nothing else; for editors and grep."""

from __future__ import annotations

from lrviz.checks.finding import Results
from lrviz.checks.report.options import ReportOptions


def write(results: Results, options: ReportOptions) -> str:
    return "".join(f"{finding.line}\n" for finding in results.findings)
