"""`action.yml`: its scripts do what the action says, and nothing of a pull request becomes part of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from review.repositories import SAFE, STEP, Repo

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SETUP, INSTALL, REVIEW = ACTION["runs"]["steps"]
LRVIZ = Path(sys.executable).with_name("lrviz")


def environment(step: dict[str, Any], folder: Path, inputs: dict[str, str], before: str = "") -> dict[str, str]:
    """The variables that GitHub gives to a step."""
    given = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | inputs
    python = str(folder / "temp/lrviz/bin/python")
    known = {
        "github.action_path": str(ROOT),
        "github.event.before": before,
        "steps.python.outputs.python-path": python,
    }
    known |= {f"inputs.{name}": value for name, value in given.items()}
    values = {
        name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], text) for name, text in step["env"].items()
    }
    temporary = folder / "temp"
    temporary.mkdir(exist_ok=True)
    runner = {
        "RUNNER_TEMP": str(temporary),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_ACTIONS": "true",
    }
    return {**os.environ, **SAFE, **runner, **values}


def run(step: dict[str, Any], cwd: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the script of a step as GitHub runs one whose shell is bash."""
    script = Path(variables["RUNNER_TEMP"], "script.sh")
    script.write_text(step["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)


def stub(folder: Path, text: str, name: str = "lrviz") -> Path:
    """A program in place of lrviz, or of another, that notes its arguments, one a line, and a blank line."""
    bin = folder / "temp" / "lrviz" / "bin"
    bin.mkdir(parents=True, exist_ok=True)
    program = bin / name
    program.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" "" >> "{folder}/called"\n{text}\n')
    program.chmod(0o755)
    return bin


def called(folder: Path) -> list[list[str]]:
    return [each.split("\n") for each in (folder / "called").read_text().removesuffix("\n\n").split("\n\n")]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.made(tmp_path / "repo", {"schedules/step.yaml": STEP + "expect: {max: 0.1}\n"})


def test_no_expression_stands_in_a_script() -> None:
    for step in (INSTALL, REVIEW):
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    assert set(ACTION["inputs"]) == {"paths", "base", "strict", "expect-unchanged", "python-version", "torch-version",
                                     "torch-index"}  # fmt: skip
    assert SETUP["with"]["update-environment"] is False
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])


def test_it_checks_and_reviews_a_pull_request(repo: Repo, tmp_path: Path) -> None:
    """With lrviz itself: annotations in the log, the table in the summary, and no failure for a curve that changed."""
    repo.git("checkout", "-q", "-b", "change")
    repo.replace("schedules/step.yaml", "gamma: 0.1", "gamma: 0.5")
    repo.commit()
    variables = environment(REVIEW, tmp_path, {"paths": "schedules"}) | {"GITHUB_BASE_REF": "main"}
    (tmp_path / "temp/lrviz").mkdir(parents=True)
    (tmp_path / "temp/lrviz/bin").symlink_to(LRVIZ.parent)
    done = run(REVIEW, repo.path, variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "::notice file=schedules/step.yaml,line=3,col=49,title=learning rate (step)::schedules/step.yaml: the curve "
        "changed%0Ascheduler.gamma: 0.1 -> 0.5%0Aend 1e-4 -> 0.0125 (x 125)\n"
    )
    summary = (tmp_path / "summary.md").read_text()
    assert summary.startswith("### Learning rates\n\n1 curve changed")
    assert "| schedules/step.yaml | the curve changed | end 1e-4 -\\> 0.0125 (x 125) |" in summary

    failing = run(REVIEW, repo.path, variables | {"EXPECT_UNCHANGED": "st*"})
    assert failing.returncode == 1
    assert failing.stdout.startswith("::error file=schedules/step.yaml,line=3,col=49,")
    assert failing.stdout.endswith("::error::a learning rate moved that must not\n")


@pytest.mark.parametrize(
    ("check", "review", "frozen", "status"),
    [
        (0, 0, "", 0),
        (0, 1, "", 0),
        (0, 1, "prod", 1),
        (0, 0, "prod", 0),
        (1, 0, "", 1),
        (2, 0, "", 1),
        (0, 2, "", 1),
        (0, 3, "prod", 1),
        (1, 2, "", 1),
    ],
)
def test_it_fails_on_what_the_check_fails_and_on_what_must_not_move(
    repo: Repo, tmp_path: Path, check: int, review: int, frozen: str, status: int
) -> None:
    stub(tmp_path, f'[ "$1" = check ] && exit {check}\nexit {review}')
    done = run(REVIEW, repo.path, environment(REVIEW, tmp_path, {"expect-unchanged": frozen}))
    assert (done.returncode, done.stderr) == (status, "")
    assert [each[0] for each in called(tmp_path)] == ["check", "review", *(["review"] if review < 2 else [])]
    assert done.stdout.count("::error::") == (check > 0) + (review > 1 or (review == 1 and frozen != ""))


