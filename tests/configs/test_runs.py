"""Logs that a program itself wrote while it trained by a config: `check CONFIG --run LOG` finds that they agree.

`runs/hf`: Trainer.train() of transformers 5.23.0 on a model of three weights and 61 samples, in one process.
"""

from __future__ import annotations

from pathlib import Path

from cli.process import lrviz

HF = Path(__file__).parent / "runs" / "hf"


def test_a_run_of_the_trainer_follows_its_config() -> None:
    arguments = ["check", HF / "sft.yaml", "--data", "samples=61,devices=1", "--run", HF / "trainer_state.json"]
    status, out, _ = lrviz(*arguments, "--shift", "-1", "-v")
    assert (status, "the log followed the plan" in out) == (0, True)
    status, out, _ = lrviz(*arguments)  # the Trainer counts the steps in its log from 1
    assert (status, "--shift -1" in out) == (1, True)
    status, out, _ = lrviz(*arguments, "--shift", "-1", "--set", "learning_rate=1.0e-3")
    assert (status, "logged" in out) == (1, True)
