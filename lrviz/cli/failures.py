"""What goes wrong with one input of a command, while the others are still answered; and the exit status in the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import typer

from lrviz.cli import signals
from lrviz.cli.output import OutputLostError
from lrviz.cli.status import Status
from lrviz.cli.streams import say
from lrviz.errors import Position, Problem, ScheduleError

if TYPE_CHECKING:
    from lrviz.checks.finding import Finding
    from lrviz.engine.side_by_side import Simulated

COMMAND = Position("lrviz")
"""The place of what is wrong with the command line itself."""

INTERNAL = "internal"
"""The code of a fault of lrviz."""

HINT = "this is a fault of lrviz, not of your file; LRVIZ_DEBUG=1 shows where"

Answer = TypeVar("Answer")


class Failure(NamedTuple):
    """A problem of an input: of one schedule, or of the whole file where `schedule` is None."""

    problem: Problem
    schedule: str | None

    @property
    def internal(self) -> bool:
        """True for a fault of lrviz itself, not of the input."""
        return self.problem.code == INTERNAL


class Failures:
    """The failures of a command, file by file in the order in which the files were first looked at."""

    def __init__(self) -> None:
        self._found: dict[str, list[Failure]] = {}
        self._earned = Status.OK

    @property
    def status(self) -> Status:
        """The highest status that the command has earned so far."""
        failures = self._in_order()
        worst = Status.FAULT if any(each.internal for each in failures) else Status.BAD_INPUT
        return max(self._earned, worst) if failures else self._earned

    def at_least(self, status: Status) -> None:
        """Raises the exit status to that of a result. Called before the result is written, which may fail too."""
        self._earned = max(self._earned, status)

    def add(self, problem: Problem) -> None:
        """Notes what is wrong with a file or folder that was named."""
        self._note(problem.where, None, problem)

    @contextmanager
    def caught(self, where: Position = COMMAND, schedule: str | None = None) -> Iterator[None]:
        """Notes whatever goes wrong inside, so that other inputs are still answered.

        `where` is the place of the file or schedule that is looked at; by default it is the command as a whole, whose
        own fault is raised where LRVIZ_DEBUG is set.
        """
        self._found.setdefault(where.file, [])
        try:
            yield
        except (typer.Exit, typer.Abort):
            raise
        except ScheduleError as error:
            signals.check()  # as below
            self._note(where, schedule, *error.problems)
        except OutputLostError as error:
            if not error.closed:
                self._note(COMMAND, None, Problem(COMMAND, f"standard output cannot be written: {error.reason}"))
        except Exception as error:
            signals.check()  # it may be what a library made of a KeyboardInterrupt
            if os.environ.get("LRVIZ_DEBUG"):
                if where == COMMAND:
                    raise
                sys.excepthook(type(error), error, error.__traceback__)
            self._note(where, schedule, _fault(where, schedule, error))
        signals.check()

    def raise_any(self) -> None:
        """Raises `ScheduleError` with all of them if there are any, for a command that needs every input."""
        failures = self._in_order()
        if failures:
            raise ScheduleError(each.problem for each in failures)

    def taken(self) -> list[Failure]:
        """All of them, in order, for a report that tells of them instead of standard error and the status."""
        failures = self._in_order()
        self._found.clear()
        return failures

    def say(self) -> None:
        """Writes them to standard error, each once."""
        for problem in ScheduleError(each.problem for each in self._in_order()).problems:
            say(*_lines(problem))

    def _note(self, where: Position, schedule: str | None, *problems: Problem) -> None:
        self._found.setdefault(where.file, []).extend(Failure(problem, schedule) for problem in problems)

    def _in_order(self) -> list[Failure]:
        return [each for found in self._found.values() for each in found]


def answers(simulated: Iterable[Simulated], failures: Failures, answer: Callable[[Simulated], Answer]) -> list[Answer]:
    """The answer for each schedule that has one; the others are failures."""
    found = []
    for each in simulated:
        with failures.caught(each.schedule.where, each.name):
            found.append(answer(each))
    return found


def findings_of(failures: Failures) -> list[Finding]:
    """What could not be checked, as findings of a report, which takes it from the failures."""
    from lrviz.checks.finding import Finding

    return [
        Finding.of(each.problem, each.schedule, "internal" if each.internal else "input", "input")
        for each in failures.taken()
    ]


def _fault(where: Position, schedule: str | None, error: Exception) -> Problem:
    named = f"schedule {schedule!r}: " if schedule is not None else ""
    return Problem(where, f"{named}{type(error).__name__}: {error}", HINT, code=INTERNAL)


def _lines(problem: Problem) -> list[str]:
    if problem.code != INTERNAL:
        return str(problem).split("\n")
    where = f"{problem.where}: " if problem.where != COMMAND else ""
    return [f"lrviz: internal error: {where}{problem.message}", f"  {problem.hint}"]
