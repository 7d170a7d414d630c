"""Logs that a program itself wrote while it trained by a config: `check CONFIG --run LOG` finds that they agree.

`runs/lightning`, `runs/hydra`: LightningCLI and Trainer.fit() of lightning 2.6.6, with its CSVLogger and
LearningRateMonitor, on a model of two weights and 5 and 8 batches. `runs/hf`: Trainer.train() of transformers 5.23.0 on
a model of three weights and 61 samples, in one process.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from process import lrviz

RUNS = Path(__file__).parent / "runs"
HF = RUNS / "hf"


def test_a_run_of_the_trainer_follows_its_config() -> None:
    arguments: list[str | Path] = [
        "check",
        HF / "sft.yaml",
        "--data",
        "samples=61,devices=1",
        "--run",
        HF / "trainer_state.json",
    ]
    status, out, _ = lrviz(*arguments, "--shift", "-1", "-v")
    assert (status, "the log followed the plan" in out) == (0, True)
    status, out, _ = lrviz(*arguments)
    assert (status, "the Trainer counts the steps of its log from 1" in out) == (0, True)
    status, out, _ = lrviz(*arguments, "--set", "learning_rate=1.0e-3")
    assert (status, "every record is" in out) == (1, True)


@pytest.mark.parametrize(
    ("name", "batches", "key"), [("lightning", 5, "lr_scheduler.init_args.T_max=13"), ("hydra", 8, "total_steps=25")]
)
def test_a_run_of_lightning_follows_its_config(name: str, batches: int, key: str) -> None:
    arguments: list[str | Path] = ["check", RUNS / name / "config.yaml", "--data", f"batches_per_epoch={batches}"]
    arguments += ["--run", RUNS / name / "metrics.csv"]
    status, out, _ = lrviz(*arguments, "-v")
    assert (status, "the log followed the plan" in out) == (0, True)
    status, out, _ = lrviz(*arguments, "--set", key)
    assert (status, "logged" in out) == (1, True)
