"""Configs of other programs in tests: read from a text, with facts as keywords."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrviz.configs.facts import Given
from lrviz.curve import Curve
from lrviz.engine.simulate import simulate
from lrviz.errors import Position, ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.model import Schedule
from lrviz.schedule.text.document import node_of


def read(
    text: str, file: str = "a.yaml", *, dialect: str = "", overrides: tuple[str, ...] = (), **data: Any
) -> Schedule:
    """The schedule of a config; releases that are not among the facts decide nothing."""
    facts = {name: node_of(value, Position(f"--data {name}")) for name, value in data.items()}
    (schedule,) = load_text(text, file, given=Given(facts, dialect, overrides, installed=False))
    return schedule


def summary(text: str, file: str = "a.yaml", **data: Any) -> str:
    schedule = read(text, file, **data)
    assert schedule.imported is not None
    return schedule.imported.summary


def curve(text: str, file: str = "a.yaml", **data: Any) -> Curve:
    return simulate(read(text, file, **data))


def rates(schedule: Schedule, at: str) -> dict[str, float]:
    """The learning rate of each param group at a position."""
    found = np.atleast_1d(simulate(schedule).at(at))
    names = [group.name for group in schedule.optimizer.groups]
    return dict(zip(names, map(float, found), strict=True))


def remarks(text: str, file: str = "a.yaml", **data: Any) -> list[str]:
    """What is said of a config that is read: `file:line:column: severity: message [code]`, without hints."""
    return [str(each).split("\n")[0] for each in read(text, file, **data).remarks]


def errors(text: str, file: str = "a.yaml", **data: Any) -> list[str]:
    """What is wrong with a config, with hints."""
    with pytest.raises(ScheduleError) as caught:
        read(text, file, **data)
    return [str(each) for each in caught.value.problems]


def course(text: str, dialect: str = "", file: str = "a.yaml", **data: Any) -> list[Any]:
    """The learning rate at each epoch of a run that counts in epochs, else at each step."""
    found = curve(text, file, dialect=dialect, **data)
    if found.run.interval == "epoch":
        return [found.at(f"{epoch} epochs") for epoch in range(found.run.total_epochs or 0)]
    return [found.at(f"{step} steps") for step in range(found.run.total_steps or 0)]
