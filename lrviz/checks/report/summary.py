"""The summary of a report, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.finding import Results
from lrviz.words import several

FOLLOWED: Final = "the log followed the plan"


def summary(results: Results) -> str:
    """The verdict of a check: that everything holds, or the number of failures; and the number of other findings."""
    what = [several(len(results.schedules), "schedule")] if results.schedules else []
    if results.files or not results.schedules:  # a curve that was simulated from no file has none
        what.append(several(len(results.files), "file"))
    where = " in ".join(what)
    if not results.ok:
        return f"{where}: {', '.join([*_expectations(results), *_errors(results), *_remarks(results)])}."
    if count := len(results.held) - _logs(results):
        verdict = f"All {count} expectations of {where} hold" if count > 1 else f"1 expectation of {where} holds"
    elif results.schedules:
        verdict = f"{where} {'has' if len(results.schedules) == 1 else 'have'} no expectations"
    else:
        verdict = f"Nothing to check in {where}"
    if _logs(results):
        verdict += f", and {FOLLOWED}"
    remarks = list(_remarks(results))
    return f"{verdict}{'; ' if remarks else ''}{', '.join(remarks)}."


def _expectations(results: Results) -> Iterator[str]:
    failed = sum(finding.kind == "expectation" for finding in results.errors)
    held = len(results.held) - _logs(results)
    if failed:
        yield f"{several(failed, 'expectation')} failed"
    if held:
        what = str(held) if failed else several(held, "expectation")
        yield f"{what} {'holds' if held == 1 else 'hold'}"


def _errors(results: Results) -> Iterator[str]:
    """The errors other than failed expectations, by kind; and logs that followed the plan."""
    for kind in ("input", "internal", "lint", "log"):
        if count := sum(finding.kind == kind for finding in results.errors):
            yield several(count, f"{kind} error")
    if _logs(results):
        yield FOLLOWED


def _remarks(results: Results) -> Iterator[str]:
    warnings = [several(len(results.warnings), "warning")] if results.warnings else []
    if results.strict:
        if count := _unexpecting(results):
            warnings.append(f"{several(count, 'schedule')} without expectations")
        if warnings:
            yield f"{' and '.join(warnings)} (not allowed: --strict)"
    else:
        yield from warnings
    if results.notes:
        yield several(len(results.notes), "note")


def _logs(results: Results) -> int:
    """The number of held results that are not expectations but logs that followed the plan."""
    return sum(held.code == "log" for held in results.held)


def _unexpecting(results: Results) -> int:
    """The number of schedules without expectations, in a strict check."""
    return results.strict * sum(finding.code == "nothing-expected" for finding in results.findings)
