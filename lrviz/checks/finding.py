"""The result of a check: findings, and expectations that held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple, TypeAlias

from lrviz.errors import Position, Problem, Severity
from lrviz.foreign import escaped

Kind: TypeAlias = Literal["input", "internal", "expectation", "lint", "log", "checkpoint"]
"""The subject of a finding: an input that cannot be checked, a fault of lrviz itself, an expectation that failed, a
likely mistake in the schedule, or a logged run or a checkpoint that deviates from its plan."""

NAMED: Final = ("log", "checkpoint")
"""Kinds of what the user named beside the schedule, whose code is also that of what holds: each gets an answer."""

EXPECTS_NOTHING: Final = "nothing-expected"
"""The code of the note that a schedule has no expectations."""


class Finding(NamedTuple):
    """One finding of a check. `code` is `expect.KEY` for an expectation, else that of a rule; `schedule` is None
    if it is about a file as a whole. `related` is the place in another file from which the finding follows."""

    where: Position
    schedule: str | None
    code: str
    severity: Severity
    message: str
    hint: str
    kind: Kind
    related: Position | None = None

    @classmethod
    def of(cls, problem: Problem, schedule: str | None, kind: Kind, code: str = "") -> Finding:
        """A problem as a finding; `code` is for a problem without a code of its own."""
        return cls(problem.where, schedule, problem.code or code, problem.severity, problem.message, problem.hint, kind)

    @property
    def problem(self) -> Problem:
        """The finding without its schedule and kind."""
        return Problem(self.where, self.message, self.hint, self.severity, self.code)

    @property
    def follows(self) -> str:
        """From which place in another file the finding follows, in words; "" if it is in its own."""
        return f"follows from {self.related}" if self.related is not None else ""

    def required(self) -> Finding:
        """The finding where every schedule must expect something: that one does not is then an error of the input."""
        return self._replace(severity="error", kind="input") if self.code == EXPECTS_NOTHING else self

    @property
    def misses_what_is_required(self) -> bool:
        """True for the error that `required` makes."""
        return self.code == EXPECTS_NOTHING and self.kind == "input"

    @property
    def line(self) -> str:
        """The finding on one line, even if a file or a message contains line breaks."""
        return escaped(f"{self.where}: {self.code} {self.message}")


class Held(NamedTuple):
    """One expectation that holds, and a sentence about the curve."""

    where: Position
    schedule: str
    code: str
    message: str


@dataclass(frozen=True)
class Results:
    """All results of one check, in the order of its input.

    `files` are all files that were checked, `schedules` (each as its file and its name) the schedules that could be
    read. With `strict`, warnings fail too.
    """

    files: tuple[str, ...]
    schedules: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    held: tuple[Held, ...]
    strict: bool = False

    @property
    def ok(self) -> bool:
        """True if nothing fails."""
        return not any(map(self.fails, self.findings))

    def fails(self, finding: Finding) -> bool:
        """True if a finding makes the check fail."""
        return finding.severity == "error" or (self.strict and finding.severity == "warning")

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that fail a check."""
        return tuple(self._of("error"))

    @cached_property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that fail a check only under `--strict`."""
        return tuple(self._of("warning"))

    @cached_property
    def notes(self) -> tuple[Finding, ...]:
        """The findings that never fail a check."""
        return tuple(self._of("note"))

    def _of(self, severity: Severity) -> Iterator[Finding]:
        return (finding for finding in self.findings if finding.severity == severity)
