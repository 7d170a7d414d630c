"""Texts of configs, read by lrviz: the schedule, its rates, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from lrviz.configs.facts import Given
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, Problem, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of


def load(text: str, dialect: str, file: str = "config.yaml", overrides: tuple[str, ...] = (), **data: Any) -> Schedule:
    """The schedule of a config; `data` are facts, and releases decide only if they are among these."""
    nodes = {name: node_of(value, Position(f"--data {name}")) for name, value in data.items()}
    (schedule,) = load_text(text, file, given=Given(nodes, dialect, overrides, installed=False))
    return schedule


def rates(
    text: str, dialect: str, file: str = "config.yaml", overrides: tuple[str, ...] = (), **data: Any
) -> list[Any]:
    """The rate at each epoch of a run in epochs, else at each step; of groups that differ, a mapping."""
    curve = simulate(load(text, dialect, file, overrides, **data))
    if curve.run.interval == "epoch":
        return [curve.at(f"{epoch} epochs") for epoch in range(curve.run.total_epochs or 0)]
    return [curve.at(f"{step} steps") for step in range(curve.run.total_steps or 0)]


def problems(text: str, dialect: str, file: str = "config.yaml", **data: Any) -> tuple[Problem, ...]:
    """What is wrong or missing in a config."""
    with pytest.raises(ScheduleError) as caught:
        load(text, dialect, file, **data)
    return caught.value.problems


def remarks(text: str, dialect: str, file: str = "config.yaml", **data: Any) -> dict[str, str]:
    """What is said of a config that is read: by code, the message."""
    return {each.code: str(each) for each in load(text, dialect, file, **data).remarks}
