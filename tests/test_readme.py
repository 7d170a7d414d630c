"""The README says what is true: its commands print what it shows, its files load, its Python runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lrviz.cli.main import app
from lrviz.schedule.catalogue import FILE
from lrviz.schedule.load import load_text

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_prints_what_the_readme_shows(block: str) -> None:
    command, _, shown = block.partition("\n")
    arguments = shlex.split(command.removeprefix("$ lrviz "))
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "lrviz", *arguments], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode() == shown


@pytest.mark.parametrize("block", blocks("yaml"))
def test_a_file_of_the_readme_loads(block: str) -> None:
    assert load_text(block, "README.md")


@pytest.mark.parametrize("block", blocks("python"))
def test_python_of_the_readme_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(block, names)
    if "curve" in names:
        assert names["curve"].lr.shape == (100, 1)  # type: ignore[attr-defined]
    else:
        assert names["scheduler"].get_last_lr() == [0.1 * 0.1]  # type: ignore[attr-defined]


def test_the_setup_commands_use_the_constraints_and_files_that_are_there() -> None:
    commands = blocks("sh")
    assert len(commands) == 2
    for command in commands:
        assert "pip install -q -c constraints.txt" in command
        assert command.count("\n") == 1, "one line each"
    for path in re.findall(r"schedules/[\w-]+\.yaml", README):
        assert (ROOT / path).is_file()


def test_every_verb_and_every_key_is_documented() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"`lrviz {command.callback.__name__} " in README
    table = README.partition("## The schedule file")[2].partition("## In Python")[0]
    later = {"expect", "ignore"}  # read, and used by what is to come
    for argument in FILE.arguments:
        assert f"`{argument.name}`" in table or argument.name in later
