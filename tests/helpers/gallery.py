"""The curve of every schedule of the gallery, for all tests that need them: eight million calls, simulated once.

A test takes the fixture `gallery`. Of several workers of pytest-xdist, the first that needs the curves simulates them,
and the others read what it stored.
"""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from lrviz.curve import Curve
from lrviz.engine.side_by_side import simulate_all
from lrviz.loading import load_file
from lrviz.schedule.model import Schedule

GALLERY = Path(__file__).parents[2] / "schedules"
FILES = tuple(sorted(GALLERY.rglob("*.yaml")))
BASICS = tuple(file for file in FILES if file.parent.name == "basics")
LESSONS = tuple(file for file in FILES if file.parent.name == "learning")
RECIPES = tuple(file for file in FILES if file not in (*BASICS, *LESSONS))

Gallery: TypeAlias = dict[Path, list[tuple[Schedule, Curve]]]
"""Every schedule with its curve, by file."""


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Gallery]:
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent  # what all workers of this session share, and no other session
    stored = folder / "gallery.pickle"
    with open(folder / "gallery.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stored.exists():
            stored.write_bytes(pickle.dumps(_simulated()))
        found: Gallery = pickle.loads(stored.read_bytes())
    yield found
    stored.unlink(missing_ok=True)  # pytest keeps the folders of three sessions, and this is large


def _simulated() -> Gallery:
    schedules = [(file, schedule) for file in FILES for schedule in load_file(file)]
    found: Gallery = {}
    outcomes = simulate_all([(schedule.name, schedule) for _, schedule in schedules])
    for (file, schedule), simulated in zip(schedules, outcomes, strict=True):
        assert simulated.curve is not None, simulated.refusal
        found.setdefault(file, []).append((schedule, simulated.curve))
    return found
