"""Fixtures for every test: schedules from text, and golden files."""

from __future__ import annotations

import os
from collections.abc import Callable
from textwrap import dedent

import pytest

# rich and typer read these when they are imported; golden texts must not depend on who runs the tests
for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "TERMINAL_WIDTH", "COLUMNS", "LRVIZ_DEBUG", "PY_COLORS"):
    os.environ.pop(name, None)

# workers share the cores; threads of torch in each of them would only wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")

from lrviz.loading import load_text  # noqa: E402
from lrviz.schedule.model import Schedule  # noqa: E402

pytest_plugins = ["helpers.golden", "helpers.gallery"]


@pytest.fixture
def schedules() -> Callable[[str], list[Schedule]]:
    """Reads the schedules of an indented YAML text; errors call it `test.yaml`."""
    return lambda text: load_text(dedent(text), "test.yaml")


@pytest.fixture
def schedule(schedules: Callable[[str], list[Schedule]]) -> Callable[[str], Schedule]:
    """Reads a text that holds one schedule."""

    def read(text: str) -> Schedule:
        (one,) = schedules(text)
        return one

    return read
