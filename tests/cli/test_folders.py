"""Which files of a folder are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

from lrviz.schedule.text.quoting import is_meant_as_schedule

GOOD = "epochs: 3\noptimizer: {lr: 0.1}\nscheduler: {type: ExponentialLR, gamma: 0.9}\nexpect: {at: {0: 0.1}}\n"
COMPOSE = "services: {web: {image: nginx}}\n"
HINT = "  hint: a file that is named is always read; a schedule inside of a larger file is named by its key, FILE#KEY\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "docker-compose.yaml").write_text(COMPOSE)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/list.yml").write_text("- steps: 3\n")
    return tmp_path


def test_what_has_no_key_of_a_schedule_is_passed_over_and_counted(folder: Path) -> None:
    status, out, err = lrviz("check", ".", cwd=folder)
    assert (status, err) == (0, "lrviz: passed over 2 YAML files without a key of a schedule\n")
    assert "1 file" in out
    assert lrviz("check", ".", "-q", cwd=folder) == (0, "", "")
    _, _, err = lrviz("at", "0", ".", "-v", cwd=folder)
    assert "passed over docker-compose.yaml, jobs/list.yml\n" in err


def test_a_file_that_is_named_is_read_beside_its_folder_too(folder: Path) -> None:
    status, out, err = lrviz("at", "0", ".", "docker-compose.yaml", cwd=folder)
    assert (status, out) == (2, "0.1\n")
    assert "docker-compose.yaml:1:1: error: this is not a schedule" in err
    assert "passed over 1 YAML file " in err


def test_a_schedule_that_broke_is_not_passed_over(folder: Path) -> None:
    (folder / "broken.yaml").write_text("title: a: b\nepochs: 3\n")
    status, _, err = lrviz("at", "0", ".", cwd=folder)
    assert status == 2
    assert "broken.yaml:1:9: error: this is not YAML" in err
    assert "passed over 2 " in err


FOLLOWS = "{file: ../sft.yaml, data: {samples: 10000, devices: 1}}"


@pytest.mark.parametrize(
    "text",
    [f"config: {FOLLOWS}", f"title: x\n'config' : {FOLLOWS}", "config:\n  data: {samples: 100}\n  file: ../a.yaml"],
)
def test_a_schedule_that_only_follows_a_config_is_not_passed_over(folder: Path, text: str) -> None:
    (folder / "sft.yaml").write_text("learning_rate: 2.0e-5\nnum_train_epochs: 3\n")
    (folder / "jobs/follows.yaml").write_text(f"{text}\n")
    said = "".join(lrviz("check", "jobs", cwd=folder)[1:])
    assert "jobs/follows.yaml" in said
    assert "passed over 1 YAML file " in said


@pytest.mark.parametrize(
    "text", ["config: {path: a.yaml}", "config: [file]", "x:\n  config: {file: a}", "config: {file: [", ""]
)
def test_a_key_config_alone_makes_no_schedule(text: str) -> None:
    assert not is_meant_as_schedule(text)


def test_a_folder_without_any_schedule_is_an_error(folder: Path) -> None:
    said = "jobs: error: there is no schedule in this folder, only 1 YAML file without a key of a schedule\n" + HINT
    assert lrviz("at", "0", "jobs", cwd=folder) == (2, "", said)
    status, out, _ = lrviz("at", "0", "jobs", "good.yaml", cwd=folder)
    assert (status, out) == (0, "0.1\n")