def test_what_is_given_reaches_lrviz_as_it_is(repo: Repo, tmp_path: Path) -> None:
    """Blanks, quotes, dashes and what bash would run: all of it is an argument."""
    stub(tmp_path, "exit 0")
    evil = "$(touch owned)`touch owned`; touch owned #'\""
    inputs = {
        "paths": f"a b.yaml\n--help\n\n{evil}\n",
        "base": evil,
        "strict": "true",
        "expect-unchanged": f"* x\n-v\n{evil}",
    }
    variables = environment(REVIEW, tmp_path, inputs, before=evil)
    done = run(REVIEW, repo.path, variables | {"GITHUB_BASE_REF": evil, "GITHUB_HEAD_REF": evil})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    paths = ["--", "a b.yaml", "--help", evil]
    review = ["--expect-unchanged=* x", "--expect-unchanged=-v", f"--expect-unchanged={evil}", f"--base={evil}"]
    assert called(tmp_path) == [
        ["check", "--format", "github", "--strict", *paths],
        ["review", "--format", "github", *review, *paths],
        ["review", "--quiet", "--format", "markdown", *review, *paths],
    ]
    assert not list(repo.path.rglob("owned"))


@pytest.mark.parametrize(
    ("before", "target", "base"),
    [("HEAD", "", True), ("0" * 40, "", False), ("f" * 40, "", False), ("HEAD", "main", False), ("", "", False)],
)
def test_a_push_is_compared_with_the_commit_before(
    repo: Repo, tmp_path: Path, before: str, target: str, base: bool
) -> None:
    commit = repo.git("rev-parse", "HEAD") if before == "HEAD" else before
    stub(tmp_path, "exit 0")
    done = run(REVIEW, repo.path, environment(REVIEW, tmp_path, {}, before=commit) | {"GITHUB_BASE_REF": target})
    assert (done.returncode, done.stderr) == (0, "")
    assert (f"--base={commit}" in called(tmp_path)[1]) is base


def test_files_of_another_user_are_read(repo: Repo, tmp_path: Path) -> None:
    """As in a container, where git refuses a repository of another user than its own."""
    bin = stub(tmp_path, "git rev-parse --verify HEAD > /dev/null")
    git = shutil.which("git")
    (bin / "git").write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {git} "$@"\n')
    (bin / "git").chmod(0o755)
    given = {"PATH": f"{bin}:{os.environ['PATH']}", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b",
             "GIT_CONFIG_VALUE_0": "c"}  # fmt: skip
    done = run(REVIEW, repo.path, environment(REVIEW, tmp_path, {}) | given)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_odd_value_is_an_error(repo: Repo, tmp_path: Path) -> None:
    done = run(REVIEW, repo.path, environment(REVIEW, tmp_path, {"strict": "yes"}))
    assert (done.returncode, done.stdout) == (2, "::error::lrviz: strict must be true or false\n")
    for version in ("2.13; rm", "--help", "torch", "2.13 --pre"):
        done = run(INSTALL, repo.path, environment(INSTALL, tmp_path, {"torch-version": version}))
        assert (done.returncode, done.stdout) == (
            2,
            "::error::lrviz: torch-version must be a version, such as 2.13.0\n",
        )
    for index in ("http://example.org", "--extra", "https://a b"):
        done = run(INSTALL, repo.path, environment(INSTALL, tmp_path, {"torch-index": index}))
        assert (done.returncode, done.stdout) == (2, "::error::lrviz: torch-index must be an https:// address\n")


@pytest.mark.parametrize("index", ["", "https://example.org/cpu"])
@pytest.mark.parametrize(("version", "torch"), [("", "torch"), ("2.13.0", "torch==2.13.0"), ("2.4", "torch==2.4")])
def test_it_installs_torch_and_then_itself(repo: Repo, tmp_path: Path, version: str, torch: str, index: str) -> None:
    stub(tmp_path, "exit 0", "python")
    given = {"torch-version": version, "torch-index": index}
    done = run(INSTALL, repo.path, environment(INSTALL, tmp_path, given))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    pip = ["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    assert called(tmp_path) == [
        ["-I", "-m", "venv", str(tmp_path / "temp/lrviz")],
        [*pip, *(["--index-url", index] if index else []), torch],
        [*pip, str(ROOT)],
    ]
