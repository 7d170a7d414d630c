"""What can be trained: a module a problem, found by the name that `--problem` is given.

Each has a function `problem`, which takes what stands behind the colon, and the place that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from lrviz.errors import Position, ScheduleError
from lrviz.lessons.problems.own import is_own, own_problem
from lrviz.lessons.setup import TrainingProblem
from lrviz.schedule.catalogue import OWN_PROBLEM, PROBLEMS
from lrviz.schedule.text.suggest import suggest
from lrviz.words import show

OPTION = Position("--problem")


def problem_of(text: str, where: Position = OPTION, *, trust: bool = False) -> TrainingProblem:
    """The problem of a name: one of `PROBLEMS`, or with `trust` a function of the user's own, as `module:function`.

    Raises `ScheduleError` for a name that is none, for data that cannot be read, if its extra is not installed, and for
    code that fails. Without `trust`, nothing is imported.
    """
    name, colon, rest = text.partition(":")
    if name in PROBLEMS:
        takes = ":" in PROBLEMS[name]
        if colon and not takes:
            raise ScheduleError.at(where, f"{name} takes nothing behind a colon (got {show(text)})", f"write {name}")
        if takes and not rest:
            raise ScheduleError.at(where, f"{name} needs what it reads (got {show(text)})", f"write {PROBLEMS[name]}")
        make: Callable[[str, Position], TrainingProblem] = import_module(f"{__name__}.{name}").problem
        return make(rest, where)
    near = suggest(name, PROBLEMS)
    known = f"did you mean {PROBLEMS[near]}?" if near else f"one of {', '.join(PROBLEMS.values())}, {OWN_PROBLEM}"
    if not is_own(text):
        raise ScheduleError.at(where, f"there is no problem {show(text)}", known)
    if not trust:
        message = f"{text} is not one of lrviz's own; to run it, lrviz would import {name}, which runs its code"
        allow = "pass --trust if you trust it"
        raise ScheduleError.at(where, message, f"{known} Or {allow}" if near else allow)
    return own_problem(text, where)
