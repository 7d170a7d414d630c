"""What surrounds the code: packaging, the commands for a day's work, CI, hooks, and the page for contributors."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.pages import named

import lrviz

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lrviz"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- the distribution ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(wheel.read(name).decode())


def test_the_wheel_is_typed_and_has_its_licence_and_version(built: Path) -> None:
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names, about = wheel.namelist(), metadata(wheel)
        assert "lrviz/py.typed" in names
        (licence,) = (name for name in names if name.endswith(".dist-info/licenses/LICENSE"))
        assert wheel.read(licence).decode() == read("LICENSE")
    assert (about["License-Expression"], about["License-File"]) == ("MIT", "LICENSE")
    assert (about["Version"], about["Author"]) == (lrviz.__version__, "lrviz contributors")
    assert "Typing :: Typed" in about.get_all("Classifier", [])


def test_the_source_distribution_has_all_that_a_contributor_needs(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "constraints.txt",
        "pyproject.toml",
    }
    wanted |= {".ci/run", ".github/workflows/ci.yml", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml"}
    wanted |= {
        "lrviz/py.typed",
        "tests/test_project.py",
        "schedules/basics/smallest.yaml",
        "benchmarks/run.py",
        "docs/training.md",
        "mkdocs.yml",
    }
    assert wanted - names == set()


def test_the_version_is_written_in_one_place() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "lrviz/__init__.py"}
    assert f" {lrviz.__version__} " in read("CHANGELOG.md"), "the changelog does not know this version"


def test_the_changelog_is_newest_first() -> None:
    heads = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    versions = [tuple(map(int, re.findall(r"\d+", head)[:3])) for head in heads if head != "Unreleased"]
    assert heads[0] == "Unreleased"
    assert versions == sorted(versions, reverse=True)


# --- commands --------------------------------------------------------------------------------------------------


def test_one_script_calls_each_tool() -> None:
    """CI and a contributor run the same: `.ci/run` calls the scripts, and no tool itself."""
    lines = read(".ci/run").splitlines()
    assert {".ci/lint", ".ci/types", ".ci/docs", ".ci/package"} <= set(lines)
    assert not re.search(
        r"\b(ruff|mypy|mkdocs|build|twine)\b", "\n".join(line for line in lines if not line.startswith("#"))
    )


def test_mypy_finds_what_tests_import_where_pytest_finds_it() -> None:
    tool = tomllib.loads(read("pyproject.toml"))["tool"]
    folders = tool["pytest"]["ini_options"]["pythonpath"]
    assert tool["mypy"]["mypy_path"] == folders
    assert [folder for folder in folders if not list((ROOT / folder).glob("*.py"))] == []


def test_the_workflow_calls_ci_run() -> None:
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    versions = [step["with"]["python-version"] for step in job["steps"] if "setup-python" in step.get("uses", "")]
    assert versions == [tomllib.loads(read("pyproject.toml"))["project"]["requires-python"].removeprefix(">=")]


def test_the_package_is_tried_with_every_extra_that_a_user_may_want() -> None:
    extras = set(tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"])
    tried = set(re.findall(r'^install "\[(\w+)\]"$', read(".ci/package"), re.MULTILINE))
    assert tried == extras - {"docs", "lint", "package", "test"} - {"trainers"}, "`.ci/run` tries the trainers"
    assert "'.[trainers]'" in read(".ci/run")


# --- hooks -----------------------------------------------------------------------------------------------------


def hooks() -> dict[str, dict[str, Any]]:
    (repository,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    return {hook["id"]: hook for hook in repository["hooks"]}


def test_our_own_hook_is_among_the_hooks_of_this_repository() -> None:
    assert set(hooks()) == {"ruff-format", "ruff-check", "mypy", "lrviz-check"}
    published = {hook["id"]: hook for hook in yaml.safe_load(read(".pre-commit-hooks.yaml"))}["lrviz-check-system"]
    own = hooks()["lrviz-check"]
    assert own["entry"] == f".venv/bin/{published['entry']}"
    assert {key: own[key] for key in ("language", "types", "name")} == {
        key: published[key] for key in ("language", "types", "name")
    }
    assert re.search(own["files"], "schedules/basics/smallest.yaml")


def test_the_command_of_every_hook_exists() -> None:
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    scripts = {f".venv/bin/{name}" for name in (*extras["lint"], "lrviz")}
    for hook in hooks().values():
        command = shlex.split(hook["entry"])[0]
        assert hook["language"] == "system"
        assert command in scripts or (ROOT / command).is_file()


# --- what the commands of the pages leave --------------------------------------------------------------------------

LEFT = ["compare.png", "schedule.html", "diff.png", "schedule.png", "lrviz.png", "lrviz.xml", "lrviz.schema.json"]
LEFT += ["one-schedule.png", "schedule.yaml", "torchvision_resnet50_v1.yaml"]
KEPT = [".pre-commit-config.yaml", "schedules/gallery.png", "schedules/basics/smallest.yaml", "README.md"]
KEPT += ["lrviz/py.typed", "lrviz/gallery/recipes.json", "tests/render/baseline/side-by-side.png"]


@pytest.mark.skipif(shutil.which("git") is None, reason="no git on PATH")
def test_git_ignores_what_the_commands_of_the_pages_leave_and_nothing_of_the_project(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *LEFT, *KEPT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == LEFT


# --- the page for contributors ---------------------------------------------------------------------------------

PAGE = read("CONTRIBUTING.md")
WORDS = ["call", "case", "course", "curve", "event", "look", "moment", "place", "plan", "run", "shown", "tick"]


def test_the_map_has_every_room_and_no_other() -> None:
    (block,) = re.findall(r"^```\nlrviz/\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    mapped = [name for names in re.findall(r"^  (\S+(?:, \S+)*)  +\S", block, re.M) for name in names.split(", ")]
    rooms = {f"{path.name}/" for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert sorted(mapped) == sorted(rooms | modules)
    assert len(block.splitlines()) <= 20


@pytest.mark.parametrize(("page", "name"), [("README.md", "try"), ("CONTRIBUTING.md", "test")])
def test_the_setup_uses_the_constraints_and_ci_runs_it(page: str, name: str) -> None:
    commands = named(ROOT / page, name)
    assert re.search(r"pip install -q -c constraints\.txt ", commands)
    assert f"lines_after {name} {page}" in read(".ci/run")


def test_the_glossary_has_the_words_of_the_code() -> None:
    table = re.findall(r"^\| (\w+) \| (.*) \|$", PAGE.partition("## Glossary")[2], re.MULTILINE)
    assert set(WORDS) <= {word for word, _ in table}


def test_the_page_names_files_and_names_that_exist() -> None:
    paths = re.findall(r"`((?:lrviz|tests|schedules|benchmarks)/[\w/]*(?:\.py|/)|\.ci/\w+)`", PAGE)
    assert [path for path in paths if not (ROOT / path).exists()] == [], "CONTRIBUTING.md names them: have they moved?"
    named = re.findall(r"`(\w+)` (?:in|of)\s+`(lrviz/[\w/]+\.py)`", PAGE)
    assert len(named) > 10
    gone = [(name, path) for name, path in named if not re.search(rf"^(class |def )?{name}\b", read(path), re.M)]
    assert gone == [], "CONTRIBUTING.md names them: have they moved?"
