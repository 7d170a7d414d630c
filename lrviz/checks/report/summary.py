"""The summary of a report, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lrviz.checks.finding import NAMED, Results
from lrviz.words import several

FOLLOWED: Final = {"log": "the log followed the plan", "checkpoint": "the checkpoint is as planned"}
"""The sentence for what was named beside the schedule, and holds, by its code."""


def summary(results: Results) -> str:
    """The verdict of a check: that everything holds, or the number of failures; and the number of other findings."""
    what = [several(len(results.schedules), "schedule")] if results.schedules else []
    if results.files or not results.schedules:  # a curve that was simulated from no file has none
        what.append(several(len(results.files), "file"))
    where = " in ".join(what)
    if not results.ok:
        return f"{where}: {', '.join([*_expectations(results), *_errors(results), *_remarks(results)])}."
    if count := len(results.held) - _named(results):
        verdict = f"All {count} expectations of {where} hold" if count > 1 else f"1 expectation of {where} holds"
    elif results.schedules:
        verdict = f"{where} {'has' if len(results.schedules) == 1 else 'have'} no expectations"
    else:
        verdict = f"Nothing to check in {where}"
    for sentence in _followed(results):
        verdict += f", and {sentence}"
    remarks = list(_remarks(results))
    return f"{verdict}{'; ' if remarks else ''}{', '.join(remarks)}."


def _expectations(results: Results) -> Iterator[str]:
    failed = sum(finding.kind == "expectation" for finding in results.errors)
    held = len(results.held) - _named(results)
    if failed:
        yield f"{several(failed, 'expectation')} failed"
    if held:
        what = str(held) if failed else several(held, "expectation")
        yield f"{what} {'holds' if held == 1 else 'hold'}"


def _errors(results: Results) -> Iterator[str]:
    """The errors other than failed expectations, by kind; what was named and holds; schedules that must expect."""
    unexpecting = sum(finding.misses_what_is_required for finding in results.errors)
    for kind in ("input", "internal", "lint", *NAMED):
        count = sum(finding.kind == kind for finding in results.errors) - (unexpecting if kind == "input" else 0)
        if count:
            yield several(count, f"{kind} error")
    if unexpecting:
        yield f"{several(unexpecting, 'schedule')} without expectations (not allowed: --require-expect)"
    yield from _followed(results)


def _remarks(results: Results) -> Iterator[str]:
    if results.warnings:
        yield several(len(results.warnings), "warning") + (" (not allowed: --strict)" if results.strict else "")
    if results.notes:
        yield several(len(results.notes), "note")


def _followed(results: Results) -> Iterator[str]:
    """That a log or a checkpoint is as planned; of several, all of them."""
    codes = {held.code for held in results.held} - {finding.kind for finding in results.errors}
    return (FOLLOWED[code] for code in NAMED if code in codes)


def _named(results: Results) -> int:
    """The number of held results that are not expectations but logs and checkpoints."""
    return sum(held.code in NAMED for held in results.held)
