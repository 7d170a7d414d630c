"""What a check comes to: findings, and expectations that held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from lrviz.errors import Position, Problem, Severity

Kind: TypeAlias = Literal["input", "expectation", "lint", "log"]
"""What a finding is about: an input that cannot be checked, an expectation that failed, the file's or curve's own
oddities, or a run that left its plan."""


class Finding(NamedTuple):
    """One thing that a check found. `code` is `expect.KEY` for an expectation, else that of a rule; `schedule` is None
    where it is about a file as a whole."""

    where: Position
    schedule: str | None
    code: str
    severity: Severity
    message: str
    hint: str
    kind: Kind

    @classmethod
    def of(cls, problem: Problem, schedule: str | None, kind: Kind, code: str = "") -> Finding:
        """A problem as a finding; what has no code of its own is called `code`."""
        return cls(problem.where, schedule, problem.code or code, problem.severity, problem.message, problem.hint, kind)

    @property
    def problem(self) -> Problem:
        """The finding without whom it is about and of which kind it is."""
        return Problem(self.where, self.message, self.hint, self.severity, self.code)

    @property
    def line(self) -> str:
        """The finding on one line, even where a file or a message has line breaks of its own."""
        return " ".join(f"{self.where}: {self.code} {self.message}".splitlines())


class Held(NamedTuple):
    """One expectation that holds, and what the curve is there."""

    where: Position
    schedule: str
    code: str
    message: str


@dataclass(frozen=True)
class Results:
    """Everything that one check came to, in the order in which it was read.

    `files` are all that were looked at, `schedules` (each by the file it stands in, and its name) those of them that
    could be read. With `strict`, warnings fail too.
    """

    files: tuple[str, ...]
    schedules: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    held: tuple[Held, ...]
    strict: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing fails."""
        return not any(map(self.fails, self.findings))

    def fails(self, finding: Finding) -> bool:
        """Whether a finding makes the check fail. When it is strict, so does a schedule that expects nothing."""
        if self.strict and (finding.severity == "warning" or finding.code == "nothing-expected"):
            return True
        return finding.severity == "error"

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(self._of("error"))

    @cached_property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(self._of("warning"))

    @cached_property
    def notes(self) -> tuple[Finding, ...]:
        return tuple(self._of("note"))

    def _of(self, severity: Severity) -> Iterator[Finding]:
        return (finding for finding in self.findings if finding.severity == severity)
