"""AutoTrain's defaults by task, and accelerate's launch config, which holds no learning rate."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.configs import errors, read
from process import lrviz

from lrviz.engine.simulate import simulate

BASE = "project_name: x\nbase_model: y\nparams: {%s}\ntask: "


@pytest.mark.parametrize(
    ("task", "steps", "warmup", "rate"),
    [
        # 1,000 samples on one device; a warmup of 10 %
        ("llm-sft", 125, 13, 3e-5),  # ceil(500 / 4)
        ("vlm:vqa", 125, 13, 3e-5),
        ("text-classification", 375, 38, 5e-5),  # 3 x 125
        ("image_regression", 375, 38, 5e-5),
        ("seq2seq", 1500, 150, 5e-5),  # 3 x 500
        ("sentence-transformers:pair", 375, 38, 3e-5),
    ],
)
def test_the_defaults_are_those_of_the_task(task: str, steps: int, warmup: int, rate: float) -> None:
    schedule = read(BASE % "mixed_precision: fp16" + f'"{task}"', samples=1000, devices=1, transformers="4.57")
    assert schedule.imported is not None
    assert schedule.imported.summary == f"linear, warmup {warmup} of {steps:,} steps"
    assert simulate(schedule).at(f"{warmup} steps") == rate


def test_text_is_a_number_and_a_scheduler_is_one_of_transformers() -> None:
    schedule = read(BASE % "lr: 1e-4, scheduler: cosine, warmup_ratio: 0.5" + "llm-sft", samples=128, devices=1)
    assert not schedule.remarks
    assert "did you mean cosine?" in errors(BASE % "scheduler: cosin" + "llm", samples=100, devices=1)[0]


def test_autotrain_takes_no_overrides() -> None:
    (found,) = errors(BASE % "" + "llm", samples=100, devices=1, overrides=("--lr 1",))
    assert "AutoTrain takes no overrides" in found


def test_a_task_without_a_learning_rate_is_an_error() -> None:
    (found,) = errors(BASE % "" + "tabular", samples=100, devices=1)
    assert found.startswith("a.yaml:4:7: error: tabular is no task of AutoTrain with a learning rate")


def test_a_launch_config_is_told_from_a_training_config() -> None:
    text = "compute_environment: LOCAL_MACHINE\ndistributed_type: MULTI_GPU\nnum_machines: 2\nnum_processes: 16\n"
    (found,) = errors(text)
    assert found == (
        "a.yaml:1:22: error: a launch config of accelerate holds no learning rate: it says how a script is started, "
        "here as 16 processes\n  hint: name the training config, with --data devices=16"
    )


def test_a_launch_config_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "launch.yaml").write_text(
        "compute_environment: LOCAL_MACHINE\ndistributed_type: NO\nnum_processes: 1\n"
    )
    (tmp_path / "sft.yaml").write_text("lr_scheduler_type: constant\nmax_steps: 5\n")
    status, out, _ = lrviz("check", tmp_path)
    assert (status, "1 schedule in 1 file" in out) == (0, True)
    status, out, _ = lrviz("check", tmp_path / "launch.yaml")
    assert (status, "here as 1 process" in out) == (2, True)
