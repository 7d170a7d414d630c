"""`{"version": 1, "files": n, "held": n, "findings": [...]}`, for programs."""

from __future__ import annotations

from typing import Any

from lrviz.checks.finding import Finding, Results
from lrviz.checks.report.options import ReportOptions
from lrviz.foreign import json_text


def write(results: Results, options: ReportOptions) -> str:
    record = {
        "version": 1,
        "files": len(results.files),
        "held": len(results.held),
        "findings": [_record(finding) for finding in results.findings],
    }
    return json_text(record, indent=2) + "\n"


def _record(finding: Finding) -> dict[str, Any]:
    """If a finding is about the file as a whole, `line` and `column` are 0 and `schedule` is null.

    One that follows from a place in another file also has that, as `related`.
    """
    related = finding.related
    return {
        "file": finding.where.file,
        "line": finding.where.line,
        "column": finding.where.column,
        "schedule": finding.schedule,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
    } | ({"related": related._asdict()} if related is not None else {})
