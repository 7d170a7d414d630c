"""The README says what is true: its commands print what it shows, its files load, its Python runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from helpers.golden import Golden

import lrviz
from lrviz.checked import CheckError
from lrviz.cli.main import app
from lrviz.loading import load_text
from lrviz.schedule.catalogue import FILE
from lrviz.schedule.expect import EXPECT

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of a language, but for those that a comment names."""
    return re.findall(rf"(?<!-->\n)^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def named(name: str) -> str:
    """The block behind `<!-- name -->`."""
    (block,) = re.findall(rf"^<!-- {name} -->\n```\w+\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.mark.parametrize("command", [block.partition("\n")[0] for block in blocks("console")])
def test_a_command_prints_what_the_readme_shows(command: str, golden: Golden) -> None:
    arguments = shlex.split(command.removeprefix("$ lrviz "))
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "lrviz", *arguments], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    printed = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1 if " error: " in printed else 0, b"")
    golden.same_part(ROOT / "README.md", printed, f"```console\n{command}\n", "```\n")


ROUNDING = 0.02
"""A processor without AVX-512 rounds some pixels to the next level of gray, which is an RMS of 0.004.

One pixel that is 20 levels off is more than this.
"""


def pictures() -> dict[str, str]:
    """The commands that make the README's pictures, by the file that each makes."""
    commands = [block.strip() for block in blocks("sh") if " -o schedules/pictures/" in block]
    return {command.split()[-1]: command for command in commands}


def test_every_picture_of_the_readme_has_the_command_that_makes_it() -> None:
    shown = set(re.findall(r"!\[[^]]+\]\((.+?)\)", README))
    assert shown == {*pictures(), "schedules/gallery.png"}
    assert {f"schedules/pictures/{file.name}" for file in (ROOT / "schedules/pictures").iterdir()} == set(pictures())


@pytest.mark.parametrize("picture", pictures())
def test_the_command_of_a_picture_makes_it(picture: str, tmp_path: Path, golden: Golden) -> None:
    arguments = shlex.split(pictures()[picture].removeprefix("lrviz "))
    made = tmp_path / "made.png"
    done = subprocess.run([sys.executable, "-m", "lrviz", *arguments[:-1], str(made)], cwd=ROOT, check=False)
    assert done.returncode == 0
    golden.same_picture(ROOT / picture, made.read_bytes(), tolerance=ROUNDING)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_a_file_of_the_readme_loads(block: str) -> None:
    assert load_text(block, "README.md")


@pytest.mark.parametrize("block", blocks("python"))
def test_python_of_the_readme_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(block, names)
    if "curves" in names:
        assert [curve.at(30) for curve in names["curves"]] == [0.1 * 0.1, 0.1 * 0.5]  # type: ignore[attr-defined]
    elif "curve" in names:
        assert names["curve"].lr.shape == (100, 1)  # type: ignore[attr-defined]
    elif "schedule" in names:
        assert names["scheduler"].get_last_lr() == [0.1]  # type: ignore[attr-defined]
    else:
        assert names["scheduler"].get_last_lr() == [0.1 * 0.1]  # type: ignore[attr-defined]


def test_the_guard_of_the_readme_sees_the_mistake(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, golden: Golden
) -> None:
    names: dict[str, Any] = {}
    monkeypatch.chdir(ROOT)
    exec(next(block for block in blocks("python") if "schedule.build(" in block), names)
    inputs = names["torch"].ones(4, 10)
    names |= {"loader": [(inputs, inputs[:, :1])] * 10, "loss_fn": names["torch"].nn.functional.mse_loss}
    with pytest.raises(lrviz.DeviationError) as raised:
        exec(named("guard").replace('"run.csv"', repr(str(tmp_path / "run.csv"))), names)
    text = f"{type(raised.value).__module__}.DeviationError: {raised.value}\n"
    golden.same_part(ROOT / "README.md", text, "<!-- guarded -->\n```text\n", "```\n")


def test_the_test_of_a_schedule_in_code_passes_and_can_fail() -> None:
    names: dict[str, Any] = {}
    exec(named("pytest"), names)
    names["test_lr_schedule"]()
    names["EPOCHS"] = 45
    with pytest.raises(CheckError, match="the learning rate at the end is"):
        names["test_lr_schedule"]()


def test_the_setup_commands_use_the_constraints_and_files_that_are_there() -> None:
    for command in (named("try"), named("test")):
        assert "pip install -q -c constraints.txt" in command
        assert command.count("\n") == 1, "one line each"
    for path in re.findall(r"schedules/[\w/-]+\.yaml", README):
        assert (ROOT / path).is_file()


def test_every_verb_and_every_key_is_documented() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"`lrviz {command.name or command.callback.__name__} " in README
    table = README.partition("## The schedule file")[2].partition("## Check")[0]
    for argument in FILE.arguments:
        assert f"`{argument.name}`" in table
    expectations = README.partition("## Check")[2].partition("## In Python")[0]
    for argument in EXPECT.arguments:
        assert re.search(rf"^\|.*`{argument.name}\b", expectations, re.MULTILINE)


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_the_checks_of_a_pipeline_run(name: str, tmp_path: Path) -> None:
    """What the snippet runs passes on lrviz's own schedules, and is a report where the snippet says so."""
    lines = re.findall(r"^ +- (?:run: )?(lrviz .*)$", named(name), re.MULTILINE)
    assert len(lines) == 1
    command, _, report = lines[0].partition(" > ")
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "--only", "s*"],  # all of them are checked in test_schedules
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    if report:
        assert yaml.safe_load(named(name))["schedules"]["artifacts"]["reports"] == {"junit": report}
        assert ElementTree.fromstring(done.stdout).tag == "testsuites"


def test_the_hook_of_the_snippet_is_one_that_there_is() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (repository,) = yaml.safe_load(named("pre-commit"))["repos"]
    (hook,) = repository["hooks"]
    assert hook["id"] in hooks
    assert set(hooks) == set(re.findall(r"`(lrviz-check(?:-\w+)?)`", README))
    files = re.compile(hooks[hook["id"]]["files"])
    wanted = ["schedules/a.yaml", "configs/schedules/b/c.yml", "schedule.yaml", "x/lrviz.yaml", "schedule.yml"]
    assert [name for name in [*wanted, "compose.yaml", "myschedule.yaml"] if files.search(name)] == wanted
