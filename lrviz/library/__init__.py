"""lrviz in Python: `load` a file, simulate and check its schedules; ask curves what the command line asks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrviz.engine.backend import imported_backend
from lrviz.engine.phased import Phase, phased_class
from lrviz.engine.record import record
from lrviz.library.curves import check, diff, stats, when
from lrviz.library.guarded import guard
from lrviz.library.schedules import Schedule, Schedules, load, loads

__all__ = [
    "Phase",
    "PhasedLR",
    "Schedule",
    "Schedules",
    "check",
    "diff",
    "guard",
    "load",
    "loads",
    "record",
    "stats",
    "when",
]

if TYPE_CHECKING:
    from lrviz.engine.phased import PhasedLR


def __getattr__(name: str) -> Any:
    """`PhasedLR`, made over the `LRScheduler` of the imported torch when it is first asked for."""
    if name != "PhasedLR":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return phased_class(imported_backend().scheduler_class("LRScheduler"))
