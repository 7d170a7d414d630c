"""`lrviz import`: what it writes says where each value comes from (`test_cases.py` reads it back)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lrviz.configs.written import schedule_text
from lrviz.engine.simulate import simulate
from lrviz.loading import load_file
from lrviz.schedule.model import Schedule


def sft(folder: Path, more: str = "") -> Path:
    file = folder / "sft.yaml"
    file.write_text(f"learning_rate: 2.0e-5\nlr_scheduler_type: cosine\nwarmup_steps: 30\nmax_steps: 300\n{more}")
    return file


def imported(file: Path) -> Schedule:
    (schedule,) = load_file(file)
    return schedule


def test_each_value_names_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sft(tmp_path)
    read = imported(Path("sft.yaml")).imported
    assert read is not None
    text = schedule_text(read)
    assert "# sft.yaml: Hugging Face TrainingArguments: cosine, warmup 30 of 300 steps\n" in text
    assert "steps: 300                            # sft.yaml:4 max_steps\n" in text
    assert "  lr: 2e-05                           # sft.yaml:1 learning_rate\n" in text
    assert "  # sft.yaml:2 cosine of transformers\n  lr_lambda: " in text


def test_a_metric_is_named_from_the_folder_of_the_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lrviz.configs.facts import Given
    from lrviz.configs.settings import parse_data

    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "new").mkdir()
    with open("runs/log.csv", "w", newline="") as file:
        csv.writer(file).writerows([["epoch", "loss"], *((each, 1.0) for each in range(4))])
    config = sft(tmp_path, "eval_strategy: steps\neval_steps: 100\n")
    config.write_text(config.read_text().replace("cosine", "reduce_lr_on_plateau"))
    (schedule,) = load_file("sft.yaml", given=Given(parse_data(["metric=runs/log.csv:loss"])))
    assert schedule.imported is not None
    text = schedule_text(schedule.imported, "new")
    assert 'file: "../runs/log.csv"' in text
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "new" / "schedule.yaml").write_text(text)
    (again,) = load_file("new/schedule.yaml")
    assert np.array_equal(simulate(again).lr, simulate(schedule).lr)
