"""What a report comes to, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.finding import Report
from lrviz.words import several

FOLLOWED: Final = "the log followed the plan"


def all_is_well(report: Report) -> bool:
    """Whether nothing fails, and nothing was left unchecked that a strict check insists on."""
    return not any(map(report.fails, report.findings)) and not _unexpecting(report)


def summary(report: Report) -> str:
    """That all holds, or what does not; with what was looked at, and whatever else was found."""
    where = several(len(report.files), "file")
    if report.schedules:
        where = f"{several(len(report.schedules), 'schedule')} in {where}"
    if not all_is_well(report):
        return f"{where}: {', '.join([*_expectations(report), *_errors(report), *_remarks(report)])}."
    if count := len(report.held) - _logs(report):
        verdict = f"All {count} expectations of {where} hold" if count > 1 else f"1 expectation of {where} holds"
    elif report.schedules:
        verdict = f"Nothing is expected of {where}"
    else:
        verdict = f"Nothing to check in {where}"
    if _logs(report):
        verdict += f", and {FOLLOWED}"
    remarks = list(_remarks(report))
    return f"{verdict}{'; ' if remarks else ''}{', '.join(remarks)}."


def _expectations(report: Report) -> Iterator[str]:
    failed = sum(finding.kind == "expectation" for finding in report.errors)
    held = len(report.held) - _logs(report)
    if failed:
        yield f"{several(failed, 'expectation')} failed"
    if held:
        what = str(held) if failed else several(held, "expectation")
        yield f"{what} {'holds' if held == 1 else 'hold'}"


def _errors(report: Report) -> Iterator[str]:
    """Errors that are no expectations, by what they are about; and a log that is none."""
    for kind in ("input", "lint", "log"):
        if count := sum(finding.kind == kind for finding in report.errors):
            yield several(count, f"{kind} error")
    if _logs(report):
        yield FOLLOWED


def _remarks(report: Report) -> Iterator[str]:
    warnings = [several(len(report.warnings), "warning")] if report.warnings else []
    if report.strict:
        if count := _unexpecting(report):
            warnings.append(f"{several(count, 'schedule')} without expectations")
        if warnings:
            yield f"{' and '.join(warnings)} (not allowed: --strict)"
    else:
        yield from warnings
    if report.notes:
        yield several(len(report.notes), "note")


def _logs(report: Report) -> int:
    """How much of what held is not an expectation, but a log that was followed."""
    return sum(held.code == "log" for held in report.held)


def _unexpecting(report: Report) -> int:
    """How many schedules expect nothing, where the check is strict about it."""
    return report.strict * sum(finding.code == "nothing-expected" for finding in report.findings)
