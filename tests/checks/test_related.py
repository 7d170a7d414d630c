"""An expectation about the config that a file names fails at `expect`, with the config's line as the related place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lrviz.cli.main import app

CONFIG = "learning_rate: 1.0e-5\nlr_scheduler_type: cosine\nmax_steps: 30\nwarmup_steps: 3\n"
OURS = "config: {file: ../sft.yaml}\nexpect: {max: 1e-6, steps: 40, at: {end: 1}, peak: 3}\n"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (".git", "ci"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sft.yaml").write_text(CONFIG)
    (tmp_path / "ci" / "sft.yaml").write_text(OURS)
    monkeypatch.chdir(tmp_path)


def report(form: str) -> str:
    result = CliRunner().invoke(app, ["check", "ci/sft.yaml", "--format", form])
    assert result.exit_code == 1
    return result.stdout


def test_the_text_names_the_line_of_the_config_that_decides() -> None:
    text = report("text").splitlines()
    follows = {each.partition("[")[2]: text[index + 3] for index, each in enumerate(text) if ": error: " in each}
    assert follows == {
        "expect.max]": "  follows from sft.yaml:1:16",
        "expect.steps]": "  follows from sft.yaml:3:12",
        "expect.at]": "  follows from sft.yaml:2:20",
    }
    assert "cosine" not in report("text"), "the config is not quoted: only the file was named"


def test_programs_get_the_place_too() -> None:
    findings = json.loads(report("json"))["findings"]
    places = {each["code"]: each.get("related") for each in findings}
    assert places["expect.steps"] == {"file": "sft.yaml", "line": 3, "column": 12}
    (run,) = json.loads(report("sarif"))["runs"]
    (related,) = next(each for each in run["results"] if each["ruleId"] == "expect.at")["relatedLocations"]
    assert related["physicalLocation"] == {
        "artifactLocation": {"uri": "sft.yaml"},
        "region": {"startLine": 2, "startColumn": 20},
    }
    assert "not 1%0Afollows from sft.yaml:2:20%0A" in report("github")


def test_a_file_that_says_everything_itself_has_no_related_place() -> None:
    Path("ci/sft.yaml").write_text("epochs: 3\noptimizer: {type: SGD, lr: 0.1}\nscheduler: none\nexpect: {max: 0.01}\n")
    assert "follows from" not in report("text")
    assert "related" not in report("json")
