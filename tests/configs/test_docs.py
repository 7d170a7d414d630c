"""`docs/configs.md` says what is true: its files are read, its commands print what it shows, its lists are complete."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from helpers import configs_page as page
from helpers.golden import Golden
from helpers.pages import files_of
from typer.testing import CliRunner

from lrviz.cli.main import app
from lrviz.configs.registry import DIALECTS

FILE = Path(__file__).parents[2] / "docs" / "configs.md"
TEXT = FILE.read_text(encoding="utf-8")
INTRODUCTION = TEXT.partition("## The programs")[0]


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the releases on this machine would decide where releases differ."""
    monkeypatch.setattr("lrviz.configs.releases._installed", lambda packages: {})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with every file that the page shows, as the folder that commands run in."""
    (tmp_path / ".git").mkdir()
    files = files_of(FILE, INTRODUCTION) | {page.file_of(each): each.example for each in DIALECTS.values()}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str) -> str:
    """What a command line prints on a terminal, notes and errors included; `| head -N` leaves its first N lines."""
    command, _, head = command.partition(" | head -")
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    assert not isinstance(result.exception, Exception), result.exception
    said, printed = result.stderr.splitlines(keepends=True), result.stdout.splitlines(keepends=True)
    return "".join([*said, *(printed[: int(head)] if head else printed)])


REFUSED = ("accelerate",)
"""Dialects that are recognized only to say that their files hold no learning rate."""

COMMANDS = re.findall(r"^```console\n\$ (.*)$", INTRODUCTION, re.MULTILINE)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_what_the_page_shows(command: str, golden: Golden) -> None:
    golden.same_part(FILE, run(command), f"```console\n$ {command}\n", "```\n")


@pytest.mark.usefixtures("folder")
def test_the_programs_are_those_of_the_registry(golden: Golden) -> None:
    dialects = list(DIALECTS.values())
    lines = ["", *page.table(dialects), ""]
    for dialect in dialects:
        section = list(page.section(dialect, run))
        assert any(" error: " in line for line in section) is (dialect.name in REFUSED), "its example is not read"
        lines += section
    golden.same_part(FILE, "".join(f"{line}\n" for line in lines), "## The programs\n", "<!-- end -->\n")


def test_the_readme_shows_the_first_config_of_the_page() -> None:
    assert files_of(FILE.parents[1] / "README.md")["sft.yaml"] == files_of(FILE, INTRODUCTION)["sft.yaml"]


def test_every_key_and_verb_of_configs_is_on_the_page() -> None:
    for word in ("--data", "--set", "--override", "--from", "--epochs", "--steps", "import", "explain", "--run"):
        assert word in INTRODUCTION
