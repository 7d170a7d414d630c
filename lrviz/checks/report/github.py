"""Workflow commands of GitHub Actions, which shows each beside its line.

    ::error file=schedule.yaml,line=5,col=12,title=expect.at (cosine)::schedule.yaml:5:12: expect.at ...

The message repeats the position, because the log of a job shows nothing else of a command. The escapes are those of
`command.ts` in actions/toolkit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lrviz.checks.finding import Finding, Results
from lrviz.checks.report.options import ReportOptions
from lrviz.errors import Position, Severity
from lrviz.files import STDIN
from lrviz.foreign import escaped

COMMANDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def write(results: Results, options: ReportOptions) -> str:
    return "".join(map(_command, results.findings))


def _command(finding: Finding) -> str:
    title = finding.code if finding.schedule is None else f"{finding.code} ({finding.schedule})"
    lines = [finding.line, finding.follows, finding.hint and f"hint: {escaped(finding.hint)}"]
    return command(COMMANDS[finding.severity], finding.where, title, list(filter(None, lines)))


def command(name: str, where: Position, title: str, lines: Sequence[str]) -> str:
    """The command that shows some lines, which are escaped, beside a place in a file."""
    file, line, column = where
    given: dict[str, object] = {} if file == STDIN else {"file": file}
    if given and line:
        given["line"] = line
        if column:
            given["col"] = column
    given["title"] = title
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in given.items())
    message = _data("\n".join(lines))
    return f"::{name} {properties}::{message}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escaped(text)).replace(":", "%3A").replace(",", "%2C")
