"""What can be trained: a module a problem, found by the name that `--problem` is given."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from lrviz.errors import Position, ScheduleError
from lrviz.lessons.setup import TrainingProblem
from lrviz.schedule.text.suggest import did_you_mean
from lrviz.words import show

DEFAULT = "digits"

PROBLEMS = ("digits",)
"""The problems of lrviz: modules of this package, each with a function `problem` that takes what stands behind the
colon."""

OPTION = Position("--problem")


def problem_of(text: str, where: Position = OPTION, *, trust: bool = False) -> TrainingProblem:
    """The problem of a name: `digits`, `quadratic`, `rosenbrock`, `mnist:DIR`, `module:function` with `trust`.

    Raises `ScheduleError` for a name that is none, for data that cannot be read, and if its extra is not installed.
    """
    name, _, rest = text.partition(":")
    if name not in PROBLEMS:
        raise ScheduleError.at(where, f"there is no problem {show(text)}", did_you_mean(name, PROBLEMS))
    make: Callable[[str, Position], TrainingProblem] = import_module(f"{__name__}.{name}").problem
    return make(rest, where)
