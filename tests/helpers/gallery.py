"""The curve of every schedule of the gallery, for all tests that need them: eight million calls, simulated once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lrviz.curve import Curve
from lrviz.engine.side_by_side import simulate_all
from lrviz.loading import load_file
from lrviz.schedule.model import Schedule

GALLERY = Path(__file__).parents[2] / "schedules"
FILES = tuple(sorted(GALLERY.rglob("*.yaml")))
RECIPES = tuple(file for file in FILES if file.parent.name != "basics")


@cache
def gallery() -> dict[Path, list[tuple[Schedule, Curve]]]:
    """Every schedule with its curve, by file."""
    schedules = [(file, schedule) for file in FILES for schedule in load_file(file)]
    found: dict[Path, list[tuple[Schedule, Curve]]] = {}
    outcomes = simulate_all([(schedule.name, schedule) for _, schedule in schedules])
    for (file, schedule), simulated in zip(schedules, outcomes, strict=True):
        assert simulated.curve is not None, simulated.refusal
        found.setdefault(file, []).append((schedule, simulated.curve))
    return found
