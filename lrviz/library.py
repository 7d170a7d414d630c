"""lrviz in Python: `load` a file, `simulate` a schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from lrviz.curve import Curve
from lrviz.engine.backend import Engine, imported_backend
from lrviz.engine.phased import Phase, phased_class
from lrviz.engine.simulate import simulate
from lrviz.schedule import model
from lrviz.schedule.load import load_file

__all__ = ["Phase", "PhasedLR", "Schedule", "Schedules", "load"]

if TYPE_CHECKING:
    PhasedLR: type[Any]


def __getattr__(name: str) -> Any:
    """`PhasedLR`, made over the `LRScheduler` of the imported torch when it is first asked for."""
    if name != "PhasedLR":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return phased_class(imported_backend().scheduler_class("LRScheduler"))


class Schedule:
    """One learning-rate schedule of a file."""

    def __init__(self, schedule: model.Schedule) -> None:
        self._schedule = schedule

    @property
    def name(self) -> str:
        """Its name in the file; the file's own name where the file holds one schedule."""
        return self._schedule.name

    def simulate(self, engine: Engine = "auto") -> Curve:
        """The learning rate of every tick of the run, by torch's own schedulers.

        `engine="torch"` imports all of torch, which takes longer and changes no bit. Raises `ScheduleError`
        with torch's own words for what torch refuses.
        """
        return simulate(self._schedule, engine)

    def __repr__(self) -> str:
        return f"<Schedule {self.name!r} of {self._schedule.file}>"


class Schedules(Mapping[str, Schedule]):
    """The schedules of a file by name, in the order of the file.

    Where the file holds one schedule, this stands for it: `lrviz.load(path).simulate()`.
    """

    def __init__(self, schedules: Mapping[str, Schedule], file: str) -> None:
        self._schedules = dict(schedules)
        self._file = file

    def __getitem__(self, name: str) -> Schedule:
        try:
            return self._schedules[name]
        except KeyError:
            raise KeyError(f"{self._file} has no schedule {name!r}; it has {', '.join(self)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._schedules)

    def __len__(self) -> int:
        return len(self._schedules)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(Schedule, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if len(self) != 1:
            raise AttributeError(f"{self._file} holds {len(self)} schedules; choose one by its name: {', '.join(self)}")
        return getattr(next(iter(self.values())), name)

    def __repr__(self) -> str:
        return f"<Schedules of {self._file}: {', '.join(self)}>"


def load(path: str | PathLike[str], *, trust: bool = False) -> Schedules:
    """The schedules of a file. Raises `ScheduleError` with every problem of the file at once.

    `trust` allows the file to name schedulers that are not torch's own, which runs their code.
    """
    file = fspath(path)
    return Schedules({schedule.name: Schedule(schedule) for schedule in load_file(file, trust=trust)}, file)
