"""The one error type of lrviz: the place in the file, what is wrong (what it got), and what to write instead.

Readers collect every `Problem` of a file and raise them together as one `ScheduleError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, Protocol, TypeAlias

from lrviz.foreign import escaped

Severity: TypeAlias = Literal["error", "warning", "note"]


class Position(NamedTuple):
    """A place in a file. `line` and `column` count from 1, columns in characters; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return escaped(":".join(str(part) for part in self if part))


class Problem(NamedTuple):
    """One problem, printed as `file:line:column: error: message` and an indented hint, a line each.

    A file with a "warning" or a "note" can still be used. `code` is the name under which `ignore` accepts a finding.
    """

    where: Position
    message: str
    hint: str = ""
    severity: Severity = "error"
    code: str = ""

    def __str__(self) -> str:
        code = f" [{self.code}]" if self.code else ""
        hint = f"\n  hint: {escaped(self.hint)}" if self.hint else ""
        return escaped(f"{self.where}: {self.severity}: {self.message}{code}") + hint


class Positioned(Protocol):
    """Anything that knows its place in a file, such as a node of a document."""

    @property
    def where(self) -> Position:
        """The place in the file."""


MAX_ERRORS = 1_000
"""An input is read no further after so many errors."""


class Problems(list[Problem]):
    """The problems of an input, collected while it is read.

    One error more than `MAX_ERRORS` raises a `ScheduleError` with all of them: nobody reads on, and each costs a look
    for what might be meant.
    """

    def at(
        self,
        where: Position | Positioned,
        message: str,
        hint: str = "",
        *,
        severity: Severity = "error",
        code: str = "",
    ) -> None:
        """Adds the problem of a place in a file."""
        position = where if isinstance(where, Position) else where.where
        if severity == "error" and len(self) >= MAX_ERRORS:
            end = Problem(position, f"there are more errors from here on; only the first {MAX_ERRORS:,} are listed")
            raise ScheduleError([*self, end])
        self.append(Problem(position, message, hint, severity, code))


class ScheduleError(ValueError):
    """All problems of an input, file by file, in the order of their positions.

    `problems` holds each problem once, even if several schedules share the line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        once = dict.fromkeys(problems)
        files = {file: index for index, file in enumerate(dict.fromkeys(problem.where.file for problem in once))}
        self.problems = tuple(
            sorted(once, key=lambda problem: (files[problem.where.file], problem.where.line, problem.where.column))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScheduleError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)  # pickle would pass `args`, the text, to `__init__`

    @classmethod
    def at(cls, where: Position, message: str, hint: str = "") -> ScheduleError:
        """The error of a single problem."""
        return cls([Problem(where, message, hint)])


_OPTION = re.compile(r"--([a-z]+)(?: (epoch|step|percent|lr|momentum|both|relative)\b)?")
"""An option as a message names it, with its value if that is a choice."""


@contextmanager
def of_argument(name: str) -> Iterator[None]:
    """Makes errors of a command errors of an argument in Python: of the one that the option is here which they name,
    else of `name`. Options are spelled as arguments: `x="percent"`."""
    try:
        yield
    except ScheduleError as error:
        raise ScheduleError(_in_python(problem, name) for problem in error.problems) from None


def _in_python(problem: Problem, name: str) -> Problem:
    named = _OPTION.search(f"{problem.message} {problem.hint}")
    message, hint = (
        _OPTION.sub(lambda option: f'{option[1]}="{option[2]}"' if option[2] else option[1], text)
        for text in (problem.message, problem.hint)
    )
    where = Position(named[1] if named is not None else name)
    return problem._replace(where=where, message=message, hint=hint)
