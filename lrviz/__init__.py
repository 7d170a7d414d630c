"""See, compute and check PyTorch learning-rate schedules, with torch's own schedulers.

>>> import lrviz
>>> curve = lrviz.load("schedules/basics/step-decay.yaml").only.simulate()
>>> curve.lr[[0, 29, 30], 0].tolist()
[0.1, 0.1, 0.010000000000000002]
"""

from __future__ import annotations

TYPE_CHECKING = False  # not from `typing`: the command is not ready for Ctrl-C until this file has been run

__version__ = "0.1.0"
__all__ = [
    "CheckError",
    "Curve",
    "DeviationError",
    "DeviationWarning",
    "Difference",
    "Guard",
    "Occurrences",
    "Phase",
    "PhasedLR",
    "Report",
    "Schedule",
    "ScheduleError",
    "Schedules",
    "Setup",
    "Stats",
    "__version__",
    "check",
    "diff",
    "guard",
    "huggingface",
    "lightning",
    "load",
    "loads",
    "plot",
    "record",
    "stats",
    "when",
]

if TYPE_CHECKING:
    from typing import Any

    from lrviz.calculator.condition import Occurrences
    from lrviz.calculator.difference import Difference
    from lrviz.calculator.stats import Stats
    from lrviz.checked import CheckError, Report
    from lrviz.curve import Curve
    from lrviz.errors import ScheduleError
    from lrviz.lessons.setup import Setup
    from lrviz.library import Phase, PhasedLR, Schedule, Schedules, check, diff, guard, load, loads, record, stats, when
    from lrviz.render.picture.figure import plot
    from lrviz.trainers import huggingface, lightning
    from lrviz.training.guard import DeviationError, DeviationWarning, Guard

_ROOMS = {
    "CheckError": "lrviz.checked",
    "Curve": "lrviz.curve",
    "DeviationError": "lrviz.training.guard",
    "DeviationWarning": "lrviz.training.guard",
    "Difference": "lrviz.calculator.difference",
    "Guard": "lrviz.training.guard",
    "Occurrences": "lrviz.calculator.condition",
    "Phase": "lrviz.library",
    "PhasedLR": "lrviz.library",
    "Report": "lrviz.checked",
    "Schedule": "lrviz.library",
    "ScheduleError": "lrviz.errors",
    "Schedules": "lrviz.library",
    "Setup": "lrviz.lessons.setup",
    "Stats": "lrviz.calculator.stats",
    "check": "lrviz.library",
    "diff": "lrviz.library",
    "guard": "lrviz.library",
    "huggingface": "lrviz.trainers",
    "lightning": "lrviz.trainers",
    "load": "lrviz.library",
    "loads": "lrviz.library",
    "plot": "lrviz.render.picture.figure",
    "record": "lrviz.library",
    "stats": "lrviz.library",
    "when": "lrviz.library",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for, so that `import lrviz` costs nothing."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return __all__
