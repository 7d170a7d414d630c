"""What `docs/review.md` gives to copy into a CI system runs, and names what there is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from xml.etree import ElementTree

import pytest
import yaml
from helpers.pages import DOCS, ROOT, named

import lrviz

PAGE = DOCS / "review.md"


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_the_checks_of_a_pipeline_run(name: str) -> None:
    """What the snippet runs passes on lrviz's own schedules, and is a report where the snippet says so."""
    lines = re.findall(r"^ +- (?:run: )?(lrviz .*)$", named(PAGE, name), re.MULTILINE)
    assert len(lines) == 1
    command, _, report = lines[0].partition(" > ")
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "--only", "s*"],  # all of them are checked in test_gallery
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    if report:
        assert yaml.safe_load(named(PAGE, name))["schedules"]["artifacts"]["reports"] == {"junit": report}
        assert ElementTree.fromstring(done.stdout).tag == "testsuites"


def test_the_hook_of_the_snippet_is_one_that_there_is() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (repository,) = yaml.safe_load(named(PAGE, "pre-commit"))["repos"]
    assert repository["rev"] == f"v{lrviz.__version__}"
    (hook,) = repository["hooks"]
    assert hook["id"] in hooks
    assert set(hooks) == set(re.findall(r"`(lrviz-check(?:-\w+)?)`", PAGE.read_text(encoding="utf-8")))
    files = re.compile(hooks[hook["id"]]["files"])
    wanted = ["schedules/a.yaml", "configs/schedules/b/c.yml", "schedule.yaml", "x/lrviz.yaml", "schedule.yml"]
    assert [name for name in [*wanted, "compose.yaml", "myschedule.yaml"] if files.search(name)] == wanted
