"""The schedulers of another installed torch, by their source alone: that torch is never imported.

It is read as that of our own torch is, so that a curve under both can be compared in one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from lrviz.engine.torch_source import load_file, version_in
from lrviz.errors import Position, ScheduleError

SOURCE = Path("optim", "lr_scheduler.py")
"""The file of all scheduler classes in the folder of torch."""

PLACES = (
    ".",
    "torch",
    "lib/python3*/site-packages/torch",
    "lib64/python3*/site-packages/torch",
    "Lib/site-packages/torch",
)
"""Where the folder of torch is: in itself, in a folder of packages, in a virtual environment (the last on Windows)."""


@dataclass(frozen=True, slots=True)
class OtherTorch:
    """The folder of another torch."""

    folder: Path

    @property
    def version(self) -> str:
        """Its version; "of an unknown version" where its own file does not say it."""
        return version_in(self.folder) or "of an unknown version"

    def schedulers(self) -> ModuleType:
        """The module of its schedulers. Raises `ScheduleError` where it cannot be run without the rest of torch."""
        module = _module(self.folder / SOURCE)
        if module is None:
            raise ScheduleError.at(
                Position(str(self.folder / SOURCE)),
                "this source of torch's schedulers needs more of torch than lrviz can stand in for",
                "it works with the schedulers of torch 2.0 and later",
            )
        return module


@lru_cache(maxsize=4)
def _module(path: Path) -> ModuleType | None:
    return load_file(path, cached=False)


def other_torch(path: str) -> OtherTorch:
    """The torch in a folder: a virtual environment, a folder of packages, that of torch itself, or its checkout.

    Raises `ScheduleError` where there is none.
    """
    where = Path(path)
    if not where.exists():
        raise ScheduleError.at(Position(path), "there is no such folder", HINT)
    for place in PLACES:
        for folder in sorted(where.glob(place)) if place != "." else [where]:
            if (folder / SOURCE).is_file():
                return OtherTorch(folder)
    raise ScheduleError.at(Position(path), "there is no torch in this folder", HINT)


HINT = "name a virtual environment that has torch, its site-packages, or the folder of torch itself"
